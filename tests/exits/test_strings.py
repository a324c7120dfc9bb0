"""No string breaks a report: a run whose cases and answers are full of what breaks reports, all of it."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from e2e.bench import CONFIG, Bench, Ran

NASTY = {
    "escape": "\x1b[31mred\x1b]0;title\x07\x1b[2J",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x80\x85\x9b\x9f\x00",
    "surrogates": "half \ud800 and \udfff half",
    "not-characters": "\ufffe \uffff \ufeff \ufdd0 \U0001ffff",
    "right-to-left": "\u202e\u2066txet\u2069 \u200f\u061c",
    "separators": "a\u2028b\u2029c\x0bd\x0ce\x85f",
    "xml": "]]></system-out><failure>&lt;&#0;&bad; <!-- -- --> <?xml?>",
    "script": '</script><script>alert(1)</script><img src=x onerror=alert(1)><svg onload="x">',
    "markdown": "[x](javascript:alert(1)) ![i](https://x.example/i.png) @everyone `a` | b |\n# head\n- item",
    "commands": "first\n::error file=x::boom\n  ::add-mask::x\n##[error]x ##vso[task.end]\n##teamcity[x]",
    "formulas": '=HYPERLINK("https://x.example")\n+1+1\n-2\n@SUM(A1)\t=1',
    "format": "%s %n {0} {self.__class__} ${HOME} $(id) `id` \\x1b \\u001b \\n {{7*7}}",
    "quotes": "'\"`\\ «secret» ·· ⟦x⟧",
    "wide": "👩‍👩‍👧‍👦 Z̸̢͑a̵l̶g̷o̴ ﷽ 日本語 🇺🇳",
    "long": "9" * 300_000,
    "long-lines": "line\n" * 50_000,
}
CONFTEST = """
import json
from pathlib import Path
from harness.own import check, step

NASTY = json.loads(Path("nasty.json").read_text(encoding="utf-8"))


@step("say")
def say(actor, *, which, how):
    text = NASTY[which]
    if how == "raise":
        raise ValueError(text)
    clean = text.encode("utf-8", "replace").decode()
    return {"text": clean, clean[:50]: [clean]}


@check("never_well")
def never_well(events, *, which):
    return NASTY[which]
"""
CASE = """\
id: ESC-{number}
title: {title}
status: open
severity: minor
component: reports
story: {title}
ticket: {title}
owner: {title}
actors: {{alice: trader}}
steps:
  - id: it
    say: {{which: {which}, how: {how}}}
    as: alice
    expect: {{text: {title}}}
checks:
  - id: told
    never_well: {{which: {which}}}
symptom:
  check: told
  shows: {{$contains: of no kind}}
"""
RUN = (
    *("--target", "venue", "-v", "-rA", "--alluredir", "allure", "--allure-attachments", "all"),
    *("--junitxml", "junit.xml", "--verdicts", "verdicts.json"),
)
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COMMAND = re.compile(r"(?m)^\s*::|##(?:\[|vso\[|teamcity\[)")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Ran]:
    """One live run over all strings, said by turns as an answer and as an exception."""
    root = tmp_path_factory.mktemp("strings")
    (root / "cases").mkdir()
    (root / "harness.toml").write_text(CONFIG, encoding="utf-8")
    (root / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (root / "nasty.json").write_text(json.dumps(NASTY), encoding="utf-8")
    for number, which in enumerate(NASTY):
        how, title = ("answer", "raise")[number % 2], json.dumps(NASTY[which][:300])
        text = CASE.format(number=3000 + number, title=title, which=which, how=how)
        (root / "cases" / f"ESC-{3000 + number}.yaml").write_text(text, encoding="utf-8")
    bench = Bench(root)
    return bench, bench.pytest(*RUN)


def test_every_case_is_judged_and_nothing_breaks(run: tuple[Bench, Ran]) -> None:
    """All items run to their end: no INTERNALERROR, one record and one Allure result each."""
    bench, ran = run
    assert ran.code == 1, ran.out[-3000:]
    assert "INTERNALERROR" not in ran.out
    held = json.loads((bench.root / "verdicts.json").read_text(encoding="utf-8"))
    assert len(held["records"]) == len(NASTY)
    assert len(list((bench.root / "allure").glob("*-result.json"))) == len(NASTY)
    assert bench.harness("gate", "verdicts.json").code in (1, 2)


def test_the_terminal_shows_no_control_and_no_command(run: tuple[Bench, Ran]) -> None:
    """What a terminal or a CI server would obey is shown as its code points."""
    _, ran = run
    assert CONTROL.findall(ran.out) == []
    assert COMMAND.findall(ran.out) == []
    assert r"\u001b[31mred" in ran.out
    assert r"\u003a:error file=x::boom" in ran.out


def test_every_file_is_what_it_says_it_is(run: tuple[Bench, Ran]) -> None:
    """JUnit and pictures are XML, Allure's results and the verdicts JSON, all are UTF-8 and bounded."""
    bench, _ = run
    report = ElementTree.fromstring((bench.root / "junit.xml").read_bytes())
    assert len(list(report.iter("testcase"))) >= len(NASTY)
    pictures = list((bench.root / "pictures").glob("*.svg"))
    assert pictures
    for picture in pictures:
        tags = {
            element.tag.partition("}")[2] for element in ElementTree.fromstring(picture.read_bytes()).iter()
        }
        assert not tags & {"script", "image", "a", "foreignObject", "use"}
    for path in (bench.root / "allure").glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    for path in (bench.root / "allure").iterdir():
        assert path.stat().st_size < 3_000_000, path
        path.read_text(encoding="utf-8")


def test_what_a_ticket_says_is_inert_in_allure(run: tuple[Bench, Ran]) -> None:
    """A story is escaped HTML, and nothing that a customer wrote becomes a link unless it is plainly one."""
    bench, _ = run
    for path in (bench.root / "allure").glob("*-result.json"):
        held = json.loads(path.read_text(encoding="utf-8"))
        told = held.get("descriptionHtml") or ""
        assert not re.search(r"<(?!/?(?:p|b)>)", told), told
        assert all(link["url"].startswith(("http://", "https://")) for link in held.get("links", []))
