"""`harness new`: from a folder to a case that is red on the customer's own evidence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from py_clob_client_v2.clob_types import CreateOrderOptions, OrderArgs
from py_clob_client_v2.order_builder.builder import OrderBuilder
from py_clob_client_v2.order_utils.model.order_data_v2 import order_to_json_v2
from py_clob_client_v2.signer import Signer

from harness.case.read import read_case
from harness.cli import main
from harness.proving import prove
from harness.verdict import Proof

KEY = "0x" + "11" * 32
ADDRESS = Account.from_key(KEY).address
API_KEY = "4ba6c1f0-9d2e-4b7a-8c3d-5e6f708192a3"
PASSPHRASE = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
TOKEN = str(2**255 + 12345)
CONDITION = "0x" + "cd" * 32
REFUSED = "not enough balance / allowance: the balance is not enough -> balance: 0, order amount: 4500000"


def signed_order(price: float, size: float) -> str:
    """The body of POST /order as the official client signs and writes it."""
    args = OrderArgs(token_id=TOKEN, price=price, size=size, side="BUY")
    options = CreateOrderOptions(tick_size="0.01", neg_risk=False)
    order = OrderBuilder(Signer(KEY, 137)).build_order(args, options)
    return json.dumps(order_to_json_v2(order, API_KEY, "GTC"), separators=(",", ":"))


def entry(at_ms: int, method: str, target: str, status: int, answer: Any, body: str = "") -> dict[str, Any]:
    """One exchange as a browser exports it, with the credentials that the client sends."""
    names = {"POLY_ADDRESS": ADDRESS, "POLY_API_KEY": API_KEY, "POLY_PASSPHRASE": PASSPHRASE}
    headers = [{"name": name, "value": value} for name, value in names.items()]
    request = {"method": method, "url": f"https://clob.example.com{target}", "headers": headers}
    if body:
        request["postData"] = {"mimeType": "application/json", "text": body}
    return {
        "startedDateTime": f"2026-03-02T14:05:01.{at_ms:03d}Z",
        "time": 20,
        "request": request,
        "response": {"status": status, "headers": [], "content": {"size": 9, "text": json.dumps(answer)}},
    }


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without cases, in which the command runs."""
    (tmp_path / "harness.toml").touch()
    (tmp_path / "ticket").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def har(project: Path) -> Path:
    """A session in which the second order is refused."""
    placed = {"success": True, "errorMsg": "", "orderID": "0x" + "ef" * 32, "status": "live"}
    book = {"market": CONDITION, "asset_id": TOKEN, "bids": [], "asks": [], "tick_size": "0.01"}
    entries = [
        entry(0, "GET", "/version", 200, {"version": 2}),
        entry(100, "GET", f"/book?token_id={TOKEN}", 200, book),
        entry(200, "POST", "/order", 200, placed, signed_order(0.3, 5)),
        entry(300, "GET", "/data/order/0x" + "ef" * 32, 200, {"id": "0x" + "ef" * 32, "status": "LIVE"}),
        entry(400, "POST", "/order", 400, {"error": REFUSED}, signed_order(0.5, 9)),
        entry(500, "GET", "/book?token_id=" + TOKEN, 200, book),
    ]
    path = project / "ticket" / "session.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    return path


