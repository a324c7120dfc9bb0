"""The picture: what stands on it, for real runs and for made ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.case.read import read_case
from harness.finding import Finding
from harness.matchers import Closed, Late
from harness.model import By, Event, Kind, Source
from harness.outcome import Outcome
from harness.proving import prove
from harness.report.picture import beside, page, picture, write
from harness.report.picture.layout import fitted, width_px, wrapped
from harness.report.picture.story import panel
from harness.verdict import Judgement, Verdict

from .bench import RECORDED, case, outcome

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def texts(told: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(told).iter(f"{SVG}text")]


def test_both_runs_stand_side_by_side_with_case_builds_and_words() -> None:
    """Title with the case's id, a head for each run with its build, and what each came to."""
    said = texts(picture([outcome("broken"), outcome("fixed")]))
    assert said[0] == "ESC-1118  An order is reported matched in full, but its settlement never comes"
    assert {"broken", "build 2026.11.1", "fixed", "build 2026.11.2"} <= set(said)
    assert "proven: every step and check holds" in said


def test_the_symptom_is_marked_where_it_happened() -> None:
    """The failing check stands below its deadline with the finding's lines, and is called the symptom."""
    said = texts(picture([outcome("broken")]))
    deadline = said.index("deadline: 5.000 s after buy")
    failing = next(at for at, text in enumerate(said) if text.startswith("agree: the sources do not agree"))
    assert said.index("the symptom") > failing > deadline
    assert any(text.startswith("chain") and "nothing in" in text for text in said)
    assert "the symptom" not in texts(picture([outcome("fixed")]))


def test_absence_is_an_empty_hatched_window_with_its_length() -> None:
    """On the lane where nothing came stands a hatched window; where all came there is none."""
    red, green = picture([outcome("broken")]), picture([outcome("fixed")])
    assert red.count('url(#void)" rx') == 2
    assert "nothing came for 5.000 s" in texts(red)
    assert 'url(#void)" rx' not in green


def test_polls_that_say_the_same_are_one_line() -> None:
    """Reads that were answered alike are counted, and each is a tick on its lane."""
    said = texts(picture([outcome("broken")]))
    assert sum(text == "GET /data/trades" for text in said) == 1
    assert any(text.startswith("same answer ") and text.endswith("more times: no logs") for text in said)


def test_what_comes_in_a_group_stands_with_its_own_step() -> None:
    """An event is drawn in its step, though the group around it ends at the same moment."""
    path = next((ROOT / "cases").glob("ESC-1001-*.yaml"))
    panel_of = panel(prove(read_case(path), "fixed", ROOT / "cassettes"))
    drawn = {stage.name: [row.text for row in stage.rows] for stage in panel_of.stages}
    assert drawn["retries"] == []
    assert all(len(drawn[step]) == 2 for step in ("again", "and-again"))


def test_a_picture_is_the_same_every_time() -> None:
    """The same outcomes give the same bytes."""
    both = [outcome("broken"), outcome("fixed")]
    assert picture(both) == picture(both)


def test_a_picture_loads_nothing() -> None:
    """SVG and page name no address but the namespace, and hold no script."""
    for told in (picture([outcome("broken")]), page([outcome("broken")])):
        assert "//" not in told.replace("http://www.w3.org/2000/svg", "")
        assert "<script" not in told
        assert "@import" not in told


def test_a_proof_stands_beside_the_other_one() -> None:
    """Broken is at the left and fixed at the right, whichever proof asks; a case without a run is alone."""
    for name in ("broken", "fixed"):
        assert [each.item for each in beside(outcome(name), RECORDED / "cassettes")] == [
            "ESC-1118[broken]", "ESC-1118[fixed]",
        ]  # fmt: skip
    lost = Outcome("ESC-9", Judgement(Verdict.INVALID, "cannot be read"))
    assert beside(lost, RECORDED / "cassettes") == (lost,)


def test_a_live_run_stands_beside_the_replay_of_fixed() -> None:
    """A regressed live run is at the left, what it should look like at the right."""
    live = live_run(outcome("broken"), Verdict.REGRESSED)
    left, right = beside(live, RECORDED / "cassettes")
    assert (left, right.item) == (live, "ESC-1118[fixed]")
    assert "live on venue" in texts(picture([left, right]))


def test_a_picture_without_a_run_says_why() -> None:
    """An outcome that never ran is a picture with its word and reason, not an error."""
    said = texts(picture([Outcome("ESC-9", Judgement(Verdict.INVALID, "cannot be read"))]))
    assert said[0] == "ESC-9"
    assert {"invalid", "cannot be read"} <= set(said)


