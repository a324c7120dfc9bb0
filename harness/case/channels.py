"""The channels of a case: those that every case has, those that it declares, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.case.form import Form
from harness.case.words import Word, names
from harness.matchers import nearest
from harness.model import Source
from harness.references import Template
from harness.strictyaml import Mapping as MappingNode
from harness.strictyaml import Scalar, Sequence

HOSTS: Final = ("clob", "gamma", "data", "relayer", "rtds")
STREAMS: Final = ("market", "user", "rtds")
PROFILES: Final = ("order_entry", "drop_copy")
VERSIONS: Final = ("FIXT.1.1", "FIX.4.4")
ENGINES: Final = ("own", "quickfix")
EXCHANGES: Final = ("kalshi",)
WALLETS: Final = ("eoa", "proxy", "safe", "deposit")

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "rest": ("host", "exchange"),
    "ws": ("stream",),
    "fix": ("profile", "exchange", "version", "raw", "engine"),
}
CHANNEL: Final = (
    Word(
        "kind",
        "text",
        f"what it is: {', '.join(_KEYS)}",
        "ws",
        required=True,
        options=tuple(_KEYS),
        beside="stream: user",
    ),
    Word("as", "text", "the actor whose it is: its steps need no `as`", "alice", beside="stream: user"),
    Word(
        "host",
        "text",
        "of kind rest: which host; its own name or clob unless told",
        "data",
        options=HOSTS,
        beside="kind: rest",
    ),
    Word(
        "stream",
        "text",
        "of kind ws: which stream; its own name unless told",
        "user",
        options=STREAMS,
        beside="kind: ws",
    ),
    Word(
        "profile",
        "text",
        "of kind fix: order entry or drop copy; order entry unless told",
        "drop_copy",
        options=PROFILES,
        beside="kind: fix",
    ),
    Word(
        "exchange",
        "text",
        "of kind fix or rest: whose conventions it follows; the target's own unless told",
        "kalshi",
        options=EXCHANGES,
        beside="kind: fix",
    ),
    Word(
        "version",
        "text",
        f"of kind fix: the version of the session layer; {VERSIONS[0]} unless told",
        "FIX.4.4",
        options=VERSIONS,
        beside="kind: fix",
    ),
    Word(
        "raw",
        "flag",
        "of kind fix, true: the session answers nothing by itself (no heartbeat, no resend); the steps do",
        "true",
        beside="kind: fix",
    ),
    Word(
        "engine",
        "text",
        "of kind fix: our own client, or QuickFIX as a customer runs it; own unless told",
        "quickfix",
        options=ENGINES,
        beside="kind: fix",
    ),
)
ACTOR: Final = (
    Word("role", "text", "for people to read; trader unless told", "maker"),
    Word(
        "wallet",
        "any",
        "the kind of wallet that holds the money; eoa (a plain account) unless told. A reference to a column "
        "of `examples` gives each row its own",
        "safe",
        options=WALLETS,
    ),
)


@dataclass(frozen=True, slots=True)
class Channel:
    """A named connection. `host` goes with rest, `stream` with ws, else fix (`exchange` also with rest)."""

    name: str
    kind: str
    actor: str = ""
    host: str = "clob"
    stream: str = ""
    profile: str = ""
    begin_string: str = "FIXT.1.1"
    raw: bool = False
    engine: str = "own"
    exchange: str = ""

    @property
    def source_name(self) -> str:
        """How its events are filed: `ws.user`, `fix.oe`, `rest` for the exchange itself, `rest.data`."""
        return self.kind if (self.kind, self.name) == ("rest", "clob") else f"{self.kind}.{self.name}"


BUILT_IN: Final = (
    Channel("clob", "rest"),
    Channel("market", "ws", stream="market"),
    Channel("user", "ws", stream="user"),
    Channel("oe", "fix", profile="order_entry"),
    Channel("dc", "fix", profile="drop_copy"),
)
"""What every case has without naming it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a role for people to read, and the kind of wallet that holds the money."""

    name: str
    role: str
    wallet: str | Template = "eoa"

    def wallet_in(self, row: Mapping[str, Any]) -> str:
        """The kind of wallet in a row of `examples`."""
        held = self.wallet
        return str(held.resolve(lambda each: row[each.root])) if isinstance(held, Template) else held


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in a case, and over which channels."""

    actors: tuple[Actor, ...] = ()
    channels: tuple[Channel, ...] = BUILT_IN
    unread: frozenset[str] = frozenset()
    """Declared channels that do not read: nothing is said of their names."""

    @property
    def names(self) -> tuple[str, ...]:
        """The actors' names, in the case's order."""
        return tuple(actor.name for actor in self.actors)

    def channel(self, kind: str, name: str) -> Channel | None:
        """The channel of this kind and name."""
        return next((c for c in self.channels if c.kind == kind and c.name == name), None)

    def of_source(self, source: Source) -> Channel:
        """The channel that a source is. Raises KeyError: ours, names are checked when read."""
        for channel in self.channels:
            if channel.source_name == source.channel:
                return channel
        raise KeyError(source.channel)

    def named(self, form: Form, kind: str, key: str) -> Channel | None:
        """The channel that `key` names; a wrong name is noted with the nearest right one."""
        name = form.text(key)
        if name is None:
            return None
        found = self.channel(kind, name)
        if found is None and name not in self.unread:
            known = sorted(c.name for c in self.channels if c.kind == kind)
            close = nearest(name, known)
            hint = f"did you mean {close!r}?" if close else f"known are {', '.join(known)}"
            form.problem(form.place_of(key), "C029", f"there is no {kind} channel {name!r}; {hint}")
        return found

    def acting(self, form: Form, channel: Channel | None, *, shared: bool = False) -> str:
        """Who acts in a step or a selection: the channel's own actor, `as`, or the only one there is.

        `shared` is for what nobody in particular does (the chain, the target): there only `as` names one.
        """
        own = channel.actor if channel is not None else ""
        named = form.text("as")
        if named is None:
            return own or (self.names[0] if len(self.actors) == 1 and not shared else "")
        if named not in self.names:
            known = ", ".join(self.names) or "none"
            form.problem(form.place_of("as"), "C008", f"nobody is called {named!r}; actors are {known}")
        elif own and own != named:
            text = f"the channel belongs to {own!r}, and the step says {named!r}: leave out 'as'"
            form.problem(form.place_of("as"), "C008", text)
        return named


