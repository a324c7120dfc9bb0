"""Why a transaction reverted, in the words of its contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_hash.auto import keccak

_NAMES: Final = (
    "OrderAlreadyFilled",
    "MakingGtRemaining",
    "NotCrossing",
    "InvalidSignature",
    "UserIsPaused",
    "FeeExceedsMaxRate",
    "TooLittleTokensReceived",
)
SELECTORS: Final = {"0x" + keccak(f"{name}()".encode())[:4].hex(): name for name in _NAMES}
"""The exchange's documented errors by their selectors."""
_TEXT: Final = "0x08c379a0"
_SELECTOR_DIGITS: Final = 10


def reason_of(frame: Mapping[str, Any]) -> str:
    """The reason in the outermost frame of a call trace: a documented error's name, the text of a `require`,
    an unknown error's selector, the node's words where it ran out of gas.

    A contract that gives none may have passed on that of the call which failed it; "" where there is none.
    """
    output = str(frame.get("output") or "0x")
    selector = output[:_SELECTOR_DIGITS]
    if selector == _TEXT:
        try:
            return str(decode(["string"], bytes.fromhex(output[_SELECTOR_DIGITS:]))[0])
        except DecodingError:
            return selector
    if len(selector) == _SELECTOR_DIGITS:
        return SELECTORS.get(selector, selector)
    error = str(frame.get("error") or "")
    if error != "execution reverted":
        return error
    failed = [call for call in frame.get("calls") or () if call.get("error")]
    return reason_of(failed[-1]) if failed else ""
