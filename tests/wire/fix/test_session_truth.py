"""Whatever two sessions go through, no order is lost and none comes twice: a state machine against a list."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from harness.wire.fix.events import Failed, Received
from harness.wire.fix.rules import State

from .pair import Pair, Side

NAMES = st.sampled_from(["us", "them"])


class Truth(RuleBasedStateMachine):
    """Two sessions, and for each side the orders that the other one has to get, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.pair.log_on()
        self.wanted: dict[str, list[str]] = {"us": [], "them": []}  # by who sends
        self.gone: set[str] = set()
        self.count = 0

    def side(self, name: str) -> Side:
        side: Side = getattr(self.pair, name)
        return side

    @property
    def both_up(self) -> bool:
        sides = (self.pair.us, self.pair.them)
        return all(side.session.state is State.ACTIVE for side in sides)

    @precondition(lambda self: self.both_up)
    @rule(name=NAMES, lost=st.booleans())
    def order(self, name: str, lost: bool) -> None:
        """An order goes out, and perhaps the wire eats it."""
        self.count += 1
        self.wanted[name].append(f"c{self.count}")
        if lost:
            fields = [(11, f"c{self.count}"), (55, "Y"), (54, "1")]
            self.side(name).session.send("D", fields, self.pair.now_us)
        else:
            self.pair.order(f"c{self.count}", self.side(name))

    @rule()
    def deliver(self) -> None:
        """All that is on its way arrives."""
        self.pair.settle()

    @rule(seconds=st.sampled_from([1, 31, 40]))
    def time_passes(self, seconds: int) -> None:
        """Heartbeats and TestRequests come and go."""
        self.pair.wait(seconds)

    @rule()
    def cut_and_log_on(self) -> None:
        """The connection ends with everything on it, in the middle of a gap or of a resend; both go on."""
        self.pair.disconnect()
        self.pair.log_on()

    @rule()
    def two_cuts(self) -> None:
        """A Logon that never gets there, and then one that does."""
        self.pair.disconnect()
        self.pair.connect()
        self.pair.us.session.logon(self.pair.now_us)
        self.pair.disconnect()
        self.pair.log_on()

    @precondition(lambda self: self.both_up)
    @rule()
    def begin_again(self) -> None:
        """Both numbers begin at 1: what had not arrived by then is lost, and stays so."""
        self.pair.disconnect()
        self._give_up_what_is_missing()
        self.pair.log_on(reset=True)

    @invariant()
    def nothing_twice_and_nothing_out_of_order(self) -> None:
        """What has arrived so far is a part of what was sent, in its order, each once."""
        for sender, receiver in (("us", self.pair.them), ("them", self.pair.us)):
            got = receiver.orders
            assert len(set(got)) == len(got)
            assert got == [name for name in self.wanted[sender] if name in set(got)]

    def teardown(self) -> None:
        """After one more Logon and an order of each side nothing is missing."""
        self.pair.disconnect()
        self.pair.log_on()
        for name in ("us", "them"):
            self.order(name, lost=False)
            self.deliver()
        for sender, receiver in (("us", self.pair.them), ("them", self.pair.us)):
            assert receiver.orders == [name for name in self.wanted[sender] if name not in self.gone]
            assert receiver.session.missing is None
        for side in (self.pair.us, self.pair.them):
            assert [event.code for event in side.said(Failed) if event.code != "connection_lost"] == []
            queued = [event for event in side.said(Received) if event.queued]
            assert len({event.message.seq_num for event in queued}) <= len(queued)

    def _give_up_what_is_missing(self) -> None:
        for sender, receiver in (("us", self.pair.them), ("them", self.pair.us)):
            self.gone |= set(self.wanted[sender]) - set(receiver.orders)


TestTruth = Truth.TestCase
TestTruth.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
