"""Orders of derived wallets: the official client trades from them, unmodified, and the chain settles them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import AssetType, BalanceAllowanceParams, OrderPayload
from py_clob_client_v2.exceptions import PolyApiException

from harness.venue.abi import call_data, read_answer
from harness.venue.chain import ORDER_TUPLE
from harness.venue.markets import Market
from harness.venue.records import BookOrder
from harness.venue.settlement import order_tuple
from harness.wire import wallets
from harness.wire.clob import CONTRACTS_137, Order, Side
from harness.wire.ctf import checksum_address, decode_log

from .bench import Bench, Customer, Ship, eventually, read_until
from .desk import make, post, refused
from .onchain import Onchain
from .test_contract import SELECTORS, ask

DERIVED = sorted(set(wallets.KINDS) - {"eoa"})
DERIVATIONS = {
    "getPolyProxyWalletAddress(address)": wallets.proxy_wallet,
    "getSafeAddress(address)": wallets.safe_wallet,
    "getDepositWalletAddress(address)": wallets.deposit_wallet,
}


def trading_from(bench: Bench, kind: str, market: dict[str, str], **money: str) -> Customer:
    """A customer whose money stands at a derived wallet; `address` stays the owner's."""
    owner = bench.customer()
    wallet = wallets.wallet_of(owner.address, kind)
    bench.control("/fund", {"address": wallet, "market": market["condition"], **money})
    signature_type = wallets.KINDS[kind]
    client = ClobClient(
        bench.ready["rest"], 137, owner.key, owner.client.creds, signature_type=signature_type, funder=wallet
    )
    return replace(owner, client=client)


def wallet_of(customer: Customer) -> str:
    funder: str = customer.client.builder.funder
    return funder


def balances(bench: Bench, address: str, market: dict[str, str]) -> tuple[str, str]:
    row = bench.control("/fund", {"address": address, "market": market["condition"], "approve": False})
    return row["collateral"], row["yes"]


