"""`harness schema`: it accepts what the reader accepts, and refuses what an editor can see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import exactjson
from harness.case.additions import Addition, Additions
from harness.case.read import HEADER, SYMPTOM, parse_case
from harness.cli import main
from harness.errors import CaseError
from harness.report.sections import ALL, STAGE
from harness.schema import case_schema, schema_text
from harness.strictyaml import load, plain

from .frames import case, example_case
from .misspelling import Spot, language_keys

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "harness" / "case.schema.json"
CASES = sorted((ROOT / "cases").glob("*.yaml"))
SHOWN = [(section, word) for section in ALL for word in section.words]


CHECKER = jsonschema.Draft202012Validator(case_schema())


def refusals(value: Any, checker: jsonschema.Draft202012Validator = CHECKER) -> list[str]:
    """What the schema refuses, by where it stands."""
    return [f"{error.json_path}: {error.message[:120]}" for error in checker.iter_errors(value)]


def read(path: Path) -> Any:
    """A case file as plain values."""
    return plain(load(path.read_bytes(), str(path)))


def test_the_schema_is_a_schema() -> None:
    """It is valid under its own dialect, and JSON."""
    jsonschema.Draft202012Validator.check_schema(exactjson.loads(schema_text()))


def test_the_committed_schema_is_what_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`harness/case.schema.json` is what `harness schema` prints here: `make schema` makes it again."""
    monkeypatch.chdir(ROOT)

    assert main(["schema"]) == 0
    assert capsys.readouterr().out == COMMITTED.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem[:8])
def test_every_case_is_accepted(path: Path) -> None:
    """A case that reads is one that the schema accepts."""
    assert refusals(read(path)) == []


@pytest.mark.parametrize(("section", "word"), SHOWN, ids=[f"{s.title}:{w.name}" for s, w in SHOWN])
def test_every_example_is_accepted(section: Any, word: Any) -> None:
    """What the reference shows is what the schema accepts."""
    assert refusals(plain(load(example_case(section, word), "cases/ESC-1234.yaml"))) == []


def good() -> Any:
    """The stage of the reference, as plain values."""
    return plain(load(STAGE, "cases/ESC-1234.yaml"))


def put(*path: str | int, value: Any) -> Callable[[Any], None]:
    """Set what stands at a path."""

    def change(root: Any) -> None:
        for part in path[:-1]:
            root = root[part]
        root[path[-1]] = value

    return change


def rename(*path: str | int, to: str) -> Callable[[Any], None]:
    """Misspell the last key of a path."""

    def change(root: Any) -> None:
        for part in path[:-1]:
            root = root[part]
        root[to] = root.pop(path[-1])

    return change


def drop(*path: str | int) -> Callable[[Any], None]:
    """Take away the last key of a path."""

    def change(root: Any) -> None:
        for part in path[:-1]:
            root = root[part]
        del root[path[-1]]

    return change


GROUP = {
    "id": "three",
    "repeat": 3,
    "steps": [{"id": "time", "rest": "GET /time", "expect": {"status": 200}}],
}
RESEND = {"every": "1s", "until": {"status": 200}, "same": True}
BUY, FILLED, SETTLES = ("steps", 4), ("steps", 5), ("checks", 0)
CANARIES = {
    "misspelt key of the case": rename("severity", to="severty"),
    "misspelt key of a step": rename(*FILLED, "within", to="witin"),
    "misspelt kind of a step": rename(*BUY, "rest", to="rets"),
    "misspelt key of an order": rename(*BUY, "order", "price", to="prise"),
    "misspelt key of a market": put("given", 0, "market", value={"tik": Decimal("0.01")}),
    "misspelt asset": put("given", 1, "fund", "alice", value={"colateral": 100}),
    "misspelt check": rename(*SETTLES, "lifecycle", to="lifecylce"),
    "misspelt key of a rule": rename(*SETTLES, "lifecycle", "states", to="stats"),
    "misspelt maybe": put(*SETTLES, "lifecycle", "states", 1, value={"mabye": "MINED"}),
    "misspelt key of the symptom": rename("symptom", "shows", to="show"),
    "misspelt key of an actor": put("actors", "alice", value={"rol": "trader"}),
    "misspelt key of a channel": put("channels", value={"two": {"kind": "ws", "steam": "user"}}),
    "misspelt key of a varied input": put("vary", value={"n": {"betwen": [1, 2], "example": 1}}),
    "misspelt key of a group": put("steps", 5, value={**GROUP, "pase": "10/s"}),
    "misspelt key of a resend": put(*BUY, "resend", value={**RESEND, "evry": "1s"}),
    "wrong status": put("status", value="closed"),
    "wrong side": put(*BUY, "order", "side", value="buy"),
    "wrong wallet": put("actors", "alice", value={"wallet": "metamask"}),
    "wrong verb": put(*BUY, value={"id": "buy", "chain": "balance"}),
    "wrong fault": put(*BUY, "fault", value="drop the response"),
    "wrong source": put(
        "checks",
        value=[{"id": "a", "reconcile": {"order": "x", "fields": ["size"], "sources": ["rest", "api"]}}],
    ),
    "no title": drop("title"),
    "no steps": drop("steps"),
    "no steps in the list": put("steps", value=[]),
    "no id of a step": drop(*BUY, "id"),
    "no id of a step in a group": put("steps", 5, value={**GROUP, "steps": [{"rest": "GET /time"}]}),
    "no side of an order": drop(*BUY, "order", "side"),
    "no size of an order": drop(*BUY, "order", "size"),
    "no reason of a wait": put(*BUY, value={"id": "buy", "wait": "2s"}),
    "no subject of a symptom": drop("symptom", "step"),
    "no example of a varied input": put("vary", value={"n": {"between": [1, 2]}}),
    "no market of a tick": put(*BUY, value={"id": "buy", "target": "tick", "tick": 1}),
    "two kinds in a step": put(*BUY, "ws", value="user"),
    "two bodies in a request": put(*BUY, "json", value={}),
    "two verbs in a step": put("steps", 0, "send", value={}),
    "two rules in a check": put(*SETTLES, "book", value={"ws": "market", "token": "x"}),
    "two subjects of a symptom": put("symptom", "check", value="settles"),
    "a step and a group in one": put("steps", 5, value={**GROUP, "rest": "GET /time"}),
    "a word of another verb": put(*BUY, value={"id": "buy", "target": "freeze", "times": 2}),
    "unknown matcher": put(*FILLED, "where", value={"id": {"$presnt": None}}),
    "unknown matcher in a list": put(*FILLED, "where", value={"a": [{"$eq": 1}]}),
    "unknown matcher in a symptom": put("symptom", "shows", value={"$nothin": None}),
    "number for text": put("fixed_in", value=Decimal("2026.10")),
    "text for a flag": put("recast", value="yes"),
    "text for a count": put(*FILLED, "count", value="two"),
    "no rounds": put("steps", 5, value={**GROUP, "repeat": 0}),
    "bad duration": put(*FILLED, "within", value="5 s"),
    "number for a duration": put(*FILLED, "within", value=5),
    "bad share": put("steps", 5, value={**GROUP, "pass": "98"}),
    "bad pace": put("steps", 5, value={**GROUP, "pace": "10 per second"}),
    "bad id of a case": put("id", value="esc-1"),
    "bad id of a step": put(*BUY, "id", value="first buy"),
    "bad request line": put(*BUY, "rest", value="/order"),
    "text for saved parts": put(*FILLED, "save", value="trade"),
    "bad path": put(*FILLED, "save", value={"trade": "id"}),
    "list for a mapping": put("actors", value=["alice"]),
    "one of together": put("steps", 5, value={"id": "both", "together": GROUP["steps"]}),
}


