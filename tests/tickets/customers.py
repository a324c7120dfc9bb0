"""What customers send, captured from their own clients on a venue with the bug; each fills a folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from venue.bench import Bench, eventually
from venue.engine import Engine
from venue.fixclient import FixClient
from venue.nodeclient import NodeClients

from .harproxy import recording

BOT = Path(__file__).with_name("pybot.py")
LIMIT_S = 60


def off_the_grid(bench: Bench, ticket: Path) -> None:
    """ESC-1011: a bot buys at a half and is filled, then at 51 cents and is refused. Its debug log."""
    market = bench.market()
    seller, buyer = bench.customer(market, yes="20"), bench.customer(collateral="10")
    for price in (0.5, 0.51):
        seller.order(market["yes"], "SELL", price, 5)
    orders = json.dumps([["BUY", price, 5, "FOK"] for price in (0.5, 0.51)])
    told = {"CLOB": bench.ready["rest"], "KEY": buyer.key, "TOKEN": market["yes"], "ORDERS": orders}
    command, environment = [sys.executable, str(BOT)], {**os.environ, **told}
    ran = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=LIMIT_S
    )
    (ticket / "bot.log").write_text(ran.stderr)


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


def _texts(folder: Path) -> list[str]:
    return [path.read_text() for path in folder.iterdir()]
