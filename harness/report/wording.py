"""What an event says, in a few words: a row a channel. For pictures and lists; attachments have it whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from harness import exactjson
from harness.matchers import Closed, Differs
from harness.model import Event, Kind
from harness.report import fixnames
from harness.report.plain import one_line, plain_text
from harness.wire import ctf, http, jsonrpc, ws

_HASH: Final = re.compile(r"0x[0-9a-fA-F]{12,}|\b[0-9]{24,}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b")
WORD_CHARS: Final = 66
"""`0x` and 32 bytes in hex."""
READ_CHARS: Final = 4_000
"""How much of a text is read for a line of it; a line shows 400."""
_FILL: Final = re.compile(r"«([^«»\n·]*)·*»")


def gist(event: Event) -> str:
    """The event in a few words on one line, safe to show; two events that say the same have the same gist."""
    if event.kind is Kind.OPEN:
        return "opened"
    if event.kind is Kind.CLOSED:
        code, reason = event.data.get("code"), str(event.data.get("reason") or "")
        if code is None:
            return shortened(f"closed: {reason}" if reason else "closed")
        return shortened(f"closed {code} {reason}".rstrip())
    if event.kind is Kind.LOST:
        return shortened(f"no answer: {event.data.get('why', '')}")
    say = _CHANNELS.get(event.source.channel.partition(".")[0], _anything)
    try:
        return shortened(say(event) + _gone_wrong(event))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return shortened(_anything(event))  # a peer may say anything: then it is shown as it came


def shortened(text: str) -> str:
    """One safe line: hashes, long numbers and ids show their ends only, placeholders their name."""
    cut = _HASH.sub(lambda found: f"{found[0][:6]}…{found[0][-4:]}", text[:READ_CHARS])
    return one_line(_FILL.sub(r"«\1»", cut))


def json_text(value: Any) -> str:
    """A value as JSON; one that no UTF-8 can hold (a lone surrogate) with its code points shown."""
    try:
        return exactjson.dumps(value)
    except UnicodeEncodeError:
        return exactjson.dumps(clean(value))


def clean(value: Any) -> Any:
    """A value, or what stands instead of one, in which every text is safe to show and to write."""
    match value:
        case str():
            return plain_text(value)
        case Differs(sources):
            return Differs({plain_text(name): clean(held) for name, held in sources.items()})
        case Closed(code, reason):
            return Closed(code, plain_text(reason))
        case Mapping():
            return {clean(key): clean(inner) for key, inner in value.items()}
        case list() | tuple():
            return [clean(inner) for inner in value]
    return value


def _gone_wrong(event: Event) -> str:
    """What went wrong on purpose with an event."""
    wire = event.data.get("wire")
    fault = wire.get("fault") if isinstance(wire, Mapping) else None
    if event.data.get("delivered") is False:
        return " (never delivered)"
    return f" ({fault})" if fault else ""


def _anything(event: Event) -> str:
    held = event.data.get("wire", event.data.get("intent", event.data))
    return json_text(held)


def _rest(event: Event) -> str:
    wire = event.data["wire"]
    body = http.body_value(wire)
    if event.kind is Kind.SEND:
        return f"{wire['method']} {wire['target']}{_terms(body)}"
    return f"{wire['status']}{_body(body)}"


def _terms(body: Any) -> str:
    """An order's terms as a trader says them; amounts are base units of six decimals."""
    order = body.get("order") if isinstance(body, Mapping) else None
    if not isinstance(order, Mapping):
        return ""
    try:
        maker, taker = Decimal(str(order["makerAmount"])), Decimal(str(order["takerAmount"]))
        buys = order["side"] in ("BUY", 0)
        paid, shares = (maker, taker) if buys else (taker, maker)
        terms = f"{_plain(shares.scaleb(-6))} @ {_plain(paid / shares)}"
    except (KeyError, InvalidOperation, ArithmeticError):
        return ""
    return f" {'BUY' if buys else 'SELL'} {terms} {body.get('orderType', '')}".rstrip()


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f") if number.is_finite() else str(number)


def _body(body: Any) -> str:
    if isinstance(body, str):
        return f" {body}" if body else ""
    if isinstance(body, Sequence):
        return f" {len(body)} items"
    if not isinstance(body, Mapping):
        return f" {json_text(body)}"
    for key in ("error", "errorMsg", "status"):
        if body.get(key):
            filled = f" {body['size_matched']} of {body['original_size']}" if "size_matched" in body else ""
            return f" {body[key]}{filled}"
    held = body.get("data")
    if isinstance(held, list):
        named = [str(each.get("status", "")) for each in held[:3] if isinstance(each, Mapping)]
        states = ", ".join(name.removeprefix("TRADE_STATUS_") for name in named)
        return f" · {len(held)} {'item' if len(held) == 1 else 'items'} {states}".rstrip()
    return ""