def test_from_a_har(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A HAR with a refused order becomes a case that lints clean and is proven red on the evidence."""
    assert main(["new", "ESC-1234", "--from", "ticket"]) == 0
    said = capsys.readouterr().err
    assert "proven: red for the stated reason at 'order-2'" in said
    assert "left out as noise: GET https://clob.example.com/version" in said
    case = read_case(Path("cases/ESC-1234.yaml"))
    assert [step.id for step in case.steps if step.id][-1] == "order-2"
    assert prove(case, "broken", Path("cassettes")).judgement.word is Proof.PROVEN
    assert prove(case, "broken", Path("cassettes")).origins == {"broken": "evidence"}


def test_ids_are_references(har: Path) -> None:
    """What the evidence names by an id, the case names by what it is."""
    main(["new", "ESC-1234", "--from", "ticket"])
    text = Path("cases/ESC-1234.yaml").read_text()
    assert 'params: {token_id: "${market.yes}"}' in text
    assert "price: 0.3, size: 5" in text
    assert not re.search(r"0x[0-9a-fA-F]{40}", text.replace("${", ""))


def test_nothing_leaks(har: Path) -> None:
    """Neither case nor cassette holds a credential, a signature, an address or an id of the customer."""
    main(["new", "ESC-1234", "--from", "ticket"])
    written = "".join(
        path.read_text() for path in (*Path("cases").glob("*"), *Path("cassettes").rglob("*.jsonl"))
    )
    signature = json.loads(signed_order(0.3, 5))["order"]["signature"]
    for secret in (API_KEY, PASSPHRASE, ADDRESS, ADDRESS.lower()[2:], "ef" * 32, signature[2:40]):
        assert secret not in written


def test_every_guess_is_marked(har: Path) -> None:
    """Title, severity, story, what must be there and what should have come are marked as guesses."""
    main(["new", "ESC-1234", "--from", "ticket"])
    guessed = [line for line in Path("cases/ESC-1234.yaml").read_text().splitlines() if "# guessed" in line]
    assert [line.split(":")[0].strip() for line in guessed[:3]] == ["# guessed", "severity", "story"]
    assert any("what should have come" in line for line in guessed)


def test_an_edit_that_contradicts_the_evidence(har: Path) -> None:
    """A case that sends something else than the customer did is no proof any more."""
    main(["new", "ESC-1234", "--from", "ticket"])
    path = Path("cases/ESC-1234.yaml")
    path.write_text(path.read_text().replace("price: 0.5, size: 9", "price: 0.5, size: 8"))
    outcome = prove(read_case(path), "broken", Path("cassettes"))
    assert outcome.judgement.word is Proof.INVALID
    assert "does not send what was recorded" in outcome.judgement.why


def test_an_edit_that_goes_further(har: Path) -> None:
    """A step of which the evidence shows nothing is left out of the proof, and does not fail it."""
    main(["new", "ESC-1234", "--from", "ticket"])
    path = Path("cases/ESC-1234.yaml")
    more = (
        '  - id: listen\n    ws: user\n    as: alice\n    subscribe: {markets: ["${market.condition}"]}\n\n'
    )
    path.write_text(path.read_text().replace("steps:\n", "steps:\n" + more))
    assert prove(read_case(path), "broken", Path("cassettes")).judgement.word is Proof.PROVEN


def test_nothing_is_written_over(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second draft of the same id is refused, and the first stays as it was."""
    main(["new", "ESC-1234", "--from", "ticket"])
    Path("cases/ESC-1234.yaml").write_text("mine")
    assert main(["new", "ESC-1234", "--from", "ticket"]) == 2
    assert "I034" in capsys.readouterr().err
    assert Path("cases/ESC-1234.yaml").read_text() == "mine"


def test_dry_run(har: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run prints the case and writes nothing."""
    assert main(["new", "ESC-1234", "--from", "ticket", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("# yaml-language-server")
    assert not Path("cases").exists()
    assert not Path("cassettes").exists()


def test_nothing_goes_wrong(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Evidence in which nothing goes wrong by itself needs somebody to say which step shows the bug."""
    entries = [entry(0, "GET", "/data/orders", 200, {"data": []})]
    (project / "ticket" / "a.har").write_text(json.dumps({"log": {"entries": entries}}))
    assert main(["new", "ESC-1234", "--from", "ticket"]) == 2
    assert "--symptom STEP, one of these:\n  open-orders  GET /data/orders: 200\n" in capsys.readouterr().err


@pytest.mark.parametrize("zone", ["session.har", "session.har=1", "other.log=+01:00"])
def test_zone_not_understood(har: Path, zone: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A zone that cannot be read, or of a file that is not there, is refused with what can be said."""
    assert main(["new", "ESC-1234", "--from", "ticket", "--zone", zone]) == 2
    assert "U062 --zone" in capsys.readouterr().err


@pytest.mark.parametrize("case_id", ["esc-1", "1234", "ESC-1234-slug"])
def test_no_id(project: Path, case_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no id of a case is refused before anything is read."""
    assert main(["new", case_id, "--from", "ticket"]) == 2
    assert "U060" in capsys.readouterr().err
