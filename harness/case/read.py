"""Reading a case: YAML in, a `Case` out, or every problem of the file at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from harness.case import lint, varied
from harness.case.additions import NOTHING_ADDED, Additions
from harness.case.channels import ACTOR, CHANNEL, read_cast
from harness.case.examples import read_examples, wrong_wallets
from harness.case.fix import fix_expectation
from harness.case.form import Form
from harness.case.groups import read_parts
from harness.case.lint import Draft
from harness.case.rules import read_check
from harness.case.values import Case, Part, Role, Status, Symptom, flat
from harness.case.varying import VARY, read_vary
from harness.case.words import Word, names
from harness.case.written import names_written
from harness.errors import CaseError, Place, Problem
from harness.matchers import compile_expectation, mentions
from harness.strictyaml import Mapping, Node, Scalar, Sequence, load

SEVERITIES: Final = ("blocker", "critical", "normal", "minor", "trivial")
CASE_ID: Final = re.compile(r"[A-Z]{2,8}-[0-9]{1,7}")

SYMPTOM: Final = (
    Word("step", "text", "the step or group that fails", "buy", choice="subject"),
    Word("check", "text", "the check that fails, instead of a step", "settles", choice="subject"),
    Word("shows", "expectation", "what is seen there, as in `expect`", "{status: 400}", required=True),
    Word(
        "seen",
        "expectation",
        "beside `{$nothing}`: the last thing that did come",
        "{event_type: order}",
        beside="step: filled\nshows: {$nothing}\nwitness: listen",
    ),
    Word(
        "witness",
        "text",
        "for an absence: a step or check that passed, and so proves that the channel was alive",
        "listen",
        beside="step: filled\nshows: {$nothing}",
    ),
)
HEADER: Final = (
    Word(
        "id",
        "text",
        "it names the case, its cassettes and its ticket",
        "ESC-1234",
        required=True,
        pattern=CASE_ID.pattern,
    ),
    Word("title", "text", "one line that says what the customer saw", '"A fill is lost"', required=True),
    Word("status", "text", "open or fixed", "open", required=True, options=tuple(str(s) for s in Status)),
    Word("fixed_in", "text", "the first build that held", '"2026.11.2"', beside="status: fixed"),
    Word(
        "severity", "text", f"one of {', '.join(SEVERITIES)}", "critical", required=True, options=SEVERITIES
    ),
    Word("component", "text", "whose it is, such as clob/settlement", "clob/settlement", required=True),
    Word("reported", "date", "when it was reported", "2026-04"),
    Word("source", "text", "where the record is public", "https://example.com/issues/1"),
    Word("ticket", "text", "where the escalation is worked on", "https://example.com/ESC-1234"),
    Word("owner", "text", "whom to ask", "settlement"),
    Word("story", "text", "what happened to whom, in a paragraph", '"A fill is seen, and then it is gone."'),
    Word(
        "defect",
        "text",
        "the embedded exchange's defect that shows this; the case's `id` unless told",
        "ESC-1234",
    ),
    Word(
        "recast",
        "flag",
        "true: the record's fault was a client's, and the case states the exchange's promise",
        "true",
    ),
    Word(
        "actors",
        "named",
        "who acts: a name each, with a role for people to read, or a role and a wallet",
        "{alice: {role: trader, wallet: safe}}",
        inner=ACTOR,
        short=True,
    ),
    Word(
        "channels",
        "named",
        "further connections and hosts, beside `market`, `user` (ws), `oe`, `dc` (fix) and `clob` (rest)",
        "{second: {kind: ws, stream: user}}",
        inner=CHANNEL,
    ),
    Word(
        "examples",
        "named",
        "a table: row names with the same columns; each row is a test and a proof of its own, each column "
        "a reference such as `${tick}`",
        "{dime: {tick: 0.1}, cent: {tick: 0.01}}",
    ),
    Word(
        "vary",
        "named",
        "inputs that `--explore` searches; each is a reference such as `${quantity}`",
        "{quantity: {between: [5, 100], example: 5}}",
        inner=VARY,
    ),
    Word(
        "given",
        "steps",
        "what must be there; trouble here is not the bug",
        "[{fund: {alice: {collateral: 100}}}]",
    ),
    Word(
        "steps",
        "steps",
        "what is done",
        "[{id: time, rest: GET /time, expect: {status: 200}}]",
        required=True,
    ),
    Word("finally", "steps", "always carried out, never judged as the bug", "[{rest: DELETE /cancel-all}]"),
    Word(
        "checks",
        "checks",
        "what holds of all that came, looked at after `steps`",
        "[{id: told-once, exactly_once: {ws: user, where: {event_type: trade}}}]",
    ),
    Word(
        "symptom",
        "mapping",
        "what the broken cassette must show: without it no proof is possible",
        "{step: buy, shows: {status: 400}}",
        required=True,
        inner=SYMPTOM,
    ),
)


def read_case(path: Path, shown_path: str | None = None, additions: Additions = NOTHING_ADDED) -> Case:
    """Read a case's file. `shown_path` is how the author knows it, for messages.

    Raises CaseError with every problem of the file (the author's fault).
    """
    shown = shown_path or str(path)
    return parse_case(read_text(path, shown), shown, additions)


def read_text(path: Path, shown: str) -> bytes:
    """The bytes of a case's file. Raises CaseError C000 where it cannot be read (the author's fault)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaseError([Problem(Place(shown), "C000", f"cannot be read: {error.strerror}")]) from None


