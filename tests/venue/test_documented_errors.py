"""Every documented refusal: the venue really answers it, and the pages for authors know it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import documented_orders
from .bench import Bench
from .documented import SAID, Desk, Row

DOCS = Path(__file__).parents[2] / "docs"
assert documented_orders.ORDER  # its rows are in the table from here on


@pytest.fixture
def desk(troubled: Bench) -> Iterator[Desk]:
    """A desk on a venue whose verbs are ended after the test."""
    yield Desk(troubled)
    assert troubled.http.delete(f"{troubled.ready['control']}/verbs").json() == {"ended": True}


def text_of(said: Any) -> str:
    """What an answer says is wrong; it says so once."""
    if isinstance(said, str):
        return said
    (text,) = [said[key] for key in ("error", "error_msg", "errorMsg") if key in said]
    return str(text)


@pytest.mark.parametrize("row", SAID, ids=str)
def test_a_documented_refusal_is_answered(desk: Desk, row: Row) -> None:
    """The request gets the documented status and the exact text; a page of HTML has it in it."""
    status, said = row.ask(desk)
    assert status == row.status
    wanted, found = row.text.format(**desk.names), text_of(said)
    assert wanted in found if found.startswith("<!DOCTYPE html>") else wanted == found


def test_the_table_says_each_thing_once() -> None:
    """No row stands for the same text at the same endpoint with the same status as another."""
    rows = Counter((row.at, row.status, row.text) for row in SAID)
    assert [row for row, times in rows.items() if times > 1] == []


def test_the_page_for_authors_lists_what_is_said() -> None:
    """The tables of refusals in exchange.md have each text of the table, and no other."""
    page = (DOCS / "exchange.md").read_text()
    section = page[page.index("### Refusals") : page.index("## WebSocket")]
    rows = [line.split(" | ") for line in section.splitlines() if re.match(r"\| \d", line)]
    listed = {bare(text.replace("\\|", "|")) for row in rows for text in re.findall(r"`([^`]+)`", row[1])}
    assert sorted(listed) == sorted({bare(row.text) for row in SAID if row.text})


def bare(text: str) -> str:
    """A text without the ids, numbers and names that are in it, and without the sums of the balance gate."""
    short = re.sub(r", sum of (active|matched) orders: \d+| \(inc\. fees\)", "", text)
    return re.sub(r"\{[^}]*\}|\b(0x)?[0-9a-fA-F]*…|\b\d[\d.]*[mh]?\b|\bnone$", "#", short)
