"""What a step can do, as values: one class for each shape of action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.references import Template


@dataclass(frozen=True, slots=True)
class RestCall:
    """`rest: METHOD /path`. At most one of `order`, `orders`, `json` and `raw` is the body.

    `params` and `headers` may be a reference to a mapping. `set` replaces fields of the orders before they
    are signed, `tamper` after. `auth` says who signs the request, where it is not the actor's API key:
    `wallet`, `none`, or a reference to other credentials. With `pages`, a list is read to its end, page by
    page.
    """

    method: str
    path: str | Template
    order: dict[str, Any] | None = None
    orders: tuple[dict[str, Any], ...] = ()
    json: Any = None
    raw: str | Template | None = None
    params: dict[str, Any] | Template | None = None
    headers: dict[str, Any] | Template | None = None
    set: dict[str, Any] = field(default_factory=dict)
    tamper: dict[str, Any] = field(default_factory=dict)
    auth: str | Template | None = None
    pages: bool = False

    @property
    def writes(self) -> bool:
        """Whether it may change something: such a call is never sent twice."""
        return self.method not in ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class WsSay:
    """`ws: name` with a verb: `subscribe`, `unsubscribe`, `send`, `raw`, `close`; its body."""

    verb: str
    body: Any


@dataclass(frozen=True, slots=True)
class FixSay:
    """`fix: name` with a verb: `logon`, `logout`, `send`, `raw`, `set`, `disconnect`; its body.

    `tamper` replaces fields of a message that is sent, after 9 and 10 were computed.
    """

    verb: str
    body: Any
    tamper: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listen:
    """`ws: name` or `fix: name` alone: wait for what comes."""


@dataclass(frozen=True, slots=True)
class ChainEvents:
    """`chain: events`: decoded events of these names since the run began, of blocks so deep."""

    names: tuple[str, ...]
    confirmations: int = 0


Holders = tuple[tuple[str | Template, tuple[str, ...]], ...]
"""Whose, by an actor's name or an address, and which assets of each."""


@dataclass(frozen=True, slots=True)
class ChainBalances:
    """`chain: balances`: what the holders named in `expect` hold, in human units.

    With `since`, how much that changed from before that step.
    """

    holders: Holders
    since: str | None = None


@dataclass(frozen=True, slots=True)
class ChainAllowances:
    """`chain: allowances`: what the holders named in `expect` let `spender` move."""

    holders: Holders
    spender: str | Template


@dataclass(frozen=True, slots=True)
class ChainCall:
    """`chain: call`: a function of a contract is read; `returns` are the ABI types of its answer."""

    contract: str | Template
    function: str
    args: tuple[Any, ...]
    returns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChainSend:
    """`chain: send`: the actor sends a transaction that calls a function of a contract."""

    contract: str | Template
    function: str
    args: tuple[Any, ...]
    value_wei: Any = 0


@dataclass(frozen=True, slots=True)
class ChainReceipt:
    """`chain: receipt`: the receipt of a transaction."""

    transaction: str | Template


@dataclass(frozen=True, slots=True)
class TargetVerb:
    """`target: verb`: what a customer cannot do; it returns when it has begun."""

    verb: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """`wait: 20s`: let time pass, for a reason, where nothing observable can be waited for."""

    us: int
    reason: str


@dataclass(frozen=True, slots=True)
class Own:
    """A step that the project added: its word, what it is given, and its function, called live only."""

    name: str
    arguments: dict[str, Any]
    reads: bool
    function: Callable[..., Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Market:
    """`market:` in `given`: markets of these properties must be there."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fund:
    """`fund:` in `given`: actors hold at least this, in human units; unless `approve` is false, the exchange
    may move it."""

    amounts: dict[str, dict[str, Any]]
    market: str | Template | None = None
    approve: bool = True


Action = (
    RestCall
    | WsSay
    | FixSay
    | Listen
    | ChainEvents
    | ChainBalances
    | ChainAllowances
    | ChainCall
    | ChainSend
    | ChainReceipt
    | TargetVerb
    | Wait
    | Own
    | Market
    | Fund
)
READS = (ChainEvents, ChainBalances, ChainAllowances, ChainCall, ChainReceipt)
"""Actions that only look: they may be repeated, and start no window."""
