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
from typing import Final

from harness import exactjson
from harness.venue.faults import VenueError
from harness.venue.options import declare
from harness.venue.service import running
from harness.venue.settings import Settings
from harness.venue.silence import Patience
from harness.venue.venueclock import OwnTime

STOP_LIMIT_S: Final = 20  # seen: 0.3 s; what waits for a client or a process within waits 5 s at most


def main(argv: Sequence[str] | None = None) -> int:
    """Read the arguments, and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.venue", description="Start the embedded exchange on loopback."
    )
    declare(parser)
    return serve(parser.parse_args(argv))


def serve(options: argparse.Namespace) -> int:
    """Run a venue until it is told to stop; returns 0, or 1 where it could not run."""
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
