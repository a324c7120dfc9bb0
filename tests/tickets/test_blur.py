"""`harness new --blur`: other times, amounts and markets, and the same proof."""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import chdir
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.blur.blurring import blocks_moved, blurred
from harness.case.read import read_case
from harness.cassette import Cassette, read
from harness.cli import main
from harness.evidence.ticket.alignment import aligned
from harness.evidence.ticket.folder import gather
from harness.proving import prove
from harness.verdict import Proof
from harness.wire import clob
from tickets.test_fixlog import line, message
from tickets.test_new import ADDRESS, API_KEY, CONDITION, REFUSED, TOKEN, entry, signed_order

CENTS = st.integers(500, 99_999).map(lambda cents: cents / 100)
TICKS = st.integers(2, 98).map(lambda cents: cents / 100)
MATCHED_S = 1_772_460_301
DAY = "2026-03-02"


def trade(size: float, price: float, at_s: int) -> dict[str, Any]:
    """A trade as GET /data/trades tells it."""
    return {
        "id": "8c1f4b3e-0000-4000-8000-000000000001",
        "market": CONDITION,
        "asset_id": TOKEN,
        "side": "BUY",
        "size": str(size),
        "price": str(price),
        "match_time": str(at_s),
        "last_update": str(at_s + 3),
        "status": "CONFIRMED",
        "outcome": "Yes",
    }


