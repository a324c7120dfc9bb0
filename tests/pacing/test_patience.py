"""Requests of our own wait for the exchange within a bound, over real sockets; nobody sleeps here."""

from __future__ import annotations

import pytest
from channels.leaves import permit_for
from channels.webpeer import Answer, Asked, WebPeer

from harness import asking
from harness.budget import Tally
from harness.channels.dial import Dial
from harness.clock import ManualClock
from harness.errors import TargetError
from harness.guard import Caps, Limits
from harness.notnow import NotNow, Why
from harness.patience import Patience

BUSY = b'{"error":"Too Many Requests"}'


class Peer(WebPeer):
    """Answers what was prepared, one after the other, then well."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.prepared = list(answers)

    def answer_to(self, asked: Asked) -> Answer:
        return self.prepared.pop(0) if self.prepared else Answer()


class Waiting:
    """A patience whose waits move a clock, and what it told."""

    def __init__(self, wait_s: int = 30, per_second: int | None = None) -> None:
        self.clock = ManualClock()
        self.waited: list[int] = []
        self.told: list[str] = []
        limits = Limits(Caps(), Caps(), per_second, wait_s)
        self.tally = Tally(limits, self.clock, chance=lambda most: 0)
        self.patience = Patience(self.tally, self.told.append, self.pause)

    def pause(self, us: int) -> None:
        self.waited.append(us)
        self.clock.advance(us)

    def ask(self, peer: WebPeer) -> object:
        dial = Dial(permit_for(rest=peer.url), self.patience)
        return asking.ask(dial, "POST", f"{peer.url}/auth/api-key", {})


@pytest.fixture
def waiting() -> Waiting:
    return Waiting()


def test_it_is_asked_again_when_the_exchange_says(waiting: Waiting) -> None:
    """A request that was not taken is sent again at its time, a POST too; the terminal is told why."""
    with Peer(Answer(429, BUSY, {"Retry-After": "7"}), Answer(425, b"", {"Retry-After": "2"})) as peer:
        assert waiting.ask(peer) == {}
        url = peer.url

    assert [asked.method for asked in peer.asked] == ["POST"] * 3
    assert waiting.waited == [7_000_000, 2_000_000]
    assert waiting.told[0] == (
        f"waiting 7 s (at most 30 s): {url} says 429 Too Many Requests (too many requests, since "
        "2025-10-09T08:53:20Z); to be tried again from 2025-10-09T08:53:27Z on"
    )
    assert waiting.tally.held(url) is None


def test_a_long_wait_is_told_again(waiting: Waiting) -> None:
    """Every fifteen seconds it is told that the run still waits, and how long yet."""
    with Peer(Answer(429, BUSY, {"Retry-After": "29"})) as peer:
        waiting.ask(peer)

    assert [text.partition(":")[0] for text in waiting.told] == [
        "waiting 29 s (at most 30 s)",
        "waiting 14 s (at most 30 s)",
    ]


def test_it_is_bounded() -> None:
    """Where the exchange goes on saying so the waits grow, and end at the bound with its own words."""
    waiting = Waiting(wait_s=30)
    with (
        Peer(*[Answer(429, BUSY)] * 9) as peer,
        pytest.raises(TargetError, match=r"T001 .*/auth/api-key answers 429: .*Too Many Requests"),
    ):
        waiting.ask(peer)

    assert waiting.waited == [2_000_000, 4_000_000, 8_000_000, 15_000_000, 1_000_000]
    assert len(peer.asked) == 5


def test_a_failure_is_not_waited_for(waiting: Waiting) -> None:
    """Any other answer is given as it came."""
    with Peer(Answer(503, b"{}")) as peer, pytest.raises(TargetError, match="answers 503"):
        waiting.ask(peer)

    assert waiting.waited == []


def test_requests_of_our_own_take_their_turn() -> None:
    """They count in the job's pace beside the steps'; those that a meter has counted do not count again."""
    waiting = Waiting(per_second=2)
    with Peer() as peer:
        for _ in range(3):
            waiting.ask(peer)
        waiting.patience = waiting.patience.of_metered()
        waiting.ask(peer)

    assert waiting.waited == [1_000_000]


def test_a_step_s_request_is_never_repeated(waiting: Waiting) -> None:
    """What a step sends has no patience: its answer is what the exchange said."""
    with Peer(Answer(429, BUSY, {"Retry-After": "7"})) as peer:
        dial = Dial(permit_for(rest=peer.url), waiting.patience)
        with pytest.raises(TargetError, match="answers 429"):
            asking.ask(dial.plain, "GET", f"{peer.url}/time")

    assert len(peer.asked) == 1
    assert dial.metered().patience is not None


def test_a_case_begins_when_orders_are_taken(waiting: Waiting) -> None:
    """A case that trades waits for a mode that was noted; one that only reads does not."""
    waiting.tally.hold("http://x orders", NotNow(Why.RESTART, "425 service not ready", 5_000_000))
    waiting.patience.before_item("http://x", orders=False)
    assert waiting.waited == []
    waiting.patience.before_item("http://x", orders=True)
    assert waiting.waited == [5_000_000]
    waiting.patience.before_item("http://x", orders=True)
    assert waiting.waited == [5_000_000]


def test_a_case_is_not_begun_in_a_long_halt(waiting: Waiting) -> None:
    """Beyond the bound nothing is begun: what the exchange says, since when, and when it is asked again."""
    waiting.tally.hold("http://x", NotNow(Why.MODE, "503 closed", 600_000_000))

    with pytest.raises(TargetError) as caught:
        waiting.patience.before_item("http://x", orders=False)
    assert str(caught.value) == (
        "T030 http://x says 503 closed (maintenance, since 2025-10-09T08:53:20Z); "
        "to be tried again from 2025-10-09T09:03:20Z on: "
        "longer than the target's wait_s (30 s), so the case was not begun"
    )


@pytest.mark.parametrize(
    ("said", "again", "waited"),
    [
        (NotNow(Why.MODE, "503 closed"), True, [2_000_000]),
        (NotNow(Why.LIMIT, "429", 9_000_000, of_account=True), True, [9_000_000]),
        (NotNow(Why.MODE, "503 closed", 31_000_000), False, []),
    ],
)
def test_when_a_case_is_run_again(waiting: Waiting, said: NotNow, again: bool, waited: list[int]) -> None:
    """When what refused it is over, where that is within the bound."""
    assert waiting.patience.before_again("http://x", said) is again
    assert waiting.waited == waited
