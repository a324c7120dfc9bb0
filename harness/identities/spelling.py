"""How hex is spelled: an image takes the spelling of its value."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from harness.wire.ctf import checksum_address

ADDRESS_DIGITS: Final = 40
_ATTEMPTS: Final = 64


def as_spelled(value: str, image: str) -> str:
    """The image's lower-case digits as the value's were: lower, upper, or EIP-55's mixed case.

    An address whose mixed case is wrong stays wrong, and other mixed hex gets a mix that follows from the
    value's, so that texts that differ go on differing.
    """
    if value == value.lower():
        return image
    is_address = len(value) == ADDRESS_DIGITS == len(image)
    right = checksum_address("0x" + image)[2:] if is_address else image
    if is_address and checksum_address("0x" + value)[2:] == value:
        return right
    if value == value.upper():
        return image.upper()
    return _mixed(value, image, {image, image.upper(), right})


def _mixed(value: str, image: str, others: set[str]) -> str:
    """The image in a mixed case that follows from the value's, and none of `others` where it can be."""
    for attempt in range(_ATTEMPTS):
        raised = blake2b(f"{attempt}{value}".encode(), digest_size=64).digest()
        mixed = "".join(
            digit.upper() if raised[at // 8 % 64] >> at % 8 & 1 else digit for at, digit in enumerate(image)
        )
        if mixed not in others:
            break
    return mixed
