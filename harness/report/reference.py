"""The case reference, `docs/case-reference.md`: every word of the language, from its tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from harness.case import shapes
from harness.case.kinds import KINDS
from harness.case.manners import FAULTS, FAULTS_OF, TOLD
from harness.case.rules import RULES
from harness.case.words import KINDS as VALUES
from harness.case.words import Word
from harness.matchers import show
from harness.matchers.words import MATCHERS, Matcher
from harness.report.sections import ALL, CASE, CHECKS, GROUPS, REFERENCES, STAGE, STEPS, Section
from harness.wire.ctf import EVENT_NAMES, arguments_of

_HEAD: Final = """\
# The words of a case

Every word that a case can say: what it means, what it takes, and an example. [cases.md](cases.md) is the
guide to read first; this page is for looking things up.

A key in **bold** must be there. Whatever is not on this page is an error with file, line, column and the
nearest right word: `harness lint` tells all of a file at once, without a run. An editor with a YAML language
server says the same while you write, in a file whose first line is

```yaml
# yaml-language-server: $schema=../harness/case.schema.json
```

Page and schema are made from the tables that cases are read by, and the tests read every example on this
page. After a change of the tables, `make schema` makes both again; `harness reference` prints the page and
`harness schema` the schema. In a project that adds steps or checks of its own, `harness schema` has them too.
"""
_STAGE_HEAD: Final = """\
## The case of the examples

The examples below stand in this case: `alice`, `market`, `buy`, `filled`, `trade`, `settles` and the other
names are from here.
"""
_EXPECTATIONS: Final = """\
## Expectations

What stands in `where`, `expect`, `never`, `until`, `shows` and `seen`.

- A plain value is equal, type and all: `0.52` is the JSON number, `"0.52"` the JSON text.
- A mapping needs at least its keys; a list matches item by item.
- Addresses and hashes are equal whatever their capitals.
- A REST answer has `status`, `headers` and `body`. With `where`, the entries of its list are looked at.
- A FIX message stands under its name, `{ExecutionReport: {ExecType: NEW}}`; values of its enums match by name
  and by code. An event of the chain stands under its name too: `{OrderFilled: {fee: 0}}`.
- Matchers begin with `$`. Several in one mapping must all hold: `{$gte: 1, $lt: 5}`.

In the tables, the example holds for the first value and fails for the second.
"""
_AGE_TOLD: Final = "\nThese values came at 2026-03-02T12:00:02Z."
_REFERENCES_HEAD: Final = """\
## References

