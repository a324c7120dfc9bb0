"""Reading the rules that state something of a trade, an order, a wallet, a book or a session."""

from __future__ import annotations

from typing import Any, Final

from harness.case.channels import Cast
from harness.case.form import Form, template
from harness.case.rules.selecting import stream
from harness.case.rules.values import Book, Ledger, Lifecycle, Reconcile, Sequence
from harness.case.words import Word, names
from harness.strictyaml import Mapping, Node, Scalar

SAID_BY: Final = ("rest", "ws", "fix", "chain")
FACTS: Final = ("size", "price")

MAYBE: Final = (Word("maybe", "text", "a state that may be left out", "RETRYING", required=True),)
LIFECYCLE: Final = (
    Word("trade", "text", "which trade, by its id", '"${trade}"', choice="of"),
    Word(
        "order",
        "text",
        "which order, by its id: its states instead of a trade's",
        '"${buy.order_id}"',
        beside="states: [LIVE, MATCHED]",
        choice="of",
    ),
    Word(
        "states",
        "list",
        "the states in order; `{maybe: WORD}` may be left out, `A|B` is either",
        "[MATCHED, {maybe: RETRYING}, MINED, CONFIRMED]",
        required=True,
        inner=MAYBE,
        short=True,
    ),
)
RECONCILE: Final = (
    Word("order", "text", "which order, by its id", '"${buy.order_id}"', required=True),
    Word(
        "fields",
        "list",
        f"the facts that are equal: {', '.join(FACTS)}",
        "[size, price]",
        required=True,
        options=FACTS,
    ),
    Word(
        "sources",
        "list",
        f"who tells them: {', '.join(SAID_BY)}",
        "[rest, ws, chain]",
        required=True,
        options=SAID_BY,
    ),
)
LEDGER: Final = (
    Word("of", "text", "whose wallet", "alice", required=True),
    Word(
        "since",
        "text",
        "the step before which the balances are read; the first of `steps` unless told",
        "buy",
    ),
    Word("fills", "text", "who tells of the fills; rest unless told", "ws", options=SAID_BY),
    Word("reserved", "flag", "true: what a refusal says is held back is judged too", "true"),
)
BOOK: Final = (
    Word("ws", "text", "the market channel that it is built from", "market", required=True),
    Word("as", "text", "whose connection; every actor's where several could be meant", "alice"),
    Word("token", "text", "which token", '"${market.yes}"', required=True),
    Word("rest", "flag", "true: it also equals GET /book in the end; the check then says `within`", "true"),
    Word(
        "depth",
        "count",
        "with `rest`: so many levels of each side are compared; all unless told",
        "5",
        beside="rest: true",
    ),
)
SEQUENCE: Final = (
    Word("fix", "text", "the FIX session whose numbers are judged", "oe", choice="stream"),
    Word("ws", "text", "the WebSocket channel whose timestamps are judged", "market", choice="stream"),
    Word("as", "text", "whose; every actor's where several could be meant", "alice"),
)


def lifecycle(form: Form, node: Node, cast: Cast) -> Lifecycle | None:
    """`lifecycle: {trade: …, states: […]}`, or `order:` instead of `trade:`."""
    inner = Form(node, form.problems, "a lifecycle", names(LIFECYCLE))
    if inner.readable and ("trade" in inner) == ("order" in inner):
        inner.problem(inner.place, "C040", "a lifecycle is of one 'trade' or one 'order', such as ${trade}")
    inner.required("states", "the states in order, such as [MATCHED, MINED, CONFIRMED]")
    states: list[str] = []
    optional: set[str] = set()
    for item in inner.items("states"):
        name: Node | None = item
        if isinstance(item, Mapping):
            name = Form(item, form.problems, "an optional state", names(MAYBE)).node("maybe")
            if isinstance(name, Scalar) and isinstance(name.value, str):
                optional.add(name.value)
        if isinstance(name, Scalar) and isinstance(name.value, str):
            states.append(name.value)
        elif name is not None or not isinstance(item, Mapping):
            form.problem(item.place, "C002", "a state is a word, or {maybe: WORD} where it may be left out")
    if "states" in inner and not [state for state in states if state not in optional]:
        text = "a lifecycle without a state that must come cannot fail"
        form.problem(inner.place_of("states"), "C021", text)
    return Lifecycle(written(inner, "trade"), tuple(states), frozenset(optional), written(inner, "order"))


def reconcile(form: Form, node: Node, cast: Cast) -> Reconcile | None:
    """`reconcile: {order: …, fields: […], sources: […]}`."""
    inner = Form(node, form.problems, "a reconcile", names(RECONCILE))
    inner.required("order", "which order, such as ${buy.order_id}")
    inner.required("fields", f"the facts that are equal: {', '.join(FACTS)}")
    inner.required("sources", f"who tells them: {', '.join(SAID_BY)}")
    fields, sources = inner.words("fields"), inner.words("sources")
    for words, known, key in ((fields, FACTS, "fields"), (sources, SAID_BY, "sources")):
        for word in words:
            if word not in known:
                text = f"{word!r} is none of the {key} {', '.join(known)}"
                form.problem(inner.place_of(key), "C005", text)
    if "sources" in inner and len(set(sources)) < 2:
        form.problem(inner.place_of("sources"), "C021", "a reconcile of fewer than two sources cannot fail")
    if "fields" in inner and not fields:
        form.problem(inner.place_of("fields"), "C021", "a reconcile of no fields cannot fail")
    return Reconcile(written(inner, "order"), fields, sources)


def ledger(form: Form, node: Node, cast: Cast) -> Ledger | None:
    """`ledger: {of: alice}`."""
    inner = Form(node, form.problems, "a ledger", names(LEDGER))
    inner.required("of", "whose wallet, such as alice")
    of = inner.text("of")
    if of is not None and of not in cast.names:
        known = ", ".join(cast.names) or "none"
        inner.problem(inner.place_of("of"), "C008", f"nobody is called {of!r}; actors are {known}")
    fills = inner.choice("fills", SAID_BY) or SAID_BY[0]
    if inner.flag("reserved") and fills != "rest":
        text = "'reserved' means nothing here: unsettled trades are read from REST, so leave 'fills' out"
        inner.problem(inner.place_of("reserved"), "C023", text)
    return None if of is None else Ledger(of, inner.text("since"), fills, inner.flag("reserved"))


def book(form: Form, node: Node, cast: Cast) -> Book | None:
    """`book: {ws: market, token: "${market.yes}"}`."""
    inner = Form(node, form.problems, "a book", names(BOOK))
    inner.required("token", "which token, such as ${market.yes}")
    inner.required("ws", "the market channel that it is built from, such as market")
    source = stream(inner, cast, "ws") if "ws" in inner else None
    rest, depth = inner.flag("rest"), inner.count("depth")
    if depth is not None and not rest:
        text = "'depth' means nothing without 'rest': only GET /book is compared level by level"
        inner.problem(inner.place_of("depth"), "C023", text)
    return None if source is None else Book(source, written(inner, "token"), rest, depth)


def sequence(form: Form, node: Node, cast: Cast) -> Sequence | None:
    """`sequence: {fix: oe}` or `{ws: market}`."""
    source = stream(Form(node, form.problems, "a sequence", names(SEQUENCE)), cast, "fix", "ws")
    return None if source is None else Sequence(source)


def written(form: Form, key: str) -> Any:
    """A text or a template; "" where it is not given."""
    node = form.node(key)
    return template(node, form.problems) if isinstance(node, Scalar) else ""
