"""What came, as a case sees it: responses, list entries, logs, frames, FIX messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from harness.decide import Attempt, Item
from harness.matchers import LOST
from harness.model import Event, Kind
from harness.wire import http, jsonrpc, ws

LAST_PAGE: Final = "LTE="
"""The cursor of the last page (base64 of -1; CLOB docs, pagination)."""


def lost(answer: Event) -> str | None:
    """Why an event is no answer for the case; None where it is one."""
    if answer.kind is Kind.LOST:
        return str(answer.data["why"])
    return "the answer was dropped on purpose" if answer.data.get("delivered") is False else None


def no_answer(answer: Event, trouble: str) -> Attempt:
    """A look that showed nothing."""
    return Attempt(answer.number, answer.at_us, LOST, None, trouble)


def read_response(answer: Event) -> Attempt:
    """What a response shows."""
    trouble = lost(answer)
    if trouble:
        return no_answer(answer, trouble)
    view = http.response_view(answer.data["wire"])
    return Attempt(answer.number, answer.at_us, view, more=has_more(view.get("body")))


def read_entries(answer: Event) -> Attempt:
    """The entries of the list in a response: its body, or its body's `data`; none in any other answer."""
    whole = read_response(answer)
    if whole.trouble is not None:
        return whole
    body = whole.view.get("body")
    held = body.get("data") if isinstance(body, Mapping) else body
    entries = held if isinstance(held, list) and whole.view.get("status") == 200 else None
    items = tuple(
        Item((answer.number, at), answer.number, answer.at_us, entry)
        for at, entry in enumerate(entries or ())
    )
    listed = entries is not None
    return Attempt(
        answer.number, answer.at_us, whole.view, items, more=whole.more, listed=listed, changing=True
    )


def has_more(body: Any) -> bool:
    """Whether a page of a list says that there are more."""
    if not isinstance(body, Mapping) or "next_cursor" not in body:
        return False
    return body["next_cursor"] not in (LAST_PAGE, "", None)


def of_node(
    answer: Event, what: str, read: Callable[[Mapping[str, Any]], Any], shown: Callable[[Any], Any]
) -> Attempt:
    """What a node's answer shows; one that cannot be read shows nothing (the node's fault)."""
    trouble = lost(answer) or jsonrpc.failure(answer.data["wire"])
    if trouble:
        return no_answer(answer, trouble)
    try:
        held = read(answer.data["wire"])
    except jsonrpc.UNREADABLE as error:
        return no_answer(answer, f"the node's {what} cannot be read: {error!r}")
    return Attempt(answer.number, answer.at_us, shown(held))


def read_logs(answer: Event, confirmations: int = 0, *, placed: bool = False) -> Attempt:
    """The decoded logs that a look shows, of blocks with so many confirmations; `placed` names their blocks'
    hashes, too."""
    attempt = of_node(answer, "logs", lambda wire: jsonrpc.logs(wire, confirmations), tuple)
    if attempt.trouble is not None:
        return attempt
    items = tuple(
        Item(
            (log.transaction, log.index),
            answer.number,
            answer.at_us,
            {**log.view(), "block_hash": log.block_hash} if placed else log.view(),
        )
        for log in attempt.view
    )
    return Attempt(answer.number, answer.at_us, [item.view for item in items], items)


def read_provided(answer: Event) -> Attempt:
    """What the target provided, or that it has begun."""
    trouble = lost(answer)
    if trouble:
        return no_answer(answer, trouble)
    wire = answer.data["wire"]
    for name in ("market", "markets", "funded"):
        if name in wire:
            return Attempt(answer.number, answer.at_us, wire[name])
    return Attempt(answer.number, answer.at_us, dict(wire))


def read_value(answer: Event) -> Attempt:
    """What a step that the project added gave."""
    trouble = lost(answer)
    return (
        no_answer(answer, trouble)
        if trouble
        else Attempt(answer.number, answer.at_us, answer.data["wire"].get("value"))
    )


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
