"""No text that a customer can type breaks a report, or is more than text in it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from xml.etree import ElementTree

import allure_commons
import pytest
from allure_commons import model2
from allure_commons.logger import AllureFileLogger
from hypothesis import HealthCheck, example, given, settings

from harness.report.allure import Keep, Reporter
from harness.report.attachments import curl, listing, of_events
from harness.report.picture import page, picture
from harness.report.telling import telling

from .bench import outcome
from .strategies import NASTY, hostile, texts

SVG = "{http://www.w3.org/2000/svg}"
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TAGS = {
    f"{SVG}{tag}"
    for tag in (
        ["svg", "title", "style", "defs", "pattern", "marker", "path", "line", "rect", "circle", "text", "g"]
    )
}


@FEW
@given(texts())
@example("\ud800")
@example("]]></text><script>alert(1)</script>")
def test_any_text_leaves_the_picture_one_harmless_svg(text: str) -> None:
    """Whatever is in a run, the picture is well-formed XML of our own elements, with no script in it."""
    told = picture([hostile(text, text), outcome("fixed")])
    root = ElementTree.fromstring(told.encode("utf-8"))
    for element in root.iter():
        assert element.tag in TAGS
        assert not any(name.startswith("on") or "href" in name for name in element.attrib)
    assert told.count("<style>") == 1
    assert len(told) < 400_000


@FEW
@given(texts())
def test_any_text_leaves_the_page_with_one_body_and_no_script(text: str) -> None:
    """The HTML page can be written as UTF-8 and holds no script, whatever the texts say."""
    told = page([hostile(text, "venue")]).encode("utf-8").decode()
    assert told.count("<body>") == told.count("</body>") == told.count("</svg>") == 1
    assert "<script" not in told


@FEW
@given(texts())
def test_any_text_can_be_told_and_written(text: str) -> None:
    """Title, message, labels, steps and attachments are UTF-8 without control characters, and bounded."""
    told = telling(hostile(text, text), keep=True, pictured="")
    whole = repr((told.title, told.message, told.labels, told.parameters, told.links))
    for each in (told.title, told.message, told.trace, told.story_html, *(b for _, b in told.parameters)):
        each.encode("utf-8")
        assert not any(ord(char) < 32 and char not in "\n\t" for char in each)
    assert len(whole) < 60_000
    assert all(url.startswith(("http://", "https://")) for _, url, _ in told.links)
    assert "<script" not in told.story_html
    assert "<img" not in told.story_html


@pytest.mark.parametrize("text", NASTY)
def test_a_hostile_text_is_written_as_an_allure_result(text: str, tmp_path: Path) -> None:
    """A result full of one hostile text is written as JSON that loads, with its steps and files."""
    logger = AllureFileLogger(tmp_path)
    allure_commons.plugin_manager.register(logger)
    reporter = Reporter(tmp_path, Keep.ALL)
    try:
        reporter.take(hostile(text, text), passed=False, started_wall_us=None, cassettes=tmp_path)
        result = model2.TestResult(uuid="1", name=text, start=1, stop=2, status="failed")
        allure_commons.plugin_manager.hook.report_result(result=result)
    finally:
        reporter.close()
        allure_commons.plugin_manager.unregister(logger)
    (path,) = tmp_path.glob("*-result.json")
    held = json.loads(path.read_text(encoding="utf-8"))
    assert held["steps"][0]["status"] == "failed"
    for attachment in held["steps"][0]["attachments"]:
        assert (tmp_path / attachment["source"]).read_text(encoding="utf-8")


def test_a_megabyte_of_text_makes_no_endless_report() -> None:
    """A text of a megabyte everywhere leaves every part of a report bounded."""
    text = "9" * 1_000_000
    told = hostile(text, "venue")
    assert len(picture([told])) < 400_000
    whole = telling(told, keep=True)
    assert len(whole.trace) < 10_000
    assert sum(len(file.body) for part in whole.parts for file in part.attachments) < 20_000_000
    assert len(listing(told.timeline).body) < 600_000


@given(texts())
def test_a_curl_line_is_one_command_whatever_the_request_says(text: str) -> None:
    """A shell reads the cURL line as one command in which the text is one word; nothing in it is run."""
    wire = {"method": "POST", "target": "/order", "headers": {"x-note": text}, "body": text}
    words = shlex.split(curl(wire).replace(" \\\n", " "), posix=True)
    assert words[:4] == ["curl", "-sS", "-X", "POST"]
    assert len(words) == 9
    assert words[5] == "-H"
    if "«" not in text:
        assert words[6] == f"x-note: {text}"
        assert words[8] == text


def test_an_exchange_of_a_foreign_shape_is_shown_as_it_came() -> None:
    """An event that is not what its channel usually holds is attached as JSON, not lost."""
    event = next(e for e in outcome("fixed").timeline if e.source.channel == "chain" and e.data)
    odd = type(event)(event.number, event.at_us, event.kind, event.source, data={"wire": {"odd": 1}})
    held = of_events("odd", [odd])
    assert held is not None
    assert '"odd": 1' in held.body
