"""Reading steps: which channel, which verb, what it expects."""

from __future__ import annotations

import re
from typing import Final

from harness.case import values
from harness.case.form import Form
from harness.case.kinds import KINDS, Verbs
from harness.case.values import FIX_DEFAULTS, Action, FixChannel, Role, Save, Step
from harness.errors import Problem
from harness.matchers import Expectation, compile_expectation, nearest
from harness.model import Source
from harness.strictyaml import Mapping as MappingNode
from harness.strictyaml import Node, Scalar

WAITING: Final = ("within", "watch", "every", "after")
JUDGING: Final = ("expect", "save")
COMMON: Final = ("id", "as")
_PATH_PART = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]{1,9})\]")


def read_step(
    node: Node,
    role: Role,
    position: int,
    actors: tuple[str, ...],
    declared: tuple[FixChannel, ...],
    problems: list[Problem],
) -> Step | None:
    """Read one step of a role; None where it is too broken to go on (its problems are noted)."""
    names = [key.text for key, _ in node.entries] if isinstance(node, MappingNode) else []
    channels = [name for name in names if name in KINDS]
    if len(channels) != 1:
        known = ", ".join(KINDS)
        problems.append(
            Problem(
                node.place,
                "C007",
                f"a step does one thing: it has one of {known}, not {len(channels)} of them",
            )
        )
        return None
    channel = channels[0]
    verbs = KINDS[channel]
    form = Form(node, problems, f"a {channel} step", (channel, *COMMON, *WAITING, *JUDGING, *verbs.keys))
    before = len(problems)
    read = verbs.read(form)
    step_id = form.text("id")
    if role is Role.STEPS:
        form.required("id", "a step is named in findings, references and the symptom")
    actor = _actor(form, channel, actors)
    if read is not None and channel == "fix":
        actor = _fix_actor(form, read[0].removeprefix("fix."), actor, declared)
    where, expect = _expectation(form, verbs, "where"), _expectation(form, verbs, "expect")
    save = _saves(form, channel)
    within_us, watch_us = form.duration("within"), form.duration("watch")
    every_us = form.duration("every") or values.DEFAULT_EVERY_US
    count, quiet_us = form.count("count"), form.duration("quiet")
    after = form.text("after")
    if read is None or len(problems) > before:
        return None
    name, action = read
    _idle_words(form, action)
    if len(problems) > before:
        return None
    return Step(
        id=step_id or f"{role}.{position}",
        role=role,
        place=form.place,
        source=Source(name, actor),
        action=action,
        within_us=within_us,
        watch_us=watch_us,
        every_us=every_us,
        after=after,
        where=where,
        expect=expect,
        count=count,
        quiet_us=2_000_000 if quiet_us is None else quiet_us,
        save=save,
    )


def _idle_words(form: Form, action: Action) -> None:
    """Refuse words that this step would never look at: a case must not seem to say more than it does."""
    polls = isinstance(action, values.ChainEvents | values.ChainBalances) or (
        isinstance(action, values.RestCall) and not action.writes
    )
    idle: dict[str, str] = {}
    if isinstance(action, values.Subscribe | values.FixSay):
        words = (*WAITING, *JUDGING, "where", "count", "quiet")
        idle = dict.fromkeys(
            words, "it only checks that it was not refused: wait for what comes in a step of its own"
        )
    elif isinstance(action, values.RestCall) and action.writes:
        idle = dict.fromkeys(WAITING, "a write is never sent twice")
    elif isinstance(action, values.Market | values.Fund):
        idle = dict.fromkeys(WAITING, "what is given is asked for once")
    elif isinstance(action, values.Listen):
        idle = {"every": "a stream is not polled"}
    elif isinstance(action, values.ChainBalances):
        idle = dict.fromkeys(("where", "count", "quiet"), "balances are one answer, which 'expect' judges")
    if polls and "within" not in form:
        idle |= dict.fromkeys(("watch", "every", "after"), "without 'within' it is read once")
    if "count" not in form:
        idle.setdefault("quiet", "it is the silence after 'count'")
    for word, why in idle.items():
        if word in form:
            form.problem(form.place_of(word), "C023", f"{word!r} means nothing in {form.what} here: {why}")


def _actor(form: Form, channel: str, actors: tuple[str, ...]) -> str:
    named = form.text("as")
    if named is None:
        shared = channel in ("chain", "market", "fund")
        return actors[0] if len(actors) == 1 and not shared else ""
    if named not in actors:
        form.problem(
            form.place_of("as"),
            "C008",
            f"nobody is called {named!r}; actors are {', '.join(actors) or 'none'}",
        )
    return named


def _fix_actor(form: Form, name: str, actor: str, channels: tuple[FixChannel, ...]) -> str:
    """Whose session it is: a declared channel says so itself; the case's own ones take the step's `as`."""
    known = {**FIX_DEFAULTS, **{channel.name: channel for channel in channels}}
    if name not in known:
        close = nearest(name, sorted(known))
        hint = f"did you mean {close!r}?" if close else f"known are {', '.join(sorted(known))}"
        form.problem(form.place_of("fix"), "C029", f"there is no FIX channel {name!r}; {hint}")
        return actor
    if "raw" in form and known[name].engine != "own":
        told = f"{name!r} runs the {known[name].engine} engine, which writes its own bytes: use 'send'"
        form.problem(form.place_of("raw"), "C028", told)
    if not (known[name].actor or actor):
        form.problem(form.place_of("fix"), "C008", "a FIX session is somebody's: say 'as'")
    return known[name].actor or actor


def _expectation(form: Form, verbs: Verbs, key: str) -> Expectation | None:
    node = form.node(key)
    return None if node is None else compile_expectation(verbs.expectation(form, node), form.problems)


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
            form.problem(
                value.place, "C009", f"{key.text!r} saves a part such as $.id or $.body.trades[0].id"
            )
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
