"""What the checks of a case read by their nature: a reconcile its fields in every source, a ledger what
moves a wallet, a lifecycle the states, a book the levels, a sequence the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.case.rules import values as rules
from harness.case.values import Check
from harness.checks import trades
from harness.checks.once import fill_of
from harness.checks.purses import purses_of
from harness.finding import Finding
from harness.matchers.equality import same
from harness.model import Event, Kind
from harness.strength import selecting
from harness.strength.atoms import Path, at, view_of
from harness.strength.chain import logs_of
from harness.strength.moves import told_once
from harness.strength.naming import Found, read_by
from harness.strength.operators import DOWN, STATUS, UP
from harness.strength.played import Played
from harness.strength.selecting import Reader


def named_by_checks(played: Played) -> Found:
    """Every part of an event that a check reads."""
    for check in played.case.checks:
        finding = played.run.findings.get(check.id)
        reader = _READERS.get(type(check.rule))
        if finding is not None and finding.holds and reader is not None:
            yield from reader(played, check, finding)


def _lifecycle(played: Played, check: Check, finding: Finding) -> Found:
    """The state in every message that was a step of it, and of those that must come whose it is."""
    rule = check.rule
    assert isinstance(rule, rules.Lifecycle)
    own = played.look_of(check).fill(rule.trade or rule.order)
    for event in played.decided(finding):
        for part, message in enumerate(view_of(event)):
            if not isinstance(message, Mapping) or not same(own, message.get("id")):
                continue
            yield read_by(check, event.number, (part, "status"))
            if trades.status(message) not in rule.optional and told_once(played, event, own):
                yield read_by(check, event.number, (part, "id"))


def _reconcile(played: Played, check: Check, finding: Finding) -> Found:
    """The size and price of the order's fills, and whose they are, in every source."""
    rule = check.rule
    assert isinstance(rule, rules.Reconcile)
    order = played.look_of(check).fill(rule.order)
    for event in played.decided(finding):
        if event.kind is Kind.PUSH:
            for part, message in enumerate(view_of(event)):
                if report := trades.execution(order, message):
                    name = next(iter(message))
                    held = {"size": "LastQty", "price": "LastPx"}
                    for key in ("OrderID", *(held[field] for field in rule.fields)):
                        if key in report:
                            again = part, name, "ExecID"
                            yield read_by(check, event.number, (part, name, key), again=again)
                else:
                    yield from _fill_in(check, event, (part,), message, order, rule.fields)
        elif "answers" in event.data["wire"]:
            yield from _filled_on_chain(check, event, order, rule.fields)
        else:
            yield read_by(check, event.number, ("status",), STATUS)
            for place, trade in enumerate(at(view_of(event), ("body", "data"), ())):
                yield from _fill_in(check, event, ("body", "data", place), trade, order, rule.fields)


def _fill_in(
    check: Check, event: Event, path: Path, trade: Any, order: Any, fields: tuple[str, ...]
) -> Found:
    if not isinstance(trade, Mapping) or trades.status(trade) == trades.FAILED:
        return
    again = (*path, "id")
    if same(order, trade.get("taker_order_id")):
        for key in ("taker_order_id", *fields):
            yield read_by(check, event.number, (*path, key), again=again)
    for place, maker in enumerate(trade.get("maker_orders") or ()):
        if same(order, maker.get("order_id")):
            for key in ("order_id", *({"size": "matched_amount"}.get(each, each) for each in fields)):
                yield read_by(check, event.number, (*path, "maker_orders", place, key), again=again)


def _filled_on_chain(check: Check, event: Event, order: Any, fields: tuple[str, ...]) -> Found:
    for place, log in logs_of(event):
        args = log.event.args
        if log.event.name != "OrderFilled" or not same(order, args.get("orderHash")):
            continue
        amounts = ("takerAmountFilled", "makerAmountFilled")
        shares, paid = amounts if args["side"] == 0 else amounts[::-1]
        for key in ("orderHash", *([shares, paid] if "price" in fields else [shares])):
            yield read_by(check, event.number, ("logs", place, "OrderFilled", key))


def _ledger(played: Played, check: Check, finding: Finding) -> Found:
    """What the wallet held before and holds now, what was told of its fills, and what else moved it."""
    rule = check.rule
    assert isinstance(rule, rules.Ledger)
    purses = purses_of(played.look_of(check), rule.of)
    for event in played.decided(finding):
        if event.kind is Kind.PUSH:
            for part, message in enumerate(view_of(event)):
                if fill_of(message):
                    for key in ("LastQty", "LastPx", "Side", "Symbol"):
                        where = part, "ExecutionReport"
                        yield read_by(check, event.number, (*where, key), again=(*where, "ExecID"))
                elif trades.is_trade(message):
                    yield from _moves(check, event, (part,), message, purses.address)
        elif "answers" in event.data["wire"]:
            answers = event.data["wire"]["answers"]
            words = [n for n, a in enumerate(answers) if isinstance(a.get("result"), str)][1:-1]
            for place in words:
                yield read_by(check, event.number, ("words", place))
            yield from _moved_on_chain(check, event, purses.address, rule.fills == "chain")
        else:
            yield read_by(check, event.number, ("status",), STATUS)
            for place, trade in enumerate(at(view_of(event), ("body", "data"), ())):
                yield from _moves(check, event, ("body", "data", place), trade, purses.address)


