"""The sports channel: every connection is told of every game, without asking (CLOB docs, sports channel).

There the exchange asks for the sign of life: it says `ping`, and closes where no `pong` comes in time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import WSMsgType, web

from harness import exactjson
from harness.venue.subscriptions import Subscriber
from harness.venue.venueclock import VenueClock

PATH: Final = "/sports"
_SLUG = re.compile(r"([a-z0-9]+)-([a-z0-9]+)-([a-z0-9]+)-\d{4}-\d{2}-\d{2}")
_OVER: Final = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
_LATE_CODE: Final = 1000


@dataclass(frozen=True, slots=True)
class Game:
    """How a game stands. `slug` is `{league}-{home}-{away}-{date}`; texts that are None are not told.

    Raises ValueError for another slug.
    """

    slug: str
    status: str
    score: str
    period: str
    live: bool
    ended: bool
    elapsed: str | None = None
    turn: str | None = None

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise ValueError(
                f"slug is {self.slug!r}: send league-home-away-date, such as nfl-buf-kc-2026-11-02"
            )

    def view(self, number: int, finished: str) -> dict[str, Any]:
        """As it is told; `number` is its id, `finished` when it ended."""
        found = _SLUG.fullmatch(self.slug)
        assert found is not None  # looked at when it was made
        league, home, away = found.groups()
        told: dict[str, Any] = {
            "gameId": number,
            "leagueAbbreviation": league,
            "slug": self.slug,
            "homeTeam": home.upper(),
            "awayTeam": away.upper(),
            "status": self.status,
            "score": self.score,
            "period": self.period,
            "elapsed": self.elapsed,
            "live": self.live,
            "ended": self.ended,
            "turn": self.turn,
            "finished_timestamp": finished if self.ended else None,
        }
        return {name: value for name, value in told.items() if value is not None}


class SportsFeed:
    """Who is connected, and what they are told. Times are microseconds of one clock."""

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._numbers: dict[str, int] = {}

    def tell(self, game: Game, finished: str) -> None:
        """Tell everybody how a game stands."""
        number = self._numbers.setdefault(game.slug, len(self._numbers) + 1)
        text = exactjson.dumps(game.view(number, finished))
        for subscriber in self._subscribers:
            subscriber.send(text)

    async def serve(self, socket: web.WebSocketResponse, subscriber: Subscriber, limit_us: int) -> None:
        """Keep one connection until it ends, or a `pong` is later than the limit; pings come at its half."""
        clock, every_us = VenueClock(), limit_us // 2
        next_us, due_us = clock.now_us() + every_us, 0
        self._subscribers.add(subscriber)
        try:
            while not (due_us and clock.now_us() >= due_us):
                now_us = clock.now_us()
                if now_us >= next_us:
                    subscriber.send("ping")
                    next_us, due_us = now_us + every_us, due_us or now_us + limit_us
                try:
                    frame = await socket.receive(max(1, min(next_us, due_us or next_us) - now_us) / 1_000_000)
                except TimeoutError:
                    continue
                if frame.type in _OVER:
                    return
                if frame.data == "pong":
                    due_us = 0
            await socket.close(code=_LATE_CODE)
        finally:
            self._subscribers.discard(subscriber)
