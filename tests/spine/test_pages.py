"""Lists over REST: entries chosen by `where`, counted, never there; and one page of several."""

from __future__ import annotations

from typing import Any

import pytest

from harness.matchers import NOTHING, Extra

from .run_bodies import BUY
from .stage import Peers, same


def listed(*entries: Any, more: bool = False) -> dict[str, Any]:
    return {"data": list(entries), "next_cursor": "MTAw" if more else "LTE="}


ONE, TWO, THREE = ({"id": name, "status": "LIVE"} for name in ("o1", "o2", "o3"))
GONE = {"id": "o9", "status": "CANCELED"}


def came(words: str, *pages: Any) -> Any:
    peers = Peers().answers("/order", {}).answers("/data/orders", *pages)
    read = f"  - {{id: it, rest: GET /data/orders, {words}}}\n"
    return same("steps:" + BUY + read, peers).findings["it"]


SELECTED: dict[str, tuple[str, tuple[Any, ...], bool, str]] = {
    "the first that is selected": (
        "where: {id: o2}, expect: {status: LIVE}",
        (listed(ONE, TWO),),
        True,
        "came as expected",
    ),
    "one that differs": (
        "where: {id: o9}, expect: {status: LIVE}",
        (listed(ONE, GONE),),
        False,
        "came, and differs",
    ),
    "none in time": (
        "within: 1s, where: {id: o3}",
        (listed(ONE, TWO),),
        False,
        "did not hold within 1.000 s, in 9 reads",
    ),
    "one that comes": (
        "within: 1s, where: {id: o3}",
        (listed(ONE), listed(ONE, THREE)),
        True,
        "came as expected",
    ),
    "a bare list": ("where: {id: o1}, expect: {status: LIVE}", ([ONE, TWO],), True, "came as expected"),
    "so many": (
        "within: 1s, where: {status: LIVE}, count: 2, quiet: 1s",
        (listed(ONE), listed(ONE, TWO)),
        True,
        "came as expected",
    ),
    "an answer that is no list": (
        "within: 1s, where: {id: o1}",
        ((500, {"error": "oops"}),),
        False,
        "did not hold within 1.000 s, in 9 reads",
    ),
}


@pytest.mark.parametrize(("words", "pages", "holds", "text"), SELECTED.values(), ids=SELECTED)
def test_where_selects_entries_and_expect_judges_them(
    words: str, pages: tuple[Any, ...], holds: bool, text: str
) -> None:
    """An entry of the body, or of its `data`, is what a step with `where` sees."""
    found = came(words, *pages)
    assert (found.holds, found.text) == (holds, text)


def test_one_entry_more_than_counted_is_extra() -> None:
    """Two are waited for, and a third shows in the quiet time."""
    pages = (listed(ONE, TWO), listed(ONE, TWO), listed(ONE, TWO, THREE))
    found = came("within: 1s, where: {status: LIVE}, count: 2, quiet: 1s", *pages)
    assert (found.holds, found.shown) == (False, Extra(1))


ABSENT = "within: 1s, never: {id: o9}"
NEVER: dict[str, tuple[str, Any, bool, str]] = {
    "never there": (ABSENT, listed(ONE), True, "never came within 1.000 s, in 5 reads"),
    "there": (ABSENT, listed(ONE, GONE), False, "is there, and should not be"),
    "an empty list": (ABSENT, listed(), True, "never came within 1.000 s, in 5 reads"),
    "more pages": (ABSENT, listed(ONE, more=True), False, "not shown: there are more pages"),
    "no list": (ABSENT, (500, {}), False, "not shown: an answer held no list of entries"),
    "an object": (ABSENT, {"id": "o1"}, False, "not shown: an answer held no list of entries"),
    "there on one of more pages": (ABSENT, listed(GONE, more=True), False, "is there, and should not be"),
    "nothing, at once": ("where: {id: o9}, expect: {$nothing}", listed(ONE), True, "never came"),
    "nothing, and it is there": (
        "where: {id: o9}, expect: {$nothing}",
        listed(GONE),
        False,
        "is there, and should not be",
    ),
    "nothing, with more pages": (
        "where: {id: o9}, expect: {$nothing}",
        listed(ONE, more=True),
        False,
        "not shown: there are more pages",
    ),
    "nothing, in a window": (
        "within: 1s, where: {id: o9}, expect: {$nothing}",
        listed(ONE),
        True,
        "never came within 1.000 s, in 5 reads",
    ),
}


@pytest.mark.parametrize(("words", "page", "holds", "text"), NEVER.values(), ids=NEVER)
def test_absence_from_a_list_is_shown_by_the_whole_list_only(
    words: str, page: Any, holds: bool, text: str
) -> None:
    """An answer without a list, or one page of several, does not show that something is not there."""
    found = came(words, page)
    assert found.holds is holds
    assert found.text.startswith(text)
    assert not holds or found.shown is NOTHING


NOT = "expect: {body: {data: {$not: {$some: {id: o9}}}}}"


@pytest.mark.parametrize("words", [NOT, "within: 1s, " + NOT], ids=["once", "repeated"])
@pytest.mark.parametrize(("more", "holds"), [(False, True), (True, False)])
def test_not_is_not_shown_by_one_page_of_several(words: str, more: bool, holds: bool) -> None:
    """`$not` that holds on a page with more pages is a failure: not shown."""
    found = came(words, listed(ONE, more=more))
    assert found.holds is holds
    assert holds or found.text.startswith("not shown: there are more pages")


def test_other_expectations_may_look_at_one_page() -> None:
    """What says that something is there is shown by the page it is on."""
    assert came("expect: {body: {data: {$some: {id: o1}}}}", listed(ONE, more=True)).holds
    assert came("expect: {body: {next_cursor: {$not: LTE=}}}", listed(ONE, more=True)).holds
