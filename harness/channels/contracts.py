"""Calls of contracts as bytes, and their answers as values: a function's text and JSON values, by eth_abi."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from eth_hash.auto import keccak

from harness.wire.ctf import checksum_address

T = TypeVar("T")


def heavy(load: Callable[[], T]) -> T:
    """Import what leads to py_ecc, which sets the recursion limit to 100,000: there nested JSON kills us."""
    limit = sys.getrecursionlimit()
    try:
        return load()
    finally:
        sys.setrecursionlimit(limit)


def call_data(function: str, arguments: Sequence[Any]) -> str:
    """The data of a call of `name(type,…)`, as 0x text; numbers may be texts of digits, bytes are 0x texts.

    Raises ValueError, which says what does not fit (the caller's fault).
    """
    abi = _abi()
    name, parenthesis, rest = function.partition("(")
    try:
        if not name.isidentifier() or not parenthesis:
            raise ValueError("it is no name(type,…)")
        kinds = () if rest == ")" else _arguments(abi.parse("(" + rest))
        if len(kinds) != len(arguments):
            raise ValueError(f"it takes {len(kinds)}, and {len(arguments)} are given")
        values = [_taken(kind, value) for kind, value in zip(kinds, arguments, strict=True)]
        types = [kind.to_type_str() for kind in kinds]
        selector = keccak(f"{name}({','.join(types)})".encode())[:4]
        return "0x" + (selector + abi.encode(types, values)).hex()
    except abi.errors as error:
        raise ValueError(f"{function} does not take {list(arguments)}: {_first_line(error)}") from None


def read_values(returns: Sequence[str], data: str) -> list[Any]:
    """The values of an answer by their ABI types: integers, bools, texts, bytes as 0x text, addresses EIP-55.

    Raises ValueError where the data does not hold them (no contract there, or another function).
    """
    abi = _abi()
    try:
        kinds = [abi.parse(kind) for kind in returns]
        values = abi.decode([kind.to_type_str() for kind in kinds], bytes.fromhex(data.removeprefix("0x")))
    except abi.errors as error:
        raise ValueError(f"{data[:80]} holds no {', '.join(returns)}: {_first_line(error)}") from None
    return [_given(kind, value) for kind, value in zip(kinds, values, strict=True)]


class _Abi:
    """What we use of eth_abi; importing it takes a while, so it waits."""

    def __init__(self) -> None:
        from eth_abi.abi import decode, encode
        from eth_abi.exceptions import DecodingError, EncodingError, ParseError
        from eth_abi.grammar import parse

        self.decode, self.encode, self.parse = decode, encode, parse
        self.errors = (DecodingError, EncodingError, ParseError, ValueError, TypeError, OverflowError)


def load_abi() -> None:
    """Import eth_abi now."""
    _abi()


def _abi() -> _Abi:
    return heavy(_Abi)


def _arguments(kind: Any) -> tuple[Any, ...]:
    if kind.is_array:
        raise ValueError("it is no name(type,…)")
    return tuple(kind.components)


def _taken(kind: Any, value: Any) -> Any:
    """A JSON value as eth_abi wants it."""
    if _is_list(kind):
        if isinstance(value, str | bytes):
            raise ValueError(f"{value!r} is no list")
        return tuple(_taken(part, one) for part, one in zip(_parts(kind, value), value, strict=True))
    if kind.base in ("uint", "int") and isinstance(value, str):
        return int(value, 16 if value.startswith("0x") else 10)
    if kind.base == "bytes" and isinstance(value, str):
        raw = bytes.fromhex(value.removeprefix("0x"))
        if kind.sub is not None and len(raw) != kind.sub:
            raise ValueError(f"{value!r} has {len(raw)} bytes, and a {kind.to_type_str()} has {kind.sub}")
        return raw
    if kind.base == "address":
        return checksum_address(str(value))
    return value


def _given(kind: Any, value: Any) -> Any:
    """A value of eth_abi as JSON."""
    if _is_list(kind):
        return [_given(part, one) for part, one in zip(_parts(kind, value), value, strict=True)]
    if kind.base == "bytes":
        return "0x" + bytes(value).hex()
    return checksum_address(value) if kind.base == "address" else value


def _is_list(kind: Any) -> bool:
    return kind.is_array or hasattr(kind, "components")


def _parts(kind: Any, values: Sequence[Any]) -> list[Any]:
    return [kind.item_type] * len(values) if kind.is_array else list(kind.components)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
