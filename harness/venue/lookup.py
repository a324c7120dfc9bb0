"""What a public request names: a token, a book, a condition. CLOB docs, error codes."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from harness.venue import texts
from harness.venue.faults import RefusalError
from harness.venue.markets import Market, Markets, token_of

_CONDITION_CHARS: Final = 66


def named_token(request: web.Request, markets: Markets, unknown: str) -> tuple[Market, int]:
    """The token in the path or in `token_id`. Raises RefusalError: 400 for none, 404 with `unknown`."""
    token = token_of(request.match_info.get("token") or request.query.get("token_id", ""))
    if token is None:
        raise RefusalError(400, texts.INVALID_TOKEN)
    market = markets.by_token(token)
    if market is None:
        raise RefusalError(404, unknown)
    return market, token


def named_condition(request: web.Request, markets: Markets) -> Market:
    """The condition in the path. Raises RefusalError: 400 where it is none, 404 where none is listed."""
    text = request.match_info["condition"]
    if not text.startswith("0x") or len(text) != _CONDITION_CHARS:
        raise RefusalError(400, texts.INVALID_MARKET)
    market = markets.by_condition(text)
    if market is None:
        raise RefusalError(404, texts.NO_MARKET)
    return market
