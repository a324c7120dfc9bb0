"""`pages: all`: a list is read to its end, once or repeatedly, live and replayed alike."""

from __future__ import annotations

from typing import Any

import pytest

from harness.acts import pages
from harness.errors import CassetteStale

from .run_bodies import BUY
from .stage import Peers, same
from .story import HEADER, SYMPTOM, Story, problems, run

ONE, TWO, THREE, FOUR = ({"id": f"o{n}", "status": "LIVE"} for n in (1, 2, 3, 4))
WALK = "  - {{id: it, rest: GET /data/orders, pages: all, {}}}\n"


def listed(*entries: Any, cursor: str = "LTE=") -> dict[str, Any]:
    return {"data": list(entries), "next_cursor": cursor}


FIRST, SECOND, LAST = listed(ONE, TWO, cursor="Mg=="), listed(THREE, cursor="Mw=="), listed(FOUR)


def came(words: str, *answers: Any) -> tuple[Any, list[Any]]:
    """The finding of a walk, and what was asked, page by page."""
    peers = Peers().answers("/order", {}).answers("/data/orders", *answers)
    found = same("steps:" + BUY + WALK.format(words), peers).findings["it"]
    asked = [intent.get("params", {}) for _, intent in peers.sent if intent["path"] == "/data/orders"]
    return found, asked


def test_pages_are_shown_as_one_answer() -> None:
    """The entries of all pages stand in `data`, and the rest is the last page's."""
    found, asked = came("params: {market: m}, expect: {status: 200}", FIRST, SECOND, LAST)

    assert asked == [
        {"market": "m"},
        {"market": "m", "next_cursor": "Mg=="},
        {"market": "m", "next_cursor": "Mw=="},
    ]
    assert (found.holds, found.shown["body"]) == (True, listed(ONE, TWO, THREE, FOUR))


PAGED = (FIRST, SECOND, LAST)
AGAIN = (FIRST, SECOND, LAST, FIRST, listed(THREE))
WORDS: dict[str, tuple[str, tuple[Any, ...], bool, str]] = {
    "an entry of a later page": ("where: {id: o4}, expect: {status: LIVE}", PAGED, True, "came as expected"),
    "not there at all": ("expect: {body: {data: {$not: {$some: {id: o9}}}}}", PAGED, True, "as expected"),
    "there, and should not be": (
        "where: {id: o3}, expect: {$nothing}",
        PAGED,
        False,
        "is there, and should not be",
    ),
    "an error on the way": ("expect: {status: 500}", (FIRST, (500, {})), True, "as expected"),
    "no list of entries": (
        "within: 1s, never: {id: o9}",
        (FIRST, (500, {})),
        False,
        "not shown: an answer held no list of entries",
    ),
    "comes in a later walk": (
        "within: 1s, where: {id: o5}",
        (*PAGED, FIRST, listed({"id": "o5"})),
        True,
        "came as expected",
    ),
    "gone in a later walk": (
        "within: 1s, expect: {body: {data: {$not: {$some: {id: o4}}}}}",
        AGAIN,
        True,
        "holds",
    ),
    "never on any page": (
        "within: 1s, never: {id: o9}",
        (LAST,),
        True,
        "never came within 1.000 s, in 5 reads",
    ),
    "round": (
        "expect: {status: 200}",
        (FIRST, FIRST),
        False,
        "the pages go round: cursor Mg== came twice",
    ),
    "round, in a window": (
        "within: 1s, where: {id: o9}",
        (FIRST, SECOND, FIRST),
        False,
        "the pages go round: cursor Mg== came twice",
    ),
    "round, in the quiet time": (
        "within: 1s, where: {id: o1}, count: 1, quiet: 1s",
        (listed(ONE), FIRST, FIRST),
        False,
        "the pages go round: cursor Mg== came twice",
    ),
    "round, where it should be stable": (
        "within: 1s, where: {id: o1}, expect: {status: LIVE}, stable_for: 1s",
        (listed(ONE), FIRST, FIRST),
        False,
        "the pages go round: cursor Mg== came twice",
    ),
    "round, and watched": (
        "within: 1s, never: {id: o9}",
        (FIRST,),
        False,
        "the pages go round: cursor Mg== came twice",
    ),
}


