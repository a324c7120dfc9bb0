"""FIX messages a second: parsed with their groups and compared with an expectation; ours and simplefix's.

    python benchmarks/fix_codec.py

Both get the same bytes (an execution report with a Parties group of two, a market data snapshot of 20
entries) and do the same work: find the messages in the stream, gather each group's entries, compare every
field that the expectation names. Needs simplefix (a development dependency).
"""

from __future__ import annotations

import time
from collections.abc import Callable

import simplefix
from figures import Figure, told

from harness.wire.fix.codec import Parser
from harness.wire.fix.dictionary import dictionary_for
from harness.wire.fix.message import Message
from harness.wire.fix.written import seal

ROUNDS = 5
MESSAGES = 2_000
LEAST = 30_000

REPORT = seal(
    "8=FIX.4.4|35=8|49=VENUE|56=ALICE|34=7|52=20260301-12:00:00.000|37=o1|17=e1|11=c1|150=F|39=1|453=2|448=ACME|447=D|"
    "452=1|448=DESK7|447=D|452=24|55=YES-2027|54=1|38=100|44=0.52|32=40|31=0.52|151=60|14=40|6=0.52|"
)
SNAPSHOT = seal(
    "8=FIX.4.4|35=W|49=VENUE|56=ALICE|34=8|52=20260301-12:00:00.000|262=r1|55=YES-2027|268=20|"
    + "".join(f"269={level % 2}|270=0.{50 + level}|271={level + 1}00|" for level in range(20))
)
PARTIES = [
    {"PartyID": "ACME", "PartyIDSource": "PROPRIETARY", "PartyRole": "EXECUTING_FIRM"},
    {"PartyID": "DESK7", "PartyIDSource": "PROPRIETARY", "PartyRole": "CUSTOMER_ACCOUNT"},
]


def ours(stream: bytes, expected: dict[str, object]) -> int:
    """Parse and compare with the harness's codec and dictionary; give how many messages agreed."""
    dictionary = dictionary_for("FIX.4.4")
    agreed = 0
    for frame in Parser().feed(stream):
        assert isinstance(frame, Message)
        [body] = dictionary.to_view(frame).values()
        agreed += all(body[key] == value for key, value in expected.items())
    return agreed


def theirs(
    stream: bytes, first: int, members: tuple[int, ...], count: int, expected: dict[int, object]
) -> int:
    """The same with simplefix: groups are gathered by hand, as its documentation has it."""
    parser = simplefix.FixParser()
    parser.append_buffer(stream)
    agreed = 0
    while (message := parser.get_message()) is not None:
        entries = []
        for number in range(1, int(message.get(count)) + 1):
            entry = {tag: message.get(tag, number) for tag in members}
            entries.append(entry)
        body = {tag: message.get(tag) for tag in expected if tag != count} | {count: entries}
        agreed += all(body[tag] == value for tag, value in expected.items())
    return agreed


def rate(work: Callable[[], int]) -> int:
    """Messages a second, the best of some rounds."""
    best = 0
    for _ in range(ROUNDS):
        start_ns = time.perf_counter_ns()
        agreed = work()
        assert agreed == MESSAGES, f"{agreed} of {MESSAGES} agreed"
        best = max(best, MESSAGES * 1_000_000_000 // (time.perf_counter_ns() - start_ns))
    return best


def main() -> None:
    """Print one line a message kind."""
    [snapshot] = Parser().feed(SNAPSHOT)
    assert isinstance(snapshot, Message)
    view = dictionary_for("FIX.4.4").to_view(snapshot)
    entries = view["MarketDataSnapshotFullRefresh"]["NoMDEntries"]
    raw_entries = [
        {269: b"%d" % (level % 2), 270: b"0.%d" % (50 + level), 271: b"%d00" % (level + 1)}
        for level in range(20)
    ]
    raw_parties = [{448: b"ACME", 447: b"D", 452: b"1"}, {448: b"DESK7", 447: b"D", 452: b"24"}]
    kinds = {
        "execution report, 27 tags, 2 parties": (
            lambda: ours(REPORT * MESSAGES, {"ClOrdID": "c1", "ExecType": "TRADE", "NoPartyIDs": PARTIES}),
            lambda: theirs(
                REPORT * MESSAGES, 448, (448, 447, 452), 453, {11: b"c1", 150: b"F", 453: raw_parties}
            ),
        ),
        "snapshot, 69 tags, 20 entries": (
            lambda: ours(SNAPSHOT * MESSAGES, {"MDReqID": "r1", "NoMDEntries": entries}),
            lambda: theirs(SNAPSHOT * MESSAGES, 269, (269, 270, 271), 268, {262: b"r1", 268: raw_entries}),
        ),
    }
    for kind, (we, they) in kinds.items():
        mine, other = rate(we), rate(they)
        what = f"FIX messages parsed with groups and compared: {kind}"
        shown = f"{mine:,}/s: {mine / other:.1f} ×"
        told([Figure(what, f"≥ {LEAST:,}/s", shown, f"simplefix {other:,}/s", mine >= LEAST)])


if __name__ == "__main__":
    main()
