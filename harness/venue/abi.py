"""Contract calls as bytes, by the function's signature text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from eth_abi.abi import decode, encode
from eth_hash.auto import keccak


def call_data(signature: str, arguments: Sequence[Any]) -> str:
    """The data of a call of `name(type,…)`; tuples are written as nested parentheses."""
    kinds = list(_split(signature[signature.index("(") + 1 : -1]))
    return "0x" + (keccak(signature.encode())[:4] + encode(kinds, list(arguments))).hex()


def read_answer(kind: str, data: str) -> Any:
    """The one value of type `kind` that a call returned."""
    return decode([kind], bytes.fromhex(data[2:]))[0]


def _split(arguments: str) -> Iterator[str]:
    depth, word = 0, ""
    for character in arguments:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield word
            word = ""
        else:
            word += character
    if word:
        yield word
