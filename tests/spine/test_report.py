"""What a tired engineer reads: a red item on one screen, the table, a cassette, and the gate's word."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import exactjson
from harness.errors import HarnessError
from harness.finding import Finding
from harness.judging import Outcome
from harness.matchers import LOST, NOTHING, Closed, Difference, Differs, Extra, Late
from harness.report import records
from harness.report.listing import listing
from harness.report.plain import LINE_CHARS, one_line, plain_text, shown
from harness.report.terminal import explain, table
from harness.run import Run
from harness.seal import Cassette, Header
from harness.verdict import Judgement, Proof, Verdict

from .story import ORDER, Story, case, trade

CASE = case(
    f"""steps:
  - {{id: buy, rest: POST /order, json: {{size: 5}}, expect: {{status: 200}}}}
checks:
  - {{id: agree, reconcile: {{order: "{ORDER}", fields: [size], sources: [rest, ws]}}, within: 3s}}
"""
)
RED = Finding(
    "buy",
    False,
    1_234_567,
    "the answer differs\nand goes on",
    {"status": 400, "error": "evil \x1b[31m\u202e"},
    None,
    (Difference("status", "200", "400", "200 more"),),
)
RUN = Run(
    {"listen": Finding("listen", True, 100_999, "subscribed"), "buy": RED},
    ["agree"],
    failed_step="buy",
    leftovers=[Finding("finally.1", False, 0, "was not carried out: T001 down")],
)


def outcome(word: Verdict | Proof = Verdict.REGRESSED, **changed: Any) -> Outcome:
    known = Outcome(
        "ESC-1",
        Judgement(word, "shows the symptom at 'buy'", RED),
        replace(CASE, fixed_in="2026.11.2"),
        RUN,
        target="venue",
        build="2026.11.3",
        origins={"broken": "venue"},
        unused=("step 'x' on rest: 1 of 1 recorded sends unused",),
    )
    return replace(known, **changed)


def test_a_red_item_is_told_on_one_screen() -> None:
    """What ran and when, where it stands in the file, how it differs, what to run next; no escapes."""
    assert explain(outcome()) == (
        "ESC-1: a title\n"
        "regressed on venue 2026.11.3: shows the symptom at 'buy'\n"
        "\n"
        "    0.100 s  ok    listen            subscribed\n"
        "    1.234 s  FAIL  buy               the answer differs\n"
        "                                     and goes on\n"
        "             –     agree             not reached\n"
        "\n"
        "cases/ESC-1.yaml:8:5: buy\n"
        "  status: expected 200, found 400: 200 more\n"
        '  what came: {"status":400,"error":"evil \\u001b[31m\\u202e"}\n'
        "left over: finally.1: was not carried out: T001 down\n"
        "\n"
        "again: pytest -k ESC-1 --target venue --build 2026.11.3\n"
        "next:  the fix of 2026.11.2 does not hold on 2026.11.3: ESC-1\n"
        "note:  step 'x' on rest: 1 of 1 recorded sends unused"
    )


def test_each_word_has_its_next_line() -> None:
    """A missing proof is recorded, a verified case is promoted, a replay is run again as it was."""
    missing = outcome(
        Proof.UNPROVEN, item="ESC-1[broken]", proof="broken", run=None, target="replay", unused=()
    )
    assert explain(missing).split("\n")[-2:] == [
        "again: pytest -k ESC-1",
        "next:  pytest -k ESC-1 --target venue --build BUILD --record broken",
    ]
    verified = explain(outcome(Verdict.VERIFIED, unused=()))
    assert verified.endswith(
        "next:  pytest -k ESC-1 --target venue --build 2026.11.3 --record fixed; "
        "then harness promote ESC-1 --fixed-in 2026.11.3"
    )
    assert explain(outcome(case=None, run=None)) == "regressed on venue 2026.11.3: shows the symptom at 'buy'"


def recorded(word: str = "regressed", item: str = "ESC-1") -> dict[str, Any]:
    made = records.record(outcome(), started_at="2026-11-22T09:00:00Z", took_ms=12)
    return made | {"word": word, "item": item}


def test_the_table_has_a_row_a_record() -> None:
    """Case, verdict, where, what it was seen on, and why."""
    assert table([recorded(), recorded("holds", "ESC-22") | {"at": None, "proofs": {}}]) == [
        "case    on               verdict    at   proofs seen on  what",
        "ESC-1   venue 2026.11.3  regressed  buy  broken: venue   shows the symptom at 'buy'",
        "ESC-22  venue 2026.11.3  holds      –    –               shows the symptom at 'buy'",
    ]


def test_a_record_says_all_that_the_gate_and_people_need() -> None:
    """One mapping of safe texts a case."""
    assert recorded() == {
        "item": "ESC-1",
        "id": "ESC-1",
        "row": None,
        "word": "regressed",
        "why": "shows the symptom at 'buy'",
        "target": "venue",
        "build": "2026.11.3",
        "at": "buy",
        "finding": "the answer differs\nand goes on",
        "not_reached": ["agree"],
        "code": None,
        "proofs": {"broken": "venue"},
        "started_at": "2026-11-22T09:00:00Z",
        "took_ms": 12,
        "unused": ["step 'x' on rest: 1 of 1 recorded sends unused"],
        "sealed": None,
    }


def judged(*words: str, plan: int = 0) -> dict[str, Any]:
    made = [recorded(word, f"ESC-{n}") for n, word in enumerate(words, start=1)]
    return records.document(made, [f"ESC-{n}" for n in range(1, max(plan, len(words)) + 1)])


GATES = [
    (("holds", "still-broken", "verified", "proven"), 0, 0, 0, "4 judged, nothing regressed or changed"),
    (("holds", "regressed"), 0, 0, 1, "the product: ESC-2 regressed"),
    (("changed", "invalid", "inconclusive"), 0, 9, 1, "the product: ESC-1 changed"),
    (("invalid", "inconclusive"), 0, 9, 2, "a case: ESC-1 invalid"),
    (("unproven",), 0, 0, 2, "a case: ESC-1 unproven"),
    (("holds", "inconclusive"), 0, 0, 3, "could not tell: ESC-2"),
    (("holds", "inconclusive"), 0, 1, 0, "2 judged, nothing regressed or changed"),
    (("holds",), 3, 1, 3, "2 never ran: ESC-2, ESC-3"),
    (("holds",), 3, 2, 0, "1 judged, nothing regressed or changed"),
    ((), 0, 0, 2, "no case was judged at all"),
    ((), 2, 9, 2, "no case was judged at all"),
    (("sparkling",), 0, 9, 1, "the product: ESC-1 sparkling"),
]


@pytest.mark.parametrize(("words", "plan", "allowed", "code", "why"), GATES)
def test_the_gate_names_whose_fault_it_is(
    words: tuple[str, ...], plan: int, allowed: int, code: int, why: str
) -> None:
    """0 nothing regressed, 1 the product, 2 a case, 3 could not tell; never green for nothing."""
    said = records.gate([judged(*words, plan=plan)], allowed)
    assert (said.code, said.why) == (code, why)


def test_a_verdicts_file_is_written_whole_and_read_back(tmp_path: Path) -> None:
    """A record a line, the plan and its digest before them, whatever the order they came in."""
    path = tmp_path / "verdicts.json"
    records.write(path, judged("holds", "regressed"))
    held = records.read(path)
    assert held == judged("holds", "regressed")
    assert held["plan"] == records.document(reversed(held["records"]), ["ESC-2", "ESC-1"])["plan"]
    assert re.fullmatch("sha256:[0-9a-f]{64}", held["plan"]["digest"])
    assert len(path.read_text().splitlines()) == 7


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        '{"verdicts": 2}',
        '{"verdicts": 1}',
        '{"verdicts": 1, "plan": {"items": 5}, "records": []}',
        '{"verdicts": 1, "plan": {"items": []}, "records": [5]}',
        '{"verdicts": 1, "plan": {"items": []}, "records": [{"item": "x"}]}',
    ],
)
def test_what_is_no_verdicts_file_is_the_callers_to_mend(tmp_path: Path, text: str | None) -> None:
    """No file, no JSON, another format or half a file: one error, with the command that writes one."""
    path = tmp_path / "verdicts.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(HarnessError) as caught:
        records.read(path)
    assert caught.value.code == "V001"


def test_a_cassette_is_listed_for_people() -> None:
    """The header in words, then number, time, source, step and what it was; secrets are counted."""
    header = Header(
        case="ESC-1",
        name="broken",
        origin="venue",
        target="venue",
        recorded_at="2026-11-22T08:06:00Z",
        started_wall_us=1,
        seed=1,
        build="2026.11.1",
        redaction={"b": 2, "a": 1},
        edited=("2026-11-22T09:06:00Z",),
    )
    story = Story().at(1234).posted("buy", {"error": "\x1b[31m"}, 400).at(2000).listening()
    story.push(trade()["status"]).look("paid", 5).send("ask", {"method": "GET", "path": "/x"}).lost("ask")
    story.at(3500).watched().closed(1000).closed(None)
    assert list(listing(Cassette(header, tuple(story.events)))) == [
        "ESC-1 broken: venue recording of venue 2026.11.1",
        "recorded 2026-11-22T08:06:00Z, 17 events, format 1",
        "edited by hand 2026-11-22T09:06:00Z",
        "redacted: a 1×, b 2×",
        "",
        "   0    1.234 s  rest(alice)      buy              · step",
        '   1    1.234 s  rest(alice)      buy              → POST /order {"size":5}',
        '   2    1.234 s  rest(alice)      buy              ← 400 {"error":"\\u001b[31m"}',
        "   3    1.234 s  rest(alice)      buy              · end",
        "   4    2.000 s  ws.user(alice)   listen           · step",
        "   5    2.000 s  ws.user(alice)                    ○ open",
        '   6    2.000 s  ws.user(alice)   listen           → {"subscribe":{"markets":["m"]}}',
        "   7    2.000 s  ws.user(alice)                    ← PONG",
        "   8    2.000 s  ws.user(alice)   listen           · end",
        '   9    2.000 s  ws.user(alice)                    ← "MATCHED"',
        "  10    2.000 s  chain            paid             → eth_blockNumber, eth_getLogs",
        '  11    2.000 s  chain            paid             ← {"answers":[{"result":"0x5"},{"result":[]}]}',
        "  12    2.000 s  rest(alice)      ask              → GET /x",
        "  13    2.000 s  rest(alice)      ask              ✗ no answer: ReadTimeout",
        "  14    3.500 s  ws.user(alice)                    · watched until 3.500 s",
        "  15    3.500 s  ws.user(alice)                    ● closed (1000)",
        "  16    3.500 s  ws.user(alice)                    ● closed (no close frame)",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NOTHING, "nothing came"),
        (LOST, "no answer came"),
        (Closed(None), "closed (no close frame)"),
        (Closed(1000), "closed (1000)"),
        (Closed(1008, "None left"), "closed (1008 None left)"),
        (Late(1_500_999), "late by 1500 ms"),
        (Extra(2), "2 too many"),
        (Differs({"rest": {"size": 5}, "chain": NOTHING}), 'rest: {"size":5}; chain: nothing came'),
        ({"a": [True, None]}, '{"a":[true,null]}'),
    ],
)
def test_what_stands_instead_of_an_event_is_shown_in_words(value: Any, text: str) -> None:
    """A person reads marks as words and values as JSON."""
    assert shown(value) == text


ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@given(ANY_TEXT)
def test_no_text_can_harm_where_it_is_shown(text: str) -> None:
    """Whatever Unicode there is, halves of pairs too: it is encodable, and controls no terminal."""
    told = plain_text(text)
    told.encode("utf-8")
    exactjson.dumps(told)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in told)
    assert not re.search("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", told)


@given(st.recursive(ANY_TEXT, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner), max_leaves=5))
def test_any_value_is_one_bounded_line(value: Any) -> None:
    """However long and however hostile a value is, it is one line that can be printed."""
    told = one_line(value)
    told.encode("utf-8")
    assert len(told) <= LINE_CHARS
    assert len(told.splitlines()) <= 1
