"""Lists that come page by page: a cursor is the base64 of the next row's number, the last of -1."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from harness.venue.faults import RefusalError

FIRST_CURSOR: Final = "MA=="
LAST_CURSOR: Final = "LTE="


def cursor_of(start: int) -> str:
    """The cursor that asks for the rows from number `start` on."""
    return base64.b64encode(str(start).encode()).decode()


def start_of(request: web.Request, wrong: str) -> int:
    """The number that `next_cursor` asks for, 0 without one. Raises RefusalError 400 with `wrong`."""
    try:
        return int(base64.b64decode(request.query.get("next_cursor") or FIRST_CURSOR, validate=True))
    except ValueError:
        raise RefusalError(400, wrong) from None


def page(rows: Sequence[Any], start: int, limit: int) -> dict[str, Any]:
    """The page of `limit` rows from number `start` on; past the end and below 0 an empty last one."""
    data = [] if start < 0 else list(rows[start : start + limit])
    more = bool(data) and start + limit < len(rows)
    cursor = cursor_of(start + limit) if more else LAST_CURSOR
    return {"limit": limit, "count": len(data), "next_cursor": cursor, "data": data}


class Walk:
    """How an account's lists go on from page to page: the seam for defects."""

    def start(self, asked: int, *, filtered: bool) -> int:
        """The row that a page begins with: the one its cursor asks for, with and without filters."""
        return asked
