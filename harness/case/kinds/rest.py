"""Reading `rest:` steps: the request line, the body, and orders built and signed as the actor."""

from __future__ import annotations

from typing import Any, Final

from harness.case.actions import Action, RestCall
from harness.case.channels import Cast, Channel
from harness.case.form import Form, fields_of, template
from harness.case.words import Word, names
from harness.model import Source
from harness.references import Template
from harness.strictyaml import Node, Scalar

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LINE: Final = rf"({'|'.join(METHODS)}) +/.*"
"""What stands behind `rest:`."""
SIDES: Final = ("BUY", "SELL")
TYPES: Final = ("GTC", "GTD", "FOK", "FAK")
AUTHS: Final = ("wallet", "none")
PAGES: Final = ("all",)

ORDER: Final = (
    Word("token", "any", "the token id that is traded", '"${market.yes}"', required=True),
    Word("side", "any", "BUY or SELL", "BUY", required=True, options=SIDES),
    Word(
        "price",
        "number",
        "the limit price, on the market's tick; a market order's worst",
        "0.52",
        required=True,
    ),
    Word("size", "number", "a limit order's: shares", "5", choice="quantity"),
    Word(
        "amount",
        "number",
        "a market order's, instead of a size: collateral to spend (BUY) or shares to sell (SELL)",
        "1",
        choice="quantity",
    ),
    Word(
        "type",
        "any",
        "how long it stands: GTC until cancelled, GTD until `expiration`, FOK in full at once or not at all, "
        "FAK at once as far as possible",
        "GTC",
        required=True,
        options=TYPES,
    ),
    Word("post_only", "flag", "true: refused unless it rests", "true"),
    Word("expiration", "number", "unix seconds; GTD orders have it", '"${now+120s:s}"', beside="type: GTD"),
)
_ONE: Final = '{token: "${market.yes}", side: BUY, price: 0.52, size: 5, type: GTC}'
_POST: Final = "rest: POST /order\nexpect: {status: 200}"
_ASKS: Final = "rest: GET /data/trades\nexpect: {status: 200}"
WORDS: Final = (
    Word(
        "on",
        "text",
        "another host than the exchange itself: a channel of kind rest, declared in `channels`",
        "clob",
        beside=_ASKS,
    ),
    Word("order", "mapping", "an order, built and signed as the actor", _ONE, beside=_POST, inner=ORDER),
    Word(
        "orders",
        "list",
        "several orders in one request",
        f"[{_ONE}]",
        beside="rest: POST /orders\nexpect: {status: 200}",
        inner=ORDER,
    ),
    Word(
        "set",
        "mapping",
        "fields of the order, by the wire's names, replaced before it is signed",
        "{expiration: 0}",
        beside=f"{_POST}\norder: {_ONE}",
    ),
    Word(
        "tamper",
        "mapping",
        "fields of the order, by the wire's names, replaced after it is signed",
        '{salt: "1"}',
        beside=f"{_POST}\norder: {_ONE}",
    ),
    Word(
        "json",
        "any",
        "any other body, as JSON",
        '{orderID: "0x1f"}',
        beside="rest: DELETE /order\nexpect: {status: 200}",
    ),
    Word(
        "raw",
        "text",
        "the body as it is; `${buy.sent}` is what the step `buy` sent, byte for byte",
        '"${buy.sent}"',
        beside=_POST,
    ),
    Word(
        "params",
        "fields",
        "the query behind the path, by name",
        '{market: "${market.condition}"}',
        beside=_ASKS,
    ),
    Word(
        "headers",
        "fields",
        "headers beside our own; null leaves one of ours out",
        "{x-trace: abc, POLY_SIGNATURE: null}",
        beside=_ASKS,
    ),
    Word(
        "pages",
        "text",
        "`all`: the list is read to its end, page by page, and shown as one answer; a hundred pages at most",
        "all",
        options=PAGES,
        beside=_ASKS,
    ),
    Word(
        "auth",
        "any",
        "how it is signed, where not with the actor's API key: `wallet` (by the actor's wallet, as /auth "
        "wants it), `none`, or a reference to the credentials that /auth gave, `${key.got.body}`",
        "wallet",
        options=AUTHS,
        beside="rest: GET /auth/derive-api-key\nexpect: {status: 200}",
    ),
)
BODIES: Final = ("order", "orders", "json", "raw")
"""What a request sends: at most one of these."""


def read(form: Form, cast: Cast) -> tuple[Source, Action] | None:
    """The call of a `rest:` step and whose it is."""
    line = form.text("rest")
    channel = cast.named(form, "rest", "on") or cast.channel("rest", "clob")
    actor = cast.acting(form, channel)
    if line is None or channel is None:
        return None
    method, _, path = line.partition(" ")
    path = path.strip()
    place = form.place_of("rest")
    if method not in METHODS or not path.startswith("/"):
        form.problem(place, "C017", f"'rest' is METHOD /path, such as GET /book?token_id=1, not {line!r}")
        return None
    bodies = [name for name in BODIES if name in form]
    if len(bodies) > 1:
        form.problem(
            form.place_of(bodies[1]), "C018", f"a step sends one body: {' or '.join(bodies)}, not both"
        )
    if bodies and method in ("GET", "HEAD"):
        form.problem(form.place_of(bodies[0]), "C018", f"a {method} sends no body: put it into 'params'")
    for word in ("set", "tamper"):
        if word in form and not {"order", "orders"} & set(bodies):
            text = f"{word!r} means nothing here: it changes an 'order' or 'orders'"
            form.problem(form.place_of(word), "C023", text)
    if "pages" in form and method != "GET":
        text = f"'pages' means nothing here: a list is read by GET, not by {method}"
        form.problem(form.place_of("pages"), "C023", text)
    for word in ("order", "orders", "pages"):
        if channel.exchange and word in form:
            text = f"{word!r} means nothing here: {channel.name!r} is another exchange's: write 'json'"
            form.problem(form.place_of(word), "C023", text)
    node = form.node("rest")
    call = RestCall(
        method,
        template(Scalar(path, path, True, node.place if node else place), form.problems),
        _one(form),
        _several(form),
        form.filled("json"),
        form.filled("raw"),
        _fields(form, "params"),
        _fields(form, "headers"),
        fields_of(form, "set") or {},
        fields_of(form, "tamper") or {},
        _auth(form, channel, actor),
        form.choice("pages", PAGES) is not None,
    )
    return Source(channel.source_name, actor), call


def _fields(form: Form, key: str) -> Any:
    """A mapping of names to values, or a reference to one; None where it is not given."""
    if not form.refers(key):
        return fields_of(form, key)
    found = form.filled(key)
    if isinstance(found, Template) and found.whole is None:
        text = f"{key!r} is a mapping of names to values, or one reference to such a mapping"
        form.problem(form.place_of(key), "C002", text)
    return found


def _auth(form: Form, channel: Channel, actor: str) -> Any:
    """How the request is signed: one of AUTHS, a reference to credentials, None for the actor's own key."""
    if "auth" not in form:
        return None
    place = form.place_of("auth")
    found: Any = None
    if channel.host != "clob":
        form.problem(place, "C066", f"'auth' means nothing on {channel.host}: only the exchange is signed to")
    if form.refers("auth"):
        found = form.filled("auth")
        if not isinstance(found, Template) or found.whole is None:
            form.problem(place, "C066", "'auth' is one reference to credentials, such as ${key.got.body}")
    else:
        found = form.choice("auth", AUTHS)
    if channel.exchange and found not in (None, "none"):
        form.problem(place, "C066", f"{channel.name!r} signs with its own key: leave 'auth' out, or say none")
    if not actor and found not in (None, "none"):
        form.problem(place, "C066", "'auth' signs as somebody, and nobody acts here: say 'as'")
    return found


def _one(form: Form) -> dict[str, Any] | None:
    node = form.node("order")
    return None if node is None else _order(form, node)


def _several(form: Form) -> tuple[dict[str, Any], ...]:
    orders = tuple(_order(form, node) for node in form.items("orders"))
    if "orders" in form and not orders:
        form.problem(form.place_of("orders"), "C018", "'orders' lists one order or more")
    return orders


def _order(form: Form, node: Node) -> dict[str, Any]:
    order = Form(node, form.problems, "an order", names(ORDER))
    for word in ORDER:
        if word.required:
            order.required(word.name, "an order says token, side, price, type, and size or amount")
    both = "size" in order and "amount" in order
    if both or order.lacks("size", "amount"):
        text = "an order has a 'size' (limit) or an 'amount' (market): one of the two"
        order.problem(order.place, "C003", text)
    for key, options in (("side", SIDES), ("type", TYPES)):
        if not order.refers(key):
            order.choice(key, options)
    for key in ("price", "size", "amount"):
        order.amount(key)
    order.flag("post_only")
    return {word.name: order.filled(word.name) for word in ORDER if word.name in order}
