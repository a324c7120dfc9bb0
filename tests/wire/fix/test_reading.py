"""Groups of many entries are read by columns where these are alike, and then as they are field by field."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from harness.wire.fix import reading
from harness.wire.fix.codec import parse
from harness.wire.fix.dictionary import dictionary_for
from harness.wire.fix.message import Message
from harness.wire.fix.written import seal

FIELDS = ("269=0", "270=0.52", "271=100", "271=", "58=x", "453=1", "448=ACME", "5001=y", "269=1", "268=2")
LEVEL = ["269=0", "270=0.52", "271=100"]


def view_of(fields: list[str], *, by_columns: bool) -> dict[str, Any]:
    """A snapshot with these fields behind its count, read in one of the two ways."""
    message = parse(seal("|".join(["8=FIX.4.4", "35=W", "55=A", "268=5", *fields, ""])))
    assert isinstance(message, Message)
    with patch.object(reading, "_MANY", 2 if by_columns else 10_000):
        return dictionary_for("FIX.4.4").to_view(message)


@given(
    st.lists(st.sampled_from(FIELDS), min_size=1, max_size=5),
    st.integers(1, 6),
    st.lists(st.sampled_from(FIELDS)),
)
@example(LEVEL, 5, [])
@example(LEVEL, 4, ["58=last"])
@example(LEVEL, 4, LEVEL[:2])
@example([*LEVEL, "270=0.53"], 4, [])
@example([*LEVEL, "453=1", "448=ACME"], 4, [])
@example(LEVEL[1:], 4, LEVEL)
def test_entries_alike_are_read_as_field_by_field(entry: list[str], times: int, behind: list[str]) -> None:
    """However often an entry comes again, whatever it holds, and whatever stands behind the last."""
    fields = entry * times + behind
    assert view_of(fields, by_columns=True) == view_of(fields, by_columns=False)


def test_a_book_of_twenty_levels_is_read_whole() -> None:
    """Each level has its own values, in its place."""
    fields = [
        field for level in range(20) for field in (f"269={level % 2}", f"270={level}.5", f"271={level}")
    ]
    [body] = view_of(fields, by_columns=True).values()
    told = [
        (each["MDEntryType"], str(each["MDEntryPx"]), str(each["MDEntrySize"]))
        for each in body["NoMDEntries"]
    ]
    assert told == [(("BID", "OFFER")[level % 2], f"{level}.5", f"{level}") for level in range(20)]
