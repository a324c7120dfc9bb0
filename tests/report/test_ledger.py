"""The records of a run outlive it; JUnit and Markdown are made of them, and what never ran is never green."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from files.faults import failing
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.files import FileError
from harness.report import records
from harness.report.junit import junit
from harness.report.ledger import Ledger, judged_before, ledger_path, unfinished, verdicts
from harness.report.markdown import markdown
from harness.verdict import Proof, Verdict

ITEMS = ["ESC-1[broken]", "ESC-1[fixed]", "ESC-2[broken]"]


def record(item: str, word: str = "proven", why: str = "as it should") -> dict[str, Any]:
    return {**records.lost(item, "replay", None, why), "word": word, "took_ms": 1234}


def test_what_was_judged_before_a_kill_is_read(tmp_path: Path) -> None:
    """A ledger that nobody ended gives the plan and every record; the verdicts file beside it is older."""
    path = tmp_path / "verdicts.json"
    records.write(path, records.document([record(item) for item in ITEMS], ITEMS))
    assert judged_before(path) == {}
    ledger = Ledger(path, ITEMS)
    ledger.add(record(ITEMS[0], "unproven"))
    ledger.close()
    held = verdicts(path)
    assert held == verdicts(ledger_path(path)) == unfinished(path)
    assert held["plan"]["items"] == ITEMS
    assert [each["word"] for each in held["records"]] == ["unproven"]
    assert list(judged_before(path)) == [ITEMS[0]]
    assert records.never_ran([held]) == ITEMS[1:]


def test_a_ledger_cut_anywhere_gives_whole_records(tmp_path: Path) -> None:
    """Whatever part of a ledger reached the disk, it gives the plan with its first records, or nothing."""
    path = tmp_path / "verdicts.json"
    ledger = Ledger(path, ITEMS, [record(ITEMS[0])])
    ledger.add(record(ITEMS[1]))
    ledger.close()
    data = ledger_path(path).read_bytes()
    seen = set()
    for size in range(len(data) + 1):
        ledger_path(path).write_bytes(data[:size])
        held = unfinished(path)
        seen.add(None if held is None else len(held["records"]))
        assert held is None or [each["item"] for each in held["records"]] == ITEMS[: len(held["records"])]
    assert seen == {None, 0, 1, 2}


def test_a_resumed_ledger_never_loses_what_it_goes_on_from(tmp_path: Path) -> None:
    """The ledger that goes on from another replaces it in one step; while one is held, another is refused."""
    path = tmp_path / "verdicts.json"
    first = Ledger(path, ITEMS)
    first.add(record(ITEMS[0]))
    with pytest.raises(FileError) as raised:
        Ledger(path, ITEMS, [record(ITEMS[0])])
    assert raised.value.code == "F005"
    first.close()
    second = Ledger(path, ITEMS, [record(ITEMS[0])])
    second.add(record(ITEMS[1]))
    second.close()
    assert list(judged_before(path)) == ITEMS[:2]
    assert ledger_path(path).stat().st_mode & 0o777 == 0o600
    third = Ledger(path, ITEMS, judged_before(path).values())
    third.discard()
    assert list(tmp_path.iterdir()) == []


def test_whatever_fails_while_resuming_loses_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any file call that fails as a ledger is gone on from leaves what was judged before readable."""
    path = tmp_path / "verdicts.json"
    first = Ledger(path, ITEMS)
    first.add(record(ITEMS[0]))
    first.close()
    nth, failed = 0, True
    while failed:
        nth += 1
        with failing(monkeypatch, nth, errno.ENOSPC) as counted, suppress(FileError):
            Ledger(path, ITEMS, judged_before(path).values()).close()
        failed = counted.hit != ""
        assert list(judged_before(path)) == ITEMS[:1], (nth, counted.hit)
    assert nth > 10


def test_neither_verdicts_nor_ledger_is_told(tmp_path: Path) -> None:
    """Without either file, V001 names what writes one."""
    with pytest.raises(HarnessError) as raised:
        verdicts(tmp_path / "verdicts.json")
    assert raised.value.code == "V001"


def test_the_gate_counts_what_never_ran() -> None:
    """A run that was killed cannot be told to be green; of many names the first twenty are shown."""
    many = [f"ESC-{number}" for number in range(30)]
    held = records.document([record(many[0])], many)
    told = records.gate([held])
    assert (told.code, told.why.partition(":")[0]) == (3, "29 never ran")
    assert told.why.endswith("and 9 more")
    assert records.gate([held], 29).code == 0


WORDS = [*map(str, Proof), *map(str, Verdict)]


@given(st.text(max_size=80), st.sampled_from(WORDS))
def test_no_text_breaks_a_report(why: str, word: str) -> None:
    """Whatever a case or venue says, JUnit parses with it and the Markdown table has its rows and cells."""
    held = records.document([record(ITEMS[0], word, why)], ITEMS[:1])
    case = ElementTree.fromstring(junit(held)).find(".//testcase")
    assert case is not None
    assert case.get("name") == ITEMS[0]
    kinds = {"still-broken": ["skipped"], "invalid": ["error"], "inconclusive": ["error"]}
    kinds |= {each: ["failure"] for each in ("regressed", "changed", "unproven")}
    assert [each.tag for each in case] == kinds.get(word, [])
    *_, row, end = markdown(held).split("\n")
    assert end == ""
    assert row.replace("\\|", "").count(" | ") >= 4
    assert "<" not in row or "`" in row


def test_the_reports_say_what_never_ran() -> None:
    """What was planned and never ran is an error in JUnit, and named under the table."""
    held = records.document([record(ITEMS[0], "regressed", "a `b` | <i>c</i> @d")], ITEMS[:2])
    suite = ElementTree.fromstring(junit(held)).find("testsuite")
    assert suite is not None
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "2", "failures": "1", "errors": "1", "skipped": "0"}
    assert markdown(held) == (
        "**1 judged, 1 red, 1 never ran**\n\n"
        "`harness gate` exits with 1, unless it is told of an allowance.\n"
        "- blocks, the product: `ESC-1[broken]` `regressed`\n\n"
        "| case | on | verdict | at | what |\n| --- | --- | --- | --- | --- |\n"
        "| `ESC-1[broken]` | `replay` | `regressed` | `–` | ``` a `b` \\| <i>c</i> @d ``` |\n\n"
        "Never ran: `ESC-1[fixed]`\n"
    )
