"""The rules of checks, as values: one class a rule, and the selection of events that most stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from harness.errors import Place
from harness.matchers import Expectation
from harness.model import Source
from harness.references import Part, Template

Path = tuple[Part, ...]
"""A path into an event: `$.maker_orders[*].size` as its parts; the empty one is all of it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Events: those of one source that `where` selects, or what one step took or was answered.

    A source without an actor means every actor's; the channel `rest.*` is every REST channel.
    """

    place: Place
    source: Source
    step: str | None = None
    where: Expectation | None = None
    names: tuple[str, ...] = ()
    confirmations: int = 0

    def __str__(self) -> str:
        deep = f" with {self.confirmations} confirmations" if self.confirmations else ""
        return f"step {self.step!r}" if self.step else str(self.source).replace("rest.*", "rest") + deep

    def is_of(self, source: Source) -> bool:
        """Whether an event of this source may be one of them."""
        mine = self.source
        if mine.channel == "rest.*":
            same = source.channel.partition(".")[0] == "rest"
        else:
            same = source.channel == mine.channel
        return same and mine.actor in ("", source.actor)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """`lifecycle:`: a trade (or an order) passes through `states` in order; `optional` ones may be left out.

    A state `A|B` is either. Exactly one of `trade` and `order` is given; the other is "".
    """

    trade: str | Template
    states: tuple[str, ...]
    optional: frozenset[str]
    order: str | Template = ""


@dataclass(frozen=True, slots=True)
class Reconcile:
    """`reconcile:`: the same `fields` of an order's fill are equal in all `sources`."""

    order: str | Template
    fields: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """`ledger:`: the wallet of the actor `of` moved, from before step `since` on, exactly by what was told.

    `since` is None for the first of `steps`. `fills` is who told of the fills. With `reserved`, what a
    refusal says is held back is judged too.
    """

    of: str
    since: str | None = None
    fills: str = "rest"
    reserved: bool = False


@dataclass(frozen=True, slots=True)
class AddsUp:
    """`adds_up:`: at every selected event, the `parts` sum to the `total`; numbers stand for themselves."""

    selection: Selection
    parts: tuple[Path | Decimal, ...]
    total: Path | Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """`book:`: a local book of `token`, built from a market channel, is never crossed, and is told right.

    With `rest`, it equals GET /book in the end; `depth` compares so many levels of each side.
    """

    source: Source
    token: str | Template
    rest: bool = False
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """`sequence:`: the numbers (FIX) or timestamps (WebSocket) of a stream go on as its rules say."""

    source: Source


@dataclass(frozen=True, slots=True)
class Flows:
    """`flows:`: a stream speaks: `count` messages, no silence longer than `gap`, none older than `age`.

    Silence counts only while the `witness` was alive.
    """

    selection: Selection
    gap_us: int | None = None
    count: Expectation | None = None
    age_us: int | None = None
    witness: Selection | None = None


@dataclass(frozen=True, slots=True)
class ExactlyOnce:
    """`exactly_once:`: one effect per `key`, however often delivered; without `key`, that of its kind.

    `count` is how many keys there must be.
    """

    selection: Selection
    key: tuple[Path, ...] = ()
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Happens:
    """`happens:`: the first event of each selection comes, in this order."""

    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Always:
    """`always:`: every selected event is as `expect` says."""

    selection: Selection
    expect: Expectation


@dataclass(frozen=True, slots=True)
class Never:
    """`never:`: no event is selected, while its source (or the `witness`) was alive."""

    selection: Selection
    witness: Selection | None = None


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A check that the project added: its name, what it is given, and its function."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    function: Callable[..., Any] | None = field(default=None, compare=False, repr=False)


Rule = (
    Lifecycle
    | Reconcile
    | Ledger
    | AddsUp
    | Book
    | Sequence
    | Flows
    | ExactlyOnce
    | Happens
    | Always
    | Never
    | OwnRule
)
