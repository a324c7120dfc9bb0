"""Whose an exchange's *not now* is: the case's own, or nobody's; and what our own waiting may have spoilt."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import TargetError
from harness.finding import Finding
from harness.matchers import Late
from harness.model import By, Event, Kind, Source
from harness.notnow import NotNow, Why
from harness.refusals import excuse, own, trades
from harness.run import Run
from harness.verdict import Judgement, Verdict

from .story import case

BUY = "{id: buy, rest: POST /order, json: {size: 5}, expect: {status: 200}}"
ON = "{id: on, ws: market, subscribe: {assets_ids: ['1']}}"
LOGON = "{id: in, fix: oe, logon: {}}"
HEAR = "{id: hear, ws: market, within: 2s, expect: {event_type: book}}"
READ = "{id: read, rest: GET /time, expect: {status: 200}}"
SHOWS = "symptom: {step: %s, shows: {status: 400}}\n"
BUSY = {"status": 429, "headers": {"retry-after": "7"}, "body": '{"error":"Too Many Requests"}'}
SAID = NotNow(Why.LIMIT, "429 Too Many Requests", 7_000_000)
REST, WS, FIX = Source("rest", "alice"), Source("ws.market"), Source("fix.oe", "alice")


def told(*steps: str, symptom: str = "") -> Any:
    """A case of these steps."""
    return case("steps:\n" + "".join(f"  - {step}\n" for step in steps) + (symptom or SHOWS % "buy"))


OWN = [
    (told(BUY), set()),
    (told(BUY.replace("200", "429")), {Why.LIMIT}),
    (told(BUY.replace("200", "{$in: [200, 425]}")), {Why.RESTART}),
    (told(BUY, symptom="symptom: {step: buy, shows: {status: 503}}\n"), {Why.MODE}),
    (told(BUY, "{id: go, target: pause}"), {Why.MODE, Why.RESTART}),
    (told(BUY, "{id: go, target: restart, of: matcher}"), {Why.MODE, Why.RESTART}),
    (told(BUY, "{id: go, target: limits, of: signer}"), {Why.LIMIT}),
    (told(BUY, "{id: go, target: freeze, for: 1s}"), set()),
    (
        told(BUY, ON, "{id: end, ws: market, within: 2s, expect: {$closed: {code: 1012}}}"),
        {Why.RESTART},
    ),
    (told(BUY.replace("200", "{$gte: 429}")), {Why.LIMIT}),
    (told(BUY.replace("status: 200", "body: {size: 429}")), set()),
]


@pytest.mark.parametrize(("of", "found"), OWN)
def test_what_a_case_asks_about_or_does(of: Any, found: set[Why]) -> None:
    """What it expects or shows by a status or a close code, and the verbs by which it makes it so."""
    assert own(of) == found


@pytest.mark.parametrize(
    ("step", "is_trade"),
    [
        (BUY, True),
        ("{id: one, rest: GET /book?token_id=1, expect: {status: 200}}", False),
        ("{id: one, rest: DELETE /cancel-all, expect: {status: 200}}", True),
        ("{id: one, fix: oe, send: {NewOrderSingle: {ClOrdID: a}}}", True),
        ("{id: one, fix: oe, logon: {}}", False),
    ],
)
def test_what_trades(step: str, is_trade: bool) -> None:
    """Orders and cancels, over REST and FIX; reads and logons go on in every mode."""
    assert trades(told(step, READ, symptom=SHOWS % "read")) is is_trade


def event(number: int, kind: Kind, source: Source, step: str = "", by: By = By.PEER, **data: Any) -> Event:
    return Event(number, number * 1_000, kind, source, step, by=by, data=data)


def excused(
    events: list[Event],
    subject: str = "buy",
    of: Any = None,
    word: Verdict = Verdict.CHANGED,
    longest_us: int = 0,
) -> tuple[TargetError, NotNow | None] | None:
    """Whether a run that failed at a subject is excused."""
    finding = Finding(subject, False, 900_000, "the answer differs")
    run = Run({subject: finding})
    judged = Judgement(word, "it fails", finding)
    return excuse(of or told(BUY, READ, ON, HEAR), run, events, judged, 0, longest_us)


def test_a_step_that_was_refused() -> None:
    """The words of the exchange, why, and when to try again."""
    found = excused([event(1, Kind.ANSWER, REST, "buy", wire=BUSY)])

    assert found is not None
    error, said = found
    assert said == SAID
    assert str(error) == (
        "T030 'buy': the exchange says 429 Too Many Requests (too many requests), "
        "to be tried again after 7.000 s"
    )


@pytest.mark.parametrize("word", [Verdict.REGRESSED, Verdict.STILL_BROKEN, Verdict.HOLDS, Verdict.VERIFIED])
def test_the_symptom_and_what_holds_are_never_excused(word: Verdict) -> None:
    """What shows the symptom is what it is, and so is what is well."""
    assert excused([event(1, Kind.ANSWER, REST, "buy", wire=BUSY)], word=word) is None


def test_the_case_s_own_refusals_are_not_excused() -> None:
    """A case that limits itself, or asks about limits, is judged by what it is answered."""
    busy = [event(2, Kind.ANSWER, REST, "buy", wire=BUSY)]

    limits = told("{id: go, target: limits, of: signer}", BUY)
    assert excused([event(1, Kind.STEP, REST, "go"), *busy], of=limits) is None
    runs_into = told(READ.replace("200", "429"), BUY)
    assert excused([event(1, Kind.STEP, REST, "read"), *busy], of=runs_into) is None
    assert excused(busy, of=told(BUY.replace("200", "429"))) is None
    assert excused(busy, of=told(BUY, READ.replace("200", "425"))) is not None


def test_what_had_not_begun_is_nobody_s_doing() -> None:
    """A refusal before the verb, or before the step that runs into a limit, is the exchange's own; one that a
    step asks about is that step's alone."""
    busy = [event(1, Kind.ANSWER, REST, "buy", wire=BUSY)]
    assert excused([*busy, event(950, Kind.STEP, REST, "go")], of=told(BUY, "{id: go, target: limits}"))
    assert excused(busy, of=told(BUY, READ.replace("200", "429")))

    halted = {"status": 503, "headers": {"retry-after": "7"}, "body": "{}"}
    down = [event(1, Kind.STEP, REST, "read"), event(2, Kind.ANSWER, REST, "buy", wire=halted)]
    assert excused(down, of=told(READ.replace("200", "503"), BUY))
    assert excused(down, of=told(READ, BUY.replace("200", "503"))) is None
    shows = "symptom: {step: %s, shows: {status: 503}}\n"
    assert excused(down, of=told(READ, BUY, symptom=shows % "read"))
    assert excused(down, of=told(READ, BUY, symptom=shows % "buy")) is None


