"""`ledger`: a wallet moves exactly by what was told: its fills, their fees, and transfers.

What `shows` sees: for each asset that differs `{collateral: {expected: …, found: …, gap: …}}`, in human
units; `{reserved: {orders: {told: …, expected: …}}}` (or `trades`); `{untold: id}` where a trade that the
answer to an order names is not told; Late where it agreed after the deadline; LOST where something could not
be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from harness import acts
from harness.case.rules.values import Ledger
from harness.checks.choosing import CHAIN, Setting
from harness.checks.holdings import Held, held_at, held_calls
from harness.checks.movements import COLLATERAL, Movement, Wallet, of_logs
from harness.checks.purses import Purses, purses_of
from harness.checks.reserved import Wrong, changed_since, last_refusal, wrongly_held
from harness.checks.tellers import Teller, Telling, page_of, teller_of
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import LOST, Late
from harness.model import Event, Kind, Lane, Source
from harness.references import MissingPartError
from harness.world import Need, PollNeed, View

SETTLED_BLOCKS: Final = 2
"""What agrees counts when it still does so many blocks on: a fill on its way moves nothing yet."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known at one moment: the last look at the chain, what was told, the open orders."""

    at_us: int
    held: Held | None
    telling: Telling
    orders: Event | None = None


@dataclass(frozen=True, slots=True)
class LedgerJudge:
    """The check for one wallet."""

    setting: Setting
    rule: Ledger
    since: str
    wallet: Wallet
    purses: Purses
    teller: Teller
    reads: PollNeed | None
    orders: PollNeed | None
    seen: dict[int, Held | None] = field(default_factory=dict, compare=False, repr=False)
    judged: dict[tuple[int, ...], bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, setting: Setting, rule: Ledger, view: View) -> LedgerJudge:
        """The judge of a rule. Raises MissingPartError where the step `since` was not reached."""
        since = rule.since or next((s.id for s in setting.steps if str(s.role) == "steps"), "")
        if since not in {event.step for event in view.events}:
            raise MissingPartError(f"step {since!r} was not reached")
        purses = purses_of(setting.look, rule.of)
        chain, check = setting.chain, setting.check
        wallet = Wallet(purses.address, chain.exchanges, chain.collateral, chain.ctf, purses.symbols)
        block = acts.block_before(view.events, since)
        lane = Lane(CHAIN, f"check:{check.id}")
        reads = None
        if block is not None:
            reads = PollNeed(lane, {"rpc": held_calls(wallet, purses.tokens, block)}, check.every_us)
        teller = teller_of(setting, rule, since, wallet, view)
        orders = None
        if rule.reserved:
            lane = Lane(Source("rest", rule.of), f"check:{check.id}.orders")
            orders = PollNeed(lane, {"method": "GET", "path": "/data/orders"}, check.every_us)
        return cls(setting, rule, since, wallet, purses, teller, reads, orders)

    @property
    def needs(self) -> Sequence[Need]:
        """Balances and logs of the chain, and who tells of the fills."""
        reads = (need for need in (self.reads, self.orders) if need is not None)
        return (*reads, *self.teller.needs)

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """It holds when what agrees goes on agreeing for some blocks, or until the deadline."""
        subject = self.setting.check.id
        if self.reads is None:
            text = f"not shown: the chain's head was not read before step {self.since!r}"
            return Finding(subject, False, window.start_us, text, LOST)
        looked_us = window.watch_us if final else min(self._looked_us(view), window.watch_us)
        agreed: State | None = None
        last: State | None = None
        for state in self._states(view, looked_us):
            if state.at_us > window.deadline_us:
                if agreed is not None:
                    return self._holds(agreed, view, window)
                if self._agrees(state):
                    by_us = state.at_us - window.deadline_us
                    text = f"{self.rule.of}'s wallet agrees only {seconds(by_us)} after the deadline"
                    return Finding(subject, False, state.at_us, text, Late(by_us))
                continue
            last = state
            if not self._agrees(state):
                agreed = None
            elif agreed is None:
                agreed = state
            elif _head(state) >= _head(agreed) + SETTLED_BLOCKS:
                return self._holds(state, view, window)
        enough_us = window.deadline_us if agreed is not None or final else window.watch_us
        horizon_us = min(self._horizons(view, enough_us))
        if horizon_us < enough_us:
            return Pending(f"the wallet was read until {seconds(horizon_us)}{self._lacks(last, window)}")
        if agreed is not None:
            return self._holds(agreed, view, window)
        return self._fails(last, window)

    def _looked_us(self, view: View) -> int:
        polls = [need.lane for need in self.needs if isinstance(need, PollNeed)]
        return max(map(view.horizon_us, polls), default=0)

    def _horizons(self, view: View, enough_us: int) -> Iterator[int]:
        yield enough_us
        for need in self.needs:
            yield view.horizon_us(need.lane if isinstance(need, PollNeed) else need.source)

    def _states(self, view: View, until_us: int) -> Iterator[State]:
        """What was known after each thing that was told, in order."""
        held: Held | None = None
        orders: Event | None = None
        telling = self.teller.silent
        asked = None if self.orders is None else self.orders.lane
        lane = None if self.reads is None else self.reads.lane
        for event in view.events:
            if event.at_us > until_us:
                continue
            if event.is_in(lane) and event.kind is Kind.ANSWER:
                held = self._look(event) or held
            elif (told := self.teller.take(event, telling)) is not None:
                telling = told
            elif event.is_in(asked) and event.kind is Kind.ANSWER and page_of(event) is not None:
                orders = event
            else:
                continue
            yield State(event.at_us, held, telling, orders)

    def _look(self, event: Event) -> Held | None:
        if event.number not in self.seen:
            self.seen[event.number] = held_at(event, (COLLATERAL, *self.purses.tokens))
        return self.seen[event.number]

    def _movements(self, state: State) -> list[Movement]:
        logs = () if state.held is None else state.held.logs
        at_us = state.at_us if state.held is None else state.held.at_us
        on_chain = self.rule.fills == "chain"
        chain = of_logs(logs, self.wallet, at_us, fills=on_chain, fees=not state.telling.with_fees)
        return [*state.telling.movements, *chain]

    def _gaps(self, state: State) -> dict[str, tuple[int, int]]:
        """Expected and found of each asset that does not agree."""
        if state.held is None:
            return {}
        moved, gaps = self._movements(state), {}
        assets = dict.fromkeys((*state.held.now, *(name for each in moved for name, _ in each.amounts)))
        for asset in assets:
            expected = state.held.before.get(asset, 0) + sum(each.of(asset) for each in moved)
            found = state.held.now.get(asset, 0)
            if expected != found:
                gaps[asset] = expected, found
        return gaps

    def _agrees(self, state: State) -> bool:
        telling, key = state.telling, _numbers(state)
        if state.held is None or telling.trouble is not None or telling.untold is not None:
            return False
        if self.orders is not None and state.orders is None:
            return False
        if key not in self.judged:  # a state is looked at again with every event that follows it
            self.judged[key] = not self._gaps(state)
        return self.judged[key]

    def _holds(self, state: State, view: View, window: Window) -> Finding:
        wrong = self._wrongly_held(state, view)
        if wrong is not None:
            text, held_back = wrong
            at_us = min(state.at_us, window.deadline_us)
            return Finding(self.setting.check.id, False, at_us, text, held_back, events=_numbers(state))
        moved = self._movements(state)
        text = f"{self.rule.of}'s wallet moved exactly by what was told: {_counted(moved)}"
        at_us = min(state.at_us, window.deadline_us)
        shown = self._changes(state)
        return Finding(self.setting.check.id, True, at_us, text, shown, events=_numbers(state))

    def _wrongly_held(self, state: State, view: View) -> Wrong | None:
        """What is wrong with what the exchange holds back, where the rule asks; None where nothing is."""
        if state.orders is None:
            return None
        refusal = last_refusal(view, self.rule.of)
        if refusal is None:
            return f"not shown: no answer to {self.rule.of} says what is held back", LOST
        if acts.read_response(state.orders).more:
            return "not shown: there are more pages of open orders than were read", LOST
        later = changed_since(view, self.rule.of, refusal)
        if later is not None:
            return f"not shown: step {later!r} may have changed the orders after the refusal", LOST
        wall_us = self.setting.look.scope.started_wall_us + refusal.at_us
        try:
            return wrongly_held(
                refusal, page_of(state.orders) or (), state.telling.messages, self.wallet, wall_us
            )
        except ValueError as error:
            return f"not shown: {error}", LOST

    def _changes(self, state: State) -> dict[str, Decimal]:
        held = state.held
        if held is None:
            return {}
        return {
            self.purses.name(asset): acts.human(now - held.before[asset]) for asset, now in held.now.items()
        }

    def _lacks(self, state: State | None, window: Window) -> str:
        """What does not agree yet, in a line."""
        if state is None or self._agrees(state):
            return ""
        lines = self._fails(state, window).text.splitlines()
        return f" and does not agree: {(lines[1] if len(lines) > 1 else lines[0]).strip()}"

    def _fails(self, state: State | None, window: Window) -> Finding:
        subject, at_us = self.setting.check.id, window.deadline_us
        if state is None or state.held is None:
            return Finding(subject, False, at_us, "not shown: no balance was read", LOST)
        if state.telling.trouble is not None:
            return Finding(subject, False, at_us, f"not shown: {state.telling.trouble}", LOST)
        gaps, untold = self._gaps(state), state.telling.untold
        unsaid = f"the answer to an order names trade {untold}, and {self.rule.fills} does not tell of it"
        if untold is not None and not gaps:
            return Finding(subject, False, at_us, unsaid, {"untold": untold}, events=_numbers(state))
        lines = [f"{self.rule.of}'s wallet did not move as was told since before step {self.since!r}:"]
        shown: dict[str, Any] = {}
        moved = self._movements(state)
        for asset, (expected, found) in gaps.items():
            gap, name = found - expected, self.purses.name(asset)
            shown[name] = {
                "expected": acts.human(expected),
                "found": acts.human(found),
                "gap": acts.human(gap),
            }
            way = "too much" if gap > 0 else "too little"
            lines.append(
                f"  {acts.human(abs(gap)):f} {name} {way}{_cause(asset, gap, moved, asset in state.held.now)}"
            )
            before = state.held.before.get(asset, 0)
            lines.append(f"    before      {acts.human(before):f}")
            for each in (each for each in moved if each.of(asset)):
                lines.append(f"    {_signed(each.of(asset)).ljust(12)}{each}")
            lines.append(f"    expected    {acts.human(expected):f}")
            lines.append(f"    found       {acts.human(found):f} at {seconds(state.held.at_us)}")
        if untold is not None:
            lines.append(f"  {unsaid}")
        return Finding(subject, False, at_us, "\n".join(lines), shown, events=_numbers(state))


def _cause(asset: str, gap: int, moved: Sequence[Movement], known: bool) -> str:
    """What alone would explain a gap: a movement that did not happen, or happened twice."""
    if not known:
        return ": it is of none of the case's saved markets, so its balance was not read"
    for each in moved:
        if each.of(asset) == -gap:
            return f": as if the {each} never happened"
        if each.of(asset) == gap:
            return f": as if the {each} happened twice"
    return "" if moved else ": nothing was told that moves it"


def _counted(moved: Sequence[Movement]) -> str:
    return (
        ", ".join(each.what for each in moved[:6]) + (", …" if len(moved) > 6 else "") if moved else "nothing"
    )


def _signed(base_units: int) -> str:
    return f"{acts.human(base_units):+f}"


def _head(state: State) -> int:
    return -1 if state.held is None else state.held.head


def _numbers(state: State) -> tuple[int, ...]:
    return tuple(sorted({*([] if state.held is None else [state.held.number]), *state.telling.numbers}))
