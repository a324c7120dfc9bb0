"""A live run and the replay of its recording come to the same, whatever happens when."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from .run_bodies import LISTEN
from .stage import Peers, same
from .story import USER, case, trade

FAULTS = ["", ", fault: delay 700ms", ", fault: duplicate", ", fault: reorder"]
WAITS = [
    "where: {event_type: trade}, expect: {status: MATCHED}",
    "where: {event_type: trade}, count: 2, quiet: 300ms",
    "where: {status: FAILED}, expect: {$nothing}",
    "never: {status: FAILED}",
    "watch: 3s, where: {id: t1}",
    "expect: {$closed}",
    "after: listen, where: {id: t2}",
]
READS = [
    "within: 1s, expect: {body: {n: {$gte: 3}}}",
    "within: 1s, every: 400ms, stable_for: 500ms, expect: {body: {n: {$gte: 2}}}",
    "within: 1s, fault: drop response, expect: {$lost}",
    "within: 1s, fault: delay 600ms, expect: {body: {n: {$gte: 1}}}",
    "expect: {body: {n: 1}}",
]
SHAPES = ["in order", "together", "rounds", "rounds at once"]
BUY = "{id: buy, rest: POST /order, json: 1, expect: {status: 200}}"
TELLS = st.lists(
    st.tuples(
        st.integers(0, 3_000), st.sampled_from(["MATCHED", "FAILED", "pong"]), st.sampled_from(["t1", "t2"])
    ),
    max_size=8,
)


def body(shape: str, wait: str, fault: str, read: str) -> str:
    """One purchase, one wait and one read: in order, at once, or twice over."""
    heard = f"{{id: heard, ws: user, within: 1s, {wait}{fault}}}"
    seen = f"{{id: seen, rest: GET /n, {read}}}"
    steps = f"{BUY}\n      - {heard}\n      - {seen}\n"
    if shape == "in order":
        return "steps:" + LISTEN + f"  - {BUY}\n  - {heard}\n  - {seen}\n"
    if shape == "rounds at once":
        buys = f"{{id: buys, repeat: 3, pace: 300ms, steps: [{BUY}]}}"
        reads = f"{{id: reads, repeat: 2, steps: [{seen}]}}"
        hears = f"{{id: hears, repeat: 2, pass: 40%, steps: [{heard}]}}"
        members = "".join(f"      - {each}\n" for each in (buys, reads, hears))
        return "steps:" + LISTEN + "  - id: group\n    together:\n" + members
    if shape == "together":
        return "steps:" + LISTEN + "  - id: group\n    together:\n      - " + steps
    return (
        "steps:"
        + LISTEN
        + "  - id: group\n    repeat: 2\n    pace: 2s\n    pass: 50%\n    steps:\n      - "
        + steps
    )


@given(
    shape=st.sampled_from(SHAPES),
    wait=st.sampled_from(WAITS),
    fault=st.sampled_from(FAULTS),
    read=st.sampled_from(READS),
    tells=TELLS,
    ends_ms=st.none() | st.integers(0, 3_000),
    counts=st.lists(st.integers(0, 3), min_size=1, max_size=6),
    took_ms=st.sampled_from([0, 10, 300]),
    watching=st.booleans(),
)
@example(
    shape="together",
    wait=WAITS[3],
    fault="",
    read=READS[0],
    tells=[(1000, "FAILED", "t1")],
    ends_ms=1000,
    counts=[3],
    took_ms=0,
    watching=True,
)
def test_live_and_replay_come_to_the_same(
    shape: str,
    wait: str,
    fault: str,
    read: str,
    tells: list[tuple[int, str, str]],
    ends_ms: int | None,
    counts: list[int],
    took_ms: int,
    watching: bool,
) -> None:
    """Events at any moment, waits with any word and fault, in any shape: one finding for each step."""
    peers = Peers().answers("/order", {}, took_ms=took_ms)
    peers.answers("/n", *({"n": count} for count in counts), took_ms=took_ms)
    for at_ms, status, name in sorted(tells):
        if status == "pong":
            peers.pongs(USER, at_ms)
        else:
            peers.pushes(USER, at_ms, trade(status, id=name))
    if ends_ms is not None:
        peers.closes(USER, ends_ms, 1011, "oops")
    read_case: Any = case(body(shape, wait, fault, read))
    came = same(read_case, peers, watching=lambda subject: watching)
    assert {"listen", "buy"} <= set(came.findings)
