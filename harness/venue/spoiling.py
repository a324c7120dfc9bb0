"""Settlements that fail on chain because a test asks for it: with a documented error, or out of gas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.venue.chain import Call

_MORE_THAN_ANY_FEE: Final = (1 << 128) - 1
_TAKER, _MAKERS, _TAKER_FILL, _MAKER_FILLS, _TAKER_FEE, _MAKER_FEES = range(1, 7)
"""Where the arguments of `matchOrders` stand; the condition is the first."""
GAS_LEAST: Final = 60_000  # what is less than a call's data cost is never in a block: 46,000 with one maker
GAS_MOST: Final = 30_000_000  # a block's

Arguments = list[Any]


def _taker_may_give_nothing(arguments: Arguments) -> None:
    arguments[_TAKER_FILL] = 0


def _nobody_signed(arguments: Arguments) -> None:
    taker = arguments[_TAKER]
    arguments[_TAKER] = (*taker[:-1], bytes(len(taker[-1])))


def _met_by_itself(arguments: Arguments) -> None:
    arguments[_MAKERS] = [arguments[_TAKER]]
    arguments[_MAKER_FILLS] = [arguments[_TAKER_FILL]]
    arguments[_MAKER_FEES] = [0]


def _fee_beyond_all(arguments: Arguments) -> None:
    arguments[_TAKER_FEE] = _MORE_THAN_ANY_FEE


ERRORS: Final[dict[str, Callable[[Arguments], None]]] = {
    "MakingGtRemaining": _taker_may_give_nothing,
    "InvalidSignature": _nobody_signed,
    "NotCrossing": _met_by_itself,
    "FeeExceedsMaxRate": _fee_beyond_all,
}
"""The contract's documented errors that arguments alone can cause, each with how."""


@dataclass(frozen=True, slots=True)
class Spoil:
    """What is wrong with one settlement: an error of `ERRORS`, or a gas limit that is too low."""

    error: str = ""
    gas: int = 0

    def spoilt(self, call: Call, gas: int) -> tuple[Call, int]:
        """The settlement and its gas limit, as they are sent."""
        arguments = list(call.arguments)
        if self.error:
            ERRORS[self.error](arguments)
        return replace(call, arguments=tuple(arguments)), self.gas or gas
