"""A customer on a real QuickFIX initiator, which checks every report against the data dictionary."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .bench import DEADLINE_S, Bench, Customer
from .fixclient import FixClient


def test_a_quickfix_customer_trades(bench: Bench, market: dict[str, str], buyer: Customer) -> None:
    """QuickFIX logs on and takes the reports of an order, a fill, a refusal and a cancel."""
    seller = bench.customer(market, yes="100")
    yes = f"{market['symbol']}-YES"
    session = FixClient.order_entry(bench, buyer).session
    script = Path(__file__).with_name("quickfix_client.py")
    command = [sys.executable, str(script), json.dumps(session)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(command, text=True, cwd=root, env={"PYTHONPATH": root}, **pipes) as client:
        assert client.stdin is not None
        assert client.stdout is not None

        def read() -> list[Any]:
            return json.loads(client.stdout.readline())

        def send(kind: str, *fields: tuple[int, str]) -> None:
            client.stdin.write(json.dumps([kind, fields]) + "\n")
            client.stdin.flush()

        def order(cl_ord_id: str, size: str) -> None:
            stamp = (60, "20261122-00:00:00.000")
            what = ((11, cl_ord_id), (55, yes), (54, "1"), (38, size), (40, "2"), (44, "0.5"), (59, "1"))
            send("D", *what, stamp)

        assert read()[:2] == ["sent", "A"]
        assert read() == ["logon"]
        order("c1", "10")
        assert read() == ["got", "8", {"11": "c1", "39": "0", "150": "0"}]
        seller.order(market["yes"], "SELL", 0.5, 6)
        assert read() == ["got", "8", {"11": "c1", "39": "1", "150": "F"}]
        order("c2", "1000")
        kind, msg_type, refused = read()
        # the balance before or after the fill has settled: both are what the account held at the moment
        assert refused.pop("58") in [f"{held} USD available, requested 500" for held in (10, 7)]
        assert (kind, msg_type, refused) == ("got", "8", {"11": "c2", "39": "8", "150": "8"})
        send("F", (11, "c3"), (41, "c1"), (55, yes), (54, "1"), (60, "20261122-00:00:00.000"))
        assert read() == ["got", "8", {"11": "c3", "39": "4", "150": "4"}]
        send("F", (11, "c4"), (41, "c1"), (55, yes), (54, "1"), (60, "20261122-00:00:00.000"))
        assert read() == ["got", "9", {"11": "c4", "39": "8", "58": "Unknown order"}]
        client.stdin.close()
        assert client.stdout.read() == ""
        assert client.wait(DEADLINE_S) == 0
