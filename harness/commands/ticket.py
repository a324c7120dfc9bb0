"""Commands from a ticket to a draft: `new`, `capture`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from harness.commands.command import Command, Run

POLYGON: Final = 137

_NEW: Final = """\
Reads every file of a folder by its content: HAR, cURL commands, Postman collections, WebSocket and FIX logs,
debug logs of Python clients, plain text. Puts all on one clock, and writes a case that lints clean and a
`broken` cassette without secrets and identities. Every guess in the case is marked `# guessed`; what was not
understood is listed. Nothing of the folder is changed and no file is written over. Nothing is sent, but with
--rpc or --target reads to that node, of the transactions and accounts that the ticket names."""
_NEW_EXAMPLES: Final = """examples:
  harness new ESC-1234 --from ticket/
  harness new ESC-1234 --from ticket/ --symptom order-2       another step than the first that went wrong
  harness new ESC-1234 --from ticket/ --dry-run               the timeline and the case, and no file
  harness new ESC-1234 --from ticket/ --rpc env:POLYGON_RPC   what became of its transactions, too
  pytest -k ESC-1234                                          then: is it red on the evidence?

exit code: 0 the draft is proven on its evidence, 1 not yet: mend it, 2 no draft that lints
"""
_CAPTURE: Final = """\
Runs a Python program and keeps each HTTP exchange of it as evidence: sealed, with its times,
without secrets. Its input, output and exit code stay its own. Seen are httpx, requests, urllib3, urllib,
http.client and aiohttp (and what else vcrpy knows), also in its threads and in the Pythons that it starts."""
_CAPTURE_USAGE: Final = """harness capture [-o FILE] [--secret-env NAME]... -- PROGRAM ...
       harness capture [-o FILE] --from-vcr CASSETTE
       harness capture --unfinished FILE"""
_CAPTURE_EXAMPLES: Final = """examples:
  harness capture -- python customer.py
  harness capture -o evidence/ESC-1234.jsonl --secret-env POLY_KEY -- python -m bot --once
  harness capture --from-vcr tests/cassettes/order.yaml      a cassette of vcrpy's, YAML or JSON
  harness capture --unfinished evidence/ESC-1234.jsonl       what a killed capture still holds
  harness show --cassette evidence/customer.jsonl

exit code: the program's own; 2 where it was not begun

what it guards, and what not:
  The program is the customer's. It runs with all that you may do, and its requests are sent for real, once,
  to wherever it sends them: the guard and its caps stand before our own channels, not before this.
  Nothing secret reaches the disk: credentials by their place in headers and fields, by their look, the values
  of --secret-env, and those of variables whose name says so (…_SECRET, PRIVATE_KEY, …_PASSPHRASE).
  Not seen: WebSockets, FIX, programs that are not Python, Pythons started with -I, -E or -S. The program's
  Python needs vcrpy 8.2.1 or newer; without it the program is not begun.
"""


def _declare_new(one: argparse.ArgumentParser) -> None:
    one.add_argument("case_id", metavar="ID", help="the case's id: ESC-1234")
    one.add_argument(
        "--from", dest="folder", type=Path, required=True, metavar="FOLDER", help="the ticket's files"
    )
    one.add_argument("--symptom", metavar="STEP", help="the step that shows the bug, by its id in the draft")
    one.add_argument(
        "--cases", type=Path, default=Path("cases"), metavar="FOLDER", help="where cases stand (cases)"
    )
    one.add_argument(
        "--cassettes",
        type=Path,
        default=Path("cassettes"),
        metavar="FOLDER",
        help="where recordings stand (cassettes)",
    )
    one.add_argument(
        "--secret-env",
        action="append",
        default=[],
        metavar="NAME",
        help="a variable whose value is a secret; may come several times",
    )
    one.add_argument(
        "--zone",
        action="append",
        default=[],
        metavar="FILE=+01:00",
        help="the zone of a file whose times name none, where you know it; may come several times",
    )
    which = one.add_mutually_exclusive_group()
    which.add_argument(
        "--rpc",
        metavar="URL",
        help="a node that is asked about the transactions and accounts that the ticket names: reads only; "
        "env:NAME where the URL holds a key",
    )
    which.add_argument("--target", metavar="NAME", help="the same, of the node that a target names")
    one.add_argument(
        "--chain-id",
        type=int,
        default=POLYGON,
        metavar="N",
        help=f"the chain that --rpc must be of ({POLYGON})",
    )
    one.add_argument(
        "--blur",
        action="store_true",
        help="shift all times, scale all amounts and replace the markets, so that nobody can look them up",
    )
    one.add_argument("--all", action="store_true", help="list everything that was not understood")
    one.add_argument("--dry-run", action="store_true", help="print the case and write nothing")


def _new() -> Run:
    from harness.ticketing import run

    return run


def _declare_capture(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to (evidence/<name of the script>.jsonl)"
    )
    one.add_argument(
        "--secret-env",
        action="append",
        default=[],
        metavar="NAME",
        help="a variable whose value is a secret to look for everywhere; may come several times",
    )
    one.add_argument(
        "--from-vcr", type=Path, metavar="CASSETTE", help="import a cassette that vcrpy recorded"
    )
    one.add_argument(
        "--unfinished", type=Path, metavar="FILE", help="seal what is left of a capture that was killed"
    )
    one.set_defaults(program=[])


def _capture() -> Run:
    from harness.capturing import run

    return run


COMMANDS: Final = (
    Command(
        "new",
        "make a draft of a case, with its evidence sealed, from what a customer sent",
        _declare_new,
        _new,
        _NEW_EXAMPLES,
        _NEW,
    ),
    Command(
        "capture",
        "keep what a program that is not ours sends over HTTP, redacted, as evidence",
        _declare_capture,
        _capture,
        _CAPTURE_EXAMPLES,
        _CAPTURE,
        _CAPTURE_USAGE,
    ),
)
