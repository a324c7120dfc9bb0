"""From YAML nodes to expectations: unknown words, wrong arguments, checks that cannot fail are problems."""

from __future__ import annotations

from harness.errors import CaseError, Place, Problem
from harness.matchers.arguments import ALONE, BUILDERS, ROOT_ONLY
from harness.matchers.building import Spot, is_word
from harness.matchers.expectation import Bound, Expectation, Fields, Items, Literal, Matchers, Test
from harness.matchers.nearest import nearest
from harness.matchers.vacuous import vacuous
from harness.references import Template, parse
from harness.strictyaml import Key, Mapping, Node, Scalar, Sequence


def compile_expectation(node: Node, problems: list[Problem]) -> Expectation:
    """Turn an `expect`, `where` or `shows` into an expectation; references in it are kept as templates.

    What is wrong (the author's fault) is added to `problems`, all of it; the expectation that comes back
    is then not to be used.
    """
    return _Compiler(problems).any(node, "root")


class _Compiler:
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def problem(self, place: Place, code: str, text: str) -> None:
        self.problems.append(Problem(place, code, text))

    def any(self, node: Node, spot: Spot) -> Expectation:
        if isinstance(node, Scalar):
            return self.scalar(node)
        if isinstance(node, Sequence):
            return Items(tuple(self.any(item, "item") for item in node.items), node.place)
        if not node.entries:
            told = "{} checks nothing: write {$present}, or {$only: {}} for an empty mapping"
            self.problem(node.place, "M001", told)
            return Literal(None, node.place)
        words = [key for key, _ in node.entries if is_word(key.text)]
        if not words:
            return self.fields(node)
        if len(words) < len(node.entries):
            other = next(key for key, _ in node.entries if not is_word(key.text))
            told = f"{words[0].text} and the key {other.text!r} in one mapping: matchers stand by themselves"
            self.problem(other.place, "M003", told)
        return self.matchers(node, spot)

    def fields(self, node: Mapping, spot: Spot = "value") -> Fields:
        """Compile each entry; under `$differs` each stands for a whole source, so `spot` is root."""
        entries = ((self.text(key.text, key.place), self.any(inner, spot)) for key, inner in node.entries)
        return Fields(tuple(entries), node.place)

    def scalar(self, node: Scalar) -> Expectation:
        if node.plain and node.raw == "":
            told = "nothing stands here: write null, {$absent} or {$present}"
            self.problem(node.place, "M001", told)
        if not isinstance(node.value, str):
            return Literal(node.value, node.place)
        if node.plain and node.value in BUILDERS:
            told = f"{node.value} is a matcher: write {{{node.value}}}, or quote it if it is text"
            self.problem(node.place, "M004", told)
        text = self.text(node.value, node.place)
        return Literal(text, node.place) if isinstance(text, str) else Bound(text, node.place)

    def text(self, text: str, place: Place) -> str | Template:
        if "${" not in text:
            return text
        try:
            return parse(text, place)
        except CaseError as error:
            self.problems.extend(error.problems)
            return text

    def matchers(self, node: Mapping, spot: Spot) -> Expectation:
        tests: list[Test] = []
        for key, argument in node.entries:
            if not is_word(key.text):
                continue
            build = BUILDERS.get(key.text)
            if build is None:
                close = nearest(key.text, BUILDERS)
                told = f"did you mean {close}?" if close else f"known are {' '.join(sorted(BUILDERS))}"
                self.problem(key.place, "M002", f"unknown matcher {key.text}; {told}")
                continue
            self.fits(key, node, spot)
            test = build(self, key, argument, spot)
            if test is not None:
                tests.append(test)
        for place, told in vacuous(tests):
            self.problem(place, "M005", told)
        return Matchers(tuple(tests), node.place) if tests else Literal(None, node.place)

    def fits(self, key: Key, node: Mapping, spot: Spot) -> None:
        """Refuse a matcher that can never hold where it stands."""
        if key.text in ALONE and len(node.entries) > 1:
            self.problem(key.place, "M006", f"{key.text} holds with nothing beside it: take the rest away")
        if key.text == "$absent" and spot != "value":
            self.problem(key.place, "M006", "$absent is about a key; for no event at all write {$nothing}")
        if key.text in ROOT_ONLY and spot != "root":
            self.problem(key.place, "M006", f"{key.text} stands instead of a whole event, not inside one")
        argument = node.get(key.text)
        empty = isinstance(argument, Sequence) and not argument.items
        if key.text == "$unordered" and empty and node.get("$length") is None:
            self.problem(key.place, "M005", "$unordered of no items never holds: for an empty list write []")
