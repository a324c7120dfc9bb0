"""The official client, unmodified, trades on the venue under capture; what it sent can be replayed to it."""

from __future__ import annotations

import json
from pathlib import Path

import vcr
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import ApiCreds, OrderArgs, OrderPayload, OrderType
from venue.bench import HEALTHY, Bench, start_venue, stop_venue

from harness.evidence.vcrpy import register
from harness.model import Kind

from .programs import captured

BOT = """
    import json, os, sys
    from py_clob_client_v2.client import ClobClient
    from py_clob_client_v2.clob_types import OrderArgs, OrderPayload, OrderType
    url, token = sys.argv[1:]
    client = ClobClient(url, 137, key=os.environ["BOT_KEY"])
    client.set_api_creds(client.create_or_derive_api_key())
    signed = client.create_order(OrderArgs(token_id=token, price=0.4, size=10, side="BUY"))
    order = client.post_order(signed, OrderType.GTC)["orderID"]
    said = [client.get_order(order)["status"]]
    client.cancel_order(OrderPayload(orderID=order))
    said.append(client.get_order(order)["status"])
    creds = client.creds
    secrets = [creds.api_secret, creds.api_passphrase, signed.signature, os.environ["BOT_KEY"]]
    print(json.dumps({"said": said, "secrets": secrets}))
"""


def replayed(url: str, token: str) -> list[str]:
    """The same trade by a client with a wallet and credentials that are made up."""
    client = ClobClient(url, 137, key="0x" + "17" * 32)
    client.set_api_creds(ApiCreds("key", "c2VjcmV0", "passphrase"))
    signed = client.create_order(OrderArgs(token_id=token, price=0.4, size=10, side="BUY"))
    order = client.post_order(signed, OrderType.GTC)["orderID"]
    said = [client.get_order(order)["status"]]
    client.cancel_order(OrderPayload(orderID=order))
    return [*said, client.get_order(order)["status"]]


def test_an_sdk_is_captured_and_replayed(tmp_path: Path) -> None:
    """Login, order, reads and cancel are kept without a secret, and are answered when the venue is gone."""
    process, ready = start_venue(HEALTHY)
    bench = Bench(ready)
    market = bench.market()
    customer = bench.customer(market, collateral="10")
    key = customer.key
    ran = captured(tmp_path, BOT, ready["rest"], market["yes"], environment={"BOT_KEY": key})
    bench.http.close()
    assert stop_venue(process) == 0

    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["said"] == ["LIVE", "CANCELED"]
    assert [secret for secret in told["secrets"] if secret.removeprefix("0x") in ran.text] == []
    assert customer.address.lower().removeprefix("0x") not in ran.text.lower()
    asked = [event.data["wire"] for event in ran.events(Kind.SEND)]
    orders = [wire for wire in asked if wire["target"] == "/order"]
    assert [wire["method"] for wire in orders] == ["POST", "DELETE"]
    assert json.loads(orders[0]["body"])["order"]["signature"].startswith("«signature")
    assert ran.evidence.header.redaction["signature"] >= 1
    ends = {event.index: event.at_us for event in ran.events(Kind.ANSWER)}
    assert all(send.at_us < ends[send.index] for send in ran.events(Kind.SEND))

    tape = vcr.VCR()
    register(tape)
    with tape.use_cassette(ran.path):
        assert replayed(ready["rest"], market["yes"]) == ["LIVE", "CANCELED"]
