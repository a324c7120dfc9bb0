"""What a step does, as values: the intent that its action means, and what its answers show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from harness import intents
from harness.case.values import ChainBalances, ChainEvents, FixSay, Fund, Market, RestCall, Step, Subscribe
from harness.decide import Attempt, Item
from harness.errors import CaseError, Place, Problem
from harness.facts import ChainFacts
from harness.matchers import LOST
from harness.model import Event, Kind
from harness.scope import Look
from harness.wire import clob, http, jsonrpc, ws
from harness.world import Intent

BASE_UNITS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Act:
    """One step's action, ready: what to send, and how an answer reads."""

    intent: Intent
    read: Callable[[Event], Attempt]


def act(step: Step, look: Look, chain: ChainFacts) -> Act:
    """Build the act of a step that sends. Raises CaseError where it cannot be sent (the author's fault)."""
    action = step.action
    if isinstance(action, RestCall):
        return Act(_rest(step, action, look), read_response)
    if isinstance(action, Market):
        return Act({"market": look.fill(action.fields)}, _read_provided)
    if isinstance(action, Fund):
        intent: dict[str, Any] = {"fund": look.fill(action.amounts)}
        market = _the_market(look)
        if market is not None:
            intent["market"] = market["condition"]
        return Act(intent, _read_provided)
    if isinstance(action, ChainEvents):
        return Act({"rpc": jsonrpc.log_calls(action.names, chain.from_block)}, read_logs)
    if isinstance(action, ChainBalances):
        return _balances(step, action, look, chain)
    if isinstance(action, FixSay):
        return Act(_fix(action, look), read_response)
    if isinstance(action, Subscribe):
        return Act({"subscribe": look.fill(action.fields)}, read_response)
    raise TypeError(f"{action!r} sends nothing")


def _fix(say: FixSay, look: Look) -> Intent:
    body = look.fill(say.body)
    match say.verb:
        case "send":
            return {"fix": "send", "message": body}
        case "logon":
            return {"fix": "logon", "fields": body or {}}
        case "logout":
            return {"fix": "logout", "text": (body or {}).get("Text", "")}
        case "raw":
            return {"fix": "raw", "text": body}
        case "set":
            return {"fix": "set", **body}
    return {"fix": say.verb}


def offered(intent: Intent) -> dict[str, Any]:
    """What a send offers by name beside `.sent`: a FIX message its fields (`${order.ClOrdID}`)."""
    message = intent.get("message") if intent.get("fix") == "send" else None
    return dict(next(iter(message.values()))) if isinstance(message, Mapping) else {}


def _rest(step: Step, call: RestCall, look: Look) -> Intent:
    intent: dict[str, Any] = {"method": call.method, "path": look.fill(call.path)}
    for name in ("params", "headers", "json"):
        value = getattr(call, name)
        if value is not None:
            intent[name] = look.fill(value)
    if call.order is not None:
        intent["json"] = _order(step, call.order, look)
    return intent


def _order(step: Step, order: Mapping[str, Any], look: Look) -> dict[str, Any]:
    said = look.fill(order)
    actor = look.scope.values.get(step.source.actor)
    if not isinstance(actor, Mapping):
        raise _wrong(step.place, "an order needs an actor to sign it: say 'as'")
    try:
        terms = intents.OrderTerms(
            token=_whole(said["token"]),
            side=clob.Side[said["side"]],
            price=_decimal(said["price"]),
            size=_decimal(said["size"]),
            order_type=said["type"],
            post_only=said.get("post_only", False),
            expiration_s=_whole(said.get("expiration", 0)),
        )
        return intents.order_json(
            terms,
            address=actor["address"],
            owner=actor["api_key"],
            salt=intents.order_salt(look.scope.inputs, look.step, look.round),
            timestamp_ms=look.wall_us // 1_000,
        )
    except (ValueError, TypeError, KeyError) as error:
        raise _wrong(step.place, f"the order cannot be built: {error}") from None


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"{value} is no number")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{value} is no whole number")
    return int(value)


