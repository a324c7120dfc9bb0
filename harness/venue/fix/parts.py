"""What of the gateway a defect may replace: the bytes between client and acceptor, and who is told what."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from harness.venue.money import plain


class Tap:
    """One connection's bytes on their way; the healthy one changes nothing."""

    def inbound(self, data: bytes) -> bytes:
        """What reaches the acceptor of what the client sent."""
        return data

    def outbound(self, data: bytes) -> bytes:
        """What reaches the client of what the acceptor sent."""
        return data


class _Taps(Tap):
    """Several taps, one behind the other, the first nearest to the client."""

    def __init__(self, taps: tuple[Tap, ...]) -> None:
        self._taps = taps

    def inbound(self, data: bytes) -> bytes:
        for tap in self._taps:
            data = tap.inbound(data)
        return data

    def outbound(self, data: bytes) -> bytes:
        for tap in reversed(self._taps):
            data = tap.outbound(data)
        return data


class FixWire:
    """How the gateway carries bytes: taps for each connection, as of the build in force when it is made."""

    def __init__(self, *kinds: Callable[[], Tap]) -> None:
        self._kinds = kinds

    def tap(self) -> Tap:
        """What a new connection goes through."""
        return _Taps(tuple(kind() for kind in self._kinds))

    def through(self, kind: Callable[[], Tap]) -> FixWire:
        """The same with one more tap, so that a build can have several of them."""
        return FixWire(*self._kinds, kind)


class FixScope:
    """Which orders FIX reaches: all of the account's, whatever channel they were entered on."""

    def cancels(self, *, entered_over_fix: bool) -> bool:
        """Whether an order can be cancelled over FIX."""
        return True

    def copies_fills(self, *, entered_over_fix: bool) -> bool:
        """Whether an order's fills go to drop copy."""
        return True


class FixPrices:
    """How a price is written: in units of the session, which may differ from its profile's, and on REST."""

    def shown(self, dollars: Decimal, *, unit: Decimal, usual: Decimal) -> str:
        """`unit` and `usual`: what one unit is in dollars, on this session and without asking for another."""
        return plain(dollars / unit)

    def whole(self, dollars: Decimal, unit: Decimal) -> int:
        """The whole number that stands on REST beside the same price in dollars."""
        return int(dollars / unit)


class FixNames:
    """What reports call an order: a cancel that was asked for over FIX, by both ids."""

    def cancelled(self, *, request: str, order: str) -> tuple[str, str]:
        """ClOrdID (11) and OrigClOrdID (41) of the report; an empty one is left out."""
        return request, order
