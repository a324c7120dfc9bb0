"""`python -m harness.venue`: start the embedded exchange and say on stdout where it listens."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from harness import exactjson
from harness.venue import profiles
from harness.venue.faults import VenueError
from harness.venue.service import running
from harness.venue.settings import Settings
from harness.venue.silence import Patience
from harness.venue.venueclock import OwnTime

STOP_LIMIT_S: Final = 20  # seen: 0.3 s; what waits for a client or a process within waits 5 s at most


def main(argv: Sequence[str] | None = None) -> int:
    """Run a venue until it is told to stop; returns 0, or 1 where it could not run."""
    options = _parser().parse_args(argv)
    try:
        settings = Settings(
            build=options.build,
            rest_port=options.rest_port,
            ws_port=options.ws_port,
            chain_port=options.chain_port,
            control_port=options.control_port,
            fix_port=options.fix_port,
            data_port=options.data_port,
            block_time_s=options.block_time,
            environment=options.environment,
            profile=options.profile,
            patience=Patience(options.subscribe_limit, options.ping_limit),
            seed=options.seed,
            clock=None if options.clock is None else OwnTime.parse(options.clock),
        )
        return asyncio.run(_run(settings, exit_with_stdin=options.exit_with_stdin))
    except VenueError as error:
        print(f"harness venue: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="harness venue", description="Start the embedded exchange on loopback."
    )
    parser.add_argument("--build", required=True, help="a build of harness/venue/builds.toml")
    for name in ("rest", "ws", "chain", "control", "fix", "data"):
        text = f"the port of {name}; 0 (the default) lets the system choose"
        parser.add_argument(f"--{name}-port", type=int, default=0, metavar="PORT", help=text)
    parser.add_argument(
        "--block-time", type=_seconds, default=Decimal("0.25"), metavar="S", help="seconds between blocks"
    )
    for name, silent in (("subscribe", "before it subscribes"), ("ping", "without a PING")):
        limit_s = getattr(Patience(), f"{name}_s")
        text = f"seconds until a WebSocket that is silent {silent} is dropped"
        parser.add_argument(f"--{name}-limit", type=_seconds, default=limit_s, metavar="S", help=text)
    text = "what it says it is at GET /health of its control API (venue)"
    parser.add_argument("--environment", default="venue", metavar="NAME", help=text)
    text = "draw ids, keys and secrets from this number, the same every time"
    parser.add_argument("--seed", type=int, metavar="N", help=text)
    text = "a time of its own: Unix second [xRATE], or manual [@SECOND], moved by POST /clock"
    parser.add_argument("--clock", metavar="T", help=text)
    text = f"whose conventions it speaks: {', '.join(profiles.names())} ({profiles.DEFAULT})"
    parser.add_argument("--profile", default=profiles.DEFAULT, metavar="NAME", help=text)
    parser.add_argument("--exit-with-stdin", action="store_true", help="stop when stdin reaches its end")
    return parser


def _seconds(text: str) -> Decimal:
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        seconds = Decimal("NaN")
    if not seconds.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds


async def _run(settings: Settings, *, exit_with_stdin: bool) -> int:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if exit_with_stdin:
        threading.Thread(target=_read_stdin, args=(loop, stop), daemon=True).start()
    reasons: list[str] = []

    def failed(reason: str) -> None:
        if not reasons:  # what else fails then fails for the same reason
            print(f"harness venue: {reason}", file=sys.stderr)
        reasons.append(reason)
        stop.set()

    async with running(settings, failed) as ready:
        print(exactjson.dumps(ready.view()), flush=True)
        await stop.wait()
    return 1 if reasons else 0


def _read_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 65536):
        pass
    with contextlib.suppress(RuntimeError):  # the venue has stopped already
        loop.call_soon_threadsafe(stop.set)
    threading.Event().wait(STOP_LIMIT_S)  # this thread ends with the process
    print(f"harness venue: killed, as it did not stop within {STOP_LIMIT_S} s", file=sys.stderr, flush=True)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
