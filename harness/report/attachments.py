"""What went over the wire, whole and readable: one renderer a channel. Secrets are placeholders already."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from harness import exactjson
from harness.model import MARKS, Event, Kind, Lane
from harness.report import fixnames
from harness.report.plain import one_line, plain_text
from harness.report.wording import gist, json_text, word
from harness.wire import jsonrpc, ws

BODY_CHARS: Final = 64 * 1024
"""One body or frame; the largest page of the CLOB that a person read was under 64 kB."""
HEADER_CHARS: Final = 8 * 1024
"""One header; servers refuse longer ones (nginx: 8 kB)."""
TEXT_CHARS: Final = 512 * 1024
"""One attachment: what a browser still shows at once."""
PLAIN: Final = "text/plain"
SVG: Final = "image/svg+xml"
_PLACEHOLDER: Final = re.compile(r"«([^«»\n]*)»")
_FILL: Final = re.compile(r"«([^«»\n·]*)·+»")
_UNFIT: Final = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file beside a report: its name, its media type, its text (safe to write as UTF-8)."""

    name: str
    media: str
    body: str


def of_events(name: str, events: Sequence[Event]) -> Attachment | None:
    """All exchanges, frames and messages among the events, in order, as one text; None where there are none.

    An exchange that is the one before it again (a poll) is counted, not repeated.
    """
    parts: list[str] = []
    said: dict[Lane, str] = {}
    again: Counter[Lane] = Counter()
    for lane, block, key in _blocks(events):
        if key and said.get(lane) == key:
            again[lane] += 1
            continue
        parts += _repeated(lane, again.pop(lane, 0))
        parts.append(block)
        said[lane] = key
    parts += [line for lane, count in again.items() for line in _repeated(lane, count)]
    if not parts:
        return None
    text = _FILL.sub(r"«\1»", "\n\n".join(parts))
    return Attachment(one_line(name), PLAIN, bounded(f"{text}\n", TEXT_CHARS))


def listing(events: Sequence[Event]) -> Attachment:
    """The whole timeline, one line an event."""
    lines = [
        f"{event.at_s:>9} s  {event.kind:<9} {one_line(str(event.source)):<18} {one_line(event.step):<18} "
        f"{'' if event.kind in MARKS else gist(event)}".rstrip()
        for event in events
    ]
    return Attachment("timeline", PLAIN, bounded("\n".join(lines) + "\n", TEXT_CHARS))


def bounded(text: str, chars: int) -> str:
    """The text made safe, and cut with a word on how much is missing."""
    return plain_text(_cut(text, chars))


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[:chars]}\n… {len(text) - chars} more characters\n"


def _blocks(events: Sequence[Event]) -> Iterator[tuple[Lane, str, str]]:
    """Each exchange or message as text, and a key by which the same one again is known ("" is never)."""
    answers = {(e.lane, e.index): e for e in events if e.kind in (Kind.ANSWER, Kind.LOST)}
    for event in events:
        if event.kind in MARKS or event.kind in (Kind.ANSWER, Kind.LOST):
            continue
        answer = answers.get((event.lane, event.index)) if event.kind is Kind.SEND else None
        render = _CHANNELS.get(event.source.channel.partition(".")[0], _anything)
        try:
            body = gist(event) if event.kind in (Kind.OPEN, Kind.CLOSED) else render(event, answer)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
            body = _anything(event, answer)  # a peer may say anything: then it is shown as it came
        took = f", answered after {(answer.at_us - event.at_us) // 1000} ms" if answer else ""
        key = "" if answer is None else f"{gist(event)} {gist(answer)} {_said(answer)}"
        yield event.lane, f"── {event.at_s} s  {event.source}{took}\n{body}", key


def _said(answer: Event) -> str:
    """What an answer says but for what changes by itself: headers, and the head of a chain."""
    wire = answer.data.get("wire", {})
    return str(wire.get("body", ""))[:BODY_CHARS] if "status" in wire else ""


def _repeated(lane: Lane, count: int) -> list[str]:
    times = "once more" if count == 1 else f"{count} more times"
    return [f"── {lane.source} gave the same answer {times}"] if count else []


def _rest(event: Event, answer: Event | None) -> str:
    wire = event.data["wire"]
    lines = [f"{wire['method']} {wire['target']}", *_headers(wire["headers"])]
    lines += ["", body] if (body := _body(wire)) else []
    lines += ["", *_answer(answer), "", "by hand:", curl(wire)]
    return "\n".join(lines)


def _answer(answer: Event | None) -> Iterator[str]:
    if answer is None or answer.kind is Kind.LOST:
        yield f"no answer: {answer.data.get('why', '') if answer else 'none was recorded'}"
        return
    wire = answer.data["wire"]
    yield f"→ {wire['status']}"
    yield from _headers(wire["headers"])
    if body := _body(wire):
        yield ""
        yield body


def _headers(headers: Mapping[str, Any]) -> list[str]:
    return [_cut(f"{name}: {value}", HEADER_CHARS) for name, value in headers.items()]


def _body(wire: Mapping[str, Any]) -> str:
    if "body_base64" in wire:
        return f"(base64) {wire['body_base64'][:BODY_CHARS]}"
    text = str(wire.get("body", ""))
    return _pretty(text) if len(text) <= BODY_CHARS else _cut(text, BODY_CHARS)


