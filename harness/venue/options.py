"""What an embedded exchange is started with, declared: light, so that its help comes at once."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation

from harness.venue import profiles
from harness.venue.silence import Patience


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the exchange's options to a parser."""
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


def _seconds(text: str) -> Decimal:
    try:
        seconds = Decimal(text)
    except InvalidOperation:
        seconds = Decimal("NaN")
    if not seconds.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds
