"""Reading selections: which events a check is about, and paths into them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.case.channels import Cast
from harness.case.fix import fix_expectation
from harness.case.form import Form
from harness.case.kinds.chain import confirmations, event
from harness.case.rules.values import Path, Selection
from harness.case.words import Word, names
from harness.errors import CaseError, Place, Problem
from harness.matchers import Expectation, compile_expectation
from harness.model import Source
from harness.references import Template, parse
from harness.strictyaml import Mapping, Node, Scalar, Sequence

SELECTION: Final = (
    Word("ws", "text", "messages of this WebSocket channel", "user", choice="source"),
    Word("fix", "text", "messages of this FIX session", "oe", choice="source"),
    Word(
        "rest",
        "text",
        "answers of the REST steps: `all` of them, or those of one channel of kind rest",
        "all",
        choice="source",
    ),
    Word(
        "chain",
        "text",
        "events of the chain, which `where` names",
        "events",
        options=("events",),
        choice="source",
        beside="where: {OrderFilled: {fee: 0}}",
    ),
    Word(
        "confirmations",
        "count",
        "of the chain's events, only those of a block with so many, itself the first",
        "3",
        beside="chain: events\nwhere: {OrderFilled: {fee: 0}}",
    ),
    Word("step", "text", "what this step took or was answered", "buy", choice="source"),
    Word("as", "text", "whose; every actor's where several could be meant", "alice"),
    Word("where", "expectation", "chooses among them", "{event_type: trade}"),
)
"""What chooses events, in every check that looks at some."""
SOURCES: Final = ("ws", "fix", "rest", "chain", "step")
ANY_REST: Final = "rest.*"
STEP: Final = "step"


def selection(node: Node, cast: Cast, problems: list[Problem], what: str) -> Selection | None:
    """A selection that stands alone: a mapping, or the id of a step."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return Selection(node.place, Source(STEP), node.value)
    return selected(Form(node, problems, what, names(SELECTION)), cast)


def selected(form: Form, cast: Cast) -> Selection | None:
    """The selection whose words stand in this mapping."""
    said = [word for word in SOURCES if word in form]
    if len(said) != 1:
        if said or form.lacks(*SOURCES):
            known = ", ".join(SOURCES)
            text = f"{form.what} looks at exactly one of {known}, not {len(said)} of them"
            form.problem(form.place, "C040", text)
        return None
    kind = said[0]
    if kind == "step":
        return _of_step(form)
    source = _source(form, kind, cast)
    where = condition(form, kind, "where")
    if source is None:
        return None
    event_names: tuple[str, ...] = ()
    if kind != "chain" and "confirmations" in form:
        text = f"'confirmations' means nothing beside {kind!r}: only what is on the chain has some"
        form.problem(form.place_of("confirmations"), "C023", text)
    if kind == "chain":
        form.choice("chain", ("events",))
        node = form.required("where", "events are chosen by name, such as {OrderFilled: {orderHash: …}}")
        event_names = tuple(dict.fromkeys(_event_names(form, node))) if node is not None else ()
    return Selection(form.place, source, None, where, event_names, confirmations(form))


def condition(form: Form, kind: str, key: str) -> Expectation | None:
    """An expectation on events of one kind of source; FIX's are put into the dictionary's words."""
    node = form.node(key)
    if node is None:
        return None
    found = compile_expectation(fix_expectation(form, node) if kind == "fix" else node, form.problems)
    if key == "where":
        form.chooses(key, found)
    return found


def kind_of(form: Form) -> str:
    """Which kind of source a mapping names; "" where it names none."""
    return next((word for word in SOURCES if word in form), "")


def _of_step(form: Form) -> Selection | None:
    for word in ("as", "where", "confirmations"):
        if word in form:
            text = f"{word!r} means nothing beside 'step': it is one event, whose step says the rest"
            form.problem(form.place_of(word), "C023", text)
    name = form.text("step")
    return None if name is None else Selection(form.place, Source(STEP), name)


def _source(form: Form, kind: str, cast: Cast) -> Source | None:
    if kind == "chain":
        cast.acting(form, None, shared=True)
        return Source("chain")
    if kind == "rest" and form.text("rest") == "all":
        return Source(ANY_REST, cast.acting(form, None))
    channel = cast.named(form, kind, kind)
    if channel is None:
        return None
    shared = channel.stream == "market"  # a public channel is nobody's, as its steps say
    return Source(channel.source_name, cast.acting(form, channel, shared=shared))


def stream(form: Form, cast: Cast, *kinds: str) -> Source | None:
    """The stream that a mapping names by exactly one of these kinds."""
    said = [kind for kind in kinds if kind in form]
    if len(said) != 1:
        if said or form.lacks(*kinds):
            text = f"{form.what} looks at exactly one of {', '.join(kinds)}, not {len(said)} of them"
            form.problem(form.place, "C040", text)
        return None
    return _source(form, said[0], cast)


def _event_names(form: Form, node: Node) -> Iterator[str]:
    """The events that a condition names, those of its ways (`$either`) too."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _event_names(form, item)
    if not isinstance(node, Mapping):
        return
    for key, value in node.entries:
        if key.text.startswith("$"):
            yield from _event_names(form, value)
            continue
        event(form, key, value)
        yield key.text


def path(text: object, place: Place, problems: list[Problem]) -> Path | None:
    """`$.maker_orders[*].size` as its parts; what is no path is noted."""
    parsed: str | Template | None = None
    if isinstance(text, str) and text.startswith("$") and not text.startswith("${"):
        try:
            parsed = parse("${event" + text[1:] + "}", place)
        except CaseError:
            parsed = None
    whole = parsed.whole if isinstance(parsed, Template) else None
    if whole is None or whole.root != "event":
        told = f"a part of an event is a path such as $.size or $.maker_orders[*].price, not {text!r}"
        problems.append(Problem(place, "C041", told))
        return None
    return whole.path
