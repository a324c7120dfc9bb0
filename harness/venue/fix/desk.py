"""The gateway's trading desk: FIX messages become orders and cancels, the engine's events become reports.

An order belongs to its account, whatever channel it was entered on: the account's drop-copy sessions are told
of every execution, the order-entry session of those of the orders it entered and of what it asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harness.venue.auth import ApiKey
from harness.venue.engine import STILL_DELAYED, Listener, Now
from harness.venue.exchange import Exchange
from harness.venue.faults import RefusalError
from harness.venue.fix import reports
from harness.venue.fix.entry import (
    Cancelling,
    Entry,
    InstrumentError,
    Signer,
    UnusableError,
    instrument,
    is_day,
    unsigned,
)
from harness.venue.fix.refusals import SUSPENDED, off_tick, rejection
from harness.venue.fix.reports import Execution, Fields, Tally
from harness.venue.fix.sessions import FixSession, FixSessions, Kind
from harness.venue.records import BookOrder, Fill, OrderStatus, Trade
from harness.venue.spenders import exchange_of
from harness.wire.clob import Side

Send = Callable[[FixSession, str, Fields], None]

REPORT, CANCEL_REJECT, BUSINESS_REJECT = "8", "9", "j"
UNKNOWN_ORDER: Final = "Unknown order"
IN_USE: Final = "ClOrdID already in use by an open order"
_INSTRUMENT, _UNSUPPORTED, _SESSION_TYPE, _OFF_TICK = 2, 3, 6, 18
_UNKNOWN, _EXCHANGE_OPTION, _DUPLICATE = 1, 2, 6
_NO_SUCH_ORDER: Final = 5
_RAN_OUT: Final = (OrderStatus.EXPIRED, OrderStatus.UNMATCHED)


class FixDesk(Listener):
    """Serves the sessions' messages and listens to the engine. `send` sends or stores a message."""

    def __init__(self, exchange: Exchange, sessions: FixSessions, send: Send) -> None:
        self._exchange = exchange
        self._sessions = sessions
        self._send = send
        self._signers: dict[str, Signer] = {}
        self._entries: dict[str, Entry] = {}
        self._by_cl_ord_id: dict[tuple[str, str], str] = {}
        self._tallies: dict[str, Tally] = {}
        self._cancelling: Cancelling | None = None
        self._executions = 0
        self._salt = 0
        exchange.engine.listen(self)

    def hold_key(self, address: str, key: str) -> None:
        """Sign an account's FIX orders with this key from now on."""
        self._signers[address] = Signer(key, address, self._exchange.chain_id)

    async def handle(self, session: FixSession, kind: str, asked: dict[str, str]) -> None:
        """Serve one message of a client."""
        if session.kind is not Kind.ORDER_ENTRY:
            text = "message is not supported for this session type"
            return self._refuse(session, kind, asked, _SESSION_TYPE, text)
        try:
            match kind:
                case "D":
                    await self._enter(session, asked)
                case "F":
                    self._cancel(session, asked)
                case "G":
                    self._replace(session, asked)
                case "H":
                    self._tell(session, asked)
                case _:
                    self._refuse(session, kind, asked, _UNSUPPORTED, f"MsgType {kind} is not supported")
        except InstrumentError as error:
            self._refuse(session, kind, asked, _INSTRUMENT, str(error))

    async def _enter(self, session: FixSession, asked: dict[str, str]) -> None:
        exchange, now, address = self._exchange, self._exchange.now(), session.address
        at = instrument(exchange.markets, asked["55"])
        name = (address, asked["11"])
        side = Side.BUY if asked["54"] == "1" else Side.SELL
        self._salt += 1
        order_id = ""
        try:
            if asked.get("1", address).lower() != address.lower():
                raise UnusableError(
                    0, f"Requested Account ({asked['1']}) does not match account configuration"
                )
            if self._in_use(name):
                raise UnusableError(0, IN_USE)
            owner = next(iter(exchange.keys.of_address(address)), "")
            at_exchange = exchange_of(exchange.markets.of_token(at.token), exchange.chain.contracts)
            posted = unsigned(asked, at, address, owner, self._salt, now)
            posted, order_id = self._signers[address].sign(posted, at_exchange)
            self._entries[order_id] = Entry(session, asked["11"], is_day(asked))
            self._by_cl_ord_id[name] = order_id
            await exchange.place(posted, ApiKey(owner, "", "", address))
        except UnusableError as error:
            self._reject(session, asked, error.reason, error.text)
        except RefusalError as refusal:
            if order_id in self._tallies:
                return  # it was accepted and killed, and that was reported
            del self._entries[order_id], self._by_cl_ord_id[name]
            if off_tick(refusal.text):
                self._refuse(session, "D", asked, _OFF_TICK, refusal.text)
            else:
                self._reject(session, asked, *rejection(refusal.text, side))

    def entered(self, session: FixSession, *, day_only: bool) -> list[BookOrder]:
        """The live orders that a session entered; `day_only` leaves out those that may outlive the day."""
        rows = ((order, self._entries.get(order.id)) for order in self._exchange.engine.live_orders())
        return [
            order
            for order, entry in rows
            if entry is not None and entry.session == session and (entry.day or not day_only)
        ]

    def _in_use(self, name: tuple[str, str]) -> bool:
        order = self._exchange.engine.orders.get(self._by_cl_ord_id.get(name, ""))
        return order is not None and order.status in (OrderStatus.LIVE, OrderStatus.DELAYED)

    def _reject(self, session: FixSession, asked: dict[str, str], reason: int, text: str) -> None:
        now = self._exchange.now()
        fields = reports.rejected(
            asked,
            self._next(reports.REJECTED, reports.REJECTED, now).id,
            now,
            account=session.address,
            reason=reason,
            text=text,
        )
        self._send(session, REPORT, fields)

    def _cancel(self, session: FixSession, asked: dict[str, str]) -> None:
        now = self._exchange.now()
        order = self._find(session, asked)
        reachable = order is not None and self._exchange.parts.fix_scope.cancels(
            entered_over_fix=order.id in self._entries
        )
        if order is None or not reachable:
            return self._cancel_reject(session, asked, reports.NO_ORDER, _UNKNOWN, UNKNOWN_ORDER)
        if self._in_use((session.address, asked["11"])):
            return self._cancel_reject(session, asked, order.id, _DUPLICATE, IN_USE)
        try:
            self._exchange.halts.require_cancels(now.ns)
        except RefusalError:
            return self._cancel_reject(session, asked, order.id, _EXCHANGE_OPTION, SUSPENDED)
        self._cancelling = Cancelling(session, asked["11"])
        try:
            if not self._exchange.engine.cancel(order, now):
                delayed = order.status is OrderStatus.DELAYED
                why = (_EXCHANGE_OPTION, STILL_DELAYED) if delayed else (_UNKNOWN, UNKNOWN_ORDER)
                self._cancel_reject(session, asked, order.id, *why)
        finally:
            self._cancelling = None
        return None

    def _replace(self, session: FixSession, asked: dict[str, str]) -> None:
        order = self._find(session, asked)
        order_id = reports.NO_ORDER if order is None else order.id
        reason, text = (
            (_UNKNOWN, UNKNOWN_ORDER)
            if order is None or order.status is not OrderStatus.LIVE
            else (_EXCHANGE_OPTION, "Orders are signed and cannot be replaced: cancel it and send a new one")
        )
        self._cancel_reject(session, asked, order_id, reason, text, answers="2")

    def _cancel_reject(
        self,
        session: FixSession,
        asked: dict[str, str],
        order_id: str,
        reason: int,
        text: str,
        answers: str = "1",
    ) -> None:
        now = self._exchange.now()
        fields = reports.cancel_reject(asked, order_id, now, answers=answers, reason=reason, text=text)
        self._send(session, CANCEL_REJECT, fields)

    def _tell(self, session: FixSession, asked: dict[str, str]) -> None:
        order = self._find(session, asked)
        if order is None:
            self._reject(session, asked, _NO_SUCH_ORDER, UNKNOWN_ORDER)
            return
        fields = self._fields(
            order, self._next(reports.STATUS, self._status(order), self._exchange.now()), ("", "")
        )
        self._send(session, REPORT, fields)

    def _find(self, session: FixSession, asked: dict[str, str]) -> BookOrder | None:
        """The account's order that OrderID, OrigClOrdID or ClOrdID names; an order id may stand in any."""
        at = instrument(self._exchange.markets, asked["55"])
        named = next((asked[tag] for tag in ("37", "41", "11") if asked.get(tag)), "")
        order_id = self._by_cl_ord_id.get((session.address, named), named)
        order = self._exchange.engine.orders.get(order_id)
        if order is None or order.trader != session.address or order.order.token_id != at.token:
            return None
        return order

    def _refuse(self, session: FixSession, kind: str, asked: dict[str, str], reason: int, text: str) -> None:
        self._send(session, BUSINESS_REJECT, reports.business_reject(kind, asked, reason=reason, text=text))

    def order_placed(self, order: BookOrder, now: Now) -> None:
        """Report it as new."""
        self._tallies[order.id] = Tally()
        self._report(order, self._next(reports.NEW, reports.NEW, now))

    def order_updated(self, order: BookOrder, now: Now) -> None:
        """Report what is left of an immediate order as expired; fills are reported one by one."""
        if order.order_type == "FAK" and order.shares_left > 0:
            self._report(order, self._next(reports.EXPIRED, reports.EXPIRED, now))

    def order_canceled(self, order: BookOrder, now: Now) -> None:
        """Report it as cancelled, or as expired where its time ran out."""
        kind = reports.EXPIRED if order.status in _RAN_OUT else reports.CANCELED
        self._report(order, self._next(kind, kind, now))

    def order_killed(self, order: BookOrder, reason: str, now: Now) -> None:
        """Report it as new and then as expired: the exchange accepts it first."""
        self._tallies[order.id] = Tally()
        self._report(order, self._next(reports.NEW, reports.NEW, now))
        self._report(order, self._next(reports.EXPIRED, reports.EXPIRED, now, text=reason))

    def matched(self, trade: Trade, now: Now) -> None:
        """Report each fill to its maker and to the taker."""
        for fill in trade.fills:
            for order in (fill.maker, trade.taker):
                tally = self._tallies[order.id]
                tally.shares += fill.shares
                tally.collateral += fill.collateral_of(order)
                whole = tally.shares >= order.shares
                status = reports.FILLED if whole else reports.PARTIALLY_FILLED
                self._report(order, self._next(reports.TRADE, status, now, last=(trade, fill)))

    def _next(
        self, kind: str, status: str, now: Now, last: tuple[Trade, Fill] | None = None, text: str = ""
    ) -> Execution:
        self._executions += 1
        return Execution(self._executions, kind, status, now, last, text)

    def _status(self, order: BookOrder) -> str:
        tally = self._tallies[order.id]
        if order.status not in (OrderStatus.LIVE, OrderStatus.MATCHED, OrderStatus.EXPIRED):
            return reports.CANCELED
        if order.status in _RAN_OUT or (
            order.status is OrderStatus.MATCHED and order.order_type == "FAK" and tally.shares < order.shares
        ):
            return reports.EXPIRED
        if not tally.shares:
            return reports.NEW
        return reports.FILLED if order.status is OrderStatus.MATCHED else reports.PARTIALLY_FILLED

    def _fields(self, order: BookOrder, step: Execution, cancel: tuple[str, str]) -> Fields:
        entry = self._entries.get(order.id)
        entered_as = "" if entry is None else entry.cl_ord_id
        asked_as, orig = cancel
        return reports.execution_report(
            order,
            self._tallies[order.id],
            step,
            cl_ord_id=asked_as or entered_as,
            orig_cl_ord_id=orig,
            day=entry is not None and entry.day,
        )

    def _report(self, order: BookOrder, step: Execution) -> None:
        entry, cancelling = self._entries.get(order.id), self._cancelling
        cancel = ("", "")
        if cancelling is not None:
            orig = order.id if entry is None else entry.cl_ord_id
            names = self._exchange.parts.fix_names
            cancel = names.cancelled(request=cancelling.cl_ord_id, order=orig)
        fields = self._fields(order, step, cancel)
        asked = [row.session for row in (entry, cancelling) if row is not None]
        for session in dict.fromkeys(asked):
            self._send(session, REPORT, fields)
        scope = self._exchange.parts.fix_scope
        if step.exec_type == reports.TRADE and not scope.copies_fills(entered_over_fix=entry is not None):
            return
        for session in self._sessions.drop_copies(order.trader):
            if step.exec_type == reports.TRADE or not session.fills_only:
                self._send(session, REPORT, fields)
