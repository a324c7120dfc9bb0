"""What consoles and their redirected output look like: curl's progress, clients that hand a refusal on."""

from __future__ import annotations

import json
from pathlib import Path

from harness.evidence.ticket import curl
from harness.evidence.ticket.textlines import Lines

from .customer import ALICE, BOB, CONDITION, OTHER_TOKEN, TOKEN, leaks
from .drafted import New
from .test_ledgers import EXPLORER, HASH

METER = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed\n\n"
    "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0*   Trying 127.0.0.1...\n"
)
HEAD = "HTTP/1.1 {}\nContent-Type: application/json\nDate: Mon, 02 Mar 2026 14:05:0{} GMT\n"


def run_of_curl(target: str, status: str, second: int, body: object) -> str:
    """What `curl -v -i` of Debian 12 wrote to a file, its talk and its answer."""
    head = HEAD.format(status, second)
    talk = f"> GET {target} HTTP/1.1\n> Host: e.com\n> \n" + "".join(
        f"< {line}\n" for line in head.splitlines()
    )
    told = json.dumps(body)
    done = "100  1004  100  1004    0     0   144k      0 --:--:-- --:--:-- --:--:--  163k"
    begun = f"$ curl -v -i 'http://e.com{target}'\n{METER}{talk}< \n{{ [9 bytes data]\n\n{done}\n"
    return f"{begun}* Connection #0 to host left intact\n{head}\n{told}\n\n"


def test_curl_with_its_progress() -> None:
    """The progress meter in curl's talk hides no answer, and `-v` with `-i` is one answer."""
    text = run_of_curl("/ok", "400 Bad Request", 1, {"error": "no"}) + run_of_curl("/ok", "200 OK", 2, "OK")
    lines = Lines("terminal.txt", text.split("\n"))
    first = curl.take(lines, 0, 1)
    assert first is not None
    assert first.clues[1].data["wire"]["body"] == '{"error": "no"}'
    begins = next(at for at in range(first.until, len(lines)) if lines[at].strip())
    second = curl.take(lines, begins, 2)
    assert second is not None
    assert second.clues[1].data["wire"]["body"] == '"OK"'


def test_a_market_that_an_answer_lists(ticket: Path, new: New) -> None:
    """The exchange's list of a market's tokens says which is yes, so that nothing of it is guessed."""
    tokens = [{"token_id": OTHER_TOKEN, "outcome": "Yes"}, {"token_id": TOKEN, "outcome": "No"}]
    market = {"condition_id": CONDITION, "minimum_tick_size": 0.01, "tokens": tokens}
    text = run_of_curl(f"/markets/{CONDITION}", "200 OK", 1, market)
    text += run_of_curl(f"/neg-risk?token_id={TOKEN}", "400 Bad Request", 2, {"error": "Invalid token id"})
    (ticket / "terminal.txt").write_text(text)
    made = new()
    assert made.code == 0, made.said
    assert 'token_id: "${market.no}"' in made.case
    assert "the outcome of its token" not in made.case


MATCHED = ('200 {"success":true,"orderID":"0x12","status":"matched"}', '400 {"error":"not filled"}')
REFUSED = """2026-03-02T14:05:01.112Z buying 5 at 0.4
2026-03-02T14:05:01.309Z result {
  success: true,
  errorMsg: '',
  orderID: '0x682b84bfbd8061381bbc219ae5d2210c680729aa0bb77ab5365d2c07210038b5',
  status: 'live'
}
2026-03-02T14:05:02.112Z buying 5 at 0.4 on the other
2026-03-02T14:05:02.944Z result { error: 'invalid signature', status: 400 }
"""


def test_a_refusal_that_the_client_hands_on(ticket: Path, new: New) -> None:
    """The TypeScript client gives a refusal as a value with its status: it is the order's answer, and red."""
    (ticket / "console.log").write_text(REFUSED)
    made = new()
    assert made.code == 0, made.said
    assert "red for the stated reason at 'order-2'" in made.said
    assert "shows: {status: 400, body: {error: invalid signature}}" in made.case


def test_orders_of_which_nothing_is_told(ticket: Path, new: New) -> None:
    """A guessed order is of a market that the draft lists, so that it can be placed on a live exchange."""
    (ticket / "console.log").write_text(REFUSED)
    made = new()
    assert "save: market" in made.case
    assert made.case.count('token: "${market.yes}"') == 2
    assert "# guessed: nothing says the token of its orders" in made.case


def test_a_wait_behind_a_file_without_times(ticket: Path, new: New) -> None:
    """Nothing waits for years behind a file that tells no times: such a window does not lint."""
    trade = {
        "id": "88dc1838-cb62-4bcb-9505-8a2478a2b492",
        "market": CONDITION,
        "asset_id": TOKEN,
        "side": "BUY",
    }
    trade |= {"size": "10", "price": "0.5", "status": "TRADE_STATUS_CONFIRMED", "transaction_hash": HASH}
    (ticket / "trades.json").write_text(json.dumps([trade], indent=2))
    (ticket / "explorer.csv").write_text(EXPLORER)
    made = new()
    assert made.code == 0, made.said
    assert "within: 10s  # guessed: time for some blocks" in made.case


def test_a_signed_order_that_a_bot_printed(ticket: Path, new: New) -> None:
    """What `create_order` gave, as a bot printed it, is the order of the request below that tells no body."""
    made = ALICE.printed(0.52, 7)
    (ticket / "bot.log").write_text(
        f"2026-03-02 14:05:01,187 DEBUG [bot] signed, FOK: {made}\n"
        "2026-03-02 14:05:01,193 INFO [httpx] HTTP Request: POST https://e.com/order "
        '"HTTP/1.1 400 Bad Request"\n'
        "2026-03-02 14:05:01,194 ERROR [py] [py_clob_client_v2] request error "
        'status=400 url=https://e.com/order body={"error":"no liquidity"}\n'
    )
    drafted = new()
    assert drafted.code == 0, drafted.said
    assert 'order: {token: "${market.yes}", side: BUY, price: 0.52, size: 7, type: FOK}' in drafted.case
    assert "its order, all of it" not in drafted.case
    assert leaks(drafted.written, ALICE) == []


def test_what_an_order_meets(ticket: Path, new: New) -> None:
    """An order that fills at once finds a maker on the other side, a marked guess, one for each price."""
    (ticket / "bot.log").write_text(
        "".join(
            f"POST https://e.com/order {json.dumps(ALICE.order(0.52, 7, type='FOK'))}\n{at}\n"
            for at in MATCHED
        )
    )
    made = new()
    assert made.code == 0, made.said
    assert "  - fund: {alice: {collateral: 10}, maker: {yes: 20}}" in made.case
    offered = (
        '    as: maker\n    order: {token: "${market.yes}", side: SELL, price: 0.52, size: 14, type: GTC}'
    )
    assert made.case.count(offered) == made.case.count("as: maker") == 1
    assert "  # guessed: what an order met" in made.case


def test_an_order_that_met_the_drafts_own(ticket: Path, new: New) -> None:
    """Where an earlier order of the evidence rests on the other side, nobody else is guessed there."""
    offer, order = BOB.order(0.52, 7, "SELL"), ALICE.order(0.52, 7, type="FOK")
    live = '200 {"success":true,"orderID":"0x11","status":"live"}'
    asks = ((offer, live), (order, MATCHED[1]))
    (ticket / "bot.log").write_text(
        "".join(f"POST https://e.com/order {json.dumps(body)}\n{said}\n" for body, said in asks)
    )
    made = new()
    assert made.code == 0, made.said
    assert "as: maker" not in made.case
