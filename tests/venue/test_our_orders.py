"""Our own accounts, orders and REST channel against the venue: wallets, market orders, set and tamper."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from channels.leaves import OPEN_DIAL

from harness import exactjson
from harness.accounts import Account, lease
from harness.channels.rest import RestDriver
from harness.clock import RunClock
from harness.intents import OrderTerms, order_json
from harness.wire import http, wallets
from harness.wire.clob import CONTRACTS_137, Side

from .bench import Bench, Ship
from .desk import refused


@dataclass(slots=True)
class Notes:
    """A line that keeps what it is told."""

    bodies: list[Any] = field(default_factory=list)
    derived: list[Mapping[str, Any] | None] = field(default_factory=list)
    answers: list[tuple[int, Any]] = field(default_factory=list)

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        self.bodies.append(http.body_value(wire))
        self.derived.append(derived)

    def answered(self, wire: Mapping[str, Any]) -> None:
        self.answers.append((wire["status"], http.body_value(wire)))

    def lost(self, why: str) -> None:
        raise AssertionError(why)


@dataclass(slots=True)
class Trader:
    """A leased account with money, and its REST channel."""

    account: Account
    driver: RestDriver
    notes: Notes
    secrets: dict[str, str]

    def order(self, terms: OrderTerms, salt: int = 7, **options: Any) -> dict[str, Any]:
        clock_ms = RunClock().started_wall_us // 1000
        return order_json(terms, facts=self.account.facts, salt=salt, timestamp_ms=clock_ms, **options)

    def send(self, json: Any, path: str = "/order", **more: Any) -> tuple[int, Any]:
        self.driver.send({"method": "POST", "path": path, "json": json, **more}, self.notes)
        return self.notes.answers[-1]


def trader(bench: Bench, market: dict[str, str], kind: str = "eoa", **money: str) -> Trader:
    clock, secrets, rest = RunClock(), {}, bench.ready["rest"]
    account = lease(
        "alice",
        rest,
        dial=OPEN_DIAL,
        chain_id=137,
        wall_s=clock.started_wall_us // 1_000_000,
        register=secrets.__setitem__,
        wallet_kind=kind,
    )
    bench.control("/fund", {"address": account.funder, "market": market["condition"], **money})
    driver = RestDriver(
        rest,
        account,
        dial=OPEN_DIAL,
        chain_id=137,
        contracts=CONTRACTS_137,
        clock=clock,
        register=secrets.__setitem__,
    )
    return Trader(account, driver, Notes(), secrets)


def limit(market: dict[str, str], price: str = "0.5", size: str = "5", side: Side = Side.BUY) -> OrderTerms:
    return OrderTerms(int(market["yes"]), side, Decimal(price), Decimal(size), "GTC")


@pytest.mark.parametrize("kind", sorted(wallets.KINDS))
def test_our_orders_of_every_kind_of_wallet_settle(bench: Bench, market: dict[str, str], kind: str) -> None:
    """An account's order is made by its funder, signed by its key, taken by the exchange and settled."""
    seller = bench.customer(market, yes="10")
    seller.order(market["yes"], "SELL", 0.5, 5)
    buyer = trader(bench, market, kind, collateral="10")
    with closing(buyer.driver):
        status, reply = buyer.send(buyer.order(limit(market)))
    assert (status, reply["status"], reply["makingAmount"]) == (200, "matched", "2.5")
    assert buyer.notes.derived == [{"order_id": reply["orderID"]}]
    assert seller.until_status(reply["tradeIDs"][0], "CONFIRMED")["size"] == "5"
    row = bench.control("/fund", {"address": buyer.account.facts["funder"], "market": market["condition"]})
    assert (row["collateral"], row["yes"]) == ("7.5", "5")
    assert buyer.notes.bodies[0]["order"]["signature"] == buyer.secrets["alice.order_signature"]


def test_an_accounts_facts_name_its_wallets(bench: Bench, market: dict[str, str]) -> None:
    """The facts are the key's address, all its wallets, and which of them holds the funds."""
    account = trader(bench, market, "safe").account
    owner = account.wallet.address
    assert account.facts == {
        "address": owner,
        "api_key": account.api_key,
        "proxy": wallets.proxy_wallet(owner),
        "safe": wallets.safe_wallet(owner),
        "deposit_wallet": wallets.deposit_wallet(owner),
        "wallet": "safe",
        "funder": wallets.safe_wallet(owner),
    }


@pytest.mark.parametrize("tick", [None, Decimal("0.01")])
def test_our_market_buy_fills_at_the_ask(bench: Bench, market: dict[str, str], tick: Decimal | None) -> None:
    """One dollar protected at an ask of 0.07 buys there."""
    bench.customer(market, yes="20").order(market["yes"], "SELL", 0.07, 20)
    buyer = trader(bench, market, collateral="10")
    terms = OrderTerms(int(market["yes"]), Side.BUY, Decimal("0.07"), None, "FAK", amount=Decimal("1.00"))
    with closing(buyer.driver):
        status, reply = buyer.send(buyer.order(terms, tick=tick))
    assert (status, reply["makingAmount"], reply["takingAmount"]) == (200, "0.999999", "14.2857")


def test_a_batch_is_signed_order_by_order(bench: Bench, market: dict[str, str]) -> None:
    """Each order of a list is signed; the ids stand beside the first of them."""
    buyer = trader(bench, market, collateral="10")
    with closing(buyer.driver):
        status, answers = buyer.send([buyer.order(limit(market), salt) for salt in (1, 2)], "/orders")
    ids = [row["orderID"] for row in answers]
    assert (status, len(set(ids))) == (200, 2)
    assert buyer.notes.derived == [{"order_id": ids[0], "order_ids": ids}]


