"""What the exchange holds back of a wallet, as a refusal tells it, against open orders and unsettled trades.

The refusal of an order names its sums in base units: `balance: X, sum of active orders: Y, sum of matched
orders: Z, order amount: W` (CLOB docs, order insert errors). Nothing else tells them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from harness import acts
from harness.checks import trades
from harness.checks.movements import COLLATERAL, Wallet, of_trades, paid_for, units
from harness.finding import seconds
from harness.matchers.numbers import decimal_of
from harness.model import Event, Kind, Source
from harness.wire import http
from harness.world import View

Wrong = tuple[str, Any]
"""What is wrong, in words, and what a symptom sees of it."""

_SUMS: Final = re.compile(
    r"balance: (?P<balance>[0-9]{1,78})(?:, sum of active orders: (?P<active>[0-9]{1,78}))?"
    r"(?:, sum of matched orders: (?P<matched>[0-9]{1,78}))?, order amount"
)
_UNSETTLED: Final = ("MATCHED", "RETRYING", "MATCHED_NOT_BROADCASTED")
_AMBIGUOUS: Final = 12
"""Of at most so many trades that settled about when the refusal came, every combination is tried."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal for lack of funds: what was refused of which asset, and the sums that it told."""

    number: int
    at_us: int
    side: str
    asset: str
    active: int
    matched: int


def last_refusal(view: View, actor: str) -> Refusal | None:
    """The last answer that told an actor what is held back of its wallet."""
    sent: dict[tuple[str, int, int], Any] = {}
    found: Refusal | None = None
    for event in view.events:
        if event.source != Source("rest", actor):
            continue
        key = event.step, event.round, event.index
        if event.kind is Kind.SEND:
            sent[key] = event.data.get("intent", {}).get("json")
        elif event.kind is Kind.ANSWER:
            for refused in _refusals(event, sent.get(key)):
                found = refused
    return found


def _refusals(event: Event, sent: Any) -> Iterator[Refusal]:
    body = http.body_value(event.data["wire"])
    bodies, orders = (body, sent) if isinstance(body, list) and isinstance(sent, list) else ([body], [sent])
    for answer, posted in zip(bodies, orders, strict=False):
        order = posted.get("order") if isinstance(posted, Mapping) else None
        if not isinstance(answer, Mapping) or not isinstance(order, Mapping):
            continue
        told = _SUMS.search(f"{answer.get('error') or ''}{answer.get('errorMsg') or ''}")
        if told is not None:
            side = str(order.get("side"))
            asset = COLLATERAL if side == "BUY" else str(order.get("tokenId"))
            sums = int(told["active"] or 0), int(told["matched"] or 0)
            yield Refusal(event.number, event.at_us, side, asset, *sums)


def changed_since(view: View, actor: str, refusal: Refusal) -> str | None:
    """The step by which the actor may have changed its orders after a refusal, if there is one."""
    for event in view.events:
        mine = event.kind is Kind.SEND and event.source == Source("rest", actor)
        writes = event.data.get("intent", {}).get("method") not in ("GET", "HEAD")
        if mine and writes and event.number > refusal.number:
            return event.step
    return None


def wrongly_held(
    refusal: Refusal,
    orders: Sequence[Mapping[str, Any]],
    told: Sequence[tuple[int, Mapping[str, Any]]],
    wallet: Wallet,
    refused_wall_us: int,
) -> Wrong | None:
    """Where the sums of a refusal are not those of the orders and trades; None where they are.

    Raises ValueError where an order or trade cannot be read (the exchange's fault).
    """
    active = sum(_held_by(order, refusal) for order in orders)
    surely, maybe = _unsettled(refusal, told, wallet, refused_wall_us)
    possible = {
        surely + sum(chosen)
        for many in range(min(len(maybe), _AMBIGUOUS) + 1)
        for chosen in combinations(maybe[:_AMBIGUOUS], many)
    }
    shown: dict[str, Any] = {}
    lines = []
    nearest = min(possible, key=lambda each: abs(each - refusal.matched))
    for name, what, said, own in (
        ("orders", "active orders", refusal.active, active),
        ("trades", "matched orders", refusal.matched, nearest),
    ):
        if said != own:
            shown[name] = {"told": acts.human(said), "expected": acts.human(own)}
            way = "too much" if said > own else "too little"
            gap = f"{acts.human(abs(said - own)):f} {way}"
            lines.append(f"{acts.human(said):f} for {what}, and its {name} give {acts.human(own):f}: {gap}")
    if not lines:
        return None
    text = f"at {seconds(refusal.at_us)} the exchange held back {'; '.join(lines)}"
    return text, {"reserved": shown}


def _held_by(order: Mapping[str, Any], refusal: Refusal) -> int:
    """What one open order keeps of the refused asset."""
    same_asset = refusal.side == "BUY" or str(order.get("asset_id")) == refusal.asset
    if trades.status(order) != "LIVE" or order.get("side") != refusal.side or not same_asset:
        return 0
    sizes = [decimal_of(order.get(name)) for name in ("original_size", "size_matched")]
    if sizes[0] is None or sizes[1] is None:
        raise ValueError(
            f"an order's sizes are {order.get('original_size')!r}, {order.get('size_matched')!r}"
        )
    left = sizes[0] - sizes[1]
    return paid_for(order, left) if refusal.side == "BUY" else units(left, "what is left of an order")


def _unsettled(
    refusal: Refusal,
    told: Sequence[tuple[int, Mapping[str, Any]]],
    wallet: Wallet,
    refused_wall_us: int,
) -> tuple[int, list[int]]:
    """What trades gave that were surely unsettled when the refusal came, and what each that may have been."""
    surely, maybe = 0, []
    for at_us, trade in told:
        status, updated = trades.status(trade), str(trade.get("last_update", ""))
        open_again = {**trade, "status": _UNSETTLED[0]}
        moved = of_trades([(at_us, open_again)], wallet, "rest", lambda each: True)
        given = sum(max(0, -each.of(refusal.asset)) for each in moved)
        if status in _UNSETTLED:
            surely += given
        elif not updated.isdigit() or (int(updated) + 1) * 1_000_000 > refused_wall_us:
            maybe.append(given)
    return surely, maybe
