"""Reading steps and groups: which channel, which verb, what it expects, and what goes wrong on purpose."""

from __future__ import annotations

import re

from harness.case import values
from harness.case.channels import Cast
from harness.case.form import Form
from harness.case.kinds import StepKind
from harness.case.manners import COMMON, FAULTS, RESEND, fitting
from harness.case.values import Fault, Resend, Role, Save, Step
from harness.case.words import names
from harness.errors import CaseError, Problem
from harness.matchers import Expectation, compile_expectation, is_present
from harness.references import duration_us
from harness.strictyaml import Mapping as MappingNode
from harness.strictyaml import Node, Scalar

_PATH_PART = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]{1,9})\]")


def read_step(
    node: Node, role: Role, position: str, cast: Cast, problems: list[Problem], kind: StepKind
) -> Step | None:
    """Read one step of a role; None where it is too broken to go on (its problems are noted)."""
    channel = kind.word.name
    words = dict.fromkeys((channel, *names(COMMON), *names(kind.words)))
    before = len(problems)
    form = Form(node, problems, f"a {channel} step", tuple(words))
    read = kind.read(form, cast)
    step_id = form.text("id")
    if role is Role.STEPS:
        form.required("id", "a step is named in findings, references and the symptom")
    where, expect, never = (_expectation(form, kind, name) for name in ("where", "expect", "never"))
    save = _saves(form, channel)
    within_us, watch_us, stable_us = (form.duration(name) for name in ("within", "watch", "stable_for"))
    if watch_us is not None and within_us is not None and watch_us < within_us:
        text = "'watch' is the whole time from the cause, so it is at least as long as 'within'"
        form.problem(form.place_of("watch"), "C036", text)
    every_us, quiet_us = form.duration("every"), form.duration("quiet")
    count, after = form.count("count"), form.text("after")
    fault = _fault(form)
    resend = _resend(form, kind)
    if read is None or len(problems) > before:
        return None
    source, action = read
    fitting(form, action, fault, expect)
    if len(problems) > before:
        return None
    return Step(
        id=step_id or f"{role}.{position}",
        role=role,
        place=form.place,
        source=source,
        action=action,
        every_us=every_us or values.DEFAULT_EVERY_US,
        after=after,
        count=count,
        quiet_us=2_000_000 if quiet_us is None else quiet_us,
        resend=resend,
        fault=fault,
        save=save,
        within_us=within_us,
        watch_us=watch_us,
        stable_us=stable_us,
        where=where,
        expect=expect,
        never=never,
    )


def _expectation(form: Form, kind: StepKind, key: str) -> Expectation | None:
    node = form.node(key)
    if node is None:
        return None
    found = compile_expectation(kind.expectation(form, node), form.problems)
    if key in ("where", "never"):
        form.chooses(key, found)
    return found


def _fault(form: Form) -> Fault | None:
    said = form.text("fault")
    if said is None:
        return None
    kind, _, length = said.partition(" ") if said.startswith("delay") else (said, "", "")
    place = form.place_of("fault")
    if kind not in FAULTS:
        form.problem(place, "C031", f"{said!r} is no fault: it is one of {', '.join(FAULTS)}")
        return None
    if kind != "delay":
        return Fault(kind)
    try:
        us = duration_us(length)
        if us:
            return Fault(kind, us)
        form.problem(place, "C031", "a 'delay' of no time does nothing: say how long, such as delay 6s")
        return None
    except (ValueError, CaseError):
        form.problem(place, "C031", f"'delay' says how long, such as fault: delay 6s, not {said!r}")
        return None


def _resend(form: Form, kind: StepKind) -> Resend | None:
    node = form.node("resend")
    if node is None:
        return None
    inner = Form(node, form.problems, "'resend'", names(RESEND))
    for word in RESEND:
        inner.required(word.name, word.doc)
    if "within" not in form:
        form.problem(form.place_of("resend"), "C003", "'resend' needs 'within': how long it is sent again")
    until, every_us = _expectation(inner, kind, "until"), inner.duration("every")
    if until is not None and is_present(until):
        text = "any answer is {$present}: it would never be sent again; say which, such as {status: 200}"
        form.problem(inner.place_of("until"), "C021", text)
    if until is None or every_us is None:
        return None
    return Resend(every_us, until, inner.flag("same"))


def _saves(form: Form, channel: str) -> tuple[Save, ...]:
    node = form.node("save")
    if node is None:
        return ()
    if isinstance(node, Scalar) and isinstance(node.value, str) and channel == "market":
        return (Save(node.value, (), node.place),)
    if not isinstance(node, MappingNode):
        form.problem(node.place, "C009", "'save' maps names to parts of what came, such as {trade: $.id}")
        return ()
    saves = []
    for key, value in node.entries:
        path = parse_path(value.value) if isinstance(value, Scalar) and isinstance(value.value, str) else None
        if path is None:
            text = f"{key.text!r} saves a part such as $.id or $.body.trades[0].id"
            form.problem(value.place, "C009", text)
        else:
            saves.append(Save(key.text, path, key.place))
    return tuple(saves)


def parse_path(text: str) -> tuple[str | int, ...] | None:
    """`$.a.b[0]` as parts; None where the text is not such a path."""
    if not text.startswith("$"):
        return None
    parts: list[str | int] = []
    at = 1
    while at < len(text):
        found = _PATH_PART.match(text, at)
        if found is None:
            return None
        parts.append(found[1] if found[1] is not None else int(found[2]))
        at = found.end()
    return tuple(parts)
