"""Amounts scaled by one factor: what adds up before adds up after, prices and ticks stay as they are.

The factor is p/q: q divides every amount in its own grain (hundredths, or the smallest unit where an amount
is no whole number of hundredths), so that nothing is rounded and no digit is added. It is greater than one,
so that nothing falls below a minimum; an order that is under one bounds it, and stays there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, gcd
from typing import Final


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


BASE: Final = _names("makeramount takeramount balance allowance fillamount")
"""Fields in base units: a millionth, always a whole number."""
AMOUNTS: Final = BASE | _names(
    "size originalsize sizematched matchedamount makingamount takingamount amount fee feeamount "
    "remainingsize volume liquidity filledsize remaining usdcsize cashpnl initialvalue currentvalue "
    "totalbought realizedpnl quantity qty totalsize"
)
"""Fields of an amount, in small letters without separators."""
TAGS: Final = frozenset({12, 14, 32, 38, 53, 84, 110, 111, 151, 152, 210, 271, 381})
"""Commission, CumQty, LastQty, OrderQty, Quantity, CxlQty, MinQty, MaxFloor, LeavesQty, CashOrderQty,
MaxShow, MDEntrySize, GrossTradeAmt."""
WORDS: Final = _names("makerAmountFilled takerAmountFilled fee amount value values payout payoutAmount")
"""Arguments of events that are amounts, in base units."""
TOLD: Final = re.compile(
    r"(?<![A-Za-z])(?P<what>(?:balance|allowance|order amount|amount|active orders|matched orders|[Ss]ize)"
    r"(?:\s*[:=(]\s*|\s+))(?P<number>[0-9]+(?:\.[0-9]+)?)(?![0-9A-Za-z])"
)
"""Amounts that refusals tell in words (CLOB docs, errors)."""
KEPT_TAGS: Final = frozenset({6, 7, 9, 10, 16, 31, 34, 36, 44, 45, 99, 108, 132, 133, 140, 270, 369})
"""FIX fields that are no amounts whatever they hold: prices, lengths, and numbers of messages."""

_UNLIMITED: Final = 1 << 128
_BASE: Final = 10**6
_DISTINCTIVE_DIGITS: Final = 5
"""An amount with so many digits, outer zeros apart, is hardly another number of the evidence by chance."""
_STANDING: Final = re.compile(
    r"(?<![0-9A-Za-z_.])(?<![0-9A-Za-z]-)[0-9]{5,38}(?:\.[0-9]{1,18})?(?![0-9A-Za-z_]|\.[0-9])"
    r"|(?<![0-9A-Za-z_.])(?<![0-9A-Za-z]-)[0-9]{1,4}\.[0-9]{1,18}(?![0-9A-Za-z_]|\.[0-9])"
)
_NUMBER: Final = re.compile(r"[0-9]{1,38}(?:\.[0-9]{1,18})?")
_GRAIN: Final = 10_000
_CENT_PLACES: Final = 2
_MOST: Final = 40
_MOST_PARTS: Final = 5_000
_TRIES: Final = 200
LEAST_SHARES: Final = Fraction(5)
LEAST_CASH: Final = Fraction(1)


@dataclass(slots=True)
class Amounts:
    """The amounts of the evidence, in whole numbers of their grains; and bounds on what they may become."""

    units: set[int] = field(default_factory=set)
    values: set[Fraction] = field(default_factory=set)
    ceilings: set[Fraction] = field(default_factory=set)
    """By how much the factor must stay below: an order under a minimum of shares must stay under it."""
    cash_ceilings: set[Fraction] = field(default_factory=set)
    """The same of orders under a minimum of cash, which only orders that match at once must have."""

    def note(self, value: str, *, base: bool) -> None:
        """Note one amount as it is written."""
        if _is_amount(value):
            number = Fraction(value)
            self.units.add(_units(value, base=base))
            self.values.add(number / _BASE if base else number)

    def note_order(self, shares: Fraction, cash: Fraction = LEAST_CASH) -> None:
        """Note an order that was sent: it may be under a minimum."""
        if 0 < shares < LEAST_SHARES:
            self.ceilings.add(LEAST_SHARES / shares)
        if 0 < cash < LEAST_CASH:
            self.cash_ceilings.add(LEAST_CASH / cash)


def distinctive(values: Iterable[Fraction]) -> frozenset[Fraction]:
    """Those amounts that say by themselves which they are, wherever they stand."""
    return frozenset(value for value in values if _digits(value) >= _DISTINCTIVE_DIGITS)


def standing(text: str, known: Set[Fraction]) -> Iterator[tuple[int, int, bool]]:
    """Where in a text a known amount stands: from, to, and whether in base units."""
    for found in _STANDING.finditer(text) if known else ():
        number = Fraction(found[0])
        if number in known or (number.denominator == 1 and number / _BASE in known):
            yield found.start(), found.end(), number not in known


def factor_of(amounts: Amounts, draw: Callable[[int], int]) -> Fraction | None:
    """A factor that fits, drawn with `draw` (a number below its argument); None where none was found.

    No amount that is scaled may be one of before: then nobody could say whether any was left.
    """
    if not amounts.units:
        return None
    common = gcd(*amounts.units)
    divisors = [each for each in range(1, min(common, _MOST_PARTS) + 1) if common % each == 0]
    for ceilings in (amounts.ceilings | amounts.cash_ceilings, amounts.ceilings):
        ceiling = min((*ceilings, Fraction(_MOST)))
        for _ in range(_TRIES):
            q = divisors[draw(len(divisors))]
            room = ceil(ceiling * q) - q - 1  # how many p there are with q < p < ceiling * q
            if room < 1:
                continue
            factor = Fraction(q + 1 + draw(room), q)
            if not {value * factor for value in amounts.values} & amounts.values:
                return factor
    return None


def scaled(value: str, factor: Fraction, *, base: bool) -> str:
    """An amount as it would be written after scaling; what is none, or stands for no limit, as it is."""
    if not _is_amount(value):
        return value
    exact = Fraction(value) * factor
    if base:
        return str(int(exact)) if exact.denominator == 1 else value
    places = len(value.partition(".")[2])
    with localcontext() as context:
        context.prec = 60
        number = Decimal(exact.numerator) / Decimal(exact.denominator)
        if places:
            kept = number.quantize(Decimal(1).scaleb(-max(places, _places(number))))
            return f"{kept:f}"
        return f"{number.normalize():f}"


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _digits(value: Fraction) -> int:
    """The digits of an amount without the zeros around them."""
    number = Decimal(value.numerator) / Decimal(value.denominator)
    return len("".join(map(str, number.normalize().as_tuple().digits)).strip("0"))


def _is_amount(value: str) -> bool:
    return _NUMBER.fullmatch(value) is not None and 0 < Fraction(value) < _UNLIMITED


def _units(value: str, *, base: bool) -> int:
    """An amount in whole numbers of its grain."""
    whole, _, part = value.partition(".")
    part = part.rstrip("0").ljust(_CENT_PLACES, "0")
    number = int(value) if base else int(whole + part)
    return number // _GRAIN if base and number % _GRAIN == 0 else number
