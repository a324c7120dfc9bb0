"""Past prices over REST, of one token and of many (CLOB docs, price history)."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from harness.venue import texts
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.markets import token_of
from harness.venue.web import answer, read_body

BATCH: Final = 20
_MINUTE_S: Final = 60
_DAY_S: Final = 86_400
_EVER_S: Final = 1 << 62
_INTERVALS_S: Final = {
    "max": _EVER_S,
    "all": _EVER_S,
    "1m": 30 * _DAY_S,
    "1w": 7 * _DAY_S,
    "1d": _DAY_S,
    "6h": 6 * 3600,
    "1h": 3600,
}


class HistoryRoutes:
    """Handlers over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> list[web.RouteDef]:
        """Path and handler of each endpoint."""
        return [
            web.get("/prices-history", self.prices),
            web.post("/batch-prices-history", self.batch),
        ]

    async def prices(self, request: web.Request) -> web.Response:
        """GET /prices-history: of the token in `market`, in a window of time or an interval up to now."""
        query = request.query
        window = self._window(query.get("startTs"), query.get("endTs"), query.get("interval"))
        return answer({"history": self._prices(query.get("market"), window, _step(query.get("fidelity")))})

    async def batch(self, request: web.Request) -> web.Response:
        """POST /batch-prices-history: the same of each token in `markets`, 20 at most."""
        body = await read_body(request, texts.INVALID_PAYLOAD)
        names = body.get("markets") if isinstance(body, dict) else None
        if not isinstance(names, list) or not names:
            raise RefusalError(400, texts.INVALID_PAYLOAD)
        if len(names) > BATCH:
            raise RefusalError(400, texts.TOO_MANY)
        window = self._window(body.get("start_ts"), body.get("end_ts"), body.get("interval"))
        step_s = _step(body.get("fidelity"))
        return answer({"history": {str(name): self._prices(name, window, step_s) for name in names}})

    def _window(self, start: object, end: object, interval: object) -> tuple[int, int]:
        now_s = self._exchange.now().s
        if interval is not None:
            if interval not in _INTERVALS_S:
                raise RefusalError(400, texts.INVALID_INTERVAL.format(value=interval))
            return now_s - _INTERVALS_S[str(interval)], now_s
        start_s = whole(start)
        if start_s is None:
            raise RefusalError(400, texts.START_REQUIRED)
        end_s = whole(end)
        return start_s, now_s if end_s is None else end_s

    def _prices(self, name: object, window: tuple[int, int], step_s: int) -> list[dict[str, Any]]:
        token = token_of(name) if isinstance(name, str) else None
        if token is None:
            raise RefusalError(400, texts.INVALID_TOKEN)
        return self._exchange.history.prices(token, *window, step_s)


def whole(value: object) -> int | None:
    """A whole number of at least 0, as JSON or as digits of a query; None where it is none."""
    if type(value) is int:
        return value if value >= 0 else None
    text = value if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None


def _step(fidelity: object) -> int:
    minutes = 1 if fidelity is None else whole(fidelity)
    if not minutes:
        raise RefusalError(400, texts.INVALID_FIDELITY.format(value=fidelity))
    return minutes * _MINUTE_S
