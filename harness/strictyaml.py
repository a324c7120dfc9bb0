"""Strict YAML: a case file's text to places and typed values, or every problem of the file at once.

The only module that imports `yaml`. It reads libyaml's events, never its composer or constructor, and
stops while parsing as soon as a limit is passed. Typed are only `true`, `false`, `null` (also an empty
value) and plain decimals: integers are `int`, other numbers `Decimal` with their digits; all else is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

import yaml

from harness import limits
from harness.errors import CaseError, Place, Problem
from harness.yamlnodes import Key, Mapping, Node, Scalar, Sequence, Value, plain
from harness.yamlslips import Slip, SyntaxTrouble, diagnose, mended, says_more_behind
from harness.yamltabs import TAB_INDENT, Span, stray_tabs, tab_indents
from harness.yamltext import readable

__all__ = ["Key", "Mapping", "Node", "Scalar", "Sequence", "Value", "load", "plain"]

_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "": None}
_BEGINS: Final = frozenset("-+0123456789")
_NUMBER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def load(text: str | bytes, path: str) -> Node:
    """Read one YAML document; `path` is the file's name as the author knows it, for the places.

    Raises CaseError (the author's fault) with all problems of the file. A slip that is surely a text
    without its quotes is noted and reading goes on as if it had them; at any other syntax error, and at a
    limit, reading ends, and the problem says that nothing behind it was read.
    """
    source = readable(text, path)
    slips: list[Slip] = []
    nodes = 0
    while True:
        builder = _Builder(source, path)
        slip = builder.read()
        nodes += builder.nodes
        if slip is None or nodes > limits.YAML_NODES or not _goes_on(slip, slips):
            break
        slips.append(slip)
        source = mended(source, slip)
    if slip is not None and slips and _spot(slip) == _spot(slips[-1]):
        slip = slips.pop()  # to take it for text did not help: it ends the reading, in its first words
    return builder.finish(slips, slip)


def _spot(slip: Slip) -> tuple[int, int]:
    return slip.line, slip.column


def _goes_on(slip: Slip, before: list[Slip]) -> bool:
    """Say whether reading may go on behind a slip: it can be mended, and lies behind all before it."""
    if slip.mend is None or len(before) >= limits.YAML_MENDS:
        return False
    return not before or _spot(slip) > _spot(before[-1])


class _StopError(Exception):
    """The scan ends here: the last problem says why."""


@dataclass(slots=True)
class _Open:
    """A collection that is being filled; `key` is the mapping's key that waits for its value."""

    mapping: bool
    place: Place
    as_key: bool
    items: list[Node]
    entries: dict[str, tuple[Key, Node]]
    key: Key | None = None
    skip: bool = False


class _Builder:
    def __init__(self, source: str, path: str) -> None:
        self.source = source
        self.path = path
        self.problems: list[Problem] = []
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.nodes = 0
        self.documents = 0
        self.texts: list[Span] = []
        self.has_tabs = "\t" in source
        self.last: Any = None
        """The last event that was read; None where reading came to its end."""

    def read(self) -> Slip | None:
        """Read the events; gives the syntax error that ended it, or None."""
        try:
            events = yaml.CSafeLoader(self.source)
            while (event := events.get_event()) is not None:
                self.take(event)
                self.last = event
        except yaml.YAMLError as error:
            return self.slip(error)
        except _StopError:
            return None  # the problem that stopped the scan is among the others
        self.last = None
        if self.root is None or (isinstance(self.root, Scalar) and self.root.plain and not self.root.raw):
            self.problem(Place(self.path, 1, 1), "Y004", "the file is empty: a case begins with its id")
        return None

    def finish(self, mended_slips: list[Slip], last: Slip | None) -> Node:
        """Give the tree; raises CaseError with all problems, those of the slips among them."""
        for slip in mended_slips:
            self.problem(Place(self.path, slip.line + 1, slip.column + 1), slip.code, slip.text)
        if last is not None:
            told = last.text + says_more_behind(self.source, last.line)
            self.problems = self.problems[: limits.YAML_PROBLEMS - 1]
            self.problem(Place(self.path, last.line + 1, last.column + 1), last.code, told)
        self.report_tabs(last)
        if self.problems:
            raise CaseError(list(dict.fromkeys(self.problems)))
        assert self.root is not None
        return self.root

    def report_tabs(self, last: Slip | None) -> None:
        """Note the tabs in what was read; behind a tab that ended it, also the lines that begin with one."""
        if not self.has_tabs:
            return
        told = {problem.place.line for problem in self.problems if problem.code == "Y012"}
        end = None if self.last is None else self.last.end_mark
        found = list(stray_tabs(self.source, self.texts, None if end is None else (end.line, end.column)))
        if last is not None and last.code == "Y012":
            found += [(line, 1, TAB_INDENT) for line in tab_indents(self.source) if line > last.line]
        for line, column, text in found:
            if line not in told:
                told.add(line)
                self.problem(Place(self.path, line, column), "Y012", text)

    def problem(self, place: Place, code: str, text: str) -> None:
        """Note a problem; past the limit the earlier ones are enough."""
        if len(self.problems) < limits.YAML_PROBLEMS:
            self.problems.append(Problem(place, code, text))

    def stop(self, place: Place, code: str, text: str) -> NoReturn:
        text += says_more_behind(self.source, place.line - 1)
        self.problems = [*self.problems[: limits.YAML_PROBLEMS - 1], Problem(place, code, text)]
        raise _StopError

    def place(self, mark: Any) -> Place:
        return Place(self.path, mark.line + 1, mark.column + 1)

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.close()
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.document(event)

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            text = "a second document begins here: one case a file; take the --- away or split the file"
            self.stop(self.place(event.start_mark), "Y026", text)

    def alias(self, event: Any) -> None:
        place, name = self.place(event.start_mark), f"*{event.anchor[:40]}"
        self.problem(place, "Y022", f'{name} is an alias: repeat what it stands for, or quote it: "{name}"')
        self.count(place)
        self.add(Scalar(name, name, False, place), name)

    def count(self, place: Place) -> None:
        self.nodes += 1
        if self.nodes > limits.YAML_NODES:
            self.stop(place, "Y006", f"the file has more than {limits.YAML_NODES} values: split the case")

    def marked(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            name = f"&{event.anchor[:40]}"
            text = f'{name} is an anchor: take it away, or quote the text: "{name} …"'
            self.problem(place, "Y023", text)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")[:40]
            text = f"{tag} is a tag: take it away; values have no types but text, number, true, false, null"
            self.problem(place, "Y025", text)

    def scalar(self, event: Any) -> None:
        place = self.place(event.start_mark)
        self.count(place)
        self.marked(event, place)
        raw: str = event.value
        size = len(raw) if raw.isascii() else len(raw.encode("utf-8", "surrogatepass"))
        if size > limits.YAML_SCALAR_BYTES:
            text = f"a text of {size} bytes; at most {limits.YAML_SCALAR_BYTES} are read: shorten it"
            self.problem(place, "Y007", text)
        is_plain = not event.style
        if self.has_tabs and not is_plain:
            start, end = event.start_mark, event.end_mark
            self.texts.append(((start.line, start.column), (end.line, end.column)))
        top = self.stack[-1] if self.stack else None
        if top is not None and top.mapping and top.key is None and not top.skip:
            self.key(top, raw, is_plain, place)
            return
        value: Value = raw
        if is_plain:
            value = self.typed(raw, place)
        self.add(Scalar(value, raw, is_plain, place), raw)

    def typed(self, raw: str, place: Place) -> Value:
        if raw in _CONSTANTS:
            return _CONSTANTS[raw]
        number = _NUMBER.fullmatch(raw) if raw[0] in _BEGINS else None
        if number is None:
            return raw
        digits = sum(character.isdigit() for character in raw.lower().partition("e")[0])
        exponent = (number[3] or "e0")[1:].lstrip("+-").lstrip("0")
        if digits > limits.YAML_INT_DIGITS:
            text = f"a number of {digits} digits; at most {limits.YAML_INT_DIGITS} are read"
        elif len(exponent) > 3 or int(exponent or 0) > limits.YAML_EXPONENT:
            text = f"a number's exponent is at most {limits.YAML_EXPONENT}"
        else:
            return Decimal(raw) if number[2] or number[3] else int(raw)
        self.problem(place, "Y008", text + ": quote it if it is text")
        return raw

    def key(self, top: _Open, raw: str, is_plain: bool, place: Place) -> None:
        top.key = Key(raw, place)
        if raw == "" and is_plain:
            self.problem(place, "Y021", "a key is missing before the `:`")
        elif raw == "<<" and is_plain:
            self.problem(place, "Y024", "<< is a merge key: write the keys out")
        elif raw in top.entries:
            first = top.entries[raw][0].place
            earlier = f"line {first.line}, column {first.column}"
            text = f'the key "{raw[:60]}" comes twice in this mapping: first in {earlier}'
            self.problem(place, "Y020", text)

    def add(self, node: Node, name: str = "") -> None:
        """Put a finished node into the collection around it, or make it the root."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if not top.mapping:
            top.items.append(node)
        elif top.key is None and not top.skip:
            top.key = Key(name, node.place)
        else:
            if top.key is not None:
                top.entries.setdefault(top.key.text, (top.key, node))
            top.key, top.skip = None, False

    def open(self, event: Any) -> None:
        place = self.place(event.start_mark)
        self.count(place)
        self.marked(event, place)
        if len(self.stack) >= limits.YAML_DEPTH:
            self.stop(place, "Y005", f"more than {limits.YAML_DEPTH} levels deep: no case needs that")
        top = self.stack[-1] if self.stack else None
        as_key = top is not None and top.mapping and top.key is None and not top.skip
        if as_key:
            text = "a key must be a text, not a list or a mapping: if this is a text with brackets, quote it"
            self.problem(place, "Y021", text)
        self.stack.append(_Open(isinstance(event, yaml.MappingStartEvent), place, as_key, [], {}))

    def close(self) -> None:
        done = self.stack.pop()
        if done.as_key:
            self.stack[-1].skip = True
        elif done.mapping:
            self.add(Mapping(tuple(done.entries.values()), done.place))
        else:
            self.add(Sequence(tuple(done.items), done.place))

    def slip(self, error: yaml.YAMLError) -> Slip:
        around = getattr(error, "context_mark", None)
        here = getattr(error, "problem_mark", None) or around
        at = (here.line, here.column) if here else (0, 0)
        opened = (around.line, around.column) if around else at
        told = getattr(error, "problem", None) or str(error)
        context = getattr(error, "context", None) or ""
        return diagnose(SyntaxTrouble(told, context, at[0], at[1], opened), self.source)
