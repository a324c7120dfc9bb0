"""What is attached reads well: HTTP, frames, FIX, the chain."""

from __future__ import annotations

from harness.model import By, Event, Kind, Source
from harness.report.attachments import curl, listing, of_events
from harness.report.wording import gist

from .bench import outcome

FIX = Source("fix.orders", "alice")


def body(name: str, step: str) -> str:
    held = of_events(step, [event for event in outcome(name).timeline if event.step == step])
    assert held is not None
    return held.body


def test_an_exchange_reads_as_request_answer_and_curl_line() -> None:
    """Request, answer with how long it took, bodies indented, and a cURL line without secrets."""
    told = body("fixed", "buy")
    assert told.startswith("── 0.997 s  rest(alice), answered after 8 ms\nPOST /order\n")
    assert '"orderType": "FOK"' in told
    assert "\n→ 200\n" in told
    assert """-H 'POLY_API_KEY: '"$ALICE_API_KEY" """.strip() in told
    assert "·" not in told


def test_a_curl_line_holds_variables_for_what_is_secret() -> None:
    """A placeholder is a shell variable of its name; a dropped header is named after the header."""
    headers = {"POLY_SIGNATURE": "«dropped~3····»", "x-note": "it's"}
    told = curl({"method": "GET", "target": "/time", "headers": headers})
    assert told == (
        'curl -sS -X GET "$BASE_URL"/time \\\n  -H \'POLY_SIGNATURE: \'"$POLY_SIGNATURE" \\\n'
        "  -H 'x-note: it'\"'\"'s'"
    )


def test_the_chain_reads_as_balances_and_decoded_logs() -> None:
    """Balances are in human and base units, logs are decoded by transaction with named arguments."""
    assert "holds 100.000000 (100000000 base units) of 0xC011" in body("fixed", "funded")
    told = body("fixed", "check:agree")
    assert "→ head: block 13\ntransaction 0xa570" in told
    assert "log 3: OrderFilled at 0xE111" in told
    assert "takerAmountFilled  5000000 (5.000000)" in told


def test_a_poll_that_answers_alike_is_counted() -> None:
    """Dozens of equal answers are one exchange and a count for each connection."""
    told = body("broken", "check:agree")
    assert told.count("curl ") == 1
    assert "── chain gave the same answer " in told
    assert "── rest(alice) gave the same answer " in told


def test_fix_reads_in_names_and_tags() -> None:
    """A FIX message is a table of names, tags and values, and the raw line with `|` below."""
    raw = "8=FIXT.1.1\x0135=8\x0139=2\x0111=A-1\x019999=odd\x01"
    event = Event(1, 5_000_000, Kind.PUSH, FIX, by=By.PEER, data={"wire": {"raw": raw}})
    held = of_events("fix", [event])
    assert held is not None
    assert "← ExecutionReport FILLED for A-1" in held.body
    assert "MsgType                   35 = 8 (ExecutionReport)" in held.body
    assert "?                       9999 = odd" in held.body
    assert "8=FIXT.1.1|35=8|39=2" in held.body


def test_a_garbled_fix_message_is_still_shown() -> None:
    """What is no FIX at all is named garbled and stands there as it came."""
    event = Event(1, 5_000_000, Kind.PUSH, FIX, by=By.PEER, data={"wire": {"raw": "no fields"}})
    assert gist(event) == "garbled"
    held = of_events("fix", [event])
    assert held is not None
    assert "no fields" in held.body


def test_frames_read_with_their_direction_and_meaning() -> None:
    """A frame says whether we sent it, what it means, and shows its JSON."""
    events = [event for event in outcome("fixed").timeline if event.source.channel == "ws.user"]
    held = of_events("frames", events)
    assert held is not None
    assert "→ subscribe user\n{" in held.body
    assert "← trade MATCHED 5 @ 0.52\n{" in held.body
    assert "\nclosed 1000" in held.body


def test_the_listing_has_a_line_an_event() -> None:
    """The whole timeline is attached as one list with times, sources and steps."""
    lines = listing(outcome("fixed").timeline).body.splitlines()
    assert len(lines) == len(outcome("fixed").timeline)
    (answer,) = [line for line in lines if "1.006 s  answer    rest(alice)        buy" in line]
    assert answer.endswith("200 matched")
