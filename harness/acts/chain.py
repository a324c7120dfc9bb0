"""Looks at the chain and transactions: what is asked, and what the answers show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from harness.acts.showing import lost, no_answer, of_node
from harness.case.actions import ChainAllowances, ChainBalances, ChainCall, ChainReceipt, ChainSend
from harness.decide import Attempt
from harness.facts import ChainFacts
from harness.model import Event, Kind, Lane, Source
from harness.scope import Look
from harness.wire import jsonrpc
from harness.world import Intent

BASE_UNITS: Final = 1_000_000
UNLIMITED: Final = 2**255
"""An allowance from here on is as good as without limit."""

Read = Callable[[Event], Attempt]


class CannotAskError(ValueError):
    """What a step asks of the chain cannot be asked; the text says why."""


def human(base_units: int) -> Decimal:
    """Base units of 6 decimals as a number for people; exact."""
    whole, part = divmod(abs(base_units), BASE_UNITS)
    sign = "-" if base_units < 0 else ""
    return Decimal(f"{sign}{whole}.{part:06d}".rstrip("0").rstrip("."))


def head_look(step: str) -> tuple[Lane, Intent]:
    """The look at the chain's head that is taken before a step, for what counts from there."""
    return Lane(Source("chain"), f"before:{step}"), {"rpc": [["eth_blockNumber", []]]}


def block_before(events: Sequence[Event], step: str) -> int | None:
    """The head before a step, if it was looked at."""
    lane = head_look(step)[0]
    for event in reversed(events):
        if event.is_in(lane) and event.kind is Kind.ANSWER and not jsonrpc.failure(event.data["wire"]):
            return jsonrpc.head(event.data["wire"])
    return None


def contract(name: str, chain: ChainFacts) -> str:
    """A contract's address by its name; an address is itself. Raises CannotAskError."""
    named = chain.contracts
    if name in named:
        return named[name]
    if not isinstance(name, str) or not name.startswith("0x"):
        raise CannotAskError(f"there is no contract {name!r}: name one of {', '.join(named)}, or an address")
    return name


def balances(
    action: ChainBalances, look: Look, chain: ChainFacts, since_block: int | None
) -> tuple[Intent, Read]:
    """The look at balances, and with `since` at those of the block before that step."""
    wanted: list[tuple[str, str]] = []
    asked: list[tuple[str, str, int | None]] = []
    for named, assets in action.holders:
        holder = str(look.fill(named))
        address = _holder(holder, look)
        for asset in assets:
            wanted.append((holder, asset))
            if asset == "collateral":
                asked.append((chain.collateral, address, None))
            else:
                asked.append((chain.ctf, address, _token(asset, look)))
    calls = [jsonrpc.balance_call(*each) for each in asked]
    if since_block is not None:
        calls += [jsonrpc.balance_call(*each, block=hex(since_block)) for each in asked]

    def shown(amounts: tuple[int, ...]) -> dict[str, dict[str, Any]]:
        if since_block is not None:
            half = len(asked)
            amounts = tuple(now - then for now, then in zip(amounts[:half], amounts[half:], strict=True))
        return _by_holder(wanted, map(human, amounts))

    return {"rpc": jsonrpc.balance_calls(calls)}, _words("balances", shown)


def allowances(action: ChainAllowances, look: Look, chain: ChainFacts) -> tuple[Intent, Read]:
    """The look at what a spender may move: collateral in human units or "unlimited", shares true or false."""
    spender = contract(look.fill(action.spender), chain)
    wanted: list[tuple[str, str]] = []
    calls = []
    for named, assets in action.holders:
        holder = str(look.fill(named))
        address = _holder(holder, look)
        for asset in assets:
            wanted.append((holder, asset))
            if asset == "collateral":
                calls.append(jsonrpc.allowance_call(chain.collateral, address, spender))
            else:
                calls.append(jsonrpc.approval_call(chain.ctf, address, spender))

    def shown(words: tuple[int, ...]) -> dict[str, dict[str, Any]]:
        values = [
            bool(word) if asset == "shares" else "unlimited" if word >= UNLIMITED else human(word)
            for (_, asset), word in zip(wanted, words, strict=True)
        ]
        return _by_holder(wanted, values)

    return {"rpc": jsonrpc.balance_calls(calls)}, _words("allowances", shown)


