"""What customers send, captured from their own clients on a venue with the bug; each fills a folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from venue.bench import Bench, Customer, eventually
from venue.engine import Engine
from venue.fixclient import FixClient
from venue.nodeclient import NodeClients
from web3 import HTTPProvider, Web3
from web3.contract import Contract

from harness.venue.spenders import every
from harness.wire.ctf import CONTRACTS_137

from .harproxy import recording

BOT = Path(__file__).with_name("pybot.py")
LIMIT_S = 60
UINT256_MAX = (1 << 256) - 1
MAIL = """Hello,

my bot's buys on a neg-risk market are refused for an allowance, and I did your set-up to the last line.
Here are all six transactions:

{hashes}

Every one went through, and your own page says "fully approved". Who is 0xAdA2...? The log is attached.
"""


def off_the_grid(bench: Bench, ticket: Path) -> None:
    """ESC-1011: a bot buys at a half and is filled, then at 51 cents and is refused. Its debug log."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="20"), bench.customer(collateral="10")
    for price in (0.5, 0.51):
        seller.order(market["yes"], "SELL", price, 5)
    orders = [("BUY", price, 5, "FOK") for price in (0.5, 0.51)]
    (ticket / "bot.log").write_text(_bot(bench, buyer, market["yes"], orders))


def wrongly_signed(bench: Bench, ticket: Path) -> None:
    """ESC-1037: the TypeScript client trades on an ordinary market, then on a neg-risk one. A HAR of it."""
    plain, neg_risk = bench.market(), bench.market(neg_risk=True)
    buyer = bench.customer(collateral="20")
    with recording(bench.ready["rest"], ticket / "session.har") as host, closing(NodeClients()) as node:
        creds = buyer.client.creds
        keys = {"key": creds.api_key, "secret": creds.api_secret, "passphrase": creds.api_passphrase}
        client = node.open("buyer", host, buyer.key, creds=keys)
        for market in (plain, neg_risk):
            client.getOrderBook(market["yes"])
            client.createAndPostOrder({"tokenID": market["yes"], "price": 0.4, "size": 5, "side": "BUY"})


def store_lost(bench: Bench, ticket: Path) -> None:
    """ESC-1094: QuickFIX trades, is started again with an empty store, and its Logon is too low. Its log."""
    market = bench.market()
    buyer = bench.customer(collateral="10")
    session = {**FixClient.order_entry(bench, buyer).session, "log": str(ticket)}
    with Engine("quickfix", session) as engine:
        engine.expect("A")
        engine.order("first", f"{market['symbol']}-YES", "10", price="0.4")
        engine.expect("8", (150, "0"))
    again = Engine("quickfix", session, reset=False)
    eventually(lambda: sum(text.count("Disconnecting") for text in _texts(ticket)) > 1 or None)
    again.__exit__(None)


def retired_spender(bench: Bench, ticket: Path) -> None:
    """ESC-1049: web3 approves what the set-up asks for, a neg-risk buy is refused. A mail and a log."""
    market = bench.market(neg_risk=True)
    buyer = bench.customer(collateral="20", approve=False)
    w3 = Web3(HTTPProvider(bench.ready["chain"]))
    dollars = _contract(w3, CONTRACTS_137.collateral, "approve", "uint256")
    shares = _contract(w3, CONTRACTS_137.ctf, "setApprovalForAll", "bool")
    hashes = []
    for spender in every(CONTRACTS_137):
        yes = dollars.approve(spender, UINT256_MAX), shares.setApprovalForAll(spender, True)
        hashes += [_sent(w3, buyer, call) for call in yes]
    listed = "\n".join(f"  {name}" for name in hashes)
    (ticket / "mail.txt").write_text(MAIL.format(hashes=listed))
    (ticket / "bot.log").write_text(_bot(bench, buyer, market["yes"], [("BUY", 0.4, 12, "GTC")]))


def _contract(w3: Web3, at: str, approves: str, kind: str) -> Any:
    """The functions of a contract of which one approves somebody: so much, or all."""
    inputs = [{"name": "who", "type": "address"}, {"name": "what", "type": kind}]
    head = {"type": "function", "name": approves, "stateMutability": "nonpayable"}
    made: type[Contract] = w3.eth.contract(abi=[{**head, "inputs": inputs, "outputs": []}])
    return made(address=w3.to_checksum_address(at)).functions


def _sent(w3: Web3, customer: Customer, call: Any) -> str:
    """The hash of a call that the customer made, as soon as it succeeded."""
    count = w3.eth.get_transaction_count(w3.to_checksum_address(customer.address))
    made = call.build_transaction({"from": customer.address, "nonce": count})
    signed = w3.eth.account.sign_transaction(made, customer.key)
    name = w3.eth.send_raw_transaction(signed.raw_transaction)
    assert w3.eth.wait_for_transaction_receipt(name)["status"] == 1
    return name.to_0x_hex()


def _bot(bench: Bench, customer: Customer, token: str, orders: Sequence[tuple[str, float, int, str]]) -> str:
    """What a bot that sends these orders in turn logs."""
    told = {"CLOB": bench.ready["rest"], "KEY": customer.key, "TOKEN": token, "ORDERS": json.dumps(orders)}
    command, environment = [sys.executable, str(BOT)], {**os.environ, **told}
    ran = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=LIMIT_S
    )
    return ran.stderr


def _texts(folder: Path) -> list[str]:
    return [path.read_text() for path in folder.iterdir()]
