"""What moves a wallet: fills as each source tells them, fees, and transfers that are no fills; base units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal, Inexact
from typing import Any, Final

from harness import acts
from harness.checks import trades
from harness.checks.once import fill_of
from harness.finding import seconds
from harness.matchers.equality import same
from harness.matchers.numbers import decimal_of
from harness.wire import clob, jsonrpc

COLLATERAL: Final = "collateral"
LOGS: Final = ("Transfer", "TransferSingle", "TransferBatch", "OrderFilled", "OrdersMatched")
_EXACT: Final = Context(prec=200, traps=[Inexact])


@dataclass(frozen=True, slots=True)
class Movement:
    """One thing told to move a wallet: `amounts` by asset (collateral or a token id), in base units."""

    amounts: tuple[tuple[str, int], ...]
    what: str
    told_by: str
    at_us: int
    id: str = ""

    def of(self, asset: str) -> int:
        """How much of one asset it moves."""
        return sum(amount for name, amount in self.amounts if name == asset)

    def __str__(self) -> str:
        return f"{self.what} told by {self.told_by} at {seconds(self.at_us)}"


@dataclass(frozen=True, slots=True)
class Wallet:
    """Whose movements: the address that holds the money, and the contracts that settle and move it.

    `symbols` are the tokens by their FIX symbols.
    """

    address: str
    exchanges: tuple[str, ...]
    collateral: str
    ctf: str
    symbols: Mapping[str, str]

    def settles(self, log: jsonrpc.Log) -> bool:
        """Whether an exchange contract says this, whichever it is."""
        return any(same(exchange, log.address) for exchange in self.exchanges)


def units(text: Any, what: str) -> int:
    """A human amount of 6 decimals as base units, digits beyond them cut as the contract cuts them.

    Raises ValueError where it is none (the exchange's fault).
    """
    number = decimal_of(text)
    if number is None:
        raise ValueError(f"{what} is {text!r}, no number")
    scaled = _EXACT.multiply(Decimal(number), clob.BASE_UNITS)
    return int(scaled.to_integral_value(rounding=ROUND_FLOOR))


def of_trades(
    told: Iterable[tuple[int, Mapping[str, Any]]],
    wallet: Wallet,
    told_by: str,
    counts: Callable[[Mapping[str, Any]], bool],
) -> Iterator[Movement]:
    """The fills of a wallet in trades, as told to its owner at a stamp; failed ones move nothing.

    Raises ValueError where a trade cannot be read (the exchange's fault).
    """
    for at_us, trade in told:
        if trades.status(trade) == trades.FAILED or not counts(trade):
            continue
        if trade.get("trader_side") != "MAKER":
            yield _taken(trade, told_by, at_us)
        for maker in trade.get("maker_orders") or ():
            if same(wallet.address, maker.get("maker_address")):
                shares = units(maker.get("matched_amount"), "a maker's matched_amount")
                paid = paid_for(maker, maker.get("matched_amount"))
                yield _fill(maker, shares, paid, str(trade.get("id")), told_by, at_us)


def _taken(trade: Mapping[str, Any], told_by: str, at_us: int) -> Movement:
    """The taker's part: its shares, at the makers' prices (1 - price where a maker's token is the other)."""
    shares = units(trade.get("size"), "a trade's size")
    makers: Sequence[Mapping[str, Any]] = trade.get("maker_orders") or ()
    parts = [units(maker.get("matched_amount"), "a maker's matched_amount") for maker in makers]
    if sum(parts) != shares:
        paid = paid_for(trade, trade.get("size"))
    else:
        paid = sum(
            paid_for(m, m.get("matched_amount"), complement=m.get("asset_id") != trade.get("asset_id"))
            for m in makers
        )
    return _fill(trade, shares, paid, str(trade.get("id")), told_by, at_us)


def paid_for(part: Mapping[str, Any], size: Any, *, complement: bool = False) -> int:
    """What so many shares cost at the price of an order or fill, in base units; `complement` is 1 - price.

    Raises ValueError where there is no price (the exchange's fault).
    """
    price, amount = decimal_of(part.get("price")), decimal_of(size)
    if price is None or amount is None:
        raise ValueError(f"a fill's price is {part.get('price')!r}, no number")
    each = Decimal(1) - Decimal(price) if complement else Decimal(price)
    return units(_EXACT.multiply(each, Decimal(amount)), "what was paid")


def _fill(part: Mapping[str, Any], shares: int, paid: int, trade: str, told_by: str, at_us: int) -> Movement:
    way = {"BUY": 1, "SELL": -1}.get(str(part.get("side")))
    if way is None:
        raise ValueError(f"a fill's side is {part.get('side')!r}")
    fee = units(part["fee"], "a fill's fee") if "fee" in part and part["fee"] not in (None, "") else 0
    amounts = ((COLLATERAL, -way * paid - fee), (str(part.get("asset_id")), way * shares))
    what = f"{part['side']} of {acts.human(shares):f} at {part.get('price')}" + (
        f" with a fee of {acts.human(fee):f}" if fee else ""
    )
    return Movement(amounts, what, told_by, at_us, trade)


def of_reports(told: Iterable[tuple[int, Any]], wallet: Wallet) -> Iterator[Movement]:
    """The fills in FIX ExecutionReports, each ExecID once. Raises ValueError (the exchange's fault)."""
    seen: set[str] = set()
    for at_us, message in told:
        report = fill_of(message)
        execution = "" if report is None else str(report.get("ExecID"))
        if report is None or execution in seen:
            continue
        seen.add(execution)
        token = wallet.symbols.get(str(report.get("Symbol")), str(report.get("Symbol")))
        part = {"side": report.get("Side"), "price": report.get("LastPx"), "asset_id": token}
        shares = units(report.get("LastQty"), "LastQty")
        paid = paid_for(part, report.get("LastQty"))
        yield _fill(part, shares, paid, execution, "fix", at_us)


def of_logs(
    logs: Sequence[jsonrpc.Log], wallet: Wallet, at_us: int, *, fills: bool, fees: bool
) -> Iterator[Movement]:
    """What the chain's own logs move: transfers outside settlements; with `fills`, the fills; with `fees`,
    what the settlements of the wallet's orders charged."""
    settled = {log.transaction for log in logs if wallet.settles(log)}
    for log in logs:
        args: Mapping[str, Any] = log.event.args
        if log.event.name == "OrderFilled" and wallet.settles(log):
            if same(wallet.address, args["maker"]):
                yield from _settled(log, at_us, fills=fills, fees=fees)
        elif log.transaction not in settled:
            amounts = tuple(_transferred(log, wallet))
            if amounts:
                what = f"{log.event.name} in block {log.block}"
                yield Movement(amounts, what, "the chain", at_us, log.transaction)


def _settled(log: jsonrpc.Log, at_us: int, *, fills: bool, fees: bool) -> Iterator[Movement]:
    args: Mapping[str, Any] = log.event.args
    given, taken = int(args["makerAmountFilled"]), int(args["takerAmountFilled"])
    token, fee = str(args["tokenId"]), int(args["fee"])
    if fills:
        bought = args["side"] == 0
        amounts = ((COLLATERAL, -given), (token, taken)) if bought else ((token, -given), (COLLATERAL, taken))
        shares = taken if bought else given
        what = f"{'BUY' if bought else 'SELL'} of {acts.human(shares):f} in block {log.block}"
        yield Movement(amounts, what, "the chain", at_us, log.transaction)
    if fees and fee:
        what = f"fee of {acts.human(fee):f} in block {log.block}"
        yield Movement(((COLLATERAL, -fee),), what, "the chain", at_us, log.transaction)


def _transferred(log: jsonrpc.Log, wallet: Wallet) -> Iterator[tuple[str, int]]:
    args: Mapping[str, Any] = log.event.args
    moved: list[tuple[str, int]] = []
    if log.event.name == "Transfer" and same(wallet.collateral, log.address):
        moved = [(COLLATERAL, int(args["value"]))]
    elif log.event.name == "TransferSingle" and same(wallet.ctf, log.address):
        moved = [(str(args["id"]), int(args["value"]))]
    elif log.event.name == "TransferBatch" and same(wallet.ctf, log.address):
        moved = [(str(i), int(v)) for i, v in zip(args["ids"], args["values"], strict=True)]
    for asset, value in moved:
        way = same(wallet.address, args["to"]) - same(wallet.address, args["from"])
        if way:
            yield asset, way * value
