"""What requests and messages say of who sent them, of their orders, and of accounts and markets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.drafting.talk import Exchange, Stream, Talk
from harness.evidence.ticket.frames import messages_of

_QUOTES = "\"'"
NO_TOKEN: Final = "1" + "0" * 76
"""Stands for the token of orders of which nothing tells one."""


def names_in(talk: Talk) -> set[str]:
    """Words of the FIX messages: an actor is called like nobody in them, so that no name is left standing."""
    raw = (each.clue.data.get("wire", {}).get("raw", "") for one in talk.streams for each in one.placed)
    return {word.lower() for text in raw for word in re.findall(r"=([A-Za-z]+)", text)}


def named_by(each: Exchange) -> dict[str, str]:
    """What a request says of who sent it."""
    body = each.sent[0] if isinstance(each.sent, list) and each.sent else each.sent
    order = next(iter(orders_of(each)), {})
    signer = order.get("signer") if order.get("signatureType") != 3 else None
    key = each.header("POLY_API_KEY") or (body.get("owner") if isinstance(body, Mapping) else None)
    named = {"address": each.header("POLY_ADDRESS") or signer, "api_key": key}
    told = {part: value.strip(_QUOTES) for part, value in named.items() if isinstance(value, str)}
    return {part: value for part, value in told.items() if value}


def orders_of(each: Exchange) -> list[Mapping[str, Any]]:
    """The orders that a request places: one (POST /order) or several (POST /orders)."""
    rows = each.sent if isinstance(each.sent, list) else [each.sent]
    orders = [row.get("order") for row in rows if isinstance(row, Mapping)]
    return [order for order in orders if isinstance(order, Mapping)]


def facts_of(each: Exchange) -> Iterator[Mapping[str, Any]]:
    yield from _mappings(each.came)


def facts_of_stream(stream: Stream) -> Iterator[Mapping[str, Any]]:
    for placed in stream.placed:
        for message in messages_of(placed.clue.data.get("wire", {}).get("text", "")):
            yield from _mappings(message)


def tokens_of(each: Exchange) -> Iterator[tuple[str, str]]:
    """Orders that an exchange tells of, by the exchange's ids, with the token that each is of."""
    for order in orders_of(each)[:1]:
        if isinstance(each.came, Mapping) and isinstance(each.came.get("orderID"), str):
            yield each.came["orderID"], str(order.get("tokenId", ""))
    for fact in facts_of(each):
        if isinstance(fact.get("id"), str) and isinstance(fact.get("asset_id"), str):
            yield fact["id"], fact["asset_id"]


def listed_tokens(market: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The tokens that the exchange lists of a market, with the outcome of each."""
    listed = market.get("tokens")
    for row in listed if isinstance(listed, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get("token_id"), str):
            yield row["token_id"], str(row.get("outcome") or "")


def is_untold_order(each: Exchange) -> bool:
    """Whether a request places an order of which the evidence tells nothing."""
    return each.path == "/order" and "body_omitted" in each.request


def _mappings(value: Any, depth: int = 4) -> Iterator[Mapping[str, Any]]:
    if depth and isinstance(value, Mapping):
        yield value
        for item in value.values():
            yield from _mappings(item, depth - 1)
    elif depth and isinstance(value, list):
        for item in value[:200]:
            yield from _mappings(item, depth - 1)