@pytest.mark.parametrize("canary", CANARIES)
def test_a_slip_is_refused(canary: str) -> None:
    """One change to a good case, and the schema and the reader both refuse it."""
    root = good()
    CANARIES[canary](root)

    assert refusals(good()) == []
    assert refusals(root) != []
    with pytest.raises(CaseError):
        parse_case(exactjson.dumps(root), "cases/ESC-1234.yaml")


KEYS = [(path, spot) for path in CASES for spot in language_keys(read(path))]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(KEYS), st.sampled_from(["", *"abcdefghijklmnopqrstuvwxyz_"]), st.integers(0, 30))
def test_a_misspelt_key_is_refused_by_both(key: tuple[Path, Spot], letter: str, at: int) -> None:
    """Any one key of the language with a letter too many or too few is refused by schema and reader."""
    path, spot = key
    root = read(path)
    held = root
    for part in spot[:-1]:
        held = held[part]
    name = str(spot[-1])
    at %= len(name)
    held[name[:at] + letter + name[at + (not letter) :]] = held.pop(name)

    assert refusals(root) != []
    with pytest.raises(CaseError):
        parse_case(exactjson.dumps(root), str(path))


def test_the_keys_that_are_misspelt_are_of_every_level() -> None:
    """The property reaches the case, steps, orders, funds, checks, rules and the symptom."""
    levels = {tuple(part for part in spot[:-1] if isinstance(part, str)) for _, spot in KEYS}

    assert {
        (),
        ("steps",),
        ("steps", "order"),
        ("given", "fund", "alice"),
        ("checks",),
        ("symptom",),
    } <= levels
    assert any(level[:1] == ("checks",) and len(level) == 2 for level in levels)
    assert {word.name for word in HEADER if word.required} <= {spot[-1] for _, spot in KEYS if len(spot) == 1}
    assert {word.name for word in SYMPTOM if word.required} <= {spot[-1] for _, spot in KEYS}


def added() -> Iterator[tuple[str, bool]]:
    """Steps and checks of a project, and whether they are as it wrote them."""
    step = "steps: [{id: shown, deposit: {amount: 5}}]"
    yield step, True
    yield step.replace("amount", "amuont"), False
    yield step.replace("amount: 5", ""), False
    yield "checks: [{id: shown, no_dust: {limit: 1}}]", True
    yield "checks: [{id: shown, no_dust: {limt: 1}}]", False


@pytest.mark.parametrize(("text", "right"), list(added()))
def test_what_a_project_added_is_known(text: str, right: bool) -> None:
    """With a project's additions, the schema knows its steps and checks, and refuses their misspelt keys."""
    additions = Additions(
        {"deposit": Addition("deposit", "pays in", ("amount",), frozenset({"amount"}))},
        {"no_dust": Addition("no_dust", "nothing small is left", ("limit",), frozenset())},
    )
    root = plain(load(case({}, text), "cases/ESC-1234.yaml"))

    assert refusals(root) != []
    assert (refusals(root, jsonschema.Draft202012Validator(case_schema(additions))) == []) is right


def test_the_schema_of_a_project_has_its_additions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`harness schema` in a project prints the language with the steps of its conftest."""
    (tmp_path / "harness.toml").write_text("")
    (tmp_path / "conftest.py").write_text(
        "from harness.own import step\n\n@step('deposit')\n"
        "def deposit(actor, *, amount):\n    return amount\n"
    )
    monkeypatch.chdir(tmp_path)

    assert main(["schema"]) == 0
    assert "step-deposit" in exactjson.loads(capsys.readouterr().out)["$defs"]
