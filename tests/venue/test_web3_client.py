"""web3.py, with ABIs of its own, reads what a match left on chain and comes to the same as the exchange."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from py_clob_client_v2.clob_types import AssetType, BalanceAllowanceParams
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.logs import DISCARD

from .bench import Bench, Customer

UNITS = 10**6


def _inputs(*fields: str) -> list[dict[str, Any]]:
    """ABI entries of `type name`, where a star after the type says that it is indexed."""
    rows = (field.split() for field in fields)
    return [{"type": kind.rstrip("*"), "name": name, "indexed": kind.endswith("*")} for kind, name in rows]


def _event(name: str, *fields: str) -> dict[str, Any]:
    return {"type": "event", "name": name, "anonymous": False, "inputs": _inputs(*fields)}


def _view(name: str, result: str, *fields: str) -> dict[str, Any]:
    outputs = [{"type": result, "name": ""}]
    inputs = _inputs(*fields)
    return {"type": "function", "name": name, "stateMutability": "view", "inputs": inputs, "outputs": outputs}


EXCHANGE = [
    _event(
        "OrderFilled",
        *("bytes32* orderHash", "address* maker", "address* taker", "uint8 side", "uint256 tokenId"),
        *("uint256 makerAmountFilled", "uint256 takerAmountFilled", "uint256 fee"),
        *("bytes32 builder", "bytes32 metadata"),
    ),
    _event(
        "OrdersMatched",
        *("bytes32* takerOrderHash", "address* takerOrderMaker", "uint8 side", "uint256 tokenId"),
        *("uint256 makerAmountFilled", "uint256 takerAmountFilled"),
    ),
]
DOLLARS = [
    _event("Transfer", "address* from", "address* to", "uint256 value"),
    _view("balanceOf", "uint256", "address owner"),
    _view("allowance", "uint256", "address owner", "address spender"),
]
SHARES = [
    _event(
        "TransferSingle", "address* operator", "address* from", "address* to", "uint256 id", "uint256 value"
    ),
    _view("balanceOf", "uint256", "address owner", "uint256 id"),
    _view("isApprovedForAll", "bool", "address owner", "address operator"),
]


class Chain:
    """The venue's node as a customer's web3 sees it."""

    def __init__(self, bench: Bench) -> None:
        self.w3 = Web3(HTTPProvider(bench.ready["chain"]))
        self.at = bench.ready["contracts"]
        self.exchange = self._contract("exchange", EXCHANGE)
        self.dollars = self._contract("collateral", DOLLARS)
        self.shares = self._contract("ctf", SHARES)

    def _contract(self, name: str, abi: list[dict[str, Any]]) -> Any:
        made: type[Contract] = self.w3.eth.contract(abi=abi)
        return made(address=self.w3.to_checksum_address(self.at[name]))

    def purse(self, customer: Customer, token: str, block: int) -> tuple[int, int]:
        """pUSD and shares of one token after a block, in base units."""
        dollars = self.dollars.functions.balanceOf(customer.address).call(block_identifier=block)
        shares = self.shares.functions.balanceOf(customer.address, int(token)).call(block_identifier=block)
        return dollars, shares


@pytest.fixture(scope="module")
def chain(bench: Bench) -> Chain:
    return Chain(bench)


def test_a_match_on_chain_is_what_the_exchange_says(bench: Bench, chain: Chain) -> None:
    """Receipt, events and changes of balances of a match add up to the trade that REST tells."""
    market = bench.market()
    token = market["yes"]
    makers = [bench.customer(market, yes="20") for _ in range(2)]
    taker = bench.customer(market, collateral="20")
    offers = [
        maker.order(token, "SELL", price, 6)["orderID"]
        for maker, price in zip(makers, (0.4, 0.45), strict=True)
    ]
    reply = taker.order(token, "BUY", 0.45, 10)
    trade = taker.until_status(reply["tradeIDs"][0], "CONFIRMED")

    receipt = chain.w3.eth.wait_for_transaction_receipt(trade["transaction_hash"])

    assert (receipt["status"], receipt["to"]) == (1, chain.exchange.address)
    filled = [log["args"] for log in chain.exchange.events.OrderFilled().process_receipt(receipt, DISCARD)]
    assert ["0x" + args["orderHash"].hex() for args in filled] == [*offers, reply["orderID"]]
    told = [Decimal(row["matched_amount"]) * UNITS for row in trade["maker_orders"]]
    assert [args["makerAmountFilled"] for args in filled[:2]] == told
    (matched,) = chain.exchange.events.OrdersMatched().process_receipt(receipt, DISCARD)
    assert "0x" + matched["args"]["takerOrderHash"].hex() == reply["orderID"]
    assert matched["args"]["takerAmountFilled"] == Decimal(trade["size"]) * UNITS
    spent = Decimal(reply["makingAmount"]) * UNITS
    before, after = receipt["blockNumber"] - 1, receipt["blockNumber"]
    changes = {}
    for customer in (taker, *makers):
        then, now = (chain.purse(customer, token, block) for block in (before, after))
        changes[customer.address] = tuple(b - a for a, b in zip(then, now, strict=True))
    assert changes == {
        taker.address: (-spent, 10 * UNITS),
        makers[0].address: (2_400_000, -6 * UNITS),
        makers[1].address: (1_800_000, -4 * UNITS),
    }
    assert sum(change[0] for change in changes.values()) == 0


def test_transfers_of_a_match_are_its_changes(bench: Bench, chain: Chain) -> None:
    """The token contracts' own Transfer events of the transaction say what the balances did."""
    market = bench.market()
    maker, taker = bench.customer(market, yes="20"), bench.customer(market, collateral="20")
    maker.order(market["yes"], "SELL", 0.5, 10)
    reply = taker.order(market["yes"], "BUY", 0.5, 10)
    taker.until_status(reply["tradeIDs"][0], "CONFIRMED")
    receipt = chain.w3.eth.get_transaction_receipt(reply["transactionsHashes"][0])
    sums: dict[tuple[str, str], int] = {}
    paid = chain.dollars.events.Transfer().process_receipt(receipt, DISCARD)
    handed = chain.shares.events.TransferSingle().process_receipt(receipt, DISCARD)
    for kind, logs in (("pUSD", paid), ("shares", handed)):
        for args in (log["args"] for log in logs):
            for side, sign in (("from", -1), ("to", 1)):
                key = kind, args[side]
                sums[key] = sums.get(key, 0) + sign * args["value"]
    assert {key: value for key, value in sums.items() if value} == {
        ("pUSD", taker.address): -5 * UNITS,
        ("pUSD", maker.address): 5 * UNITS,
        ("shares", taker.address): 10 * UNITS,
        ("shares", maker.address): -10 * UNITS,
    }


