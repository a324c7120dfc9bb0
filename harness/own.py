"""A project's own steps and checks: decorators for its `conftest.py`, validated where they are written.

    from harness.own import check, step

    @step("deposit", reads=False)
    def deposit(actor, *, amount): ...      # called live only; gives a JSON value

    @check("no_dust")
    def no_dust(events, *, limit): ...      # a pure function of what came; None, or what is wrong

A decorated function stays as it is. What a conftest holds under its own names, its own or imported, is what
the project has added: there is no registry, so nothing of one project is seen by another.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final, TypeVar

from harness.case import groups, rules
from harness.case.additions import Addition, Additions
from harness.case.kinds import KINDS
from harness.case.manners import COMMON
from harness.case.words import names
from harness.errors import CaseError, Place, Problem

_MARK: Final = "__harness_added__"
_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs for an actor. Its text shows nothing of it, and every recording masks it."""

    private_key: str = field(repr=False)
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in an own step, and where: public facts. All are "" where the step says no `as`.

    `wallet` is the kind of wallet that it trades from, `funder` its address; `target` maps the target's
    channels to their addresses, `contracts` the wire's names to addresses; `now_us` is unix microseconds.
    """

    name: str
    address: str
    funder: str
    proxy: str
    safe: str
    deposit_wallet: str
    wallet: str
    target: Mapping[str, str]
    contracts: Mapping[str, str]
    chain_id: int
    now_us: int
    _unlock: Callable[[], Credentials] | None = field(default=None, repr=False)

    def credentials(self) -> Credentials:
        """The actor's private key and API credentials, for what it must sign itself.

        Raises ValueError where nobody acts (the case's fault).
        """
        if self._unlock is None:
            raise ValueError("nobody acts in this step: say 'as'")
        return self._unlock()


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as an own check is shown it: nothing in it can be changed, lists are tuples.

    `at_s` is seconds from the run's start; `kind` one of send, answer, lost, open, push, closed; `view` what
    a case sees of it: a message, a response, a value, or what was sent. A frame of two messages is two.
    """

    at_s: Decimal
    channel: str
    actor: str
    step: str
    kind: str
    view: Any


def step(name: str, *, reads: bool = False) -> Callable[[_F], _F]:
    """Make a function a kind of step: `f(actor: Actor, *, …)`, called live only.

    It gives a JSON value (text, whole number, Decimal, true, false, None; lists and mappings of them), which
    is recorded; in replay the recorded one counts. With `reads` it only looks and is polled under `within`.
    Raises CaseError C063, C064 (the project's fault).
    """
    return _decorator("step", name, reads)


def check(name: str) -> Callable[[_F], _F]:
    """Make a function a check: `f(events: tuple[Seen, ...], *, …)`, pure; None, or a text of what is wrong.

    Raises CaseError C063, C064 (the project's fault).
    """
    return _decorator("check", name, False)


def added_by(module: ModuleType) -> Additions:
    """What a conftest adds. Raises CaseError C064 where two of its functions share a name."""
    found: dict[str, dict[str, Addition]] = {"step": {}, "check": {}}
    problems = []
    for held in vars(module).values():
        what, added = getattr(held, _MARK, (None, None)) if isinstance(held, FunctionType) else (None, None)
        if what is None or added is None:
            continue
        other = found[what].setdefault(added.name, added)
        if other.function is not held:
            problems.append(_taken(held, what, added.name, other.function))
    if problems:
        raise CaseError(problems)
    return Additions(found["step"], found["check"])


def _decorator(what: str, name: str, reads: bool) -> Callable[[_F], _F]:
    if not isinstance(name, str):
        place = _place(name) if inspect.isfunction(name) else Place("conftest.py")
        text = f"'@{what}' names what it adds: write @{what}(\"deposit\"), not @{what}"
        raise CaseError([Problem(place, "C063", text)])

    def decorate(function: _F) -> _F:
        problems = [*_name(function, what, name), *_shape(function, what, name)]
        before = getattr(function, "__globals__", {}).get(getattr(function, "__name__", ""))
        for held in (before, function):
            mark = getattr(held, _MARK, None)
            if mark is not None and (held is function or (mark[0], mark[1].name) == (what, name)):
                problems.append(_taken(function, what, mark[1].name, held))
        if problems:
            raise CaseError(problems)
        setattr(function, _MARK, (what, _addition(function, name, reads)))
        return function

    return decorate


def _addition(function: Callable[..., Any], name: str, reads: bool) -> Addition:
    taken = list(inspect.signature(function).parameters.values())[1:]
    required = frozenset(each.name for each in taken if each.default is inspect.Parameter.empty)
    doc = (inspect.getdoc(function) or "added by this project").partition("\n")[0]
    return Addition(name, doc, tuple(each.name for each in taken), required, reads, function)


def _name(function: Callable[..., Any], what: str, name: str) -> list[Problem]:
    if not (name.isidentifier() and name.isascii()):
        text = f"the {what} {name!r} cannot be a key of a case: use letters, digits and _, as in top_up"
        return [Problem(_place(function), "C063", text)]
    if name in _words(what):
        text = f"{name!r} is a word of the language already: call your {what} otherwise, such as my_{name}"
        return [Problem(_place(function), "C063", text)]
    return []


def _words(what: str) -> frozenset[str]:
    if what == "check":
        return frozenset((*rules.RULES, *names(rules.COMMON)))
    every = (*COMMON, *groups.WORDS, *(word for kind in KINDS.values() for word in kind.words))
    return frozenset((*KINDS, *names(every)))


def _shape(function: Any, what: str, name: str) -> list[Problem]:
    """A plain function of one thing by position (the actor, the events), all else by name."""
    first = "actor" if what == "step" else "events"
    wanted = f"write def {getattr(function, '__name__', name)}({first}, *, amount)"
    place = _place(function)
    if not isinstance(function, FunctionType):
        return [Problem(place, "C063", f"the {what} {name!r} is a plain function: {wanted}")]
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        return [Problem(place, "C063", f"the {what} {name!r} is a plain function, without async and yield")]
    taken = list(inspect.signature(function).parameters.values())
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if not taken or taken[0].kind not in by_place:
        text = f"the {what} {name!r} takes nothing by position, and is given the {first}: {wanted}"
        return [Problem(place, "C063", text)]
    return [
        Problem(
            place,
            "C063",
            f"{each} of the {what} {name!r} is not by keyword only, and a case names what it gives: {wanted}",
        )
        for each in taken[1:]
        if each.kind is not inspect.Parameter.KEYWORD_ONLY
    ]


def _taken(function: Any, what: str, name: str, other: Any) -> Problem:
    if function is other:
        text = f"this is the {what} {name!r} already: one decorator a function"
    else:
        text = f"there is a {what} {name!r} already, at {_place(other)}: call one of them otherwise"
    return Problem(_place(function), "C064", text)


def _place(function: Any) -> Place:
    code = getattr(function, "__code__", None)
    if code is None:
        return Place("conftest.py")
    path = Path(code.co_filename)
    try:
        shown = path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        shown = str(path)
    return Place(shown, code.co_firstlineno, 1)
