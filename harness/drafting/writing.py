"""Writing a draft as a case: line by line, each guess marked with `# guessed` and its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from harness.drafting import offers, yamltext
from harness.drafting.doubts import doubt_of
from harness.drafting.people import IDS, People, Person
from harness.drafting.repeats import REFUSED
from harness.drafting.sessions import Seat
from harness.drafting.steps import DraftStep, expectation, texts_in
from harness.drafting.suspects import Suspect
from harness.evidence.ticket.clues import CHAIN

_NAMED: Final = re.compile(r"\$\{([a-z0-9]+)\.")
_TEN: Final = Decimal(10)
_LEAST_US: Final = 2_000_000
_BLOCKS_US: Final = 10_000_000
_MOST_US: Final = 1_800_000_000
"""Longer than this nothing was waited for: its cause stands in a file that tells no times."""
_BALANCE: Final = re.compile(r"not enough balance.*?-> balance: ([0-9]+)")
_TITLE: Final = 110
_MAKER: Final = "maker"
"""Who rests what the evidence's orders met; the accounts of the evidence are alice, bob, …"""
_CAME: Final = 400
_TAKEN: Final = {"success": True, "errorMsg": ""}
_AS_SUCH: Final = {"data": "", "auth": "auth", "balance-allowance": "balances"}