@pytest.mark.parametrize("owner", ["0x" + "22" * 20, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"])
@pytest.mark.parametrize("signature", sorted(DERIVATIONS))
def test_the_contract_derives_the_wallets_that_we_derive(bench: Bench, owner: str, signature: str) -> None:
    """The exchange contract and the harness, each by itself, find the same wallet."""
    request = {"to": CONTRACTS_137.exchange, "data": call_data(signature, [owner])}
    found = read_answer("address", bench.rpc("eth_call", request, "latest"))
    assert checksum_address(found) == DERIVATIONS[signature](owner)


@pytest.mark.parametrize("kind", sorted(wallets.KINDS))
def test_the_contract_checks_by_itself_whose_wallet_it_is(bench: Bench, kind: str) -> None:
    """On chain an order needs the signature of its maker's owner, over the order as it is."""
    owner, thief = Account.create(), Account.create()
    if kind == "deposit":
        chain = Onchain(bench)
        chain.done(bench.customer().address, wallets.DEPOSIT_FACTORY, "deploy(address)", owner.address)
    maker = wallets.wallet_of(owner.address, kind)
    signer = maker if kind == "deposit" else owner.address
    order = Order(1, maker, signer, 5, 10, 20, Side.BUY, wallets.KINDS[kind], 1)

    def error(order: Order, signed: Order, by: LocalAccount) -> str | None:
        def sign(digest: bytes) -> str:
            return "0x" + by.unsafe_sign_hash(digest).signature.hex().removeprefix("0x")

        signature = wallets.order_signature(signed, sign, chain_id=137, exchange=CONTRACTS_137.exchange)
        market = Market("", "", 5, 6, Decimal("0.01"), 0, "", "")
        sent = BookOrder("", order, signature, "", market, Decimal("0.5"), "GTC", 0)
        answer = ask(bench, f"validateOrder({ORDER_TUPLE})", [order_tuple(sent)])
        return answer.get("error", {}).get("data")

    assert error(order, order, owner) is None
    wrong = SELECTORS["InvalidSignature"]
    assert error(order, order, thief) == wrong
    assert error(replace(order, taker_amount=21), order, owner) == wrong
    theirs = wallets.wallet_of(thief.address, kind)
    stolen = replace(order, maker=theirs, signer=theirs if kind == "deposit" else owner.address)
    assert error(stolen, stolen, owner) == wrong


@pytest.mark.parametrize(
    ("selling", "buying"), [("proxy", "safe"), ("safe", "proxy"), ("deposit", "deposit"), ("eoa", "deposit")]
)
def test_the_official_client_trades_from_a_wallet(bench: Bench, selling: str, buying: str) -> None:
    """Maker and taker orders of every kind of wallet match, settle and move the wallets' money."""
    market = bench.market()
    seller = trading_from(bench, selling, market, yes="20")
    buyer = trading_from(bench, buying, market, collateral="10")
    resting = seller.order(market["yes"], "SELL", 0.48, 10)
    assert (resting["status"], resting["success"]) == ("live", True)

    reply = buyer.order(market["yes"], "BUY", 0.5, 5)

    assert (reply["status"], reply["makingAmount"], reply["takingAmount"]) == ("matched", "2.4", "5")
    (trade_id,) = reply["tradeIDs"]
    trade, other = buyer.until_status(trade_id, "CONFIRMED"), seller.trade(trade_id)
    assert (trade["trader_side"], trade["maker_address"]) == ("TAKER", wallet_of(buyer))
    assert (other["trader_side"], other["maker_address"]) == ("MAKER", wallet_of(seller))
    assert trade["maker_orders"][0]["maker_address"] == wallet_of(seller)
    assert trade["owner"] == buyer.client.creds.api_key
    assert balances(bench, wallet_of(buyer), market) == ("7.6", "5")
    assert balances(bench, wallet_of(seller), market) == ("2.4", "15")
    receipt = bench.rpc("eth_getTransactionReceipt", trade["transaction_hash"])
    events = [decode_log(log["topics"], log["data"]) for log in receipt["logs"]]
    makers = [event.args["maker"] for event in events if event is not None and event.name == "OrderFilled"]
    assert makers == [wallet_of(seller), wallet_of(buyer)]


@pytest.mark.parametrize("kind", DERIVED)
def test_a_wallets_orders_belong_to_its_owners_key(bench: Bench, market: dict[str, str], kind: str) -> None:
    """The owner's API key lists, reads and cancels the wallet's orders, and is told of them."""
    buyer = trading_from(bench, kind, market, collateral="10")
    with bench.user_channel(buyer) as socket:
        order_id = buyer.order(market["yes"], "BUY", 0.25, 8)["orderID"]
        (row,) = buyer.client.get_open_orders()
        assert (row["id"], row["maker_address"]) == (order_id, wallet_of(buyer))
        assert buyer.client.cancel_order(OrderPayload(orderID=order_id))["canceled"] == [order_id]
        events = read_until(socket, lambda event: event["type"] == "CANCELLATION")
    assert [(event["type"], event["id"]) for event in events] == [
        ("PLACEMENT", order_id),
        ("CANCELLATION", order_id),
    ]
    assert buyer.client.get_order(order_id)["status"] == "CANCELED"


@pytest.mark.parametrize("kind", DERIVED)
def test_balance_and_allowance_are_the_wallets_by_signature_type(
    bench: Bench, market: dict[str, str], kind: str
) -> None:
    """Each signature type asks for its own wallet of the caller."""
    buyer = trading_from(bench, kind, market, collateral="12.5", yes="3")
    client = buyer.client
    spenders = ("exchange", "neg_risk_exchange", "neg_risk_adapter")
    unlimited = {bench.ready["contracts"][name]: str(2**256 - 1) for name in spenders}
    money = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL)
    assert client.get_balance_allowance(money) == {"balance": "12500000", "allowances": unlimited}
    shares = BalanceAllowanceParams(AssetType.CONDITIONAL, token_id=market["yes"])
    assert client.get_balance_allowance(shares) == {"balance": "3000000", "allowances": unlimited}
    client.builder.signature_type = 0
    assert client.get_balance_allowance(money)["balance"] == "0"


NOT_YOURS = "the order signer address has to be the address of the API KEY"
NOT_ALLOWED = "maker address not allowed, please use the deposit wallet flow"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"signature_type": 1}, NOT_ALLOWED),
        ({"signature_type": 2, "maker": "proxy"}, NOT_ALLOWED),
        ({"signature_type": 0, "maker": "safe"}, NOT_ALLOWED),
        ({"signature_type": 1, "maker": "proxy", "signer": "proxy"}, NOT_YOURS),
        ({"signature_type": 3, "maker": "deposit"}, NOT_YOURS),
        ({"signature_type": 3, "signer": "deposit"}, NOT_ALLOWED),
        ({"signature_type": 3, "maker": "deposit", "signer": "deposit"}, "invalid signature"),
        ({"signature_type": 4}, "Invalid order payload"),
    ],
)
def test_maker_signer_and_signature_type_go_together(
    bench: Bench, market: dict[str, str], buyer: Customer, change: dict[str, Any], text: str
) -> None:
    """A maker that is not the signer's wallet of that type, or not signed for as one, is refused."""
    parties = {
        name: wallets.wallet_of(buyer.address, kind)
        for name, kind in change.items()
        if name != "signature_type"
    }
    order = make(buyer, market["yes"], Side.BUY, "0.5", "5", **{**change, **parties})
    assert post(bench, buyer, order) == refused(text)