def _ws(event: Event) -> str:
    wire = event.data["wire"]
    if event.kind is Kind.SEND:
        return _said(event.data.get("intent") or {}, wire)
    said = [_frame(message) for message in ws.messages(wire)]
    return ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")


def _said(intent: Mapping[str, Any], wire: Mapping[str, Any]) -> str:
    """What we said on a stream: the verb, and the words of a first subscription or of a frame as it is."""
    if "close" in wire:
        return f"close {wire['close'].get('code', '')}".rstrip()
    if not set(wire) - {"fault"}:
        return "fault"
    message = ws.messages(wire)[0]
    if not isinstance(message, Mapping):
        return str(message)
    verb = next((name for name in ("subscribe", "unsubscribe", "send") if name in intent), "subscribe")
    return f"{verb} {message.get('type', '')}".rstrip()


def _frame(message: Any) -> str:
    if not isinstance(message, Mapping):
        return message if isinstance(message, str) else json_text(message)
    kind = message.get("event_type", "")
    if kind == "trade":
        return f"trade {message['status']} {message['size']} @ {message['price']}"
    if kind == "order":
        filled = f" {message.get('size_matched', '')} of {message.get('original_size', '')}"
        return f"order {message['type']}{filled}"
    return str(kind) or json_text(message)


def _chain(event: Event) -> str:
    intent = event.data.get("intent", {})
    for name, verb in (("call", "read"), ("transaction", "send")):
        if name in intent:
            return f"{verb} {intent[name]['function']}"
    if event.kind is Kind.SEND:
        calls = [(method, params) for method, params in event.data["intent"]["rpc"]]
        named = Counter(_call(method, params) for method, params in calls if [method, params] != jsonrpc.HEAD)
        return ", ".join(f"{name} × {count}" if count > 1 else name for name, count in named.items())
    wire = event.data["wire"]
    if "accepted" in wire:
        return f"accepted {wire['accepted'][:10]}…"
    if "values" in wire:
        return ", ".join(str(each) for each in wire["values"])
    failure = jsonrpc.failure(wire)
    if failure is not None:
        return f"error: {failure}"
    results = [answer["result"] for answer in wire["answers"]]
    if len(results) == 2 and isinstance(results[1], list):
        counted = Counter(log.event.name for log in jsonrpc.logs(wire))
        return ", ".join(f"{name} × {n}" for name, n in counted.items()) or "no logs"
    if not all(isinstance(each, str) for each in results):
        return _mixed(results)
    return "balances " + ", ".join(_plain(Decimal(word(each)).scaleb(-6)) for each in results[1:-1])


def _mixed(results: Sequence[Any]) -> str:
    """A look at several things at once: the head, how many numbers and how many logs came."""
    head = f"head {word(results[0])}" if isinstance(results[0], str) else ""
    numbers = sum(isinstance(each, str) for each in results[1:-1])
    logs = sum(len(each) for each in results if isinstance(each, list))
    receipts = sum(isinstance(each, Mapping) or each is None for each in results)
    counted = ((numbers, "numbers"), (logs, "logs"), (receipts, "receipt"))
    return ", ".join([head, *(f"{count} {what}" for count, what in counted if count)])


def word(text: str) -> int:
    """One 32-byte word of the chain as a number. Raises ValueError where the text is none."""
    if len(text) > WORD_CHARS:
        raise ValueError(f"a word has no {len(text)} characters")
    return int(text, 16)


def _call(method: str, params: Sequence[Any]) -> str:
    if method == "eth_getLogs":
        names = [name for topic in params[0].get("topics", [[]])[0] if (name := _event_of(topic))]
        return f"logs of {', '.join(names) or 'any event'}"
    return "balanceOf" if method == "eth_call" else method


def _event_of(topic: str) -> str | None:
    return next((name for name in ctf_names() if ctf.topic0(name) == topic), None)


def ctf_names() -> tuple[str, ...]:
    """The chain events that people meet in a look."""
    return ("OrderFilled", "OrdersMatched", "FeeCharged", "TransferSingle", "TransferBatch", "Transfer")


def _target(event: Event) -> str:
    held = event.data.get("intent", event.data.get("wire", {}))
    if event.kind is not Kind.SEND:
        return "begun" if "begun" in event.data.get("wire", {}) else "ready"
    if "target" in held:
        rest = ", ".join(f"{key} {value}" for key, value in held.items() if key != "target")
        return f"{held['target']} {rest}".rstrip()
    return "provide " + (", ".join(key for key in ("market", "fund") if key in held)[:40] or "something")


def _fix(event: Event) -> str:
    raw = event.data["wire"]["raw"]
    if not raw:  # what sends no message: numbers moved, a connection cut
        return str(event.data["intent"]["fix"])
    return fixnames.gist(raw)


_CHANNELS: Final[Mapping[str, Callable[[Event], str]]] = {
    "rest": _rest,
    "ws": _ws,
    "chain": _chain,
    "fix": _fix,
    "target": _target,
}