class Writer:
    """Writes the case, line by line. `clean` takes secrets and identities out of a text.

    Where there are `checks`, the first is the symptom; else the last step is.
    """

    def __init__(
        self,
        case_id: str,
        steps: list[DraftStep],
        people: People,
        clean: Callable[[str], str],
        checks: Sequence[Suspect] = (),
    ) -> None:
        self._clean = clean
        self._id = case_id
        self._steps = steps
        self._people = people
        self._last = steps[-1]
        self._checks = checks
        self._symptom = checks[0] if checks else steps[-1]
        self._offers = [order for order in offers.needed(steps) if _given_by(order)[0]]

    def lines(self) -> Iterator[str]:
        """The lines of the file."""
        last = self._last
        yield "# yaml-language-server: $schema=../harness/case.schema.json"
        yield f"id: {self._id}"
        told = IDS.sub("…", self._titled())
        yield "# guessed: the title, from the symptom; say what the customer would say"
        yield f"title: {yamltext.scalar(yamltext.cut(told, _TITLE))}"
        yield "status: open"
        yield "severity: normal                   # guessed: blocker critical normal minor trivial"
        yield f"component: {self._component()}"
        yield "story: >                           # guessed: what was done, in the order of the evidence"
        yield from yamltext.folded(self._clean(self._story()), 2)
        yield ""
        acting = self._acting()
        if acting:
            yield "actors:"
        for person in acting:
            held = "trader" if person.wallet == "eoa" else f"{{role: trader, wallet: {person.wallet}}}"
            yield f"  {person.name}: {held}"
        if self._offers:
            yield f"  {_MAKER}: maker"
        declared = [seat for seat in self._people.seats.values() if seat.declared and self._uses(seat)]
        if declared:
            yield ""
            yield "channels:"
        for seat in declared:
            profile = "drop_copy" if seat.is_copy else "order_entry"
            yield f"  {seat.channel}: {{kind: fix, profile: {profile}, as: {seat.actor}}}"
        given = list(self._given())
        if given:
            yield ""
            yield "given:                             # guessed: what must be there before"
            yield from given
        yield ""
        yield "steps:"
        for number, step in enumerate(self._steps):
            yield from self._step(step, number)
            yield ""
        if self._checks:
            yield "checks:                            # guessed: what the evidence fails and should not"
        for check in self._checks:
            yield f"  - id: {check.id}"
            for key, value in check.rule.items():
                yield from yamltext.entry(key, value, 4)
            if check.within_ms:
                yield f"    within: {check.within_ms}ms  # guessed: until the evidence shows it"
            yield ""
        yield "symptom:                           # guessed: the first thing that went wrong"
        yield f"  {'check' if self._checks else 'step'}: {self._symptom.id}"
        yield from yamltext.entry("shows", self._shows(), 2)
        if last.witness and not self._checks:
            yield f"  witness: {last.witness}"

    def _uses(self, seat: Seat) -> bool:
        return any((step.channel, step.actor) == (seat.source, seat.actor) for step in self._steps)

    def _acting(self) -> Sequence[Person]:
        used = {step.actor for step in self._steps}
        for step in self._steps:
            if step.channel == CHAIN:
                used |= set(step.words["expect"]) | set(_NAMED.findall(str(step.words)))
        return [person for person in self._people.persons if person.name in used]

    def _component(self) -> str:
        channel = self._symptom.channel
        if channel == CHAIN:
            return "chain/transactions"
        if channel != "rest":
            return f"{channel.partition('.')[0]}/{channel.partition('.')[2] or 'session'}"
        parts = str(self._last.words["rest"]).partition(" ")[2].strip("/").split("/")
        part = _AS_SUCH.get(parts[0], parts[0]) or "".join(parts[1:2]) or parts[0]
        part = "orders" if part.startswith("cancel") else part
        return f"clob/{part if part.endswith('s') or part == 'auth' else part + 's'}"

    @property
    def _wrong(self) -> str:
        return self._checks[0].what if self._checks else self._last.wrong

    def _titled(self) -> str:
        if self._checks:
            return self._wrong
        last = self._last
        return f"{last.words.get('rest', last.id)}: {self._clean(self._wrong) or 'shows the bug'}"

    def _story(self) -> str:
        told = [f"{step.actor} {step.words['rest']}" for step in self._steps if "rest" in step.words]
        done = "; then ".join(told[:6]) or f"{len(self._steps)} messages on {self._last.channel}"
        came = (self._clean(self._wrong) or "see the symptom").rstrip(".")  # before it is cut
        return f"{done}. What came: {yamltext.cut(IDS.sub('…', came), _CAME)}."

    def _given(self) -> Iterator[str]:
        named = {text for step in self._steps for _, text in texts_in(step.words)}
        for market in self._people.markets:
            held = any(part in person.held for person in self._acting() for part in market.outcomes)
            if held or any(f"${{{market.name}." in text for text in named):
                for guess in market.guesses:
                    yield f"  # guessed: {guess}"
                kind = ", neg_risk: true" if market.neg_risk else ""
                yield f"  - market: {{tick: {market.tick}{kind}}}"
                yield f"    save: {market.name}"
        amounts = dict(self._needed())
        for part, amount in map(_given_by, self._offers):
            funds = amounts.setdefault(_MAKER, {})
            funds[part] = funds.get(part, Decimal(0)) + _tens(amount)
        if self._told_balance() is not None:
            yield "  # guessed: the balance that the refusal tells; fund more where he had more"
        if amounts:
            first, *rest = yamltext.entry("fund", amounts, 4)
            yield f"  - {first.strip()}"
            yield from rest
        for offer in self._offers:
            yield "  # guessed: what an order met, which the evidence does not tell; mend its price and size"
            yield "  - rest: POST /order"
            yield f"    as: {_MAKER}"
            yield from yamltext.entry("order", offer, 4)
            yield "    expect: {status: 200}"

    def _needed(self) -> Iterator[tuple[str, dict[str, Decimal]]]:
        """What each account needs for its orders, rounded up to tens."""
        for person in self._acting():
            sums: dict[str, Decimal] = {}
            for step in self._steps:
                if step.actor != person.name:
                    continue
                for order in _orders(step.words):
                    part, given = _given_by(order)
                    sums[part] = sums.get(part, Decimal(0)) + given
            needed = {part: _tens(amount) for part, amount in sums.items() if part}
            balance = self._told_balance()
            if balance is not None and person.name == self._last.actor:
                needed |= dict([balance])
            needed = person.held or needed  # what is known is no guess
            needed = {part: amount for part, amount in needed.items() if amount}
            if needed:
                yield person.name, needed

    def _told_balance(self) -> tuple[str, Decimal] | None:
        """What a refusal says that the account has of what its order gives."""
        told = _BALANCE.search(self._last.wrong)
        order = next(iter(_orders(self._last.words)), None)
        part = _given_by(order)[0] if order is not None else ""
        return (part, Decimal(told[1]).scaleb(-6).normalize() + 0) if told is not None and part else None

    def _step(self, step: DraftStep, number: int) -> Iterator[str]:
        is_symptom = step is self._symptom
        for guess in step.guesses:
            yield f"  # guessed: {guess}"
        yield f"  - id: {step.id}"
        for key, value in step.words.items():
            if key == "within":
                yield f"    within: {self._within(step, number)}"
            elif key == "rest":
                yield f"    rest: {value}"
            elif key != "expect" or (not is_symptom and step.channel != "rest"):
                yield from yamltext.entry(key, value, 4)
        if step.channel == "rest" or (
            is_symptom and (not step.channel.startswith("fix.") or "expect" in step.words)
        ):
            wanted = self._wanted(step, is_symptom)
            if is_symptom:
                yield "    # guessed: what should have come"
            yield from yamltext.entry("expect", wanted, 4)
        if step.saves:
            yield from yamltext.entry("save", step.saves, 4)

    def _wanted(self, step: DraftStep, is_symptom: bool) -> Mapping[str, Any]:
        if not is_symptom:
            return expectation(step, _status(step))
        if step.channel != "rest":
            expect: Mapping[str, Any] = step.words["expect"]
            return expect
        if step.is_again:
            return REFUSED
        if "order" in step.words:
            return {"status": 200, "body": dict(_TAKEN)}
        if "orders" in step.words:
            return {"status": 200, "body": [dict(_TAKEN) for _ in step.words["orders"]]}
        doubt = doubt_of(step.came) if step.doubtful else None
        if doubt is not None:
            return {"status": 200, "body": dict(doubt.wanted)}
        return {"status": 200}

    def _shows(self) -> Mapping[str, Any]:
        if self._checks:
            return self._checks[0].shows
        step = self._last
        if step.channel != "rest":
            return _shown(step.came)
        status = _status(step)
        doubt = doubt_of(step.came) if step.wrong == step.doubtful else None
        if doubt is not None:
            return {"status": status, "body": dict(doubt.shown)}
        return expectation(step, status) if status else {"$lost": True}

    def _within(self, step: DraftStep, number: int) -> str:
        if step.witness:
            return f"{(step.until_us - step.at_us) // 1_000_000}s  # guessed: so long the evidence goes on"
        cause = next((one for one in reversed(self._steps[:number]) if one.intent is not None), None)
        took_us = step.at_us - cause.at_us if cause is not None else 0
        took_us = took_us if took_us <= _MOST_US else 0
        if step.channel == CHAIN and 2 * took_us < _BLOCKS_US:
            return f"{_BLOCKS_US // 1_000_000}s  # guessed: time for some blocks"
        return f"{max(2 * took_us, _LEAST_US) // 1_000_000}s  # guessed: twice what it took"


