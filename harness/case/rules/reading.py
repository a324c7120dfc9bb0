"""The table of rules, and reading one entry of `checks:` by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from harness.case.channels import Cast
from harness.case.form import Form, templates_in
from harness.case.rules import chosen, stated
from harness.case.rules.selecting import ANY_REST
from harness.case.rules.values import Book, Flows, Happens, Ledger, Never, OwnRule, Rule, Selection
from harness.case.words import NAME, Word, names
from harness.errors import Problem
from harness.matchers import Bound, Expectation, Fields, Items, Literal, Matchers, references_of
from harness.model import Source
from harness.references import Template
from harness.strictyaml import Node

if TYPE_CHECKING:  # both import this package: a check holds a rule, and a rule is read for a check
    from harness.case.additions import Addition
    from harness.case.values import Check

_READS: Final = 'lifecycle: {trade: "${trade}", states: [MATCHED, MINED]}\nwithin: 60s'
COMMON: Final = (
    Word(
        "id",
        "text",
        "its name, for findings and the symptom",
        "shown",
        required=True,
        pattern=NAME,
        beside="happens: [buy, filled]\nwithin: 5s",
    ),
    Word("within", "duration", "how long it waits, from the cause", "60s", beside=_READS),
    Word(
        "watch",
        "duration",
        "how long a missed deadline is watched on, from the cause; twice `within` unless told, and at most "
        "60 s more than it",
        "2m",
        beside=_READS,
    ),
    Word("every", "duration", "how often a read is repeated; 250 ms unless told", "1s", beside=_READS),
    Word(
        "after",
        "text",
        "the step that is the cause: only what came since then is looked at",
        "buy",
        beside=_READS,
    ),
)
"""The words of every check."""


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A rule: its own word, the words it takes, its reader, and whether it always waits."""

    word: Word
    words: tuple[Word, ...]
    read: Callable[[Form, Node, Cast], Rule | None]
    waits: bool = False


def _kind(
    name: str,
    doc: str,
    example: str,
    words: tuple[Word, ...],
    read: Callable[[Form, Node, Cast], Rule | None],
    *,
    waits: bool = False,
    value: str = "mapping",
) -> RuleKind:
    beside = "within: 60s" if waits else ""
    word = Word(name, value, doc, example, beside=beside, inner=words, short=value == "list")
    return RuleKind(word, words, read, waits)


RULES: Final[Mapping[str, RuleKind]] = {
    kind.word.name: kind
    for kind in (
        _kind(
            "reconcile",
            "the same fact, such as the size of a fill, is equal in all sources",
            '{order: "${buy.order_id}", fields: [size, price], sources: [rest, ws, chain]}',
            stated.RECONCILE,
            stated.reconcile,
            waits=True,
        ),
        _kind(
            "lifecycle",
            "a trade or an order passes through its states in order, and leaves no state that is final",
            '{trade: "${trade}", states: [MATCHED, {maybe: RETRYING}, MINED, CONFIRMED]}',
            stated.LIFECYCLE,
            stated.lifecycle,
            waits=True,
        ),
        _kind(
            "ledger",
            "a wallet's balances move exactly by its fills, fees and transfers",
            "{of: alice, since: buy}",
            stated.LEDGER,
            stated.ledger,
            waits=True,
        ),
        _kind(
            "adds_up",
            "at every selected event, the parts sum to the total",
            '{ws: user, parts: "$.maker_orders[*].matched_amount", total: $.size}',
            chosen.ADDS_UP,
            chosen.adds_up,
        ),
        _kind(
            "book",
            "the book that a market channel's messages make is never crossed, and its hash and best prices "
            "are those that the exchange tells",
            '{ws: market, token: "${market.yes}"}',
            stated.BOOK,
            stated.book,
        ),
        _kind(
            "sequence",
            "the message numbers of a FIX session go on without a gap, or the timestamps of a WebSocket "
            "channel never go back",
            "{fix: oe}",
            stated.SEQUENCE,
            stated.sequence,
        ),
        _kind(
            "flows",
            "a stream that should speak does",
            "{ws: market, gap: 5s, witness: filled}",
            chosen.FLOWS,
            chosen.flows,
        ),
        _kind(
            "exactly_once",
            "what makes an effect (a fill, an order) comes once for each key, however often it is delivered",
            "{ws: user, where: {event_type: trade}}",
            chosen.EXACTLY_ONCE,
            chosen.exactly_once,
        ),
        _kind(
            "happens",
            "the first event of each selection comes in this order, whatever the channel; a text is a "
            "step's id",
            "[buy, {ws: user, where: {event_type: trade}}, {chain: events, where: {OrderFilled: {fee: 0}}}]",
            chosen.HAPPENS,
            chosen.happens,
            waits=True,
            value="list",
        ),
        _kind(
            "always",
            "every selected event is like this",
            "{ws: user, where: {event_type: trade}, expect: {side: BUY}}",
            chosen.ALWAYS,
            chosen.always,
        ),
        _kind(
            "never",
            "no event is selected, and something shows that the channel was alive",
            "{ws: user, where: {status: FAILED}, witness: buy}",
            chosen.NEVER,
            chosen.never,
        ),
    )
}
"""A rule is one row here."""


