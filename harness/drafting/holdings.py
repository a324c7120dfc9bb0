"""What the chain held for the accounts of a ticket: given to them, and a step that checks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from harness.drafting.people import People, Person
from harness.drafting.steps import DraftStep, Names
from harness.evidence.ticket.accounts import COLLATERAL
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import CHAIN
from harness.model import Kind
from harness.wire import jsonrpc
from harness.wire.ctf import CONTRACTS_137

_UNITS: Final = Decimal(1_000_000)
_GUESS: Final = "what the chain held before all this; it is given, so that it holds live, too"
_WHOSE: Final = "that the address which the ticket names is theirs"


@dataclass(frozen=True, slots=True)
class _Look:
    """What was asked about one account, and what came."""

    send: Placed
    answer: Placed

    @property
    def holder(self) -> str:
        return str(self.send.clue.data["holder"])

    def amounts(self) -> Iterator[tuple[str, int]]:
        """Each asset, collateral or a token's number, with what was held of it in base units."""
        found = jsonrpc.words(self.answer.clue.data["wire"]) or ()
        yield from zip(self.send.clue.data["assets"], found, strict=True)


def is_of_account(each: Placed) -> bool:
    """Whether a clue is of a look at an account."""
    return each.clue.channel == CHAIN and "holder" in each.clue.data


def holding_steps(placed: Sequence[Placed], people: People, names: Names) -> list[DraftStep]:
    """A step for each account that acts in the case, of what it held before.

    It stands before all else. Where nobody is known, the wallets that the ticket names become the accounts.
    """
    steps: list[DraftStep] = []
    looks = list(_looks(placed))
    own = {id(each) for look in looks for each in (look.send, look.answer)}
    first_us = min((each.at_us for each in placed if id(each) not in own), default=0)
    for look in looks:
        person = people.holder(look.holder)
        guessed = person is None
        if person is None and not look.send.clue.data["has_code"]:
            person = people.unnamed(look.holder)
        if person is not None and not person.held:
            step = _step(look, person, people, names)
            step.placed = [replace(each, at_us=min(each.at_us, first_us - 1)) for each in step.placed]
            step.guesses += [_WHOSE] if guessed else []
            steps.append(step)
    return steps


def _looks(placed: Iterable[Placed]) -> Iterator[_Look]:
    sends: dict[tuple[str, int], Placed] = {}
    for each in placed:
        key = each.clue.place.path, each.clue.pair
        if is_of_account(each):
            sends[key] = each
        elif each.clue.channel == CHAIN and each.clue.kind is Kind.ANSWER and key in sends:
            yield _Look(sends[key], each)


def _step(look: _Look, person: Person, people: People, names: Names) -> DraftStep:
    """The look as a case makes it: collateral, and the shares of the case's one market."""
    (market,) = people.markets if len(people.markets) == 1 else (None,)
    parts = {COLLATERAL: COLLATERAL}
    if market is not None:
        parts |= {market.facts[part]: part for part in market.outcomes}
    first, *answers, last = look.answer.clue.data["wire"]["answers"]
    calls: list[Any] = []
    rows = [first]
    for (asset, amount), row in zip(look.amounts(), answers, strict=True):
        if asset not in parts:
            continue
        if asset == COLLATERAL:
            calls.append(jsonrpc.balance_call(CONTRACTS_137.collateral, look.holder, None))
        else:
            calls.append(jsonrpc.balance_call(CONTRACTS_137.ctf, look.holder, int(asset)))
        rows.append(row)
        person.held[parts[asset]] = (Decimal(amount) / _UNITS).normalize() + 0
    rows.append(last)
    step = DraftStep(names.free("held"), CHAIN, "", {"chain": "balances"})
    step.words["expect"] = {person.name: dict(person.held)}
    step.placed = [_with(look.send, {"calls": len(rows)}), _with(look.answer, {"answers": rows})]
    step.intent = {"rpc": jsonrpc.balance_calls(calls)}
    step.came = {person.name: dict(person.held)}
    step.guesses.append(_GUESS)
    return step


def _with(each: Placed, wire: dict[str, Any]) -> Placed:
    return replace(each, clue=replace(each.clue, data={**each.clue.data, "wire": wire}))
