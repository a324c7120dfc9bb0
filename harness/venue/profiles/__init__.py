"""Profiles: the conventions that an exchange's customers speak, as data beside this module.

The engine, the book, the chain and the control API are the same under each of them. A profile says how FIX
sessions are called and opened, what a price and a symbol are, and how a refusal is said; and where there are
REST conventions beside those of the venue itself, their paths, headers, words and codes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from harness.venue.faults import VenueError

DIRECTORY: Final = Path(__file__).parent
DEFAULT: Final = "polymarket"


@dataclass(frozen=True, slots=True)
class CompIds:
    """How a kind of session is called, with {firm}, {number} and {key} to be filled in."""

    sender: str
    target: str


@dataclass(frozen=True, slots=True)
class Said:
    """How a refusal whose words match `says` is said here; without `reason` its own stays."""

    says: re.Pattern[str]
    text: str
    reason: int | None


@dataclass(frozen=True, slots=True)
class FixProfile:
    """An exchange's conventions of FIX. Prices are in `price_unit` dollars; a tag of 0 is not spoken."""

    begin_strings: tuple[str, ...]
    instrument: str
    price_unit: Decimal
    signed_logon: bool
    disconnect_cancels: str
    leaves_out: frozenset[int]
    sessions: Mapping[str, CompIds]
    needed: Mapping[str, tuple[int, ...]]
    refusals: tuple[Said, ...] = ()
    least_heartbeat_s: int = 0
    dollars_tag: int = 0
    cancel_tag: int = 0

    @property
    def by_outcome(self) -> bool:
        """Whether an instrument is an outcome; else it is a market, and a Side says what is bought."""
        return self.instrument == "outcome"


@dataclass(frozen=True, slots=True)
class SignedHeaders:
    """The headers of a signed request, and what of it is signed: `timestamp`, `method`, `path`, joined."""

    key: str
    timestamp: str
    signature: str
    over: tuple[str, ...]

    def text(self, **parts: str) -> str:
        """What is signed."""
        return "".join(parts[name] for name in self.over)


@dataclass(frozen=True, slots=True)
class RestProfile:
    """An exchange's conventions of REST. Whole prices are in `price_unit` dollars.

    `unsigned` is code and details of each header that lets nobody in, `refusals` codes by what the
    exchange says, the first that matches.
    """

    base: str
    price_unit: Decimal
    window_ms: int
    created: int
    signed: SignedHeaders
    statuses: Mapping[str, str]
    order_types: Mapping[str, str]
    unsigned: Mapping[str, tuple[str, str]]
    refusals: tuple[tuple[re.Pattern[str], str], ...]

    def code(self, text: str) -> str:
        """The code of a refusal."""
        return next(code for says, code in self.refusals if says.search(text))

    def status(self, name: str) -> str:
        """The word for an order's status."""
        return self.statuses.get(name, self.statuses[""])


@dataclass(frozen=True, slots=True)
class Profile:
    """One exchange's conventions; `rest` where they are not the venue's own."""

    name: str
    fix: FixProfile
    rest: RestProfile | None = None


def names() -> list[str]:
    """The profiles there are."""
    return sorted(path.stem for path in DIRECTORY.glob("*.toml"))


def find_profile(name: str) -> Profile:
    """The profile of that name. Raises VenueError naming those there are."""
    if name not in names():
        raise VenueError(f"there is no profile {name!r}: name one of {', '.join(names())}")
    table = tomllib.loads((DIRECTORY / f"{name}.toml").read_text(encoding="utf-8"), parse_float=Decimal)
    return Profile(name, _fix(table["fix"]), _rest(table["rest"]) if "rest" in table else None)


def rest_profiles() -> dict[str, RestProfile]:
    """The profiles with REST conventions of their own, by name."""
    found = {name: find_profile(name).rest for name in names()}
    return {name: rest for name, rest in found.items() if rest is not None}


def _fix(table: dict[str, Any]) -> FixProfile:
    read = {
        "begin_strings": tuple(table["begin_strings"]),
        "price_unit": Decimal(table["price_unit"]),
        "leaves_out": frozenset(table["leaves_out"]),
        "sessions": {kind: CompIds(**row) for kind, row in table["sessions"].items()},
        "needed": {kind: tuple(tags) for kind, tags in table["needed"].items()},
        "refusals": tuple(
            Said(re.compile(row["says"]), row["text"], row.get("reason")) for row in table.get("refusals", ())
        ),
    }
    return FixProfile(**{**table, **read})


def _rest(table: dict[str, Any]) -> RestProfile:
    signed = table["signed"]
    read = {
        "price_unit": Decimal(table["price_unit"]),
        "signed": SignedHeaders(**{**signed, "over": tuple(signed["over"])}),
        "unsigned": {header: (code, details) for header, (code, details) in table["unsigned"].items()},
        "refusals": tuple((re.compile(row["says"]), row["code"]) for row in table["refusals"]),
    }
    return RestProfile(**{**table, **read})