def read_check(
    node: Node, cast: Cast, problems: list[Problem], own: Mapping[str, Addition] | None = None
) -> Check | None:
    """Read one entry of `checks:`; None where it is too broken to go on (its problems are noted).

    `own` are the checks that the project added.
    """
    from harness.case.values import DEFAULT_EVERY_US, Check

    added = own or {}
    known = (*RULES, *(name for name in added if name not in RULES))
    before = len(problems)
    form = Form(node, problems, "a check", (*names(COMMON), *known))
    form.required("id", "a check is named in findings and in the symptom")
    said = [name for name in known if name in form]
    if len(said) != 1:
        if form.readable and (said or not _misspelt(problems[before:])):
            text = f"a check is one of {', '.join(known)}, not {len(said)} of them"
            form.problem(form.place, "C007", text)
        return None
    rule = _rule(form, said[0], cast, added)
    if rule is not None:
        _waiting(form, said[0], rule)
    check_id, within_us = form.text("id"), form.duration("within")
    watch_us, every_us, after = form.duration("watch"), form.duration("every"), form.text("after")
    if len(problems) > before or rule is None:
        return None
    every = every_us or DEFAULT_EVERY_US
    return Check(check_id or "", form.place, rule, within_us, watch_us, every, after)


def _misspelt(noted: list[Problem]) -> bool:
    """Whether a rule's word was misspelt: that is told already, with the right one."""
    return any(problem.code == "C001" for problem in noted)


def _rule(form: Form, name: str, cast: Cast, added: Mapping[str, Addition]) -> Rule | None:
    node = form.node(name)
    if node is None:
        return None
    if name in RULES:
        return RULES[name].read(form, node, cast)
    from harness.case.additions import arguments_of

    arguments = arguments_of(form, added[name])
    return None if arguments is None else OwnRule(name, arguments, added[name].function)


def _waiting(form: Form, name: str, rule: Rule) -> None:
    """Note a check that waits and does not say how long, and words that would then mean nothing."""
    if "within" in form:
        return
    reads = isinstance(rule, Book) and rule.rest
    reads = reads or any(each.source.channel == "chain" for each in selections_of(rule))
    if (name in RULES and RULES[name].waits) or reads:
        why = "it reads the chain or the exchange" if reads else "it waits"
        form.required("within", f"{why}, so it says how long, such as within: 5s")
        return
    for word in ("watch", "every"):
        if word in form:
            text = (
                f"{word!r} means nothing without 'within': the check judges what came until the steps ended"
            )
            form.problem(form.place_of(word), "C023", text)


def selections_of(rule: Rule) -> tuple[Selection, ...]:
    """The selections that a rule stands on, its witness last."""
    if isinstance(rule, Happens):
        return rule.selections
    found = [getattr(rule, "selection", None)]
    if isinstance(rule, Flows | Never):
        found.append(rule.witness)
    return tuple(each for each in found if each is not None)


def expectations_of(rule: Rule) -> Iterator[Expectation]:
    """Every expectation inside a rule."""
    for each in selections_of(rule):
        if each.where is not None:
            yield each.where
    for held in (getattr(rule, field.name) for field in fields(rule)):
        if isinstance(held, Literal | Bound | Fields | Items | Matchers):
            yield held


def templates_of(rule: Rule) -> Iterator[Template]:
    """Every text with references inside a rule, those of its expectations too."""
    for field in fields(rule):
        held: Any = getattr(rule, field.name)
        yield from templates_in(dict(held) if isinstance(held, Mapping) else held)
    for expectation in expectations_of(rule):
        yield from references_of(expectation)


def names_of(rule: Rule) -> tuple[str, ...]:
    """The ids of the steps that a rule names."""
    since = (rule.since,) if isinstance(rule, Ledger) else ()
    steps = (each.step for each in selections_of(rule))
    return tuple(dict.fromkeys(name for name in (*since, *steps) if name is not None))


def watched_sources(rule: Rule, cast: Cast) -> tuple[Source, ...]:
    """The streams that a rule needs kept open: of every actor where it names none."""
    named = [each.source for each in selections_of(rule)]
    own = getattr(rule, "source", None)
    if isinstance(own, Source):
        named.append(own)
    if isinstance(rule, Ledger) and rule.fills == "ws":
        named.append(Source("ws.user", rule.of))
    found: list[Source] = []
    for source in named:
        if source.channel.partition(".")[0] in ("ws", "fix") and source.channel != ANY_REST:
            actors = (source.actor,) if source.actor else ("", *cast.names)
            found += [Source(source.channel, actor) for actor in actors]
    return tuple(dict.fromkeys(found))
