"""Reading the rules that stand on a selection of events."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from harness.case.channels import Cast
from harness.case.form import Form
from harness.case.rules.selecting import SELECTION, condition, kind_of, path, selected, selection
from harness.case.rules.values import AddsUp, Always, ExactlyOnce, Flows, Happens, Never, Path, Selection
from harness.case.words import Word, names
from harness.matchers import Expectation, compile_expectation, is_present, match, references_of
from harness.references import STAR
from harness.strictyaml import Node, Scalar, Sequence

_WITNESS: Final = Word(
    "witness",
    "mapping",
    "a selection, or the id of a step, whose events prove that the channel was alive",
    "filled",
    inner=SELECTION,
    short=True,
)
ADDS_UP: Final = (
    *SELECTION,
    Word(
        "parts",
        "terms",
        "what is summed; `[*]` in a path takes every item of a list",
        '"$.maker_orders[*].matched_amount"',
        required=True,
    ),
    Word(
        "total",
        "term",
        "what they sum to, to the last digit",
        "$.size",
        required=True,
    ),
)
FLOWS: Final = (
    *SELECTION,
    Word("gap", "duration", "the longest silence between its messages", "5s", beside="witness: filled"),
    Word("count", "expectation", "how many messages there must be", "{$gte: 3}"),
    Word("age", "duration", "how old a message's `timestamp` may be when it comes", "2s"),
    replace(_WITNESS, beside="gap: 5s"),
)
EXACTLY_ONCE: Final = (
    *SELECTION,
    Word(
        "key",
        "paths",
        "the paths that tell one effect from another; left out for what is known: trades of the user "
        "channel, fills of FIX, and the chain",
        "[$.id]",
    ),
    Word("count", "count", "how many keys there must be", "1"),
)
HAPPENS: Final = SELECTION
ALWAYS: Final = (
    *SELECTION,
    Word("expect", "expectation", "what every one of them is like", "{side: BUY}", required=True),
)
NEVER: Final = (*SELECTION, _WITNESS)


def adds_up(form: Form, node: Node, cast: Cast) -> AddsUp | None:
    """`adds_up: {ws: user, parts: $.maker_orders[*].matched_amount, total: $.size}`."""
    inner = Form(node, form.problems, "an adds_up", names(ADDS_UP))
    chosen = selected(inner, cast)
    parts_node = inner.required("parts", "what is summed, such as $.maker_orders[*].matched_amount")
    total_node = inner.required("total", "what they sum to, such as $.size")
    if parts_node is None or total_node is None:
        return None
    listed = parts_node.items if isinstance(parts_node, Sequence) else (parts_node,)
    parts = [_term(inner, each) for each in listed]
    total = _term(inner, total_node)
    if not parts or not any(isinstance(each, tuple) for each in (*parts, total)):
        inner.problem(inner.place_of("parts"), "C021", "a sum of no part of an event cannot fail")
    elif isinstance(total, tuple) and parts.count(total) == 1 and not any(p for p in parts if p != total):
        inner.problem(inner.place_of("parts"), "C021", "a part that is the total itself cannot fail")
    if isinstance(total, tuple) and STAR in total:
        inner.problem(inner.place_of("total"), "C041", "a total is one value: it has no [*]")
    known = [each for each in parts if each is not None]
    if chosen is None or total is None or len(known) < len(parts):
        return None
    return AddsUp(chosen, tuple(known), total)


def _term(form: Form, node: Node) -> Path | Decimal | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    return path(value, node.place, form.problems)


def flows(form: Form, node: Node, cast: Cast) -> Flows | None:
    """`flows: {ws: market, gap: 5s}`."""
    inner = Form(node, form.problems, "a flows", names(FLOWS))
    chosen, witness = selected(inner, cast), _witness(inner, cast)
    gap_us, age_us = inner.duration("gap"), inner.duration("age")
    count_node = inner.node("count")
    if inner.readable and not any(word in inner for word in ("gap", "count", "age")):
        inner.problem(inner.place, "C021", "a flows without 'gap', 'count' or 'age' cannot fail")
    if witness is not None and "gap" not in inner:
        text = "'witness' means nothing without 'gap': it tells a silent stream from a dead one"
        inner.problem(inner.place_of("witness"), "C023", text)
    count = None if count_node is None else compile_expectation(count_node, inner.problems)
    if count is not None and _any_number(count):
        inner.problem(inner.place_of("count"), "C021", "a 'count' that none and any number meet cannot fail")
    return None if chosen is None else Flows(chosen, gap_us, count, age_us, witness)


def exactly_once(form: Form, node: Node, cast: Cast) -> ExactlyOnce | None:
    """`exactly_once: {ws: user}`, or with a key of its own."""
    inner = Form(node, form.problems, "an exactly_once", names(EXACTLY_ONCE))
    chosen = selected(inner, cast)
    key: list[Path] = []
    for item in inner.items("key"):
        one = path(item.value if isinstance(item, Scalar) else None, item.place, inner.problems)
        if one is not None and STAR in one:
            inner.problem(item.place, "C041", "a key is one value: it has no [*]")
        elif one is not None:
            key.append(one)
    if chosen is not None and not key and not _has_a_key(inner, cast, chosen):
        text = f"one effect of {chosen} has no key that is known: say it, such as key: [$.id]"
        inner.problem(inner.place, "C042", text)
    return None if chosen is None else ExactlyOnce(chosen, tuple(key), inner.count("count"))


def _has_a_key(form: Form, cast: Cast, chosen: Selection) -> bool:
    """Whether the kind of source has a key of its own: the user channel, FIX and the chain have."""
    kind = kind_of(form)
    if kind == "ws":
        return cast.of_source(chosen.source).stream == "user"
    return kind in ("fix", "chain")


def happens(form: Form, node: Node, cast: Cast) -> Happens | None:
    """`happens: [buy, {ws: user, where: …}, {chain: events, where: …}]`."""
    listed = [selection(item, cast, form.problems, "an event of 'happens'") for item in form.items("happens")]
    if isinstance(node, Sequence) and len(listed) < 2:
        form.problem(node.place, "C021", "an order of fewer than two events cannot fail")
    for before, each in pairwise(listed):
        if before is not None and each is not None and before.step is not None and before.step == each.step:
            form.problem(each.place, "C021", f"{before} before {each} is one event and cannot be in order")
    known = [each for each in listed if each is not None]
    return Happens(tuple(known)) if len(known) == len(listed) else None


def always(form: Form, node: Node, cast: Cast) -> Always | None:
    """`always: {ws: user, where: …, expect: …}`."""
    inner = Form(node, form.problems, "an always", names(ALWAYS))
    chosen = selected(inner, cast)
    inner.required("expect", "what every one of them is like")
    expect = condition(inner, kind_of(inner), "expect")
    if expect is not None and is_present(expect):
        inner.problem(inner.place_of("expect"), "C021", "an always that expects {$present} cannot fail")
    return None if chosen is None or expect is None else Always(chosen, expect)


def never(form: Form, node: Node, cast: Cast) -> Never | None:
    """`never: {ws: user, where: …}`."""
    inner = Form(node, form.problems, "a never", names(NEVER))
    chosen, witness = selected(inner, cast), _witness(inner, cast)
    return None if chosen is None else Never(chosen, witness)


def _any_number(count: Expectation) -> bool:
    """Whether a count cannot fail: none, one and very many messages all meet it."""
    return not references_of(count) and not any(match(count, n, str) for n in (0, 1, 1_000_000_000))


def _witness(form: Form, cast: Cast) -> Selection | None:
    node = form.node("witness")
    return None if node is None else selection(node, cast, form.problems, "a witness")
