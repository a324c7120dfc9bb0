"""The sports channel: everybody hears of every game, and answers the exchange's pings."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from .bench import DEADLINE_S, HEALTHY, Bench, start_venue, stop_venue
from .test_verbs import begin

GAME = {"slug": "nfl-buf-kc-2026-11-02", "status": "InProgress", "score": "3-0", "period": "Q1"}
TOLD = {
    "gameId": 1,
    "leagueAbbreviation": "nfl",
    "slug": "nfl-buf-kc-2026-11-02",
    "homeTeam": "BUF",
    "awayTeam": "KC",
    "status": "InProgress",
    "score": "3-0",
    "period": "Q1",
    "live": True,
    "ended": False,
}


@pytest.fixture(scope="module")
def quick() -> Iterator[Bench]:
    """A venue that says ping every 1.5 s, and waits 3 s for the pong."""
    process, ready = start_venue(HEALTHY, "--ping-limit", "6")
    bench = Bench(ready)
    yield bench
    bench.http.close()
    assert stop_venue(process) == 0


@contextmanager
def follow(bench: Bench) -> Iterator[ClientConnection]:
    """A connection that is in force, as its first ping shows."""
    with connect(f"{bench.ready['ws']}/sports", open_timeout=DEADLINE_S) as socket:
        assert socket.recv(DEADLINE_S) == "ping"
        socket.send("pong")
        yield socket


def pinged(silent: ClientConnection, lively: ClientConnection) -> list[str]:
    """What one is told that says nothing of use, while the other one answers, until either is closed."""
    frames: list[str] = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            frames.append(str(silent.recv(DEADLINE_S)))
            silent.send("anything else")
            assert lively.recv(DEADLINE_S) == "ping"
            lively.send("pong")
    return frames


def next_game(socket: ClientConnection) -> dict[str, Any]:
    """The next frame that is no ping; pings are answered."""
    while (frame := socket.recv(DEADLINE_S)) == "ping":
        socket.send("pong")
    told: dict[str, Any] = json.loads(frame)
    return told


def test_everybody_hears_of_every_game(quick: Bench) -> None:
    """Nothing is subscribed to; a game keeps its id, tells what it has, and says when it ended."""
    with follow(quick) as one, follow(quick) as other:
        begin(quick, "game", **GAME, live=True)
        assert next_game(one) == next_game(other) == TOLD
        begin(quick, "game", **GAME, live=True, elapsed="04:12", turn="kc")
        assert next_game(one) == {**TOLD, "elapsed": "04:12", "turn": "kc"}
        begin(quick, "game", **{**GAME, "status": "Final", "score": "3-7"}, ended=True)
        ended = next_game(one)
        assert ended.pop("finished_timestamp").endswith("Z")
        assert ended == {**TOLD, "status": "Final", "score": "3-7", "live": False, "ended": True}
        begin(quick, "game", **{**GAME, "slug": "nba-lal-bos-2026-11-03"})
        assert next_game(one)["gameId"] == 2


def test_who_answers_no_ping_is_closed(quick: Bench) -> None:
    """Whatever else a client says, without a pong the exchange closes; who answers stays."""
    with follow(quick) as silent, follow(quick) as lively:
        assert set(pinged(silent, lively)) == {"ping"}
        assert silent.close_code == 1000
        begin(quick, "game", **GAME)
        assert next_game(lively)["slug"] == GAME["slug"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({**GAME, "slug": "a game"}, "slug is 'a game': send league-home-away-date"),
        ({**GAME, "score": 3}, "score is 3: send it as a text"),
        ({**GAME, "live": "yes"}, "live is 'yes': send true or false"),
        ({**GAME, "weather": "fine"}, "unknown weather: the keys are slug, status"),
    ],
)
def test_a_game_that_is_none_is_refused(quick: Bench, body: dict[str, Any], text: str) -> None:
    """A bad argument is refused with what to send instead."""
    refused = quick.http.post(quick.ready["control"] + "/verbs/game", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"].startswith(text)