@pytest.mark.parametrize(("words", "answers", "holds", "text"), WORDS.values(), ids=WORDS)
def test_what_a_walk_shows(words: str, answers: tuple[Any, ...], holds: bool, text: str) -> None:
    """`where`, `never`, `expect` and `within` judge the whole list; a walk that goes round is a finding."""
    found, _ = came(words, *answers)

    assert (found.holds, found.text) == (holds, text)


@pytest.mark.parametrize(("total", "holds"), [(4, True), (1, False)])
def test_a_check_sees_the_whole_list(total: int, holds: bool) -> None:
    """A check on such a step looks at the entries of all pages, not at those of the last."""
    check = f"  - {{id: sums, adds_up: {{step: it, parts: '$.body.data[*].n', total: {total}}}}}\n"
    counted = [
        listed(*({"n": 1} for _ in page["data"]), cursor=page["next_cursor"])
        for page in (FIRST, SECOND, LAST)
    ]
    peers = Peers().answers("/order", {}).answers("/data/orders", *counted)
    body = "steps:" + BUY + WALK.format("expect: {status: 200}") + "checks:\n" + check
    assert same(body, peers).findings["sums"].holds is holds


def test_a_walk_begun_in_the_window_is_finished() -> None:
    """Pages follow each other at once, and the last walk goes on past the deadline to its end."""
    peers = Peers().answers("/order", {})
    peers.answers("/data/orders", *(PAGED * 3), took_ms=300)
    found = same("steps:" + BUY + WALK.format("within: 1s, every: 200ms, never: {id: o9}"), peers).findings[
        "it"
    ]

    assert (found.holds, found.text) == (True, "never came within 1.000 s, in 2 reads")


def test_a_walk_has_an_end() -> None:
    """After a hundred pages that all lead further the walk is given up, and nothing is shown."""
    endless = [listed(cursor=f"c{n}") for n in range(pages.PAGES + 5)]
    found, asked = came("expect: {status: 200}", *endless)

    assert (found.holds, found.text) == (False, "not shown: there are more than 100 pages")
    assert len(asked) == pages.PAGES


GET = {"method": "GET", "path": "/data/orders"}


def recorded(cursor: str) -> Any:
    """A walk of two pages as a cassette holds it."""
    story = Story().posted("buy", {}).at(10).step("it").read("it", GET, FIRST)
    return story.at(20).read("it", {**GET, "params": {"next_cursor": cursor}}, LAST).end("it").events


def test_pages_are_replayed_in_order() -> None:
    """Each page is a send of its own; one that the answers do not lead to makes the cassette stale."""
    body = "steps:" + BUY + WALK.format("expect: {status: 200}")

    assert run(body, recorded("Mg==")).findings["it"].shown["body"] == listed(ONE, TWO, FOUR)
    with pytest.raises(CassetteStale, match=r"\$.params.next_cursor"):
        run(body, recorded("Mw=="))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "DELETE /orders, pages: all",
            "C023 'pages' means nothing here: a list is read by GET, not by DELETE",
        ),
        ("GET /orders, pages: 2", "C004 'pages' is text: quote it, pages: \"2\""),
        ("GET /orders, pages: al", "C005 'pages' is 'al'; did you mean 'all'?"),
    ],
)
def test_pages_belong_to_a_list(line: str, told: str) -> None:
    """Only a GET has pages, and all of them are read or one."""
    steps = f"steps:\n  - {{id: buy, rest: {line}, expect: {{status: 200}}}}\n"
    found = problems(HEADER + steps + SYMPTOM % "buy")

    assert [text.split(": ", 1)[1] for text in found] == [told]
