"""What kind of market is wanted: the body of POST /markets of the control API, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from harness.venue.money import base_units
from harness.wire.clob import BASE_UNITS

TICKS: Final = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")
MIN_SIZE: Final = 5 * BASE_UNITS  # CLOB docs, orders: a resting order has five shares or more
MAX_DELAY_MS: Final = 60_000
MAX_TEXT: Final = 500
MAX_FEE_RATE: Final = Decimal("0.1")  # the contract takes no fee above a tenth of the collateral
MAX_FEE_EXPONENT: Final = 8
KEYS: Final = (
    *("tick", "min_size", "neg_risk", "fee_rate", "fee_exponent"),
    *("event", "taker_delay_ms", "seconds_delay", "question", "slug"),
)


@dataclass(frozen=True, slots=True)
class Fee:
    """What a taker pays: shares · rate · (p(1 - p))^exponent in pUSD (CLOB docs, fees)."""

    rate: Decimal
    exponent: int = 1
    taker_only: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.rate <= MAX_FEE_RATE:
            raise ValueError(f"a fee rate of {self.rate}: it is above 0 and at most {MAX_FEE_RATE}")
        if not 1 <= self.exponent <= MAX_FEE_EXPONENT:
            raise ValueError(
                f"a fee exponent of {self.exponent}: it is a whole number from 1 to {MAX_FEE_EXPONENT}"
            )

    @property
    def base_bps(self) -> int:
        """The rate in hundredths of a percent, as the older fields of the wire tell it."""
        return int(self.rate * 10_000)


@dataclass(frozen=True, slots=True)
class Terms:
    """The kind of a market. `min_size` is base units of shares; without `fee` nobody pays one.
    `event` is the `neg_risk_market_id` of the event that a neg-risk market joins; "" begins one.

    `delay_ms` is how long an order that would match waits first, `seconds_delay` the same of a sports market.
    Raises ValueError for a tick that the wire does not know and what is out of range.
    """

    tick: Decimal = Decimal("0.01")
    min_size: int = MIN_SIZE
    neg_risk: bool = False
    event: str = ""
    fee: Fee | None = None
    delay_ms: int = 0
    seconds_delay: int = 0
    question: str = ""
    slug: str = ""

    def __post_init__(self) -> None:
        known_tick(str(self.tick))
        if self.event and not self.neg_risk:
            raise ValueError("event means nothing without neg_risk: only neg-risk markets belong together")
        if self.min_size % BASE_UNITS or self.min_size <= 0:
            raise ValueError("min_size is a whole number of shares, 1 or more")
        for name, most in (("delay_ms", MAX_DELAY_MS), ("seconds_delay", MAX_DELAY_MS // 1000)):
            if not 0 <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}: it is from 0 to {most}")


def known_tick(text: str) -> Decimal:
    """A tick size as the wire writes it. Raises ValueError for one that it does not know."""
    if text not in TICKS:
        raise ValueError(f"tick {text!r} is not one of {', '.join(TICKS)}: send the tick as a text")
    return Decimal(text)


def read_terms(body: Mapping[str, Any]) -> Terms:
    """The terms in a body; what it leaves out is a plain market's. Raises ValueError, naming the key."""
    if unknown := sorted(set(body) - set(KEYS)):
        raise ValueError(f"unknown {', '.join(unknown)}: the keys are {', '.join(KEYS)}")
    rate = _decimal(body, "fee_rate", "0")
    exponent = _whole(body, "fee_exponent", 1)
    if "fee_exponent" in body and not rate:
        raise ValueError("fee_exponent means nothing without a fee_rate above 0")
    return Terms(
        tick=known_tick(str(body.get("tick", "0.01"))),
        min_size=base_units(str(body.get("min_size", "5"))),
        neg_risk=_flag(body, "neg_risk"),
        event=_text(body, "event"),
        fee=Fee(rate, exponent) if rate else None,
        delay_ms=_whole(body, "taker_delay_ms", 0),
        seconds_delay=_whole(body, "seconds_delay", 0),
        question=_text(body, "question"),
        slug=_text(body, "slug"),
    )


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is true or false, not {value!r}")
    return value


def _whole(body: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = body.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} is a whole number, not {value!r}")
    return value


def _decimal(body: Mapping[str, Any], name: str, otherwise: str) -> Decimal:
    value = body.get(name, otherwise)
    try:
        read = Decimal(value) if type(value) in (str, int, Decimal) else Decimal("NaN")
    except InvalidOperation:
        read = Decimal("NaN")
    if not read.is_finite():
        raise ValueError(f"{name} is a decimal number such as 0.05, not {value!r}")
    return read


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError(f"{name} is a text of at most {MAX_TEXT} characters, not {value!r}"[:200])
    return value