@pytest.mark.parametrize("count", [0, 3])
def test_a_picture_shows_one_run_or_two(count: int) -> None:
    """Nothing, or more than two runs, is the caller's mistake."""
    with pytest.raises(ValueError, match=f"one run or two, not {count}"):
        picture([outcome("broken")] * count)


def test_late_lost_closed_and_fix_events_are_drawn() -> None:
    """A late push, an answer that never came, a closed stream and FIX messages each have their row."""
    said = texts(picture([eventful()]))
    assert "no answer: ReadTimeout: 10 s" in said
    assert any(text.startswith("ExecutionReport FILLED for A-1") for text in said)
    assert "closed 1011 gone" in said
    assert "fix.orders" in said


def test_a_stage_with_endless_events_is_cut_and_says_so() -> None:
    """Thousands of pushes leave a picture that a browser can show."""
    real = outcome("fixed")
    user = Source("ws.user", "alice")
    many = tuple(
        Event(1000 + n, 1_100_000 + n * 10, Kind.PUSH, user, by=By.PEER, data={"wire": {"text": f"tick {n}"}})
        for n in range(5_000)
    )
    told = picture([replace(real, timeline=(*real.timeline, *many))])
    assert len(told) < 200_000
    assert any(text.endswith("more events, not drawn") for text in texts(told))


def test_write_makes_a_page_or_an_svg_by_the_ending(tmp_path: Path) -> None:
    """`.html` holds a whole page, anything else the bare SVG."""
    assert write([outcome("fixed")], tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert write([outcome("fixed")], tmp_path / "a.svg").read_text().startswith("<svg ")


def test_texts_are_cut_and_wrapped_to_their_room() -> None:
    """What is too wide ends in an ellipsis, or breaks at a blank into at most so many lines."""
    assert fitted("short", 100, 12) == "short"
    cut = fitted("a long text that has no room", 80, 12)
    assert cut.endswith("…")
    assert width_px(cut, 12) <= 92
    assert wrapped("one two three four five six", 80, 12, 2)[0] == "one two"
    assert len(wrapped("x" * 500, 80, 12, 3)) == 3
    assert width_px("漢", 12) > width_px("a", 12) > width_px("́", 12) == 0


def live_run(real: Outcome, word: Verdict) -> Outcome:
    judgement = Judgement(word, "shows the symptom at 'agree'", real.finding)
    return replace(real, item="ESC-1118", judgement=judgement, target="venue", build="2026.11.3", origins={})


def eventful() -> Outcome:
    """The fixed run with what it does not have: FIX, a lost answer, a late push, a stream cut off."""
    real = outcome("fixed")
    assert real.run is not None
    fix, rest = Source("fix.orders", "alice"), Source("rest", "alice")
    raw = "8=FIXT.1.1|35=D|34=2|11=A-1|54=1|38=5|10=000|"
    filled = "8=FIXT.1.1|35=8|34=3|11=A-1|39=2|150=F|10=000|".replace("|", "\x01")
    closed = {"code": 1011, "reason": "gone"}
    extra = (
        Event(900, 1_020_000, Kind.SEND, fix, "buy", data={"intent": {}, "wire": {"raw": raw}}),
        Event(901, 1_130_000, Kind.PUSH, fix, by=By.PEER, data={"wire": {"raw": filled}}),
        Event(902, 1_200_000, Kind.SEND, rest, "buy", index=1, data=real.timeline[-6].data),
        Event(903, 1_210_000, Kind.SEND, rest, "buy", index=2, data=dict(_delete())),
        Event(904, 1_400_000, Kind.LOST, rest, "buy", index=2, data={"why": "ReadTimeout: 10 s"}),
        Event(905, 1_500_000, Kind.CLOSED, Source("ws.user", "alice"), by=By.PEER, data=closed),
    )
    late = Finding("filled", False, 3_100_000, "came 0.127 s after its deadline of 2.000 s", Late(126_230))
    cut = Finding("settles", False, 1_500_000, "the connection was closed (1011 gone)", Closed(1011, "gone"))
    run = replace(real.run, findings={**real.run.findings, "filled": late, "settles": cut})
    judgement = Judgement(Verdict.CHANGED, "'filled' fails: came late", late)
    return replace(
        live_run(real, Verdict.CHANGED), judgement=judgement, run=run, timeline=(*real.timeline, *extra)
    )


def _delete() -> dict[str, object]:
    wire = {"method": "DELETE", "target": "/order", "headers": {}}
    assert case().id == "ESC-1118"
    return {"intent": {"method": "DELETE", "path": "/order"}, "wire": wire}
