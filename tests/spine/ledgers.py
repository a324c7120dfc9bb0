"""Hand-made recordings of a wallet: its fills, what the chain shows of them, and what the exchange tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from harness.finding import Finding
from harness.wire import ctf

from .checks_bodies import judged
from .story import CHAIN, CHAIN_FACTS, FACTS, GET, ORDER, Story, page, trade

ME = FACTS.actors["alice"]["address"]
BOB = "0x" + "b2" * 20
YES, NO = "71", "72"
MARKET = {"market": {"condition": "0xc", "yes": YES, "no": NO, "symbol": "M-1"}}
NANOS = str((FACTS.started_wall_us + 1_200_000) * 1000)
SHORT = "not enough balance / allowance: the balance is not enough -> "
HELD_BACK = "ledger: {of: alice, since: buy, reserved: true}"
LEDGER = "ledger: {of: alice, since: buy}"


@dataclass(frozen=True)
class Fill:
    """One fill of alice's: BUY or SELL of so many hundredths of a share at so many cents."""

    side: str
    hundredths: int
    cents: int
    id: str = "t1"

    @property
    def moved(self) -> tuple[int, int]:
        """Collateral and shares, in base units."""
        shares, paid = self.hundredths * 10_000, self.hundredths * self.cents * 100
        return (-paid, shares) if self.side == "BUY" else (paid, -shares)

    def told(self, **more: Any) -> dict[str, Any]:
        """As REST tells of it to its taker."""
        known = trade(
            "TRADE_STATUS_CONFIRMED", str(Decimal(self.hundredths) / 100), str(Decimal(self.cents) / 100)
        )
        own = {"id": self.id, "side": self.side, "asset_id": YES, "trader_side": "TAKER", "maker_address": ME}
        return {**known, **own, "taker_order_id": self.id, "match_time_nano": NANOS, **more}


BOUGHT = Fill("BUY", 500, 52)


def word(*numbers: int | str) -> str:
    return "0x" + "".join(f"{int(n, 16) if isinstance(n, str) else n:064x}" for n in numbers)


def log(
    name: str, address: str, topics: Sequence[int | str], data: Sequence[int], tx: int = 1
) -> dict[str, Any]:
    return {
        "address": address,
        "topics": [ctf.topic0(name), *(word(each) for each in topics)],
        "data": word(*data),
        "transactionHash": word(tx),
        "logIndex": "0x0",
        "blockNumber": "0x9",
    }


def order_filled(
    side: int, given: int, taken: int, fee: int = 0, *, token: str = YES, by: str = CHAIN_FACTS.exchange
) -> dict[str, Any]:
    data = [side, int(token), given, taken, fee, 0, 0]
    return log("OrderFilled", by, [ORDER, ME, BOB], data, tx=7)


def looked(
    *moved: tuple[int, int],
    logs: Sequence[dict[str, Any]] = (),
    told: Sequence[dict[str, Any]] = (),
    settled_ms: int = 3000,
    told_ms: int = 0,
    until_ms: int = 12_000,
    posted: Any = None,
    rule: str = LEDGER,
    before: Story | None = None,
    start: tuple[int, int] = (100_000_000, 50_000_000),
    refused: str | None = None,
    orders: Sequence[dict[str, Any]] = (),
    size: int = 100,
    more_orders: bool = False,
    endless: bool = False,
) -> Finding:
    """A purchase, then reads of REST and chain every second: what moves does so at one moment.

    Trades are read in pages of `size`; of an `endless` list each page names the same one as the next.
    """
    story = before or Story().at(500).listening().at(900)
    story.at(900).send("before:buy", {"rpc": [["eth_blockNumber", []]]}, CHAIN)
    story.answered("before:buy", CHAIN, {"answers": [{"result": "0x8"}]})
    story.at(1000).posted("buy", posted or {})
    if refused is not None:
        order = {"order": {"side": "BUY", "tokenId": YES}}
        story.at(1020).send("refused", {"method": "POST", "path": "/order", "json": order})
        story.answer("refused", {"error": SHORT + refused}, status=400)
    for second in range(1, until_ms // 1000):
        at = second * 1000 + 100
        if "reserved" in rule:
            intent = {"method": "GET", "path": "/data/orders"}
            body = page(*orders) | ({"next_cursor": "more"} if more_orders else {})
            story.at(at - 20).read("check:c.orders", intent, body)
        trades = list(told) if at >= told_ms else []
        for first in range(0, max(len(trades), 1), size):
            body = page(*trades[first : first + size])
            last = first + size >= len(trades) and not endless
            story.at(at + first).read(
                "check:c", GET, body if last else {**body, "next_cursor": str(0 if endless else first)}
            )
        here = moved if at >= settled_ms else ()
        now = [start[0] + sum(m[0] for m in here), start[1] + sum(m[1] for m in here), 0]
        head = {"result": hex(8 + second)}
        amounts = [{"result": word(n)} for n in (*start, 0, *now)]
        shown = list(logs) if at >= settled_ms else []
        answers = [head, *amounts, {"result": shown}, head]
        story.at(at + 50).send("check:c", {"rpc": []}, CHAIN).answered("check:c", CHAIN, {"answers": answers})
    return judged(rule, story, values=MARKET)
