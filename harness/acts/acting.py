"""From a step's action to what it sends, as values, and how its answer reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from harness import exactjson, intents
from harness.acts import chain as on_chain
from harness.acts import showing
from harness.case import actions
from harness.case.fix import unwritten
from harness.case.values import Step
from harness.decide import Attempt
from harness.errors import CaseError, Place, Problem
from harness.facts import ChainFacts
from harness.model import Event
from harness.references import MissingPartError, Template, dig
from harness.scope import Look
from harness.wire import clob, jsonrpc
from harness.wire.clob import CREDENTIALS
from harness.world import Intent


@dataclass(frozen=True, slots=True)
class Act:
    """One step's action, ready: what to send, and how an answer reads.

    `following` gives the intent of a later attempt where a write is sent again and each is new. `paged`
    says that the pages behind an answer are read too, and shown with it.
    """

    intent: Intent
    read: Callable[[Event], Attempt]
    following: Callable[[int], Intent] | None = None
    paged: bool = False


def act(step: Step, look: Look, chain: ChainFacts, since_block: int | None = None) -> Act:
    """Build the act of a step that sends. Raises CaseError where it cannot be sent (the author's fault)."""
    action = step.action
    try:
        if isinstance(action, actions.RestCall):
            return _call(step, action, look)
        if isinstance(action, actions.ChainEvents):
            rpc = jsonrpc.log_calls(action.names, chain.from_block)
            read = partial(showing.read_logs, confirmations=action.confirmations, placed=True)
            return Act({"rpc": rpc}, read)
        if isinstance(action, actions.ChainBalances):
            return Act(*on_chain.balances(action, look, chain, since_block))
        if isinstance(action, actions.ChainAllowances):
            return Act(*on_chain.allowances(action, look, chain))
        if isinstance(action, actions.ChainCall):
            return Act(*on_chain.call(action, look, chain))
        if isinstance(action, actions.ChainSend):
            return Act(*on_chain.transaction(action, look, chain))
        if isinstance(action, actions.ChainReceipt):
            return Act(*on_chain.receipt(action, look))
    except on_chain.CannotAskError as error:
        raise _wrong(step.place, str(error)) from None
    return Act(_told(step, look), showing.read_value if _is_own(action) else showing.read_provided)


def _is_own(action: actions.Action) -> bool:
    return isinstance(action, actions.Own)


def _told(step: Step, look: Look) -> Intent:
    """The intent of what is said on a stream, asked of the target, or done by a step of the project's own."""
    action = step.action
    fault = {"fault": step.fault.kind} if step.fault is not None and step.fault.of_socket else {}
    if isinstance(action, actions.WsSay):
        return {action.verb: look.fill(action.body if action.body is not None else {}), **fault}
    if isinstance(action, actions.FixSay):
        return {**_fix(step, action, look), **fault}
    if isinstance(action, actions.TargetVerb):
        return {"target": action.verb, **look.fill(action.arguments)}
    if isinstance(action, actions.Own):
        return {"own": action.name, "arguments": look.fill(action.arguments)}
    if isinstance(action, actions.Market):
        return {"market": look.fill(action.fields)}
    if isinstance(action, actions.Fund):
        intent: dict[str, Any] = {"fund": look.fill(action.amounts)}
        market = on_chain.the_market(look)
        if action.market is not None:
            intent["market"] = look.fill(action.market)
        elif market is not None:
            intent["market"] = market["condition"]
        return intent if action.approve else {**intent, "approve": False}
    raise TypeError(f"{action!r} sends nothing")


def _fix(step: Step, say: actions.FixSay, look: Look) -> dict[str, Any]:
    body = look.fill(say.body)
    match say.verb:
        case "send":
            changed = {"tamper": look.fill(say.tamper)} if say.tamper else {}
            return {"fix": "send", "message": body, **changed}
        case "logon":
            return {"fix": "logon", "fields": body or {}}
        case "logout":
            return {"fix": "logout", "text": (body or {}).get("Text", "")}
        case "raw" if isinstance(body, Mapping):  # what an earlier step sent, once more
            if body.get("fix") not in ("send", "raw"):
                raise _wrong(step.place, "'raw' is a message as text, or what a step with 'send' sent")
            return {name: body[name] for name in ("fix", "message", "text") if name in body}
        case "raw":
            if problem := unwritten(str(body)):
                raise _wrong(step.place, problem)
            return {"fix": "raw", "text": str(body)}
        case "set":
            return {"fix": "set", **body}
    return {"fix": say.verb}


def offered(intent: Intent) -> dict[str, Any]:
    """What a send offers by name beside `.sent`: a FIX message its fields (`${order.ClOrdID}`)."""
    message = intent.get("message") if intent.get("fix") == "send" else None
    return dict(next(iter(message.values()))) if isinstance(message, Mapping) else {}


def _call(step: Step, call: actions.RestCall, look: Look) -> Act:
    entries = step.where is not None or step.never is not None
    read = showing.read_entries if entries and not call.writes else showing.read_response
    intent = _rest(step, call, look, 0)
    if step.resend is None or step.resend.same:
        return Act(intent, read, paged=call.pages)
    return Act(intent, read, lambda attempt: _rest(step, call, look, attempt))


def _rest(step: Step, call: actions.RestCall, look: Look, attempt: int) -> Intent:
    intent: dict[str, Any] = {"method": call.method, "path": look.fill(call.path)}
    for name in ("params", "headers", "json", "raw"):
        value = getattr(call, name)
        if value is not None:
            intent[name] = _fields(name, value, look) if name in ("params", "headers") else look.fill(value)
    if isinstance(intent.get("raw"), Mapping):
        again = {name: value for name, value in intent["raw"].items() if name != "fault"}
        del intent["raw"]
        intent |= {name: again[name] for name in ("json", "raw", "neg_risk", "tamper") if name in again}
    if call.order is not None:
        intent["json"] = _order(step, call.order, call, look, f"salt:{attempt}" if attempt else "salt")
    if call.orders:
        intent["json"] = [
            _order(step, order, call, look, f"salt:{attempt}:{at}") for at, order in enumerate(call.orders)
        ]
    if neg_risk := _neg_risk(intent.get("json"), look):
        intent["neg_risk"] = neg_risk
    if call.tamper:
        intent["tamper"] = look.fill(call.tamper)
    if call.auth is not None:
        intent["auth"] = _credentials(call.auth, look)
    if step.fault is not None and step.fault.of_socket:
        intent["fault"] = step.fault.kind
    return intent


def _fields(name: str, value: Any, look: Look) -> Any:
    """A filled mapping. Raises MissingPartError where a reference gives none."""
    filled = look.fill(value)
    if not isinstance(filled, Mapping):
        raise MissingPartError(f"{name!r} is a mapping, and {value} gives {exactjson.dumps(filled)[:80]}")
    return filled


def _credentials(auth: str | Template, look: Look) -> Any:
    """How a request is signed, as it stands in its intent: a word, or an API key with all its parts.

    Raises MissingPartError where what is referred to lacks one (the fault of whoever gave it).
    """
    if not isinstance(auth, Template):
        return auth
    given = look.template(auth)
    return {part: str(dig(given, (part,), "auth")) for part in CREDENTIALS}


def _order(
    step: Step, order: Mapping[str, Any], call: actions.RestCall, look: Look, salt: str
) -> dict[str, Any]:
    said = look.fill(order)
    actor = look.scope.values.get(step.source.actor)
    if not isinstance(actor, Mapping):
        raise _wrong(step.place, "an order needs an actor to sign it: say 'as'")
    try:
        terms = intents.OrderTerms(
            token=_whole(said["token"]),
            side=clob.Side[str(said["side"])],
            price=_decimal(said["price"]),
            size=_decimal(said["size"]) if "size" in said else None,
            order_type=str(said["type"]),
            post_only=said.get("post_only", False),
            expiration_s=_whole(said.get("expiration", 0)),
            amount=_decimal(said["amount"]) if "amount" in said else None,
        )
        return intents.order_json(
            terms,
            facts=actor,
            salt=intents.order_salt(look.scope.inputs, look.step, look.round, salt),
            timestamp_ms=look.wall_us // 1_000,
            tick=_tick(terms.token, look),
            overrides=look.fill(call.set) or None,
        )
    except (ValueError, TypeError, KeyError) as error:
        raise _wrong(step.place, f"the order cannot be built: {error}") from None


def _neg_risk(body: Any, look: Look) -> list[str]:
    """The tokens of a body's orders whose markets are neg-risk ones: they are signed for another contract."""
    rows = body if isinstance(body, list) else [body]
    orders = [row.get("order") for row in rows if isinstance(row, Mapping)]
    tokens = [str(order.get("tokenId")) for order in orders if isinstance(order, Mapping)]
    return [token for token in tokens if (_market(token, look) or {}).get("neg_risk") is True]


def _tick(token: int, look: Look) -> Decimal | None:
    """The tick of the market that a token belongs to."""
    market = _market(str(token), look)
    return _decimal(market["tick"]) if market is not None and "tick" in market else None


def _market(token: str, look: Look) -> Mapping[str, Any] | None:
    """The market that a token belongs to, among those that the case saved."""
    for value in look.scope.values.values():
        for market in value if isinstance(value, list) else [value]:
            if isinstance(market, Mapping) and token in (market.get("yes"), market.get("no")):
                return market
    return None


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


def _wrong(place: Place, text: str) -> CaseError:
    return CaseError([Problem(place, "C024", text)])
