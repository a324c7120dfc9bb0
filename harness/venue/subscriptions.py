"""What a connection of a WebSocket channel follows, and how updates change it (CLOB docs, WebSocket)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from harness import exactjson

UNREAD_LIMIT: Final = 10_000
"""Who lets more messages wait than this is dropped, so that a connection costs a bounded memory."""


@dataclass(slots=True, eq=False)
class Subscriber:
    """One connection and what it follows: names are token ids or condition ids.

    `custom` says whether it hears the events of the market channel that have to be asked for.
    """

    address: str = ""
    everything: bool = False
    custom: bool = False
    followed: Counter[str] = field(default_factory=Counter)
    outbox: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    drop: Callable[[], None] = lambda: None
    """Ends its connection at once."""

    def follow(self, names: Iterable[str]) -> None:
        """Follow these, too; what is followed already stays as it is."""
        for name in names:
            if not self.copies(name):
                self.followed[name] = 1

    def forget(self, names: Iterable[str]) -> None:
        """Follow these no more; who follows everything goes on doing so."""
        for name in names:
            del self.followed[name]  # a Counter takes a name that it does not hold

    def copies(self, name: str) -> int:
        """How many times it is told of a token or condition."""
        return self.followed[name] + self.everything

    def send(self, value: Any) -> None:
        """Queue a frame: a text as it is, anything else as JSON."""
        if self.outbox.qsize() >= UNREAD_LIMIT:
            self.drop()
        else:
            self.outbox.put_nowait(value if isinstance(value, str) else exactjson.dumps(value))


class Subscribers(set[Subscriber]):
    """Who is connected to a channel."""

    def tell(self, topic: str, value: dict[str, Any], address: str = "", *, custom: bool = False) -> None:
        """Send a message to who follows a token or condition; on the user channel, to one account's.

        With `custom` only to those that asked for such events.
        """
        text = exactjson.dumps(value)
        for subscriber in self:
            if subscriber.address == address and (subscriber.custom or not custom):
                for _ in range(subscriber.copies(topic)):
                    subscriber.send(text)

    def follow_any(self, topics: Iterable[str]) -> bool:
        """Whether anybody follows one of these: what nobody hears need not be made."""
        wanted = list(topics)
        return any(subscriber.copies(topic) for subscriber in self for topic in wanted)

    def tell_levels(self, event: dict[str, Any]) -> None:
        """Send a price_change, once to each, with the changes of the tokens that it follows."""
        changes = event["price_changes"]
        written: dict[tuple[bool, ...], str] = {}  # once for all that follow the same
        for subscriber in self:
            copies = [subscriber.copies(change["asset_id"]) for change in changes]
            if any(copies):
                follows = tuple(map(bool, copies))
                if follows not in written:
                    told = [change for change, wanted in zip(changes, follows, strict=True) if wanted]
                    written[follows] = exactjson.dumps({**event, "price_changes": told})
                for _ in range(max(copies)):
                    subscriber.send(written[follows])


class Subscriptions:
    """How subscriptions take effect: everything that is named comes, and once. The seam for defects."""

    def begin(self, subscriber: Subscriber, channel: str, names: Iterable[str]) -> bool:
        """Follow what a first message names. False where nothing comes of it, not even a book."""
        subscriber.follow(names)
        return True

    def refused(self, subscriber: Subscriber) -> None:
        """A message was answered INVALID OPERATION: what is followed stays as it is."""

    def add(self, subscriber: Subscriber, channel: str, names: set[str]) -> bool:
        """Follow more; `channel` is market or user. False where nothing comes of it, not even a book."""
        subscriber.follow(names)
        return True


def operation_of(message: dict[str, Any]) -> str | None:
    """What an update asks for: subscribe or unsubscribe; None where it asks for neither."""
    operation = message.get("operation")
    return operation if operation in ("subscribe", "unsubscribe") else None


def texts(value: Any) -> TypeGuard[list[str]]:
    """Whether a value of a message is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