def _moves(check: Check, event: Event, path: Path, trade: Mapping[str, Any], wallet: str) -> Found:
    """What a trade says of a wallet: shares, price, which token and which way, and a fee."""
    if trades.status(trade) == trades.FAILED or trade.get("id") is None:
        return
    again = (*path, "id")
    if trade.get("trader_side") != "MAKER":
        for key in ("size", "side", "asset_id", "fee"):
            if key in trade:
                yield read_by(check, event.number, (*path, key), again=again)
    for place, maker in enumerate(trade.get("maker_orders") or ()):
        if trade.get("trader_side") != "MAKER":
            yield read_by(check, event.number, (*path, "maker_orders", place, "price"), again=again)
        elif same(wallet, maker.get("maker_address")):
            for key in ("matched_amount", "price", "side", "asset_id", "fee", "maker_address"):
                if key in maker:
                    yield read_by(check, event.number, (*path, "maker_orders", place, key), again=again)


def _moved_on_chain(check: Check, event: Event, wallet: str, fills: bool) -> Found:
    logs = list(logs_of(event))
    keys: tuple[str, ...]
    settled = {log.transaction for _, log in logs if log.event.name == "OrderFilled"}
    for place, log in logs:
        args, name = log.event.args, log.event.name
        mine = {key for key in ("from", "to", "maker") if same(wallet, args.get(key))}
        if name == "OrderFilled" and mine and fills:
            keys = ("makerAmountFilled", "takerAmountFilled", "tokenId", "side", "fee")
        elif name in ("Transfer", "TransferSingle", "TransferBatch") and log.transaction not in settled:
            keys = ("value", "values", *sorted(mine)) if len(mine) == 1 else ()
        else:
            continue
        for key in keys:
            if key in args:
                yield read_by(check, event.number, ("logs", place, name, key))


def _book(played: Played, check: Check, finding: Finding) -> Found:
    """The levels of every snapshot and change, the best prices told with them, the hash, and GET /book."""
    rule = check.rule
    assert isinstance(rule, rules.Book)
    token = str(played.look_of(check).fill(rule.token))
    for event in played.events:
        if event.kind is not Kind.PUSH or event.at_us > finding.at_us or event.source != rule.source:
            continue
        for part, message in enumerate(view_of(event)):
            if not isinstance(message, Mapping):
                continue
            if message.get("event_type") == "book" and str(message.get("asset_id")) == token:
                yield from _levels(check, event, (part,), message)
                yield read_by(check, event.number, (part, "hash"))
            changes = message.get("price_changes") or ()
            mine = [at for at, each in enumerate(changes) if str(each.get("asset_id")) == token]
            for place in mine:
                where = part, "price_changes", place
                for key in ("price", "size", "side"):
                    yield read_by(check, event.number, (*where, key))
                for key in ("best_bid", "best_ask") if place == mine[-1] else ():
                    yield read_by(check, event.number, (*where, key), UP, DOWN)  # compared where it is told
    for event in played.decided(finding):
        if event.kind is Kind.ANSWER:
            yield read_by(check, event.number, ("status",), STATUS)
            yield from _levels(check, event, ("body",), view_of(event)["body"])


def _levels(check: Check, event: Event, path: Path, book: Mapping[str, Any]) -> Found:
    for side in ("bids", "asks"):
        yield read_by(check, event.number, (*path, side))
        for place, _ in enumerate(book.get(side) or ()):
            for key in ("price", "size"):
                yield read_by(check, event.number, (*path, side, place, key))


def _sequence(played: Played, check: Check, finding: Finding) -> Found:
    """The numbers of a FIX session: 34, and what says that one is filled; of what is told again (43) only
    that it says so, as it may repeat any old number."""
    rule = check.rule
    assert isinstance(rule, rules.Sequence)
    seen: set[Any] = set()
    for event in played.events:
        if event.kind is not Kind.PUSH or event.at_us > finding.at_us or event.source != rule.source:
            continue
        for part, message in enumerate(view_of(event) if "raw" in event.data["wire"] else ()):
            for name, body in message.items():
                if not isinstance(body, Mapping):
                    continue
                repeated = body.get("PossDupFlag") is True and body.get("MsgSeqNum") in seen
                seen.add(body.get("MsgSeqNum"))
                numbers = ("MsgSeqNum", "NewSeqNo", "GapFillFlag")
                for key in ("PossDupFlag", *(() if repeated else numbers)):
                    if key in body:
                        yield read_by(check, event.number, (part, name, key))


_READERS: Final[dict[type, Reader]] = {
    rules.Lifecycle: _lifecycle,
    rules.Reconcile: _reconcile,
    rules.Ledger: _ledger,
    rules.Book: _book,
    rules.Sequence: _sequence,
    **selecting.READERS,
}