`${name}` or `${name.part}` stands for a value that is known only in the run. A reference that is the whole
value keeps its type; inside text it becomes text. Quote it. `$${`
stands for `${` itself. Nothing is computed.
"""


_PARTS: Final = (("The case", CASE), ("Steps", STEPS), ("Groups", GROUPS), ("Checks", CHECKS))
_MATCHERS: Final = "Matchers: "
_COMES: Final = (
    ("an answer to `rest`", shapes.RESPONSE),
    ("a message of `ws`, as far as known", shapes.MESSAGE),
    ("its `event_type`", shapes.EVENT_TYPES),
    ("a trade's `status`", shapes.TRADE_STATES),
    ("an order's `status`", shapes.ORDER_STATES),
    ("what `chain: call` reads", shapes.CALLED),
    ("what `chain: send` is answered", shapes.ACCEPTED),
    ("what `chain: receipt` reads", shapes.RECEIPT),
    ("an order that is sent (for `set` and `tamper`)", shapes.ORDER),
)


def reference() -> str:
    """The page, in Markdown."""
    pieces = [_HEAD, "\n".join(_contents()) + "\n", _STAGE_HEAD, f"```yaml\n{STAGE}```\n"]
    for title, sections in (("The case", CASE), ("Steps", STEPS), ("Groups", GROUPS), ("Checks", CHECKS)):
        pieces.append(f"## {title}\n")
        for each in sections:
            pieces.append("\n".join(_section(each)) + "\n")
            if each.title in KINDS and KINDS[each.title].verbs:
                pieces.append("\n".join(_verbs(each.title)) + "\n")
        if sections is STEPS:
            pieces.append("\n".join(_faults()) + "\n")
        if sections is CHECKS:
            pieces.append("\n".join(_symptoms()) + "\n")
    pieces += [_EXPECTATIONS, *("\n".join(_matchers(group)) + "\n" for group in _groups_of_matchers())]
    pieces.append("\n".join(_shapes()) + "\n")
    pieces += [_REFERENCES_HEAD, "\n".join(_references()) + "\n"]
    return "\n".join(pieces)


def _contents() -> Iterator[str]:
    also = {"Steps": ("Faults",), "Checks": ("What a check shows",)}
    for title, sections in _PARTS:
        links = (*(each.title for each in sections), *also.get(title, ()))
        yield f"- {_link(title)}: {', '.join(map(_link, links))}"
    groups = ((f"{_MATCHERS}{group}", group) for group in _groups_of_matchers())
    yield f"- {_link('Expectations')}: {', '.join(f'[{name}](#{_anchor(title)})' for title, name in groups)}"
    yield f"- {_link('What comes')}, {_link('References')}"


def _link(title: str) -> str:
    return f"[{title}](#{_anchor(title)})"


def _anchor(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _section(section: Section) -> Iterator[str]:
    yield f"{'#' * section.level} {section.title}\n"
    if section.intro:
        yield f"{section.intro}\n"
    for choice in dict.fromkeys(word.choice for word in section.words if word.choice):
        ways = ", ".join(f"`{word.name}`" for word in section.words if word.choice == choice)
        yield f"Exactly one of {ways} stands.\n"
    verbs = section.title in KINDS and bool(KINDS[section.title].verbs)
    yield from _table(
        ("key", "takes", "says", "example"),
        ((_key(word), _takes(word), _says(section, word), _example(word, verbs)) for word in section.words),
    )


def _key(word: Word) -> str:
    return f"**`{word.name}`**" if word.required else f"`{word.name}`"


def _takes(word: Word) -> str:
    if word.options:
        listed = ", ".join(f"`{option}`" for option in word.options)
        what = f"a list of {listed}" if word.kind == "list" else f"one of {listed}"
        return f"{what}, or a reference" if word.kind == "any" else what
    told = VALUES[word.kind]
    if word.kind == "expectation":
        told = "[an expectation](#expectations)"
    elif word.kind == "saves" and word.short:
        told = f"text, or {told}"
    elif word.inner is not None:
        one = "a text or a mapping" if word.short else "a mapping"
        told = {"named": f"names that you choose, each with {one}", "list": f"a list, each {one}"}.get(
            word.kind, one
        )
    return f"{told}, or nothing" if word.bare else told


def _says(section: Section, word: Word) -> str:
    if word.name == "fault":
        return f"what goes wrong on purpose: [one of these](#{_anchor('Faults')})"
    inside = next((each for each in ALL if word.inner is not None and each.words == word.inner), None)
    if word.inner and inside is None:
        inside = next((each for each in ALL if each.title == word.name), None)
    return (
        f"{word.doc}: see {_link(inside.title)}" if inside is not None and inside is not section else word.doc
    )


def _example(word: Word, verbs: bool) -> str:
    """The example, and what stands beside it; of a kind with verbs, the verb, whose table has the rest."""
    here = f"`{word.name}: {word.example}`"
    beside = [line for line in word.beside.split("\n") if line and not line.startswith(f"{word.name}: ")]
    return f"{here} with `{', '.join(beside[:1] if verbs else beside)}`" if beside else here


def _symptoms() -> Iterator[str]:
    yield "### What a check shows\n"
    yield "What `shows` of the [symptom](#symptom) is compared with, when the check fails.\n"
    yield from _table(("check", "shows"), ((f"`{name}`", kind.shows) for name, kind in RULES.items()))


def _verbs(kind: str) -> Iterator[str]:
    yield f"What `{kind}` takes, and the keys that go with it:\n"
    yield from _table(
        (f"`{kind}`", "does", "with", "example"),
        (
            (
                f"`{verb.name}`",
                verb.doc,
                ", ".join(f"`{word}`" for word in verb.words) or "–",
                f"`{{{', '.join(verb.example.splitlines())}}}`",
            )
            for verb in KINDS[kind].verbs
        ),
    )


def _faults() -> Iterator[str]:
    yield "### Faults\n"
    yield "What `fault` takes, and where it can happen.\n"
    yield from _table(
        ("fault", "what goes wrong", "at"),
        (
            (
                f"`{name}`",
                told,
                "; ".join(TOLD[at] for at, faults in FAULTS_OF.items() if name in faults),
            )
            for name, told in FAULTS.items()
        ),
    )


def _groups_of_matchers() -> tuple[str, ...]:
    return tuple(dict.fromkeys(matcher.group for matcher in MATCHERS))


def _matchers(group: str) -> Iterator[str]:
    yield f"### {_MATCHERS}{group}\n"
    yield from _table(
        ("matcher", "holds for", "takes", "example", "holds", "fails"),
        (_matcher(each) for each in MATCHERS if each.group == group),
    )
    if group == "time":
        yield _AGE_TOLD


def _matcher(each: Matcher) -> tuple[str, ...]:
    return (
        f"`{each.word}`",
        each.holds,
        each.takes,
        f"`{each.example}`",
        f"`{show.value(each.good)}`",
        f"`{show.value(each.bad)}`",
    )


def _shapes() -> Iterator[str]:
    yield "### What comes\n"
    yield "The keys that an expectation can name at its top, and words that some of them hold.\n"
    yield from _table(
        ("of", "known"),
        ((what, ", ".join(f"`{word}`" for word in known)) for what, known in _COMES),
    )
    yield "\nThe events of the chain, each with its arguments:\n"
    yield from _table(
        ("event", "arguments"),
        ((f"`{name}`", ", ".join(f"`{word}`" for word in arguments_of(name))) for name in EVENT_NAMES),
    )


def _references() -> Iterator[str]:
    yield from _table(("reference", "gives"), ((f"`{text}`", told) for text, told in REFERENCES))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table of Markdown; a bar inside a cell is escaped."""
    names = tuple(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