def ticket(folder: Path, size: float, price: float, at_s: int) -> None:
    """A session: a book, an order, its trade, and an order that is refused; and a frame of the market."""
    book: dict[str, Any] = {
        "market": CONDITION,
        "asset_id": TOKEN,
        "timestamp": f"{at_s}123",
        "hash": "",
        "bids": [{"price": str(price), "size": str(size)}],
        "asks": [],
        "min_order_size": "5",
        "tick_size": "0.01",
        "neg_risk": False,
        "last_trade_price": str(price),
    }
    book["hash"] = clob.book_hash(book)
    placed = {"success": True, "errorMsg": "", "orderID": "0x" + "ef" * 32, "status": "matched"}
    placed |= {"makingAmount": f"{Decimal(str(size)) * Decimal(str(price))}", "takingAmount": str(size)}
    rows = [
        entry(100, "GET", f"/book?token_id={TOKEN}", 200, book),
        entry(200, "POST", "/order", 200, placed, signed_order(price, size)),
        entry(300, "GET", f"/data/trades?market={CONDITION}", 200, {"data": [trade(size, price, at_s)]}),
        entry(400, "POST", "/order", 400, {"error": REFUSED}, signed_order(0.5, 9)),
    ]
    rows[0]["response"]["headers"] = [{"name": "Date", "value": "Mon, 02 Mar 2026 14:05:01 GMT"}]
    (folder / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": rows}}))


def drafted(folder: Path, *more: str) -> tuple[str, Cassette]:
    """Draft the ticket; the case's text and its cassette."""
    with chdir(folder):
        Path("harness.toml").touch()
        assert main(["new", "ESC-1234", "--from", "ticket", *more]) == 0
        case = read_case(Path("cases/ESC-1234.yaml"))
        assert prove(case, "broken", Path("cassettes")).judgement.word is Proof.PROVEN
        return Path("cases/ESC-1234.yaml").read_text(), read(Path("cassettes/ESC-1234/broken.jsonl"))


def sums(text: str) -> set[Decimal]:
    """Every size and amount in a cassette, those in base units too, as shares or dollars."""
    plain = text.replace("\\", "")
    named = r'"(?:size|makingAmount|takingAmount)":"?([0-9.]+)"?'
    found = {Decimal(each) for each in re.findall(named, plain)}
    base = r'(?:"(?:makerAmount|takerAmount)":"|order amount: )([0-9]+)'
    return found | {Decimal(each) / 10**6 for each in re.findall(base, plain)}


@given(CENTS, TICKS, st.integers(0, 3600))
@settings(max_examples=12, deadline=None)
def test_proven_before_proven_after(size: float, price: float, later_s: int) -> None:
    """Whatever was sent: a blurred draft is proven, and nothing of before stands in it to look up."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        texts = []
        for name, more in ((one, ()), (other, ("--blur",))):
            folder = Path(name)
            (folder / "ticket").mkdir()
            ticket(folder / "ticket", size, price, MATCHED_S + later_s)
            case, _ = drafted(folder, *more)
            texts.append(case + (folder / "cassettes/ESC-1234/broken.jsonl").read_text())
    plain, blurred = texts
    for known in (str(MATCHED_S + later_s), DAY, "02 Mar 2026", CONDITION[2:], TOKEN):
        assert known in plain
        assert known not in blurred
    assert sums(plain)
    assert not sums(plain) & sums(blurred)
    assert len(sums(plain)) == len(sums(blurred))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ticket of one session."""
    (tmp_path / "ticket").mkdir()
    ticket(tmp_path / "ticket", 12.34, 0.37, MATCHED_S)
    return tmp_path


def bodies(cassette: Cassette) -> list[Any]:
    """The JSON bodies of a cassette in order."""
    wires = [event.data.get("wire", {}) for event in cassette.events]
    return [json.loads(wire["body"]) for wire in wires if wire.get("body")]


def test_arithmetic_holds(folder: Path) -> None:
    """What was paid is still price times size, to the last digit, and sizes have two decimals."""
    _, cassette = drafted(folder, "--blur")
    orders = [body["order"] for body in bodies(cassette) if "order" in body]
    answer = next(body for body in bodies(cassette) if "makingAmount" in body)
    maker, taker = int(orders[0]["makerAmount"]), int(orders[0]["takerAmount"])
    assert maker * 100 == taker * 37
    assert taker % 10_000 == 0
    assert Decimal(answer["makingAmount"]) * 10**6 == maker
    assert Decimal(answer["takingAmount"]) * 10**6 == taker
    traded = next(body["data"][0] for body in bodies(cassette) if "data" in body)
    assert Decimal(traded["size"]) * 10**6 == taker
    refused = next(body["error"] for body in bodies(cassette) if "error" in body)
    assert refused.endswith(f"order amount: {orders[1]['makerAmount']}")


def test_times_keep_their_differences(folder: Path) -> None:
    """Every time is moved by the same whole minutes: the run's, the messages' and the headers'."""
    _, before = drafted(folder)
    os.rename(folder / "cassettes", folder / "before")
    os.rename(folder / "cases", folder / "cases-before")
    _, after = drafted(folder, "--blur")
    moved_us = after.header.started_wall_us - before.header.started_wall_us
    assert moved_us % 60_000_000 == 0
    assert abs(moved_us) > 30 * 86_400_000_000
    assert [event.at_us for event in after.events] == [event.at_us for event in before.events]
    traded = next(body["data"][0] for body in bodies(after) if "data" in body)
    assert int(traded["match_time"]) == MATCHED_S + moved_us // 1_000_000
    assert int(traded["last_update"]) == int(traded["match_time"]) + 3


def test_a_book_keeps_a_right_hash(folder: Path) -> None:
    """A book's hash is of the levels that stand there now."""
    _, cassette = drafted(folder, "--blur")
    book = next(body for body in bodies(cassette) if "bids" in body)
    assert clob.book_hash(book) == book["hash"]


def test_what_is_left_is_found(folder: Path) -> None:
    """A time or a market of before that still stood in a draft would be found."""
    blur = blurred(aligned(gather(folder / "ticket").readings)).blur
    assert blur.left(f'"match_time": "{MATCHED_S}"') == [str(MATCHED_S)]
    assert blur.left(f"token {TOKEN}") == [hex(int(TOKEN))]
    assert blur.left("0.37 of 2026") == []


def har(folder: Path, *rows: dict[str, Any]) -> None:
    """A ticket of these exchanges."""
    (folder / "ticket").mkdir()
    (folder / "ticket/a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": rows}}))


def test_an_amount_is_scaled_wherever_it_stands(tmp_path: Path) -> None:
    """A distinctive amount is another one in fields that nobody knows and in sentences, in either unit."""
    told = {"error": "kept 1234.57 of yours", "notional": "1234.57", "raw": 1234570000, "price": "0.12"}
    har(tmp_path, entry(400, "POST", "/order", 400, told, signed_order(0.5, 1234.57)))
    case, cassette = drafted(tmp_path, "--blur")
    order, answer = bodies(cassette)
    shares = Decimal(order["order"]["takerAmount"]) / 10**6
    assert shares > Decimal("1234.57")
    assert (Decimal(answer["notional"]), answer["raw"]) == (shares, shares * 10**6)
    assert answer["error"] == f"kept {answer['notional']} of yours"
    assert answer["price"] == "0.12"
    assert "1234.57" not in case


