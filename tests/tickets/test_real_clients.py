"""Cases of the project that were drafted from what real clients left behind: each draft is made once more."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest
from venue.bench import Bench, start_venue, stop_venue

from harness.case import lint
from harness.case.read import read_case
from harness.cli import main
from harness.identities.public import CONTRACTS
from harness.proving import prove
from harness.venue.builds import all_builds
from harness.verdict import Proof

from . import customers

ROOT = Path(__file__).resolve().parents[2]
CAPTURED: dict[str, tuple[Callable[[Bench, Path], None], int]] = {
    "ESC-1011": (customers.off_the_grid, 45),
    "ESC-1037": (customers.wrongly_signed, 85),
    "ESC-1049": (customers.retired_spender, 45),
    "ESC-1094": (customers.store_lost, 75),
}
"""For each: what its customer does, and how much of the case the tool wrote, in percent of the lines."""

IDS = re.compile(r"0x(?!0{40})[0-9a-fA-F]{40,}")
MARKETS = re.compile(r'market\\?":\s*\\?"(0x[0-9a-f]{64})')
"""Conditions are the exchange's own, and public."""
CREDENTIALS = re.compile(r'"POLY_(?:API_KEY|PASSPHRASE|SIGNATURE)",\s*"value": "([^"]+)"')


@pytest.fixture(scope="module", params=CAPTURED)
def case_id(request: pytest.FixtureRequest) -> str:
    """A case that was drafted so."""
    return str(request.param)


@pytest.fixture(scope="module")
def draft(case_id: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the draft that is made of the evidence, captured now on the build with the bug."""
    project = tmp_path_factory.mktemp(case_id)
    build = next(build.name for build in all_builds() if case_id in build.defects)
    (project / "harness.toml").touch()
    (project / "ticket").mkdir()
    process, ready = start_venue(build)
    bench = Bench(ready)
    CAPTURED[case_id][0](bench, project / "ticket")
    with chdir(project):
        assert main(["new", case_id, "--from", "ticket", "--rpc", ready["chain"]]) == 0
    bench.http.close()
    assert stop_venue(process) == 0
    return project


def committed(case_id: str) -> Path:
    """The case as it stands in the project."""
    return next((ROOT / "cases").glob(f"{case_id}-*.yaml"))


def said(path: Path) -> list[str]:
    """What a case says from its actors on, line by line, without comments."""
    text = path.read_text(encoding="utf-8")
    lines = (re.sub(r"\s+#.*", "", line).rstrip() for line in text[text.index("\nactors:") :].splitlines())
    return [line for line in lines if line]


def test_a_draft_of_a_real_clients_traces(case_id: str, draft: Path) -> None:
    """The draft lints clean, is red for its stated reason, and most of the project's case stands in it."""
    case = read_case(draft / "cases" / f"{case_id}.yaml")
    assert list(lint.warnings(case)) == []
    assert prove(case, "broken", draft / "cassettes").judgement.word is Proof.PROVEN
    mine, kept = said(Path(case.path)), said(committed(case_id))
    assert 100 * sum(line in mine for line in kept) // len(kept) >= CAPTURED[case_id][1]


def test_the_mended_case_is_red_on_new_evidence(case_id: str, draft: Path) -> None:
    """The project's case, guesses mended, is proven on evidence that was captured another day."""
    outcome = prove(read_case(committed(case_id)), "broken", draft / "cassettes")
    assert (outcome.judgement.word, outcome.origins) == (Proof.PROVEN, {"broken": "evidence"})


def test_nothing_of_the_customer_is_left(case_id: str, draft: Path) -> None:
    """No address, order id, signature or credential that the client left stands in what was written."""
    traces = "".join(path.read_text() for path in draft.glob("ticket/*"))
    written = "".join(path.read_text() for path in [*draft.glob("cases/*"), *draft.rglob("*.jsonl")])
    public = {*MARKETS.findall(traces), *CONTRACTS}
    hers = {*IDS.findall(traces), *CREDENTIALS.findall(traces)} - public
    assert hers
    assert sorted(each for each in hers if each.lower() in written.lower()) == []
