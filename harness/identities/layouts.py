"""Numbers and market facts inside calls and logs, told by their place in the ABI.

Sources: the Solidity ABI; EIP-20, EIP-1155, Conditional Tokens, the exchange. Everything else in a call is
told by its look and by what stands elsewhere in the cassette.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from eth_hash.auto import keccak

from harness.wire import ctf

WORD_DIGITS: Final = 64
SELECTOR_DIGITS: Final = 8

_FUNCTIONS: Final = (
    "balanceOf(address account)",
    "balanceOf(address account,uint256 id)",
    "balanceOfBatch(address[] accounts,uint256[] ids)",
    "allowance(address owner,address spender)",
    "isApprovedForAll(address owner,address operator)",
    "approve(address spender,uint256 value)",
    "transfer(address to,uint256 value)",
    "transferFrom(address from,address to,uint256 value)",
    "setApprovalForAll(address operator,bool approved)",
    "safeTransferFrom(address from,address to,uint256 id,uint256 value,bytes data)",
    "prepareCondition(address oracle,bytes32 questionId,uint256 outcomeSlotCount)",
    "reportPayouts(bytes32 questionId,uint256[] payouts)",
    "payoutDenominator(bytes32 conditionId)",
    "payoutNumerators(bytes32 conditionId,uint256 index)",
    "getOutcomeSlotCount(bytes32 conditionId)",
    "splitPosition(address collateral,bytes32 parentCollectionId,bytes32 conditionId,uint256[] partition,"
    "uint256 amount)",
    "mergePositions(address collateral,bytes32 parentCollectionId,bytes32 conditionId,uint256[] partition,"
    "uint256 amount)",
    "redeemPositions(address collateral,bytes32 parentCollectionId,bytes32 conditionId,uint256[] indexSets)",
    "redeemPositions(bytes32 conditionId,uint256[] amounts)",
    "splitPosition(bytes32 conditionId,uint256 amount)",
    "mergePositions(bytes32 conditionId,uint256 amount)",
    "convertPositions(bytes32 marketId,uint256 indexSet,uint256 amount)",
    "wrap(address asset,address to,uint256 amount)",
    "unwrap(address asset,address to,uint256 amount)",
)
_MARKET_FACTS: Final = frozenset({"conditionId", "questionId", "parentCollectionId", "marketId"})

_LOG: Final = re.compile(r'\{[^{}]*?"topics\\*+"\s*:\s*\[([^\[\]]*)\][^{}]*')
_DATA: Final = re.compile(r'"data\\*+"\s*:\s*\\*+"(0[xX][0-9a-fA-F]*)')
_WORD: Final = re.compile(r"0[xX][0-9a-fA-F]{64}")


def _selector(declaration: str) -> str:
    name, _, rest = declaration.partition("(")
    types = ",".join(argument.split(" ")[0] for argument in rest.rstrip(")").split(","))
    return keccak(f"{name}({types})".encode())[:4].hex()


def _arguments(declaration: str) -> tuple[tuple[str, str], ...]:
    inside = declaration.partition("(")[2].rstrip(")")
    return tuple((kind, name) for kind, name in (argument.split(" ") for argument in inside.split(",")))


_CALLS: Final = {_selector(declaration): _arguments(declaration) for declaration in _FUNCTIONS}


def public_of_logs(text: str) -> Iterator[int]:
    """The numbers and market facts of every log in a JSON text that we can decode."""
    if "topics" not in text:
        return
    for log in _LOG.finditer(text):
        data = _DATA.search(log[0])
        try:
            event = ctf.decode_log(_WORD.findall(log[1]), data[1] if data else "0x")
        except ValueError:
            continue
        for name, value in event.args.items() if event else ():
            if isinstance(value, int):
                yield value
            elif isinstance(value, list):
                yield from value
            elif name in _MARKET_FACTS:
                yield int(value, 16)


def public_of_call(digits: str) -> Iterator[int]:
    """The numbers and market facts of a call, given as hex digits, to a function that we know."""
    arguments = _CALLS.get(digits[:SELECTOR_DIGITS])
    words = call_words(digits)
    if arguments is None or len(words) < len(arguments):
        return
    for (kind, name), word in zip(arguments, words, strict=False):
        if kind == "uint256[]":
            first = word // 32 + 1
            if first <= len(words):
                yield from words[first : first + words[first - 1]]
        elif kind == "uint256" or name in _MARKET_FACTS:
            yield word


def call_words(digits: str) -> list[int]:
    """The whole words of a call behind its selector."""
    return [int(digits[start:stop], 16) for start, stop in pairwise(range(8, len(digits) + 1, WORD_DIGITS))]


def word_starts(digits: str, first: int | None = None, size: int | None = None) -> Iterator[int]:
    """Where words start in the hex digits of a call, of a log's data or of an answer.

    Behind a selector where the length says that there is one, or is that of no whole words. Inside a call,
    `bytes` that are as long as a call (of a wallet that makes it for its owner, of a batch) have their own.
    """
    stop = len(digits) if size is None else size
    start = first if first is not None else (0 if len(digits) % WORD_DIGITS == 0 else SELECTOR_DIGITS)
    while start + WORD_DIGITS <= stop:
        yield start
        length = 2 * int(digits[start : start + WORD_DIGITS], 16)
        start += WORD_DIGITS
        if length % WORD_DIGITS == SELECTOR_DIGITS and length > WORD_DIGITS and start + length <= stop:
            yield from word_starts(digits, start + SELECTOR_DIGITS, start + length)
            start += -(-length // WORD_DIGITS) * WORD_DIGITS