def _pretty(text: str) -> str:
    try:
        exactjson.loads(text)  # a body that is no JSON is shown as it came
        return msgspec.json.format(text, indent=2)
    except (ValueError, UnicodeEncodeError):
        return text


def curl(wire: Mapping[str, Any]) -> str:
    """The request as a cURL line for a shell; secrets are variables, `$BASE_URL` is the target's address."""
    words = [f'curl -sS -X {shlex.quote(str(wire["method"]))} "$BASE_URL"{_quoted(str(wire["target"]), "")}']
    for name, value in wire["headers"].items():
        words.append(f"-H {_quoted(f'{name}: {value}', str(name))}")
    if len(str(wire.get("body", ""))) > BODY_CHARS:
        words.append("--data-binary @body  # too long for a line: it is in the cassette")
    elif "body" in wire:
        words.append(f"--data-raw {_quoted(str(wire['body']), '')}")
    elif "body_base64" in wire:
        words.append(f"--data-binary @<(base64 -d <<< {shlex.quote(str(wire['body_base64']))})")
    return " \\\n  ".join(words)


def _quoted(text: str, header: str) -> str:
    """Shell words joined: literal text in quotes, each placeholder as a variable of its name."""
    parts, at = [], 0
    for found in _PLACEHOLDER.finditer(text):
        parts.append(shlex.quote(text[at : found.start()]) if found.start() > at else "")
        name = header if found[1].startswith("dropped") and header else found[1]
        parts.append(f'"${_variable(name)}"')
        at = found.end()
    return "".join(parts) + (shlex.quote(text[at:]) if at < len(text) or not parts else "")


def _variable(name: str) -> str:
    fit = _UNFIT.sub("_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()).strip("_")
    return fit if fit and not fit[0].isdigit() else f"SECRET_{fit}".rstrip("_")


def _ws(event: Event, answer: Event | None) -> str:
    wire = event.data["wire"]
    arrow = "→" if event.kind is Kind.SEND else "←"
    keeps = " (kept alive)" if ws.is_keepalive(wire) else ""
    return f"{arrow} {gist(event)}{keeps}\n{_body({'body': wire['text']})}"


def _fix(event: Event, answer: Event | None) -> str:
    raw = str(event.data["wire"]["raw"])
    arrow = "→" if event.kind is Kind.SEND else "←"
    shown = raw.replace(fixnames.SOH, "|")[:BODY_CHARS]
    return f"{arrow} {fixnames.gist(raw)}\n{fixnames.table(raw[:BODY_CHARS])}\n  {shown}"


def _chain(event: Event, answer: Event | None) -> str:
    calls = [(method, params) for method, params in event.data["intent"]["rpc"]]
    lines = [f"{method} {json_text(params)}" for method, params in calls]
    if answer is None or answer.kind is Kind.LOST:
        return "\n".join([*lines, "", *_answer(answer)])
    wire = answer.data["wire"]
    failure = jsonrpc.failure(wire)
    if failure is not None:
        return "\n".join([*lines, "", f"→ error: {failure}"])
    lines += ["", f"→ head: block {jsonrpc.head(wire)}"]
    if any(method == "eth_getLogs" for method, _ in calls):
        return "\n".join([*lines, *_logs(wire)])
    reads = wire["answers"][1:-1]
    for (_, params), read in zip(calls[1:-1], reads, strict=True):
        lines.append(_balance(params[0], word(read["result"])))
    return "\n".join(lines)


def _logs(wire: Mapping[str, Any]) -> Iterator[str]:
    found = jsonrpc.logs(wire)
    if not found:
        yield "  no logs"
    transaction = ""
    for log in found:
        if log.transaction != transaction:
            transaction = log.transaction
            yield f"transaction {transaction} in block {log.block}"
        yield f"  log {log.index}: {log.event.name} at {log.address}"
        yield from (f"    {name:<18} {_arg(name, value)}" for name, value in log.event.args.items())


def _arg(name: str, value: Any) -> str:
    return f"{value} ({_units(value)})" if name in _AMOUNTS and type(value) is int else str(value)


_AMOUNTS: Final = frozenset({"makerAmountFilled", "takerAmountFilled", "fee", "value", "amount", "payout"})


def _balance(call: Mapping[str, Any], held: int) -> str:
    data = str(call["data"])
    holder = "0x" + data[34:74]
    token_id = f", id {int(data[74:138], 16)}" if len(data) > 74 else ""
    return f"  {holder} holds {_units(held)} ({held} base units) of {call['to']}{token_id}"


def _units(amount: int) -> str:
    return format(Decimal(amount).scaleb(-6), "f")


def _anything(event: Event, answer: Event | None) -> str:
    lines = [_pretty(json_text(dict(event.data)))]
    if answer is not None:
        lines += ["→", _pretty(json_text(dict(answer.data)))]
    return "\n".join(lines)


_CHANNELS: Final[Mapping[str, Callable[[Event, Event | None], str]]] = {
    "rest": _rest,
    "ws": _ws,
    "fix": _fix,
    "chain": _chain,
}
