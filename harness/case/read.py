"""Reading a case: YAML in, a `Case` out, or every problem of the file at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from harness.case import lint
from harness.case.fix import fix_channels
from harness.case.form import Form, template
from harness.case.steps import WAITING, read_step
from harness.case.values import (
    DEFAULT_EVERY_US,
    Case,
    Check,
    Lifecycle,
    Reconcile,
    Role,
    Status,
    Step,
    Symptom,
)
from harness.errors import CaseError, Place, Problem
from harness.matchers import compile_expectation, mentions
from harness.strictyaml import Mapping, Node, Scalar, load

HEADER: Final = (
    *("id", "title", "status", "fixed_in", "severity", "component", "reported", "source", "ticket", "owner"),
    *("story", "defect", "recast", "actors", "channels", "given", "steps", "finally", "checks", "symptom"),
)
SEVERITIES: Final = ("blocker", "critical", "normal", "minor", "trivial")
RULES: Final = ("lifecycle", "reconcile")
SOURCES: Final = ("rest", "ws", "fix", "chain")
FIELDS: Final = ("size", "price")
CASE_ID: Final = re.compile(r"[A-Z]{2,8}-[0-9]{1,7}")


def read_case(path: Path, shown_path: str | None = None) -> Case:
    """Read a case's file. `shown_path` is how the author knows it, for messages.

    Raises CaseError with every problem of the file (the author's fault).
    """
    shown = shown_path or str(path)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CaseError([Problem(Place(shown), "C000", f"cannot be read: {error.strerror}")]) from None
    return parse_case(text, shown)


def parse_case(text: bytes | str, path: str) -> Case:
    """Read a case from its text; `path` is where it came from and names the case.

    Raises CaseError with every problem of the text (the author's fault).
    """
    root = load(text, path)
    problems: list[Problem] = []
    case = _case(root, path, problems)
    if case is not None:
        problems.extend(lint.errors(case))
    if problems or case is None:
        raise CaseError(_once(problems))
    return case


def _once(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))


def _case(root: Node, path: str, problems: list[Problem]) -> Case | None:
    form = Form(root, problems, "a case", HEADER)
    for key, why in (
        ("id", "it names the case, its cassettes and its ticket"),
        ("title", "one line that says what the customer saw"),
        ("status", "open or fixed"),
        ("severity", f"one of {', '.join(SEVERITIES)}"),
        ("component", "whose it is, such as clob/settlement"),
        ("steps", "what is done"),
        ("symptom", "what the broken cassette must show: without it no proof is possible"),
    ):
        form.required(key, why)
    case_id = _case_id(form, path)
    status = form.choice("status", [str(s) for s in Status])
    fixed_in = form.text("fixed_in")
    if status == Status.FIXED and "fixed_in" not in form:
        form.problem(form.place, "C003", "a fixed case has no 'fixed_in': the first build that held")
    if status == Status.OPEN and "fixed_in" in form:
        form.problem(
            form.place_of("fixed_in"),
            "C020",
            "an open case is fixed in no build: drop 'fixed_in' or set status: fixed",
        )
    actors = _actors(form)
    names = tuple(name for name, _ in actors)
    channels = fix_channels(form, names)
    steps: list[Step] = []
    for role in Role:
        for position, node in enumerate(form.items(str(role)), start=1):
            step = read_step(node, role, position, names, channels, problems)
            if step is not None:
                steps.append(step)
    checks = [check for node in form.items("checks") if (check := _check(node, problems)) is not None]
    symptom_node = form.node("symptom")
    symptom = _symptom(symptom_node, problems) if symptom_node is not None else None
    title, severity = form.text("title"), form.choice("severity", SEVERITIES)
    component = form.text("component")
    optional = {key: form.text(key) for key in ("reported", "source", "ticket", "owner", "story")}
    defect, recast = form.text("defect"), form.flag("recast")
    if problems or symptom is None or status is None:
        return None
    return Case(
        id=case_id or "",
        path=path,
        title=title or "",
        status=Status(status),
        fixed_in=fixed_in,
        severity=severity or "",
        component=component or "",
        defect=defect or case_id or "",
        recast=recast,
        actors=actors,
        steps=tuple(steps),
        checks=tuple(checks),
        symptom=symptom,
        line=form.place.line,
        channels=channels,
        reported=optional["reported"],
        source=optional["source"],
        ticket=optional["ticket"],
        owner=optional["owner"],
        story=optional["story"],
    )


def _case_id(form: Form, path: str) -> str | None:
    case_id = form.text("id")
    if case_id is None:
        return None
    place = form.place_of("id")
    if not CASE_ID.fullmatch(case_id):
        form.problem(
            place,
            "C016",
            f"an id is 2 to 8 capitals, a hyphen and a number, such as ESC-1234, not {case_id!r}",
        )
        return None
    stem = Path(path).stem
    if stem != case_id and not stem.startswith(case_id + "-"):
        form.problem(
            place, "C016", f"the file is called {stem!r} and its id is {case_id!r}: rename one of them"
        )
    return case_id


def _actors(form: Form) -> tuple[tuple[str, str], ...]:
    node = form.node("actors")
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        form.problem(node.place, "C002", "'actors' maps names to roles, such as {alice: trader}")
        return ()
    actors = []
    for key, value in node.entries:
        if isinstance(value, Scalar) and isinstance(value.value, str):
            actors.append((key.text, value.value))
        else:
            form.problem(value.place, "C002", f"{key.text!r} has a role, such as trader or maker")
    return tuple(actors)


def _check(node: Node, problems: list[Problem]) -> Check | None:
    form = Form(node, problems, "a check", ("id", *WAITING, *RULES))
    before = len(problems)
    form.required("id", "a check is named in findings and in the symptom")
    rules = [rule for rule in RULES if rule in form]
    if len(rules) != 1:
        form.problem(form.place, "C007", f"a check is one of {', '.join(RULES)}, not {len(rules)} of them")
        return None
    form.required("within", "it waits, so it says how long, such as within: 5s")
    rule = _lifecycle(form) if rules[0] == "lifecycle" else _reconcile(form)
    check_id, within_us = form.text("id"), form.duration("within")
    watch_us, every_us, after = form.duration("watch"), form.duration("every"), form.text("after")
    if len(problems) > before or rule is None or within_us is None:
        return None
    return Check(check_id or "", form.place, rule, within_us, watch_us, every_us or DEFAULT_EVERY_US, after)


def _lifecycle(form: Form) -> Lifecycle | None:
    node = form.node("lifecycle")
    if node is None:
        return None
    inner = Form(node, form.problems, "a lifecycle", ("trade", "states"))
    inner.required("trade", "which trade, such as ${trade}")
    inner.required("states", "the states in order, such as [MATCHED, MINED, CONFIRMED]")
    states: list[str] = []
    optional: set[str] = set()
    for item in inner.items("states"):
        name: Node | None = item
        if isinstance(item, Mapping):
            maybe = Form(item, form.problems, "an optional state", ("maybe",))
            name = maybe.node("maybe")
            if isinstance(name, Scalar) and isinstance(name.value, str):
                optional.add(name.value)
        if isinstance(name, Scalar) and isinstance(name.value, str):
            states.append(name.value)
        elif name is not None:
            form.problem(item.place, "C002", "a state is a word, or {maybe: WORD} where it may be left out")
    if "states" in inner and not [state for state in states if state not in optional]:
        form.problem(
            inner.place_of("states"), "C021", "a lifecycle without a state that must come cannot fail"
        )
    return Lifecycle(_text_or_template(inner, "trade"), tuple(states), frozenset(optional))


def _reconcile(form: Form) -> Reconcile | None:
    node = form.node("reconcile")
    if node is None:
        return None
    inner = Form(node, form.problems, "a reconcile", ("order", "fields", "sources"))
    inner.required("order", "which order, such as ${buy.order_id}")
    fields, sources = inner.words("fields"), inner.words("sources")
    for words, known, key in ((fields, FIELDS, "fields"), (sources, SOURCES, "sources")):
        for word in words:
            if word not in known:
                form.problem(inner.place_of(key), "C005", f"{word!r} is none of the {key} {', '.join(known)}")
    if isinstance(node, Mapping) and (len(set(sources)) < 2 or not fields):
        form.problem(
            inner.place, "C021", "a reconcile of fewer than two sources, or of no fields, cannot fail"
        )
    return Reconcile(_text_or_template(inner, "order"), fields, sources)


def _text_or_template(form: Form, key: str) -> Any:
    node = form.node(key)
    if isinstance(node, Scalar):
        return template(node, form.problems)
    return ""


def _symptom(node: Node, problems: list[Problem]) -> Symptom | None:
    form = Form(node, problems, "the symptom", ("step", "check", "shows", "seen", "witness"))
    if ("step" in form) == ("check" in form):
        form.problem(form.place, "C022", "the symptom names the step or the check that fails: one of the two")
    shows = form.required("shows", "what is seen there, as in 'expect'")
    if shows is None:
        return None
    expected = compile_expectation(shows, problems)
    seen = form.node("seen")
    if mentions(expected, "$nothing") and "witness" not in form:
        form.problem(
            form.place_of("shows"),
            "C014",
            "a symptom of absence names a 'witness': a step or check whose passing proves the channel alive",
        )
    return Symptom(
        place=form.place,
        step=form.text("step"),
        check=form.text("check"),
        shows=expected,
        seen=None if seen is None else compile_expectation(seen, problems),
        witness=form.text("witness"),
    )
