"""What a project adds to the language: its own steps and checks, as the reader knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from harness.case.actions import Action, Own
from harness.case.channels import Cast
from harness.case.form import Form, fields_of
from harness.case.kinds import KINDS, StepKind
from harness.case.words import Word
from harness.matchers import nearest
from harness.model import Source


@dataclass(frozen=True, slots=True)
class Addition:
    """One added word: what it is for, the parameters it takes, those that must be given, its function.

    `reads` says that a step only looks, and so may be repeated.
    """

    name: str
    doc: str
    parameters: tuple[str, ...]
    required: frozenset[str]
    reads: bool = False
    function: Callable[..., Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Additions:
    """All that a project added; nothing by default."""

    steps: Mapping[str, Addition] = field(default_factory=dict)
    checks: Mapping[str, Addition] = field(default_factory=dict)

    def kinds(self) -> dict[str, StepKind]:
        """Every kind of step, the project's behind those of the language."""
        return {**KINDS, **{name: _kind(added) for name, added in self.steps.items()}}


NOTHING_ADDED: Final = Additions()


def arguments_of(form: Form, added: Addition) -> dict[str, Any] | None:
    """What an added step or check is given; unknown and missing ones are noted."""
    fields = fields_of(form, added.name)
    if fields is None:
        return None
    place = form.place_of(added.name)
    for name in fields:
        if name not in added.parameters:
            close = nearest(name, added.parameters)
            takes = f"it takes {', '.join(added.parameters) or 'nothing'}"
            hint = f"did you mean {close!r}?" if close else takes
            form.problem(place, "C001", f"unknown key {name!r} in {added.name!r}; {hint}")
    for name in sorted(added.required - set(fields)):
        form.problem(place, "C003", f"{added.name!r} has no {name!r}: {added.doc}")
    return fields


def word_of(added: Addition) -> Word:
    """The key of an added step or check; its words are the function's parameters, of any value."""
    inner = tuple(Word(name, "any", "", "…", name in added.required) for name in added.parameters)
    return Word(added.name, "mapping", added.doc, "{}", inner=inner)


def _kind(added: Addition) -> StepKind:
    def read(form: Form, cast: Cast) -> tuple[Source, Action] | None:
        arguments = arguments_of(form, added)
        if arguments is None:
            return None
        source = Source(f"own.{added.name}", cast.acting(form, None))
        return source, Own(added.name, arguments, added.reads, added.function)

    return StepKind(word_of(added), (), read)