def test_approvals_on_chain_are_those_rest_tells(bench: Bench, chain: Chain) -> None:
    """The allowance of a funded account is on chain what /balance-allowance says."""
    customer = bench.customer(bench.market(), collateral="1")
    spender = chain.exchange.address
    allowed = chain.dollars.functions.allowance(customer.address, spender).call()
    told = customer.client.get_balance_allowance(BalanceAllowanceParams(AssetType.COLLATERAL))
    assert told["allowances"][spender] == str(allowed)
    assert chain.shares.functions.isApprovedForAll(customer.address, spender).call() is True


def test_a_failed_match_reverted_on_chain(troubled: Bench) -> None:
    """A trade that ended FAILED has a transaction whose receipt says so, and no balance moved."""
    chain = Chain(troubled)
    market = troubled.market()
    maker, taker = troubled.customer(market, yes="20"), troubled.customer(market, collateral="20")
    maker.order(market["yes"], "SELL", 0.5, 10)
    troubled.control("/verbs/revert", {"times": 3})
    reply = taker.order(market["yes"], "BUY", 0.5, 10)
    trade = taker.until_status(reply["tradeIDs"][0], "FAILED")
    receipt = chain.w3.eth.get_transaction_receipt(trade["transaction_hash"])
    assert (receipt["status"], receipt["logs"]) == (0, [])
    latest = chain.w3.eth.block_number
    assert chain.purse(taker, market["yes"], latest) == (20 * UNITS, 0)
    assert chain.purse(maker, market["yes"], latest) == (0, 20 * UNITS)
