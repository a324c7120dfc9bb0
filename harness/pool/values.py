"""What a pool of accounts is, as values: what the configuration and the environment say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.redact import Secret
from harness.wire import wallets

WAIT_S: Final = 600
"""How long a case waits for accounts that others have, unless told: twenty cases of half a minute."""

VERSIONS: Final = ("FIXT.1.1", "FIX.4.4")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account's API key with its secret and passphrase."""

    key: Secret
    secret: Secret
    passphrase: Secret


@dataclass(frozen=True, slots=True)
class FixedSession:
    """A FIX session that an account has for good: both CompIDs, `sender` ours, and its BeginString."""

    sender: str
    target: str
    version: str = VERSIONS[0]

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise ValueError(f"{self.version!r} is no version of FIX that is spoken: {', '.join(VERSIONS)}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One account of a pool: `address` is its key's, `kinds` the wallets that hold its money.

    `roles` are those of the actors that it may be; without any, it may be everybody. Without `credentials`
    its API key is asked for. `sessions` are its own FIX sessions by their kind.
    Raises ValueError for a kind of wallet that there is not.
    """

    name: str
    key: Secret
    address: str
    kinds: tuple[str, ...] = ("eoa",)
    roles: frozenset[str] = frozenset()
    credentials: Credentials | None = None
    sessions: Mapping[str, FixedSession] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in self.kinds:
            wallets.wallet_of(self.address, kind)

    def fits(self, role: str, kind: str) -> bool:
        """Whether it may be an actor of this role whose money is in this kind of wallet."""
        return kind in self.kinds and (not self.roles or role in self.roles)

    def register(self, known: Callable[[str, str], None]) -> None:
        """Make known what is secret of it."""
        known(f"account.{self.name}.key", self.key.reveal().removeprefix("0x"))
        if self.credentials is not None:
            for part in ("key", "secret", "passphrase"):
                known(f"account.{self.name}.api_{part}", getattr(self.credentials, part).reveal())


@dataclass(frozen=True, slots=True)
class Pool:
    """The accounts that a target lends. With `creates`, a new wallet is made where none of them is free.

    `treasury` is the account that the others are funded from, where there is one: it is never lent.
    """

    entries: tuple[Entry, ...] = ()
    creates: bool = True
    wait_s: int = WAIT_S
    treasury: Entry | None = None
    part: str = ""
    """Which part of it this is, where several machines share it."""

    def register(self, known: Callable[[str, str], None]) -> None:
        """Make known every secret of every account."""
        for entry in (*self.entries, *filter(None, [self.treasury])):
            entry.register(known)

    def shared(self, index: int, among: int) -> Pool:
        """The part of the pool that the machine `index` (from 1) of so many may lend: no two lend the same.

        Accounts that are alike are dealt in turn, so that every machine gets some of each kind.
        """
        dealt: dict[tuple[Sequence[str], frozenset[str]], int] = {}
        mine = []
        for entry in self.entries:
            place = dealt[entry.kinds, entry.roles] = dealt.get((entry.kinds, entry.roles), -1) + 1
            if place % among == index - 1:
                mine.append(entry)
        return replace(self, entries=tuple(mine), part=f" of shard {index}/{among}")