def test_only_the_last_answer_of_what_failed_counts() -> None:
    """A step that was refused and then answered fails by its answer; refusals of other steps are theirs."""
    good = {"status": 200, "headers": {}, "body": "{}"}
    answers = [event(1, Kind.ANSWER, REST, "buy", wire=BUSY), event(2, Kind.ANSWER, REST, "buy", wire=good)]

    assert excused(answers) is None
    assert excused(answers[:1], subject="read") is None
    assert excused([event(1, Kind.ANSWER, REST, "check:read", wire=BUSY)], subject="read") is not None
    assert excused([event(1, Kind.LOST, REST, "buy", why="no answer")]) is None
    assert excused([event(1, Kind.ANSWER, REST, "buy", wire={"accepted": "0x"})]) is None


def test_a_stream_that_says_why_it_ends() -> None:
    """A close code for a restart, a Logout for maintenance; not ours, not one that was opened again."""
    ended = event(2, Kind.CLOSED, WS, code=1012, reason="")

    found = excused([event(1, Kind.OPEN, WS), ended], subject="hear")
    assert found is not None
    assert (
        found[0].text
        == "'hear': the exchange says close 1012 service restart (a restart), it does not say for how long"
    )
    assert excused([ended, event(3, Kind.OPEN, WS)], subject="hear") is None
    assert excused([event(2, Kind.CLOSED, WS, code=1006, reason="")], subject="hear") is None
    assert excused([event(2, Kind.CLOSED, WS, by=By.SESSION, code=1012, reason="")], subject="hear") is None
    assert excused([event(2, Kind.CLOSED, Source("ws.user", "alice"), code=1012)], subject="hear") is None
    assert excused([event(950, Kind.CLOSED, WS, code=1012)], subject="hear") is None


def test_a_logout_that_says_why() -> None:
    """The text of a Logout counts where the session was not opened again; its end behind it adds nothing."""
    of = told(LOGON, "{id: fill, fix: oe, within: 2s, expect: {ExecutionReport: {ExecType: TRADE}}}", BUY)
    out = event(
        1,
        Kind.PUSH,
        FIX,
        by=By.SESSION,
        wire={"raw": "8=FIXT.1.1|35=5|34=2|58=Scheduled maintenance|10=000|"},
    )
    end = event(2, Kind.CLOSED, FIX, code=None, reason="closed")

    found = excused([out, end], subject="fill", of=of)
    assert found is not None
    assert found[1] == NotNow(Why.MODE, "Logout: Scheduled maintenance")
    plain = event(1, Kind.PUSH, FIX, wire={"raw": "8=FIXT.1.1|35=5|34=2|10=000|"})
    assert excused([plain, end], subject="fill", of=of) is None


def test_what_we_held_back_tells_nothing() -> None:
    """A red behind a request that waited more than a second may be ours, and so may a lateness."""
    found = excused([], longest_us=1_000_001)
    assert found is not None
    assert str(found[0]) == (
        "T031 it fails; but a request was held back for 1.000 s before it went out, "
        "so that what came late, or not at all, may be ours"
    )
    late = told(BUY, ON, HEAR, symptom="symptom: {step: hear, shows: {$nothing}, witness: on}\n")
    assert excused([], longest_us=1_000_000) is None
    assert excused([], word=Verdict.REGRESSED, longest_us=2_000_000) is None
    assert excused([], of=late, word=Verdict.REGRESSED, longest_us=2_000_000) is not None


@pytest.mark.parametrize(
    ("subject", "late_us", "held_us", "word", "excused_by"),
    [
        ("read", 20_000, 300_000, Verdict.CHANGED, "T031"),
        ("read", 300_001, 300_000, Verdict.CHANGED, None),
        ("hear", 20_000, 300_000, Verdict.CHANGED, None),
        ("read", 20_000, 300_000, Verdict.REGRESSED, None),
    ],
)
def test_what_was_asked_late(
    subject: str, late_us: int, held_us: int, word: Verdict, excused_by: str | None
) -> None:
    """A state that is late by less than its questions were held back, little by little, is nobody's; what a
    stream told late, what was later than that, and the symptom are what they are."""
    finding = Finding(subject, False, 900_000, "held late", Late(late_us))
    judged = Judgement(word, "it fails", finding)
    found = excuse(told(BUY, READ, ON, HEAR), Run({subject: finding}), [], judged, 0, 100_000, held_us)
    assert (None if found is None else found[0].code) == excused_by
