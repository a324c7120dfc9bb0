"""JUnit, by pytest's own option and by `harness report`: valid by its schema, whatever is said in a run."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest
from e2e.bench import CONFIG, ROOT, Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report.strategies import NASTY

from .test_strings import CASE, CONFTEST
from .test_strings import NASTY as SAID

pytestmark = pytest.mark.workflows

VALIDATE: Final = ROOT / "build" / "workflows" / "bin" / "xmlschema-validate"
SCHEMA: Final = Path(__file__).with_name("junit.xsd")
ANY: Final = st.text(st.characters(exclude_categories=()), min_size=1, max_size=60)
"""All of Unicode: control characters, halves of surrogate pairs, what XML cannot hold."""
STRINGS: Final = st.lists(st.one_of(ANY, st.sampled_from([*NASTY, *SAID.values()])), min_size=8, max_size=8)


def is_valid(*paths: Path) -> None:
    """Fail where a file is not as the schema has it, with what is wrong."""
    done = subprocess.run(
        [VALIDATE, "--schema", SCHEMA, *paths], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def project(root: Path, said: list[str]) -> Bench:
    """A case a text: by turns an answer, an exception, a print and a log record of it, and its title."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "cases").mkdir(parents=True)
    (root / "harness.toml").write_text(CONFIG, encoding="utf-8")
    prints = CONFTEST.replace("    text = NASTY[which]\n", "    text = NASTY[which]\n    print(text)\n", 1)
    (root / "conftest.py").write_text(prints, encoding="utf-8")
    names = {f"n{at}": text for at, text in enumerate(said)}
    (root / "nasty.json").write_text(json.dumps(names), encoding="utf-8")
    for at, (which, text) in enumerate(names.items()):
        how, title = ("answer", "raise")[at % 2], json.dumps(text[:300])
        case = CASE.format(number=3000 + at, title=title, which=which, how=how)
        (root / "cases" / f"ESC-{3000 + at}.yaml").write_text(case, encoding="utf-8")
    return Bench(root)


@pytest.mark.parametrize("runs", [2, pytest.param(40, marks=pytest.mark.soak)])
def test_any_string_leaves_valid_junit(runs: int, tmp_path: Path) -> None:
    """A live run in which every case says something else that breaks reports, and the reports made of its
    verdicts: each file is XML, every case is in it, and a strict schema takes it."""

    @settings(max_examples=runs, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(STRINGS)
    def run(said: list[str]) -> None:
        bench = project(tmp_path / "project", said)
        ran = bench.pytest("--target", "venue", "--junitxml", "own.xml", "--verdicts", "v.json", "-rA")
        assert "INTERNALERROR" not in ran.out, ran.out[-3000:]
        assert bench.harness("report", "v.json", "--junit", "ours.xml").code == 0
        files = [bench.root / name for name in ("own.xml", "ours.xml")]
        is_valid(*files)
        for path in files:
            names = {each.get("name") for each in ElementTree.parse(path).iter("testcase")}
            assert names == {f"ESC-{3000 + at}" for at in range(len(said))}

    run()


@pytest.mark.parametrize("more", [(), ("-n", "2"), ("-o", "junit_family=xunit1")], ids=" ".join)
def test_what_is_kept_of_an_item_is_no_property_of_a_test(tmp_path: Path, more: tuple[str, ...]) -> None:
    """Replays over workers and without: valid, and the record of an item does not stand in the file."""
    bench = Bench.make(tmp_path)
    ran = bench.pytest("--junitxml", "own.xml", "--verdicts", "v.json", *more)
    assert ran.code == 0, ran.out
    if "junit_family=xunit1" not in more:  # which has lines and files of tests, that the schema does not know
        is_valid(bench.root / "own.xml")
    assert "harness-record" not in (bench.root / "own.xml").read_text(encoding="utf-8")
    assert len(json.loads((bench.root / "v.json").read_text())["records"]) == 2
