"""Between a profile's messages and the gateway's own: symbols, sides, prices, and the words of refusals.

The desk speaks one language, in which an instrument is an outcome and a price is dollars. Where a profile's
instrument is a market, a bid for YES at p is a BUY of YES, and an ask at p a BUY of NO at 1 - p.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from harness.venue.fix.parts import FixPrices
from harness.venue.fix.reports import REJECTED, Fields, in_version
from harness.venue.fix.sessions import FixSession
from harness.venue.money import plain
from harness.venue.profiles import FixProfile

BUY, SELL = "1", "2"
_PRICES: Final = (6, 31, 44)
_EXEC_TYPE, _SIDE, _SYMBOL, _TEXT, _REASON = 150, 54, 55, 58, 103
_REFUSING: Final = ("9", "j")


@dataclass(frozen=True, slots=True)
class Options:
    """What a session asked for on its Logon, or was opened with."""

    dollars: bool = False
    cancels: bool = False


@dataclass(frozen=True, slots=True)
class Speech:
    """One session's language: its profile's, with what its Logon asked for."""

    profile: FixProfile
    options: Options = Options()

    @property
    def _unit(self) -> Decimal:
        return Decimal(1) if self.options.dollars else self.profile.price_unit

    def asked(self, fields: dict[str, str]) -> dict[str, str]:
        """A client's message as the desk takes it. What is no number stays, and the desk says so."""
        heard = dict(fields)
        asks = not self.profile.by_outcome and fields.get("54") == SELL
        if "44" in heard:
            heard["44"] = self._dollars(heard["44"], asks)
        if not self.profile.by_outcome and "55" in heard:
            heard["55"] += "-NO" if asks else "-YES"
            heard["54"] = BUY if asks else fields.get("54", BUY)
        return heard

    def said(self, session: FixSession, kind: str, fields: Fields, prices: FixPrices) -> Fields:
        """A message of the desk as this session's client gets it."""
        told = {tag: value for tag, value in fields if tag not in self.profile.leaves_out}
        mirrored = False
        if not self.profile.by_outcome and _SYMBOL in told:
            told[_SYMBOL], _, outcome = told[_SYMBOL].rpartition("-")
            mirrored = outcome == "NO"
            if mirrored and _SIDE in told:
                told[_SIDE] = BUY if told[_SIDE] == SELL else SELL
        for tag in _PRICES:
            if tag in told:
                told[tag] = self._shown(told[tag], mirrored, prices)
        if kind in _REFUSING or told.get(_EXEC_TYPE) == REJECTED:
            self._refused(told)
        return in_version(session.begin_string, list(told.items()))

    def _refused(self, told: dict[int, str]) -> None:
        text = told.get(_TEXT, "")
        for said in self.profile.refusals:
            if said.says.search(text):
                told[_TEXT] = said.text
                if said.reason is not None and _REASON in told:
                    told[_REASON] = str(said.reason)
                return

    def _dollars(self, text: str, asks: bool) -> str:
        try:
            price = Decimal(text) * self._unit
        except InvalidOperation:
            return text
        if not price.is_finite() or len(text) > 30:
            return text
        return plain(1 - price if asks else price)

    def _shown(self, text: str, mirrored: bool, prices: FixPrices) -> str:
        price = Decimal(text)
        if not price:
            return text  # no average yet
        dollars = 1 - price if mirrored else price
        return prices.shown(dollars, unit=self._unit, usual=self.profile.price_unit)
