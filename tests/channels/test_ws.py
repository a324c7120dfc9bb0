"""The ws channel against a server that is read by hand: what goes out, what comes, and what goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from harness.accounts import Account, Wallet
from harness.errors import CaseError, TargetError

from .wsbench import SUBSCRIBE, Bench
from .wspeer import Peer


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A driver that has said nothing yet."""
    with Peer() as peer:
        bench = Bench(peer)
        yield bench
        bench.end()


@pytest.fixture
def subscribed(bench: Bench) -> Bench:
    """A driver with an open channel."""
    bench.subscribe()
    return bench


def test_the_first_subscription_and_those_after(subscribed: Bench) -> None:
    """The first subscription has a type, what follows the update form; each asks PING."""
    subscribed.do({"subscribe": {"assets_ids": ["2"]}})
    subscribed.do({"unsubscribe": {"assets_ids": ["1"]}})

    assert subscribed.read(4) == [
        '{"operation":"subscribe","assets_ids":["2"]}',
        "PING",
        '{"operation":"unsubscribe","assets_ids":["1"]}',
        "PING",
    ]
    assert [wire["text"] for wire in subscribed.notes.of("sent")][1:] == [
        '{"operation":"subscribe","assets_ids":["2"]}',
        '{"operation":"unsubscribe","assets_ids":["1"]}',
    ]


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ({"raw": "{not json"}, "{not json"),
        ({"send": {"type": "market", "x": [1]}}, '{"type":"market","x":[1]}'),
    ],
)
def test_what_is_sent_as_it_is_opens_the_channel(bench: Bench, intent: dict[str, Any], text: str) -> None:
    """`raw` and `send` go out as they are, without a PING, and open a channel that is not open."""
    told = bench.do(intent, opens=True)
    bench.do({"raw": "next"})

    assert [note.what for note in told] == ["opened", "sent"]
    assert bench.read(2) == [text, "next"]


def test_the_user_channel_authenticates_its_first_subscription_only() -> None:
    """Credentials go with the first subscription of the user channel and with nothing else."""
    with Peer() as peer:
        bench = Bench(peer, "user", Account("alice", Wallet.create(), "key", "secret", "pass"))
        bench.do({"subscribe": {}}, opens=True)
        bench.do({"subscribe": {"markets": ["0x1"]}})

        first, _, second, _ = bench.read(4)
        bench.end()

    assert json.loads(first) == {
        "type": "user",
        "auth": {"apiKey": "key", "secret": "secret", "passphrase": "pass"},
    }
    assert json.loads(second) == {"operation": "subscribe", "markets": ["0x1"]}


def test_the_real_time_data_stream_has_its_own_form() -> None:
    """On RTDS every subscription is an action, the first one too."""
    with Peer() as peer:
        bench = Bench(peer, "rtds")
        bench.do({"subscribe": {"subscriptions": []}}, opens=True)
        bench.do({"unsubscribe": {"subscriptions": []}})

        assert bench.read(4)[::2] == [
            '{"action":"subscribe","subscriptions":[]}',
            '{"action":"unsubscribe","subscriptions":[]}',
        ]
        bench.end()


def test_a_close_by_the_case_and_a_new_connection(subscribed: Bench) -> None:
    """A close goes out with its code and is over when the step is; the next subscription is a first one."""
    goodbyes: list[str] = []

    def answer() -> None:
        goodbyes.append(subscribed.peer.read())
        subscribed.peer.close(4000, "bye")
        subscribed.peer.connection.close()

    answering = threading.Thread(target=answer)
    answering.start()
    told = subscribed.do({"close": {"code": 4000, "reason": "enough"}})
    answering.join()
    subscribed.do(SUBSCRIBE, opens=True)

    assert goodbyes == ["close:4000 enough"]
    assert [(note.what, note.wire) for note in told] == [
        ("sent", {"close": {"code": 4000, "reason": "enough"}}),
        ("closed", (4000, "bye")),
    ]
    assert subscribed.read(1) == ['{"type":"market","assets_ids":["1"]}']
    assert [note.what for note in subscribed.notes.told].count("opened") == 2


def test_a_channel_that_the_other_side_closed_is_opened_anew(subscribed: Bench) -> None:
    """After a close by the other side, with its code, a subscription opens a new connection."""
    subscribed.peer.close(1008, "policy")
    subscribed.peer.connection.close()
    subscribed.notes.wait("closed")

    subscribed.do(SUBSCRIBE, opens=True)

    assert subscribed.notes.of("closed") == [(1008, "policy")]
    assert subscribed.read(1) == ['{"type":"market","assets_ids":["1"]}']


@pytest.mark.parametrize("intent", [{"unsubscribe": {}}, {"close": {}}, {"fault": "cut"}, {"fault": "over"}])
def test_what_needs_a_connection_is_lost_without_one(bench: Bench, intent: dict[str, Any]) -> None:
    """What makes no sense as a first message opens nothing and is lost."""
    told = bench.do(intent)

    assert [note.what for note in told] == ["sent", "lost"]
    assert told[1].wire == "there is no WebSocket connection"


def test_a_close_that_websocket_does_not_know_is_the_author_s(subscribed: Bench) -> None:
    """A close code that no client may send is an error of the case."""
    with pytest.raises(CaseError, match="knows no such close") as caught:
        subscribed.do({"close": {"code": 1006}})

    assert caught.value.code == "C024"


def test_a_server_that_is_not_there_is_the_environment_s(bench: Bench) -> None:
    """Where nobody listens the first message is a TargetError."""
    bench.peer._listener.close()

    with pytest.raises(TargetError, match="does not open") as caught:
        bench.do(SUBSCRIBE)

    assert (caught.value.code, bench.notes.told) == ("T001", [])


def test_two_threads_at_once(bench: Bench) -> None:
    """Two subscriptions at one barrier open one connection: one is the first message, the other an update."""
    barrier = threading.Barrier(2)

    def subscribe(token: str) -> None:
        barrier.wait()
        bench.driver.send({"subscribe": {"assets_ids": [token]}}, bench.notes)

    threads = [threading.Thread(target=subscribe, args=(token,)) for token in "12"]
    for thread in threads:
        thread.start()
    bench.peer.accept()
    for thread in threads:
        thread.join()

    first, ping, second, _ = bench.read(4)
    assert sorted(json.loads(text).get("type", "update") for text in (first, second)) == ["market", "update"]
    assert (ping, bench.notes.of("opened")) == ("PING", [None])


def test_a_probe_asks_for_a_sign_of_life_where_there_is_one_to_ask(bench: Bench) -> None:
    """A probe says PING on an open channel, and nothing on one that is not open or half-open."""
    bench.driver.probe()
    bench.do({"raw": "open"}, opens=True)
    bench.driver.probe()
    bench.do({"fault": "half_open"})
    bench.driver.probe()
    bench.do({"raw": "end"})

    assert bench.read(3) == ["open", "PING", "end"]
    assert bench.notes.of("said") == [{"text": "PING"}]