def parse_case(text: bytes | str, path: str, additions: Additions = NOTHING_ADDED) -> Case:
    """Read a case from its text; `path` is where it came from and names the case.

    Raises CaseError with every problem of the text (the author's fault).
    """
    root = load(text, path)
    problems: list[Problem] = []
    case = _case(root, path, problems, additions)
    if problems or case is None:
        raise CaseError(list(dict.fromkeys(problems)))
    return case


def _case(root: Node, path: str, problems: list[Problem], additions: Additions) -> Case | None:
    form = Form(root, problems, "a case", names(HEADER))
    for word in HEADER:
        if word.required:
            form.required(word.name, word.doc)
    case_id = _case_id(form, path)
    status = form.choice("status", [str(s) for s in Status])
    fixed_in = form.text("fixed_in")
    if status == Status.FIXED and form.lacks("fixed_in"):
        form.problem(form.place, "C003", "a fixed case has no 'fixed_in': the first build that held")
    if status == Status.OPEN and "fixed_in" in form:
        text = "an open case is fixed in no build: drop 'fixed_in' or set status: fixed"
        form.problem(form.place_of("fixed_in"), "C020", text)
    before = len(problems)
    cast, kinds = read_cast(form), additions.kinds()
    parts = tuple(part for role in Role for part in read_parts(form, role, cast, kinds))
    if "steps" in form and isinstance(form.node("steps"), Sequence) and not tuple(form.items("steps")):
        form.problem(form.place_of("steps"), "C003", "a case without steps does nothing: write one")
    checks = [read_check(node, cast, problems, additions.checks) for node in form.items("checks")]
    whole = len(problems) == before
    symptom_node = form.node("symptom")
    vary = read_vary(form)
    draft = Draft(
        path,
        root.place.line,
        cast,
        varied.in_order(parts, vary),
        tuple(check for check in checks if check is not None),
        None if symptom_node is None else _symptom(symptom_node, problems, parts),
        read_examples(form),
        vary,
        names_written(root),
        whole,
    )
    title, severity = form.text("title"), form.choice("severity", SEVERITIES)
    texts = {name: form.text(name) for name in ("source", "ticket", "owner", "story", "component", "defect")}
    texts["reported"] = _date(form)
    recast = form.flag("recast")
    problems.extend([*lint.errors(draft), *varied.problems(draft), *wrong_wallets(cast, draft.rows)])
    if problems or draft.symptom is None:
        return None
    return Case(
        id=case_id or "",
        path=path,
        title=title or "",
        status=Status(status or Status.OPEN),
        fixed_in=fixed_in,
        severity=severity or "",
        component=texts["component"] or "",
        reported=texts["reported"],
        source=texts["source"],
        ticket=texts["ticket"],
        owner=texts["owner"],
        story=texts["story"],
        defect=texts["defect"] or case_id or "",
        recast=recast,
        cast=cast,
        parts=draft.parts,
        checks=draft.checks,
        symptom=draft.symptom,
        line=draft.line,
        rows=draft.rows,
        vary=draft.vary,
    )


def _date(form: Form) -> str | None:
    """When it was reported; a bare year is as good as a text."""
    node = form.node("reported")
    year = isinstance(node, Scalar) and type(node.value) is int and 2000 <= node.value <= 2100
    return node.raw if isinstance(node, Scalar) and year else form.text("reported")


def _case_id(form: Form, path: str) -> str | None:
    case_id = form.text("id")
    if case_id is None:
        return None
    place = form.place_of("id")
    if not CASE_ID.fullmatch(case_id):
        text = f"an id is 2 to 8 capitals, a hyphen and a number, such as ESC-1234, not {case_id!r}"
        form.problem(place, "C016", text)
        return None
    stem = Path(path).stem
    if stem != case_id and not stem.startswith(case_id + "-"):
        text = f"the file is called {stem!r} and its id is {case_id!r}: rename one of them"
        form.problem(place, "C016", text)
    return case_id


def _symptom(node: Node, problems: list[Problem], parts: tuple[Part, ...]) -> Symptom | None:
    form = Form(node, problems, "the symptom", names(SYMPTOM))
    both = "step" in form and "check" in form
    if both or form.lacks("step", "check"):
        form.problem(form.place, "C022", "the symptom names the step or the check that fails: one of the two")
    shows = form.required("shows", "what is seen there, as in 'expect'")
    if shows is None:
        return None
    if isinstance(shows, Mapping) and not shows.entries:
        text = "a symptom that shows {} shows nothing: write what was seen there, such as {status: 400}"
        form.problem(shows.place, "M001", text)
        return None
    over_fix = {step.id for step in flat(parts) if step.source.channel.startswith("fix.")}
    seen = form.node("seen")
    if form.text("step") in over_fix:  # a message, in the dictionary's words
        shows, seen = fix_expectation(form, shows), None if seen is None else fix_expectation(form, seen)
    expected = compile_expectation(shows, problems)
    if mentions(expected, "$nothing") and form.lacks("witness"):
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
