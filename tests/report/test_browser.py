"""The HTML report and the picture, as a browser shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.report.picture import write

from .bench import Browser, Project, outcome, report

pytestmark = pytest.mark.browser
RED = ('size: "5", price: "0.52"}\n    save', 'size: "6", price: "0.52"}\n    save')
OWN_TRAFFIC = re.compile(r"https?://[a-z0-9.-]*(?:google\.com|googleapis\.com|gstatic\.com|gvt1\.com)[:/]")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HTML report of two red proofs and of a case whose title is an attack."""
    project = Project.make(tmp_path_factory.mktemp("browser") / "project")
    project.sharpen(*RED)
    text = (project.path / "cases/ESC-1118-matched-never-settled.yaml").read_text(encoding="utf-8")
    hostile = text.replace("ESC-1118", "ESC-1119").replace(
        'title: "An order', "title: \"</script><img src=x onerror='document.title=1'> An order"
    )
    (project.path / "cases/ESC-1119-hostile.yaml").write_text(hostile, encoding="utf-8")
    project.results()
    return report(project)


def item(pages: Path, start: str) -> str:
    """The address of the item whose name starts so."""
    held = json.loads((pages / "test-results.json").read_text(encoding="utf-8"))["byId"]
    found = next(
        key for key, each in held.items() if each["name"].startswith(start) and "[fixed]" in each["name"]
    )
    return f"file://{pages / 'index.html'}#{found}"


def text_of(dom: str) -> Iterator[str]:
    body = re.sub(r"<(script|style)\b.*?</\1>", "", dom[dom.rindex("<body") :], flags=re.DOTALL)
    yield from (piece.strip() for piece in re.split(r"<[^>]*>", body) if piece.strip())


def test_the_page_of_a_case_shows_case_verdict_and_steps(pages: Path, browser: Browser) -> None:
    """An engineer sees the case's title, its verdict first, expected and found, and every step."""
    told = "\n".join(text_of(browser.dom(item(pages, "ESC-1118"))))
    assert "ESC-1118 An order is reported matched in full" in told
    assert "unproven: fixed is red at" in told
    assert 'expected "6", found "5": they differ' in told
    assert "Unproven" in told
    steps = ("✗ filled", "given", "funded · balances on the chain", "buy · POST /order as alice", "finally")
    at = [told.index(step) for step in steps]
    assert at == sorted(at)
    assert "filled: on the wire" in told
    assert "the run as a picture" in told


def test_the_page_loads_nothing_from_outside(pages: Path, browser: Browser) -> None:
    """No page names a tag manager, every page forbids other origins, and the browser asks for none."""
    for path in pages.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert "googletagmanager" not in page
        assert 'http-equiv="Content-Security-Policy"' in page
    browser.dom(item(pages, "ESC-1118"))
    asked = set(re.findall(r'"url":"(https?://[^"/]+/)', browser.asked()))
    assert {url for url in asked if not OWN_TRAFFIC.match(url)} == set()


def test_a_title_that_is_an_attack_is_shown_as_text(pages: Path, browser: Browser) -> None:
    """Markup in a title is read by people, not by the browser."""
    dom = browser.dom(item(pages, "ESC-1119"))
    assert "&lt;/script&gt;&lt;img src=x" in dom
    assert "<title>1</title>" not in dom


def test_what_went_over_the_wire_stands_in_the_page(pages: Path) -> None:
    """The single page carries its attachments: nothing beside it is needed to read them."""
    assert {path.name for path in pages.iterdir()} == {"index.html", "summary.json", "test-results.json"}
    page = (pages / "index.html").read_text(encoding="utf-8")
    assert page.count("data/attachments/") >= 20


def test_the_page_and_the_picture_are_not_blank(pages: Path, tmp_path: Path, browser: Browser) -> None:
    """Both draw something: a screenshot of a page with content compresses far worse than an empty one."""
    empty = tmp_path / "empty.html"
    empty.write_text("<!doctype html>")
    blank = len(browser.screenshot(f"file://{empty}", tmp_path / "empty.png"))
    shown = len(browser.screenshot(item(pages, "ESC-1118"), tmp_path / "page.png"))
    drawn = write([outcome("broken"), outcome("fixed")], tmp_path / "picture.svg")
    painted = len(browser.screenshot(f"file://{drawn}", tmp_path / "picture.png", "1240,1100"))
    assert shown > blank * 5
    assert painted > blank * 5


@pytest.mark.parametrize("names", [("broken", "fixed"), ("broken",)])
def test_no_texts_of_the_picture_overlap(names: tuple[str, ...], tmp_path: Path, browser: Browser) -> None:
    """In a real browser's font no label covers another, and none leaves the picture."""
    path = write([outcome(name) for name in names], tmp_path / "picture.svg")
    probe = tmp_path / "probe.html"
    probe.write_text(
        f"<!doctype html><meta charset=utf-8>{path.read_text(encoding='utf-8')}<pre id=out></pre><script>"
        "const svg=document.querySelector('svg'),all=[...svg.querySelectorAll('text')].map(t=>[t.textContent,"
        "t.getBBox()]);const bad=[];const W=svg.viewBox.baseVal.width;"
        "all.forEach(([s,a],i)=>{if(a.x<0||a.x+a.width>W)bad.push('outside: '+s);"
        "all.slice(i+1).forEach(([t,b])=>{const w=Math.min(a.x+a.width,b.x+b.width)-Math.max(a.x,b.x),"
        "h=Math.min(a.y+a.height,b.y+b.height)-Math.max(a.y,b.y);"
        "if(w>2&&h>4)bad.push(s+' | '+t)})});"
        "document.getElementById('out').textContent='CHECKED '+all.length+' '+bad.join('\\n')</script>",
        encoding="utf-8",
    )
    told = re.search(r"CHECKED (\d+) ([^<]*)<", browser.dom(f"file://{probe}"))
    assert told is not None
    assert int(told[1]) > 50
    assert told[2].strip() == ""
