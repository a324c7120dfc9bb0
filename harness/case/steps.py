"""Reading steps: which channel, which verb, what it expects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.case import values
from harness.case.form import Form, template
from harness.case.values import Action, Role, Save, Step
from harness.errors import Place, Problem
from harness.matchers import Expectation, compile_expectation
from harness.model import Source
from harness.references import Template
from harness.strictyaml import Mapping as MappingNode
from harness.strictyaml import Node, Scalar
from harness.wire.ctf import topic0

WAITING: Final = ("within", "watch", "every", "after")
JUDGING: Final = ("expect", "save")
COMMON: Final = ("id", "as")
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ORDER_KEYS: Final = ("token", "side", "price", "size", "type", "post_only", "expiration")
ASSETS: Final = ("collateral", "yes", "no")
_PATH_PART = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]{1,9})\]")


@dataclass(frozen=True, slots=True)
class Verbs:
    """What a kind of step may say beside the common words, and how its action is read."""

    keys: tuple[str, ...]
    read: Callable[[Form], tuple[str, Action] | None]


def read_step(
    node: Node, role: Role, position: int, actors: tuple[str, ...], problems: list[Problem]
) -> Step | None:
    """Read one step of a role; None where it is too broken to go on (its problems are noted)."""
    names = [key.text for key, _ in node.entries] if isinstance(node, MappingNode) else []
    channels = [name for name in names if name in KINDS]
    if len(channels) != 1:
        known = ", ".join(KINDS)
        problems.append(
            Problem(
                node.place,
                "C007",
                f"a step does one thing: it has one of {known}, not {len(channels)} of them",
            )
        )
        return None
    channel = channels[0]
    verbs = KINDS[channel]
    form = Form(node, problems, f"a {channel} step", (channel, *COMMON, *WAITING, *JUDGING, *verbs.keys))
    before = len(problems)
    read = verbs.read(form)
    step_id = form.text("id")
    if role is Role.STEPS:
        form.required("id", "a step is named in findings, references and the symptom")
    actor = _actor(form, channel, actors)
    where, expect = _expectation(form, "where"), _expectation(form, "expect")
    save = _saves(form, channel)
    within_us, watch_us = form.duration("within"), form.duration("watch")
    every_us = form.duration("every") or values.DEFAULT_EVERY_US
    count, quiet_us = form.count("count"), form.duration("quiet")
    after = form.text("after")
    if read is None or len(problems) > before:
        return None
    name, action = read
    _idle_words(form, action)
    if len(problems) > before:
        return None
    return Step(
        id=step_id or f"{role}.{position}",
        role=role,
        place=form.place,
        source=Source(name, actor),
        action=action,
        within_us=within_us,
        watch_us=watch_us,
        every_us=every_us,
        after=after,
        where=where,
        expect=expect,
        count=count,
        quiet_us=2_000_000 if quiet_us is None else quiet_us,
        save=save,
    )


def _idle_words(form: Form, action: Action) -> None:
    """Refuse words that this step would never look at: a case must not seem to say more than it does."""
    polls = isinstance(action, values.ChainEvents | values.ChainBalances) or (
        isinstance(action, values.RestCall) and not action.writes
    )
    idle: dict[str, str] = {}
    if isinstance(action, values.Subscribe):
        words = (*WAITING, *JUDGING, "where", "count", "quiet")
        idle = dict.fromkeys(
            words, "a subscription only checks that it was not refused: wait in a step of its own"
        )
    elif isinstance(action, values.RestCall) and action.writes:
        idle = dict.fromkeys(WAITING, "a write is never sent twice")
    elif isinstance(action, values.Market | values.Fund):
        idle = dict.fromkeys(WAITING, "what is given is asked for once")
    elif isinstance(action, values.Listen):
        idle = {"every": "a stream is not polled"}
    elif isinstance(action, values.ChainBalances):
        idle = dict.fromkeys(("where", "count", "quiet"), "balances are one answer, which 'expect' judges")
    if polls and "within" not in form:
        idle |= dict.fromkeys(("watch", "every", "after"), "without 'within' it is read once")
    if "count" not in form:
        idle.setdefault("quiet", "it is the silence after 'count'")
    for word, why in idle.items():
        if word in form:
            form.problem(form.place_of(word), "C023", f"{word!r} means nothing in {form.what} here: {why}")


def _actor(form: Form, channel: str, actors: tuple[str, ...]) -> str:
    named = form.text("as")
    if named is None:
        shared = channel in ("chain", "market", "fund")
        return actors[0] if len(actors) == 1 and not shared else ""
    if named not in actors:
        form.problem(
            form.place_of("as"),
            "C008",
            f"nobody is called {named!r}; actors are {', '.join(actors) or 'none'}",
        )
    return named


def _expectation(form: Form, key: str) -> Expectation | None:
    node = form.node(key)
    return None if node is None else compile_expectation(node, form.problems)


def _saves(form: Form, channel: str) -> tuple[Save, ...]:
    node = form.node("save")
    if node is None:
        return ()
    if isinstance(node, Scalar) and isinstance(node.value, str) and channel == "market":
        return (Save(node.value, (), node.place),)
    if not isinstance(node, MappingNode):
        form.problem(node.place, "C009", "'save' maps names to parts of what came, such as {trade: $.id}")
        return ()
    saves = []
    for key, value in node.entries:
        path = parse_path(value.value) if isinstance(value, Scalar) and isinstance(value.value, str) else None
        if path is None:
            form.problem(
                value.place, "C009", f"{key.text!r} saves a part such as $.id or $.body.trades[0].id"
            )
        else:
            saves.append(Save(key.text, path, key.place))
    return tuple(saves)


def parse_path(text: str) -> tuple[str | int, ...] | None:
    """`$.a.b[0]` as parts; None where the text is not such a path."""
    if not text.startswith("$"):
        return None
    parts: list[str | int] = []
    at = 1
    while at < len(text):
        found = _PATH_PART.match(text, at)
        if found is None:
            return None
        parts.append(found[1] if found[1] is not None else int(found[2]))
        at = found.end()
    return tuple(parts)


def _rest(form: Form) -> tuple[str, Action] | None:
    line = form.text("rest")
    if line is None:
        return None
    method, _, path = line.partition(" ")
    path = path.strip()
    place = form.place_of("rest")
    if method not in METHODS or not path.startswith("/"):
        form.problem(place, "C017", f"'rest' is METHOD /path, such as GET /book?token_id=1, not {line!r}")
        return None
    if "order" in form and "json" in form:
        form.problem(form.place_of("json"), "C018", "a step sends one body: 'order' or 'json', not both")
    node = form.node("rest")
    written = template(Scalar(path, path, True, node.place if node else place), form.problems)
    order = _order(form)
    return "rest", values.RestCall(
        method, written, order, form.filled("json"), _fields(form, "params"), _fields(form, "headers")
    )


def _order(form: Form) -> dict[str, Any] | None:
    node = form.node("order")
    if node is None:
        return None
    order = Form(node, form.problems, "an order", ORDER_KEYS)
    for key in ("token", "side", "price", "size", "type"):
        order.required(key, "an order says token, side, price, size and type")
    order.choice("side", ("BUY", "SELL"))
    order.choice("type", ("GTC", "GTD", "FOK", "FAK"))
    order.flag("post_only")
    return {key: order.filled(key) for key in ORDER_KEYS if key in order}


def _ws(form: Form) -> tuple[str, Action] | None:
    name = form.choice("ws", ("market", "user"))
    if name is None:
        return None
    subscribe = _fields(form, "subscribe")
    return f"ws.{name}", values.Listen() if subscribe is None else values.Subscribe(subscribe)


def _chain(form: Form) -> tuple[str, Action] | None:
    verb = form.choice("chain", ("events", "balances"))
    if verb == "events":
        return "chain", values.ChainEvents(_event_names(form))
    if verb == "balances":
        return "chain", values.ChainBalances(_holders(form))
    return None


def _event_names(form: Form) -> tuple[str, ...]:
    node = form.required("where", "events are chosen by name, such as {OrderFilled: {orderHash: …}}")
    names = [key.text for key, _ in node.entries] if isinstance(node, MappingNode) else []
    for name in names:
        try:
            topic0(name)
        except KeyError:
            form.problem(form.place_of("where"), "C019", f"{name!r} is no event that can be decoded")
    return tuple(names)


def _holders(form: Form) -> tuple[tuple[str, tuple[str, ...]], ...]:
    node = form.required("expect", "balances are read of the actors that 'expect' names")
    holders = []
    for key, value in node.entries if isinstance(node, MappingNode) else ():
        assets = [asset.text for asset, _ in value.entries] if isinstance(value, MappingNode) else []
        if not assets:
            form.problem(value.place, "C019", f"{key.text!r} holds amounts of {', '.join(ASSETS)}")
        for asset in assets:
            if asset not in ASSETS:
                form.problem(value.place, "C019", f"{asset!r} is no asset; known are {', '.join(ASSETS)}")
        holders.append((key.text, tuple(assets)))
    return tuple(holders)


def _market(form: Form) -> tuple[str, Action] | None:
    fields = _fields(form, "market")
    if fields is None:
        return None
    for name in fields:
        if name != "tick":
            form.problem(form.place_of("market"), "C001", f"unknown key {name!r} in a market; known are tick")
    return "target", values.Market(fields)


def _fund(form: Form) -> tuple[str, Action] | None:
    fields = _fields(form, "fund")
    if fields is None:
        return None
    amounts: dict[str, dict[str, Any]] = {}
    for holder, held in fields.items():
        if not isinstance(held, dict) or not held or set(held) - set(ASSETS):
            text = f"{holder!r} is funded with amounts of {', '.join(ASSETS)}"
            form.problem(form.place_of("fund"), "C019", text)
        else:
            amounts[holder] = held
    return "target", values.Fund(amounts)


def _fields(form: Form, key: str) -> dict[str, Any] | None:
    node = form.node(key)
    if node is None:
        return None
    if isinstance(node, MappingNode):
        read: dict[str, Any] = form.filled(key)
        return read
    form.problem(node.place, "C002", f"{key!r} is a mapping of names to values")
    return None


KINDS: Final[Mapping[str, Verbs]] = {
    "rest": Verbs(("order", "json", "params", "headers"), _rest),
    "ws": Verbs(("subscribe", "where", "count", "quiet"), _ws),
    "chain": Verbs(("where", "count", "quiet"), _chain),
    "market": Verbs((), _market),
    "fund": Verbs((), _fund),
}
"""The kinds of steps. A kind is one row: its words and its reader."""

__all__ = ["KINDS", "Place", "Template", "Verbs", "parse_path", "read_step"]
