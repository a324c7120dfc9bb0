"""What values of the exchange's are like: requests, answers, and rows of documents that tell of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness import exactjson
from harness.evidence.ticket import envelopes, rows
from harness.evidence.ticket.clues import REST, Clue
from harness.model import Kind

_ANSWERS: Final = frozenset(
    (
        "error",
        "errorMsg",
        "error_msg",
        "success",
        "canceled",
        "not_canceled",
        "next_cursor",
        "balance",
        "bids",
        "price",
    )
)


def request_of(value: Any) -> tuple[str, str] | None:
    """The method and path that a body is sent with, where it is like no other; None where it is not known."""
    if isinstance(value, list):
        if value and all(
            isinstance(each, Mapping) and request_of(each) == ("POST", "/order") for each in value
        ):
            return "POST", "/orders"
        return None
    if not isinstance(value, Mapping):
        return None
    order = value.get("order")
    if isinstance(order, Mapping) and ("tokenId" in order or "makerAmount" in order):
        return "POST", "/order"
    return ("DELETE", "/order") if set(value) == {"orderID"} else None


def is_answer(value: Any) -> bool:
    """Whether a value is what the exchange answers, by its fields."""
    if isinstance(value, list) and value:
        return all(is_of_order(each) for each in value)
    if not isinstance(value, Mapping):
        return False
    return bool(_ANSWERS & set(value)) or {"id", "status", "asset_id"} <= set(value) or is_of_order(value)


def is_of_order(value: Any) -> bool:
    """Whether a value is what an order is answered."""
    return isinstance(value, Mapping) and "orderID" in value and ("success" in value or "status" in value)


def is_refusal(value: Any) -> bool:
    """Whether a value says that something was refused."""
    return isinstance(value, Mapping) and ("error" in value or bool(value.get("errorMsg")))


def told_status(value: Any) -> int:
    """The status of a refusal that the TypeScript client hands on as a value, which it puts there; or 0."""
    if not isinstance(value, Mapping) or not isinstance(value.get("error"), str):
        return 0
    status = value.get("status")
    return status if isinstance(status, int) and 400 <= status < 600 else 0


def whole(clues: Sequence[Clue]) -> int:
    """How many exchanges are told with their answer."""
    told = {clue.pair for clue in clues if clue.channel == REST and clue.kind is Kind.ANSWER}
    return sum(clue.channel == REST and clue.kind is Kind.SEND and clue.pair in told for clue in clues)


def told_bodies(clues: Sequence[Clue]) -> int:
    """How many bodies of requests and answers are told."""
    return sum(clue.channel == REST and bool(clue.data.get("wire", {}).get("body")) for clue in clues)


def objects_of(text: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a document's outermost lists, as an export of a table has them."""
    try:
        value = exactjson.loads(text) if text.lstrip()[:1] in ("{", "[") else None
    except ValueError:
        return
    lists = [value] if isinstance(value, list) else value.values() if isinstance(value, Mapping) else ()
    for each in lists:
        yield from (row for row in each if isinstance(row, Mapping)) if isinstance(each, list) else ()


def rows_of(text: str, depth: int = 6) -> Iterator[Mapping[str, Any]]:
    """The rows of a document of JSON: the outermost objects that say something by themselves."""
    try:
        value = exactjson.loads(text)
    except ValueError:
        return
    yield from _walk(value, depth)


def _walk(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        value = rows.unlisted(value)
        if rows.tokens_of_row(value) or (rows.said_by(value) and not _holds_rows(value)):
            yield value
            return
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        if envelopes.is_pair(item):
            yield {"time": item[0], "line": item[1]}
            continue
        if depth and isinstance(item, Mapping | list):
            yield from _walk(item, depth - 1)


def _holds_rows(value: Mapping[str, Any]) -> bool:
    return any(
        isinstance(each, list) and any(isinstance(one, Mapping) and rows.said_by(one) for one in each)
        for each in value.values()
    )
