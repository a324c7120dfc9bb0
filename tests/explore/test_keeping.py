"""A failing example as a case of its own: the text of the original, edited in as few places as possible."""

from __future__ import annotations

import difflib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from harness.case.additions import NOTHING_ADDED
from harness.case.copying import copied
from harness.case.read import parse_case
from harness.case.values import Row
from harness.case.varied import with_inputs
from harness.errors import HarnessError
from harness.keeping import keep
from harness.outcome import Outcome
from harness.verdict import Judgement, Verdict

from .cases import VARY, case, text

ORDER = """\
  order:
    permute: [first, second, third]
    example:
      - first   # stays behind
      - 'second'
      - "third"
"""


EDITED = """\
+# Explored.
-id: ESC-1
+id: ESC-2001
-status: fixed
-fixed_in: "2026.9.2"  # goes with its line
+status: open
-  price: {on_tick: market, between: [0.01, 0.99], example: 0.52}
-  size: {between: [5, 100], example: 10}
-  side: {one_of: [BUY, SELL], example: BUY}
+  price: {on_tick: market, between: [0.01, 0.99], example: 0.07}
+  size: {between: [5, 100], example: 11}
+  side: {one_of: [BUY, SELL], example: SELL}
-      - first   # stays behind
-      - 'second'
-      - "third"
+      - third   # stays behind
+      - first
+      - second
""".splitlines()


def test_only_what_must_differ_is_edited() -> None:
    """Id, status, examples and `fixed_in` change; comments, quotes and layout stay as they are."""
    before = text(VARY + ORDER)
    values = {"price": Decimal("0.07"), "size": 11, "side": "SELL", "order": ("third", "first", "second")}

    after = copied(before, "cases/ESC-1.yaml", "ESC-2001", values, "Explored.")

    changed = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    assert [line for line in changed if not line.startswith("@@")] == EDITED
    read = parse_case(after, "cases/ESC-2001.yaml")
    assert [vary.example for vary in read.vary] == list(values.values())
    assert [step.id for step in read.steps][1:] == ["third", "first", "second"]


@pytest.mark.parametrize(
    ("written", "value", "shown"),
    [
        ("{one_of: ['it''s', b], example: 'it''s'}", "b", "example: b}"),
        ('{one_of: ["a\\"b", "c: d"], example: "a\\"b"}', "c: d", 'example: "c: d"}'),
        ("{one_of: [true, 'true'], example: true}", "true", 'example: "true"}'),
        ("{one_of: [null, 1], example: 1}", None, "example: null}"),
        ("{one_of: [0.10, 2], example: 2}", Decimal("0.10"), "example: 0.10}"),
    ],
)
def test_a_value_reads_back_as_what_it_was(written: str, value: object, shown: str) -> None:
    """Quotes are put where a text needs them, and only there."""
    before = text(VARY + f"  x: {written}\n")

    after = copied(before, "cases/ESC-1.yaml", "ESC-2", {"x": value}, "Explored.")

    assert shown in after
    assert parse_case(after, "cases/ESC-2.yaml").vary[-1].example == value


def failed(**values: object) -> Outcome:
    """A regressed run of the case with other inputs."""
    varied = with_inputs(case(), {"price": Decimal("0.52"), "size": 10, "side": "BUY", **values})
    return Outcome("ESC-1", Judgement(Verdict.REGRESSED, "why"), varied, target="venue", build="2026.9.2")


def test_the_copy_stands_beside_the_original(tmp_path: Path) -> None:
    """The new file keeps folder and slug, says where it is from, and the original stays as it was."""
    source = tmp_path / "cases" / "clob" / "ESC-1-a-cross.yaml"
    source.parent.mkdir(parents=True)
    source.write_text(text(), encoding="utf-8")

    path = keep(failed(size=11), source, tmp_path, "ESC-2001", NOTHING_ADDED)

    assert path == source.with_name("ESC-2001-a-cross.yaml")
    head = path.read_text(encoding="utf-8").splitlines()[0]
    assert head == (
        "# Explored from ESC-1: with price: 0.52, size: 11, side: BUY it was regressed on venue 2026.9.2."
    )
    assert source.read_text(encoding="utf-8") == text()

    with pytest.raises(HarnessError, match="not saved: ESC-2001 is taken, by"):
        keep(failed(size=12), source, tmp_path, "ESC-2001", NOTHING_ADDED)
    assert "size: 11" in path.read_text(encoding="utf-8")


def test_a_case_with_rows_is_copied_by_hand(tmp_path: Path) -> None:
    """Which rows a copy should have is the engineer's to say."""
    outcome = failed()
    assert outcome.case is not None
    outcome.case = replace(outcome.case, rows=(Row("one", {}),))

    with pytest.raises(HarnessError, match="ESC-1 has 'examples': copy it by hand"):
        keep(outcome, tmp_path / "ESC-1.yaml", tmp_path, "ESC-2001", NOTHING_ADDED)