def test_an_amount_that_is_left_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A distinctive amount of before that still stands, here as a key, is told and nothing is written."""
    told = {"error": "no", "held": {"1234.57": "you"}}
    har(tmp_path, entry(400, "POST", "/order", 400, told, signed_order(0.5, 1234.57)))
    with chdir(tmp_path):
        Path("harness.toml").touch()
        assert main(["new", "ESC-1234", "--from", "ticket", "--blur"]) == 2
        assert not list(Path().rglob("*.jsonl")) + list(Path().rglob("*.yaml"))
    assert re.search(r"I036 1 time, market or amount of before .* such as 1234\.57", capsys.readouterr().err)


def test_one_is_told_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was blurred is told in the singular where it is one, and not at all where it is none."""
    har(tmp_path, entry(400, "GET", "/balance-allowance", 400, {"error": "no", "balance": "7"}))
    drafted(tmp_path, "--blur")
    said = capsys.readouterr().err
    assert "blurred: 1 size or amount multiplied by one factor" in said
    assert "of markets" not in said


def test_two_drawings_differ(folder: Path) -> None:
    """The key is thrown away: a second draft of the same ticket has other times, amounts and markets."""
    first = drafted(folder, "--blur")[1]
    os.rename(folder / "cassettes", folder / "before")
    os.rename(folder / "cases", folder / "cases-before")
    second = drafted(folder, "--blur")[1]
    assert first.header.started_wall_us != second.header.started_wall_us
    assert bodies(first)[0]["asset_id"] != bodies(second)[0]["asset_id"]


def test_what_could_be_looked_up_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without blurring, a draft says what a stranger could look up, and how to prevent it."""
    drafted(folder)
    said = capsys.readouterr().err
    assert re.search(
        r"could still look up: 1 time of a trade, to the second, 2 orders with their prices, [0-9]+ sizes",
        said,
    )
    assert "--blur" in said


def test_what_is_under_a_minimum_stays_there(tmp_path: Path) -> None:
    """An order that is refused for its size is still under the minimum, and others are not."""
    (tmp_path / "ticket").mkdir()
    error = {"error": "order 0x1 is invalid. Size (3.5) lower than the minimum: 5"}
    rows = [entry(400, "POST", "/order", 400, error, signed_order(0.5, 3.5))]
    (tmp_path / "ticket/a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": rows}}))
    _, cassette = drafted(tmp_path, "--blur")
    order, answer = bodies(cassette)
    shares = Decimal(order["order"]["takerAmount"]) / 10**6
    assert Decimal("3.5") < shares < 5
    told = re.search(r"Size \((.*)\) lower than the minimum: 5$", answer["error"])
    assert told is not None
    assert Decimal(told[1]) == shares


TIMED = (60, "20260302-14:05:01.000")
FIX_ORDER = message(
    "D", "CUSTOMER", "EXCHANGE", (11, "a1"), (38, "12.5"), (40, "2"), (44, "0.37"), (54, "1"),
    (55, "BTC-UP"), TIMED,
)  # fmt: skip
FIX_REFUSAL = message(
    "8", "EXCHANGE", "CUSTOMER", (11, "a1"), (14, "0"), (37, "o1"), (39, "8"), (54, "1"), (55, "BTC-UP"),
    (58, "rejected"), (150, "8"), (151, "12.5"), TIMED,
)  # fmt: skip


def test_a_fix_log(tmp_path: Path) -> None:
    """Times, quantities and symbols of FIX messages are other ones; prices stay."""
    (tmp_path / "ticket").mkdir()
    (tmp_path / "ticket/fix.log").write_text(f"{line(FIX_ORDER, '|')}\n{line(FIX_REFUSAL, '|')}\n")
    case, _ = drafted(tmp_path, "--blur")
    written = case + (tmp_path / "cassettes/ESC-1234/broken.jsonl").read_text()
    for known in ("20260302", "|38=12.5|", "BTC-UP"):
        assert known not in written
    assert "|44=0.37|" in written


def test_only_the_key_leads_back(folder: Path) -> None:
    """Neither the account nor its key stands in a blurred draft either."""
    case, _ = drafted(folder, "--blur")
    written = case + (folder / "cassettes/ESC-1234/broken.jsonl").read_text()
    assert API_KEY not in written
    assert ADDRESS not in written


@pytest.mark.parametrize("numbers", [{0}, {1, 2}, {34, 35}, {81_000_000, 81_000_001}])
def test_blocks_are_moved(numbers: set[int]) -> None:
    """On a chain of any length every block becomes another one, and none comes before the first."""
    for each in range(50):
        by = blocks_moved(numbers, bytes([each]) * 32)
        assert by != 0
        assert min(numbers) + by >= 0
