"""FIX sessions as data: whose they are, what they are for, and their CompIDs."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Final

from harness.venue.chance import Chance
from harness.venue.profiles import CompIds
from harness.wire.ctf import checksum_address

FIXT: Final = "FIXT.1.1"
FIX44: Final = "FIX.4.4"
APPL_VER_ID: Final = "9"  # FIX50SP2


class Kind(enum.StrEnum):
    """What a session is for."""

    ORDER_ENTRY = "order_entry"
    DROP_COPY = "drop_copy"


@dataclass(frozen=True, slots=True)
class FixSession:
    """One session of one account. `sender` is the client's SenderCompID, `target` the exchange's."""

    address: str
    kind: Kind
    sender: str
    target: str
    begin_string: str
    public_key: str = ""
    """The RSA key that its Logon is signed with, as PEM; empty where CompIDs are enough."""
    fills_only: bool = False
    """Whether a drop copy is told of executions alone (150=F)."""

    def __post_init__(self) -> None:
        if checksum_address(self.address) != self.address:
            raise ValueError(f"{self.address!r} is not in EIP-55's mixed case")
        if self.begin_string not in (FIXT, FIX44):
            raise ValueError(f"begin_string {self.begin_string!r} is not one of {FIXT}, {FIX44}")
        if self.fills_only and self.kind is not Kind.DROP_COPY:
            raise ValueError(f"a session of kind {self.kind} is told of more than fills")

    @property
    def id(self) -> str:
        """Its name between the venue and its acceptor: the client's CompID is given out once."""
        return self.sender

    def view(self) -> dict[str, Any]:
        """As the control API answers it; the sides are the client's."""
        return {
            "address": self.address,
            "kind": self.kind.value,
            "begin_string": self.begin_string,
            "appl_ver_id": APPL_VER_ID if self.begin_string == FIXT else None,
            "sender": self.sender,
            "target": self.target,
            **({"fills_only": True} if self.fills_only else {}),
        }


class FixSessions:
    """Every session that was opened. An account is a firm; its CompIDs follow the profile's pattern."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._by_id: dict[str, FixSession] = {}
        self._firms: dict[str, int] = {}
        self._opened: dict[tuple[str, str], int] = {}

    def open(
        self,
        address: str,
        kind: Kind,
        begin_string: str,
        called: CompIds,
        *,
        public_key: str = "",
        fills_only: bool = False,
    ) -> FixSession:
        """A session of its own, with CompIDs never used before: FIRM1_PMX_OE, then FIRM1_PMX_OE2."""
        firm = f"FIRM{self._firms.setdefault(address, len(self._firms) + 1)}"
        number = self._opened.get((address, called.sender), 0) + 1
        named = {"firm": firm, "number": "" if number == 1 else number, "key": self._chance.uuid("FIX key")}
        sender, target = called.sender.format(**named), called.target.format(**named)
        session = FixSession(address, kind, sender, target, begin_string, public_key, fills_only)
        self._opened[address, called.sender] = number
        self._by_id[session.id] = session
        return session

    def get(self, session_id: str) -> FixSession | None:
        """The session of that id."""
        return self._by_id.get(session_id)

    def all(self) -> list[FixSession]:
        """Every session, in the order of opening."""
        return list(self._by_id.values())

    def drop_copies(self, address: str) -> list[FixSession]:
        """An account's drop-copy sessions."""
        return [row for row in self._by_id.values() if row.address == address and row.kind is Kind.DROP_COPY]