def test_a_tampered_order_is_signed_before_it_is_changed(bench: Bench, market: dict[str, str]) -> None:
    """A salt as text leaves the order what it was; another amount breaks its signature."""
    buyer = trader(bench, market, collateral="10")
    with closing(buyer.driver):
        status, reply = buyer.send(buyer.order(limit(market)), tamper={"salt": "7"})
        assert (status, reply["status"]) == (200, "live")
        assert buyer.notes.bodies[-1]["order"]["salt"] == "7"
        assert buyer.notes.derived[-1] == {"order_id": reply["orderID"]}
        tampered = buyer.send([buyer.order(limit(market), 8)], "/orders", tamper={"timestamp": "1"})
        assert tampered[1][0]["errorMsg"] == "invalid signature"
        assert buyer.send(buyer.order(limit(market), 9), tamper={"side": None})[0] == 400


@pytest.mark.parametrize(
    ("overrides", "answer"),
    [
        ({"salt": 12}, "live"),
        ({"timestamp": 1, "metadata": "0x" + "ab" * 32}, "live"),
        ({"expiration": 1}, "invalid expiration"),
        ({"maker": "0x" + "22" * 20}, "maker address not allowed, please use the deposit wallet flow"),
        ({"signatureType": 3}, "the order signer address has to be the address of the API KEY"),
        ({"takerAmount": "5010000"}, "breaks minimum tick size rule"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_field_set_before_signing_is_signed(
    bench: Bench, market: dict[str, str], overrides: dict[str, Any], answer: str
) -> None:
    """What is set is part of what is signed: the exchange judges the order, never the signature."""
    buyer = trader(bench, market, collateral="10")
    with closing(buyer.driver):
        _, reply = buyer.send(buyer.order(limit(market), overrides=overrides))
    assert answer in (reply.get("status") or reply["error"])


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"signature": "0x"}, "signature is not signed: before signing, set one of salt, maker"),
        ({"colour": 1}, "colour is not signed"),
        ({"maker": "me"}, "address"),
        ({"salt": Decimal("1.5")}, "salt must be a whole number"),
        ({"side": "HOLD"}, "HOLD"),
    ],
)
def test_a_field_that_cannot_be_signed_is_named(overrides: dict[str, Any], named: str) -> None:
    """An override of what is no signed field, or does not fit it, is the author's error."""
    facts = {"address": "0x" + "a1" * 20, "api_key": "key"}
    with pytest.raises(ValueError, match=named):
        order_json(limit({"yes": "5"}), facts=facts, salt=1, timestamp_ms=2, overrides=overrides)


@pytest.mark.parametrize(("size", "amount"), [(None, None), (Decimal(1), Decimal(1))], ids=["none", "both"])
def test_an_order_has_a_size_or_an_amount(size: Decimal | None, amount: Decimal | None) -> None:
    """Neither and both are refused."""
    with pytest.raises(ValueError, match=r"either a size .* or an amount"):
        OrderTerms(5, Side.BUY, Decimal("0.5"), size, "FAK", amount=amount)


def test_an_order_of_facts_from_before_wallets_is_the_addresses_own() -> None:
    """Facts without a wallet, as older cassettes hold them, trade from the key's address."""
    facts = {"address": "0x" + "a1" * 20, "api_key": "key"}
    order = order_json(limit({"yes": "5"}), facts=facts, salt=1, timestamp_ms=2)["order"]
    assert (order["signatureType"], order["maker"]) == (0, order["signer"])
    assert exactjson.dumps(order["salt"]) == "1"


@pytest.mark.parametrize("kind", sorted(wallets.KINDS))
def test_esc_1029_refuses_a_salt_in_text_from_a_contract_wallet(ship: Ship, kind: str) -> None:
    """With ESC-1029 only an account of its own may write the salt as a text; healthy, all may."""
    answers = []
    for healthy in (False, True):
        bench = ship("ESC-1029", healthy)
        market = bench.market()
        buyer = trader(bench, market, kind, collateral="10")
        with closing(buyer.driver):
            answers += [
                buyer.send(buyer.order(limit(market), salt), tamper=tamper)
                for salt, tamper in ((7, {"salt": "7"}), (8, {}))
            ]
    in_text, *others = answers
    assert in_text == refused("Invalid order payload") if kind != "eoa" else in_text[1]["status"] == "live"
    assert [(status, reply["status"]) for status, reply in others] == [(200, "live")] * 3


@pytest.mark.parametrize(
    "broken", [lambda text: text[:132], lambda text: text[:-1] + "b"], ids=["cut", "length"]
)
def test_a_deposit_wallets_signature_is_whole(bench: Bench, market: dict[str, str], broken: Any) -> None:
    """Without the order and the domain behind it, the owner's signature is none."""
    buyer = trader(bench, market, "deposit", collateral="10")
    with closing(buyer.driver):
        assert buyer.send(buyer.order(limit(market)))[0] == 200
        whole = buyer.notes.bodies[0]["order"]["signature"]
        again = {"signature": broken(whole)}
        assert buyer.send(buyer.order(limit(market), 8), tamper=again) == refused("invalid signature")
        assert buyer.send(buyer.notes.bodies[0], tamper=again) == refused("invalid signature")
        assert "Duplicated" in buyer.send(buyer.notes.bodies[0])[1]["error"]