def test_another_owners_signature_for_a_wallet_is_refused(bench: Bench, market: dict[str, str]) -> None:
    """Money of a wallet moves with its owner's signature only, wrapped or not."""
    buyer, thief = trading_from(bench, "safe", market, collateral="10"), bench.customer()
    order = make(
        buyer,
        market["yes"],
        Side.BUY,
        "0.5",
        "5",
        maker=wallet_of(buyer),
        signature_type=wallets.KINDS["safe"],
    )
    assert post(bench, buyer, order, key=thief.key) == refused("invalid signature")
    assert post(bench, buyer, order)[1]["status"] == "live"


def test_an_order_without_an_approval_is_refused_until_there_is_one(
    bench: Bench, market: dict[str, str]
) -> None:
    """An account may start without approvals; one that it sends itself counts at once."""
    owner = bench.customer()
    started = bench.customer(market, collateral="10", approve=False)
    money = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL, signature_type=0)
    exchange = bench.ready["contracts"]["exchange"]
    assert started.client.get_balance_allowance(money)["allowances"][exchange] == "0"
    with pytest.raises(PolyApiException, match="the allowance is not enough -> spender: "):
        started.order(market["yes"], "BUY", 0.5, 5)
    assert owner.client.get_balance_allowance(money)["allowances"][exchange] == str(2**256 - 1)

    approve(bench, started.address)

    assert started.client.get_balance_allowance(money)["allowances"][exchange] == "5000000"
    assert started.order(market["yes"], "BUY", 0.5, 5)["status"] == "live"


def test_fund_says_what_is_wrong_with_approve(bench: Bench, buyer: Customer) -> None:
    """`approve` is a flag."""
    url, body = bench.ready["control"] + "/fund", {"address": buyer.address, "approve": "no"}
    answer = bench.http.post(url, json=body)
    assert (answer.status_code, answer.json()["error"].partition(":")[0]) == (
        400,
        "approve must be true or false",
    )


def approve(bench: Bench, address: str) -> None:
    """Let the exchange take five dollars, by a transaction of the address."""
    data = call_data("approve(address,uint256)", [CONTRACTS_137.exchange, 5_000_000])
    bench.rpc("anvil_impersonateAccount", address)
    sent = {"from": address, "to": CONTRACTS_137.collateral, "data": data, "gas": "0x30000"}
    transaction = bench.rpc("eth_sendTransaction", sent)
    assert eventually(lambda: bench.rpc("eth_getTransactionReceipt", transaction))["status"] == "0x1"
    bench.rpc("anvil_stopImpersonatingAccount", address)


def test_esc_1128_keeps_the_allowance_of_before_the_approval(ship: Ship) -> None:
    """With ESC-1128 an approval never shows and orders are refused for it; the next build counts it."""
    bench = ship("ESC-1128", False)
    market = bench.market()
    buyer = bench.customer(market, collateral="10", approve=False)
    money = BalanceAllowanceParams(asset_type=AssetType.COLLATERAL, signature_type=0)
    spender = bench.ready["contracts"]["exchange"]
    approve(bench, buyer.address)
    buyer.client.update_balance_allowance(money)
    told = buyer.client.get_balance_allowance(money)
    assert (told["balance"], told["allowances"][spender]) == ("10000000", "0")
    with pytest.raises(PolyApiException, match="allowance: 0, order amount: 2500000"):
        buyer.order(market["yes"], "BUY", 0.5, 5)
    assert bench.customer(market, collateral="10").order(market["yes"], "BUY", 0.5, 5)["status"] == "live"

    ship("ESC-1128", True)

    assert buyer.client.get_balance_allowance(money)["allowances"][spender] == "5000000"
    assert buyer.order(market["yes"], "BUY", 0.5, 5)["status"] == "live"