def call(action: ChainCall, look: Look, chain: ChainFacts) -> tuple[Intent, Read]:
    """A function of a contract, read; its values as `{value: …}` where it is one, else `{values: […]}`."""
    intent = {
        "call": {
            "to": contract(look.fill(action.contract), chain),
            "function": action.function,
            "args": _args(action, look, chain),
            "returns": list(action.returns),
        }
    }

    def read(answer: Event) -> Attempt:
        trouble = lost(answer)
        if trouble:
            return no_answer(answer, trouble)
        wire = answer.data["wire"]
        if "error" in wire:
            return Attempt(answer.number, answer.at_us, {"error": wire["error"]})
        values = wire["values"]
        view = {"values": values} if len(values) != 1 else {"value": values[0]}
        return Attempt(answer.number, answer.at_us, view)

    return intent, read


def transaction(action: ChainSend, look: Look, chain: ChainFacts) -> tuple[Intent, Read]:
    """A transaction, and whether the node took it: `{accepted: hash}` or `{error: {…}}`."""
    intent = {
        "transaction": {
            "to": contract(look.fill(action.contract), chain),
            "function": action.function,
            "args": _args(action, look, chain),
            "value_wei": look.fill(action.value_wei),
        }
    }

    def read(answer: Event) -> Attempt:
        trouble = lost(answer)
        if trouble:
            return no_answer(answer, trouble)
        return Attempt(answer.number, answer.at_us, dict(answer.data["wire"]))

    return intent, read


def _words(what: str, shown: Callable[[tuple[int, ...]], Any]) -> Read:
    """How a batch of numbers reads; one that a block came into is none."""

    def read(answer: Event) -> Attempt:
        attempt = of_node(answer, what, jsonrpc.words, lambda words: words and shown(words))
        return attempt if attempt.view is not None else no_answer(answer, "a block came in between")

    return read


def _args(action: ChainCall | ChainSend, look: Look, chain: ChainFacts) -> list[Any]:
    """The arguments; where an address is wanted, a contract may be named."""
    types = action.function.partition("(")[2].rstrip(")").split(",")
    args = look.fill(action.args)
    if len(types) != len(args):
        return list(args)
    named = chain.contracts
    return [named.get(arg, arg) if kind == "address" else arg for kind, arg in zip(types, args, strict=True)]


def receipt(action: ChainReceipt, look: Look) -> tuple[Intent, Read]:
    """A transaction's receipt: `{mined: false}`, or `{mined: true, status, block, events, …}`.

    Whether a mined one succeeded stays so: a poll is not read on in the hope that it changes.
    """

    def read(answer: Event) -> Attempt:
        attempt = of_node(answer, "receipt", jsonrpc.receipt, lambda view: view)
        mined = attempt.trouble is None and attempt.view["mined"]
        return replace(attempt, fixed=frozenset({"status"})) if mined else attempt

    return {"rpc": jsonrpc.receipt_calls(look.fill(action.transaction))}, read


def _holder(name: str, look: Look) -> str:
    if name.startswith("0x"):
        return name
    actor = look.scope.values.get(name)
    if not isinstance(actor, Mapping):
        raise CannotAskError(f"nobody is called {name!r}")
    return str(actor.get("funder") or actor["address"])


def _token(asset: str, look: Look) -> int:
    market = the_market(look)
    if market is None:
        raise CannotAskError(f"{asset!r} needs one market: give one, and save it")
    return int(market[asset])


def the_market(look: Look) -> Mapping[str, Any] | None:
    """The case's market, where it has just one."""
    saved = look.scope.values.values()
    markets = [value for value in saved if isinstance(value, Mapping) and "condition" in value]
    return markets[0] if len(markets) == 1 else None


def _by_holder(wanted: Sequence[tuple[str, str]], values: Any) -> dict[str, dict[str, Any]]:
    view: dict[str, dict[str, Any]] = {}
    for (holder, asset), value in zip(wanted, values, strict=True):
        view.setdefault(holder, {})[asset] = value
    return view
