"""The kinds of steps: a row each, with its words and the reader of its action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.case import values
from harness.case.fix import FIX_VERBS, fix_action, fix_expectation
from harness.case.form import Form, template
from harness.case.values import Action
from harness.strictyaml import Mapping as MappingNode
from harness.strictyaml import Node, Scalar
from harness.wire.ctf import topic0

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ORDER_KEYS: Final = ("token", "side", "price", "size", "type", "post_only", "expiration")
ASSETS: Final = ("collateral", "yes", "no")


def _as_written(form: Form, node: Node) -> Node:
    """Expectations stand as they are written; FIX's are put in the dictionary's words first."""
    return node


@dataclass(frozen=True, slots=True)
class Verbs:
    """What a kind of step may say beside the common words, and how its action is read."""

    keys: tuple[str, ...]
    read: Callable[[Form], tuple[str, Action] | None]
    expectation: Callable[[Form, Node], Node] = _as_written


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
    "fix": Verbs((*FIX_VERBS, "where", "count", "quiet"), fix_action, fix_expectation),
    "chain": Verbs(("where", "count", "quiet"), _chain),
    "market": Verbs((), _market),
    "fund": Verbs((), _fund),
}
"""A kind of step is one row here."""