def read_cast(form: Form) -> Cast:
    """The `actors:` of a case, and its `channels:` behind those that every case has.

    A declared channel takes the place of a built-in one of the same name.
    """
    actors, node = read_actors(form), form.node("channels")
    if node is None:
        return Cast(actors)
    if not isinstance(node, MappingNode):
        form.problem(
            node.place, "C002", "'channels' maps names to {kind: …}, such as {kind: ws, stream: user}"
        )
        return Cast(actors)
    acting = tuple(actor.name for actor in actors)
    declared = []
    for key, value in node.entries:
        one = Form(value, form.problems, f"the channel {key.text!r}", names(CHANNEL))
        kind = one.choice("kind", tuple(_KEYS))
        one.required("kind", f"what it is: {', '.join(_KEYS)}")
        actor = one.text("as") or ""
        if actor and actor not in acting:
            text = f"nobody is called {actor!r}; actors are {', '.join(acting) or 'none'}"
            one.problem(one.place_of("as"), "C008", text)
        if kind is not None:
            declared.append(_channel(one, key.text, kind, actor))
    taken = {(channel.kind, channel.name) for channel in declared}
    known = (*(c for c in BUILT_IN if (c.kind, c.name) not in taken), *declared)
    unread = {key.text for key, _ in node.entries} - {channel.name for channel in declared}
    return Cast(actors, known, frozenset(unread))


def _channel(one: Form, name: str, kind: str, actor: str) -> Channel:
    for key in _every_key():
        if key in one and key not in _KEYS[kind]:
            one.problem(one.place_of(key), "C023", f"{key!r} means nothing on a {kind} channel")
    raw = one.flag("raw")
    engine = one.choice("engine", ENGINES) or "own"
    if raw and engine == "quickfix":
        one.problem(one.place_of("raw"), "C028", "a quickfix engine is never raw: leave out one of them")
    exchange = one.choice("exchange", EXCHANGES) or ""
    if exchange and (engine == "quickfix" or "host" in one):
        text = "a quickfix engine and a host follow the target's own conventions: leave out one of them"
        one.problem(one.place_of("exchange"), "C028", text)
    host = one.choice("host", HOSTS) or (name if kind == "rest" and name in HOSTS else "clob")
    stream = one.choice("stream", STREAMS) or (name if name in STREAMS else "")
    if kind == "ws" and not stream and one.lacks("stream"):
        one.problem(one.place, "C003", f"the channel {name!r} has no 'stream': one of {', '.join(STREAMS)}")
    return Channel(
        name,
        kind,
        actor,
        host,
        stream,
        one.choice("profile", PROFILES) or PROFILES[0],
        one.choice("version", VERSIONS) or VERSIONS[0],
        raw,
        engine,
        exchange,
    )


def _every_key() -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for keys in _KEYS.values() for key in keys))


def read_actors(form: Form) -> tuple[Actor, ...]:
    """The `actors:` of a case: a role each, or a role and a wallet."""
    node = form.node("actors")
    if node is None:
        return ()
    if not isinstance(node, MappingNode):
        form.problem(node.place, "C002", "'actors' maps names to roles, such as {alice: trader}")
        listed = node.items if isinstance(node, Sequence) else ()
        texts = (item.value for item in listed if isinstance(item, Scalar))
        return tuple(Actor(text, "trader") for text in texts if isinstance(text, str))
    actors = []
    for key, value in node.entries:
        if isinstance(value, MappingNode):
            one = Form(value, form.problems, f"the actor {key.text!r}", names(ACTOR))
            role = one.text("role") or "trader"
            referred = one.filled("wallet") if one.refers("wallet") else None
            actors.append(Actor(key.text, role, referred or one.choice("wallet", WALLETS) or "eoa"))
        elif isinstance(value, Scalar) and isinstance(value.value, str):
            actors.append(Actor(key.text, value.value))
        else:
            text = f"{key.text!r} has a role, such as trader or maker, or {{role: trader, wallet: safe}}"
            form.problem(value.place, "C002", text)
            actors.append(Actor(key.text, "trader"))  # the name reads, and steps may say it
    return tuple(actors)