def _balances(step: Step, action: ChainBalances, look: Look, chain: ChainFacts) -> Act:
    market = _the_market(look)
    wanted: list[tuple[str, str]] = []
    calls = []
    for holder, assets in action.holders:
        actor = look.scope.values.get(holder)
        if not isinstance(actor, Mapping):
            raise _wrong(step.place, f"nobody is called {holder!r}")
        for asset in assets:
            wanted.append((holder, asset))
            if asset == "collateral":
                calls.append(jsonrpc.balance_call(chain.collateral, actor["address"], None))
            elif market is None:
                raise _wrong(step.place, f"{asset!r} needs one market: give one, and save it")
            else:
                calls.append(jsonrpc.balance_call(chain.ctf, actor["address"], int(market[asset])))

    def read(answer: Event) -> Attempt:
        trouble = _lost(answer) or jsonrpc.failure(answer.data["wire"])
        if trouble:
            return _no_answer(answer, trouble)
        try:
            amounts = jsonrpc.balances(answer.data["wire"])
        except (ValueError, KeyError, TypeError) as error:
            return _no_answer(answer, f"the node's balances cannot be read: {error!r}")
        if amounts is None:
            return _no_answer(answer, "a block came in between")
        view: dict[str, dict[str, Decimal]] = {}
        for (holder, asset), amount in zip(wanted, amounts, strict=True):
            view.setdefault(holder, {})[asset] = human(amount)
        return Attempt(answer.number, answer.at_us, view)

    return Act({"rpc": jsonrpc.balance_calls(calls)}, read)


def human(base_units: int) -> Decimal:
    """Base units of 6 decimals as a number for people; exact."""
    whole, part = divmod(abs(base_units), BASE_UNITS)
    sign = "-" if base_units < 0 else ""
    return Decimal(f"{sign}{whole}.{part:06d}".rstrip("0").rstrip("."))


def read_response(answer: Event) -> Attempt:
    """What a response shows."""
    trouble = _lost(answer)
    if trouble:
        return Attempt(answer.number, answer.at_us, LOST, None, trouble)
    return Attempt(answer.number, answer.at_us, http.response_view(answer.data["wire"]))


def read_logs(answer: Event) -> Attempt:
    """The decoded logs that a look shows."""
    trouble = _lost(answer) or jsonrpc.failure(answer.data["wire"])
    if trouble:
        return _no_answer(answer, trouble)
    try:
        logs = jsonrpc.logs(answer.data["wire"])
    except (ValueError, KeyError, TypeError) as error:
        return _no_answer(answer, f"the node's logs cannot be read: {error!r}")
    items = tuple(Item((log.transaction, log.index), answer.number, answer.at_us, log.view()) for log in logs)
    return Attempt(answer.number, answer.at_us, [item.view for item in items], items)


def read_messages(event: Event) -> Sequence[Any]:
    """The messages of a pushed frame; a keepalive holds none."""
    wire = event.data["wire"]
    if "raw" in wire:
        return fix_messages(wire)
    return () if ws.is_keepalive(wire) else ws.messages(wire)


def fix_messages(wire: Mapping[str, Any]) -> Sequence[Any]:
    """The message of a FIX frame by the dictionary's names; other bytes as `{"garbled": text}`."""
    from harness.wire.fix import codec, written
    from harness.wire.fix.dictionary import dictionary_for
    from harness.wire.fix.message import Message

    frame = codec.parse(written.read(wire["raw"]))
    if not isinstance(frame, Message):
        return ({"garbled": wire["raw"]},)
    return (dictionary_for(frame.begin_string).to_view(frame),)


def _read_provided(answer: Event) -> Attempt:
    trouble = _lost(answer)
    if trouble:
        return _no_answer(answer, trouble)
    wire = answer.data["wire"]
    return Attempt(answer.number, answer.at_us, wire.get("market") or wire.get("funded"))


def _lost(answer: Event) -> str | None:
    return str(answer.data["why"]) if answer.kind is Kind.LOST else None


def _no_answer(answer: Event, trouble: str) -> Attempt:
    return Attempt(answer.number, answer.at_us, LOST, None, trouble)


def _the_market(look: Look) -> Mapping[str, Any] | None:
    saved = look.scope.values.values()
    markets = [value for value in saved if isinstance(value, Mapping) and "condition" in value]
    return markets[0] if len(markets) == 1 else None


def _wrong(place: Place, text: str) -> CaseError:
    return CaseError([Problem(place, "C024", text)])