def _orders(words: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The orders of a step, over REST or FIX, in the words of `order`."""
    yield from words.get("orders", [words["order"]] if words.get("order") is not None else [])
    sent = words.get("send", {}).get("NewOrderSingle", {})
    if all(isinstance(sent.get(key), Decimal | int) for key in ("OrderQty", "Price")):
        terms = {"side": sent.get("Side"), "size": Decimal(sent["OrderQty"]), "price": Decimal(sent["Price"])}
        yield {**terms, "token": sent.get("Symbol")}


def _given_by(order: Mapping[str, Any]) -> tuple[str, Decimal]:
    """What an order gives, and how much of it; "" where nobody could be given it by a name."""
    buys = order["side"] == "BUY"
    token = re.fullmatch(r"\$\{market\.(?:(yes|no)\}|symbol\}-(YES|NO))", str(order["token"]))
    given = order.get("amount") or order["size"] * (order["price"] if buys else 1)
    return "collateral" if buys else (token[1] or token[2]).lower() if token else "", given


def _status(step: DraftStep) -> int:
    for placed in step.placed[1:]:
        status = placed.clue.data.get("wire", {}).get("status", 0)
        if isinstance(status, int):
            return status
    return 0


def _shown(came: Any) -> Mapping[str, Any]:
    """What a message shows of what went wrong: a FIX refusal's reasons, or the state of a trade."""
    if isinstance(came, Mapping) and "event_type" in came:
        return {"event_type": came["event_type"], "status": came.get("status")}
    shown: Mapping[str, Any] = came
    return shown


def _tens(amount: Decimal) -> Decimal:
    return (amount / _TEN).to_integral_value(ROUND_CEILING) * _TEN
