"""What a chain's node knows of the addresses that a ticket names: what each is, held and did, by block.

An account is looked at in the block before the evidence begins, so that what it held then can be given to it
in a case; its events are those of our contracts from there to the evidence's end. Nothing but reads is asked.
Sources: Ethereum JSON-RPC, EIP-20, EIP-1155.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from typing import Any, Final

from harness import exactjson
from harness.clock import iso_utc
from harness.errors import EvidenceError, Place
from harness.evidence.ticket.clues import CHAIN, REST, Clue, Reading, Stamp, Zone
from harness.evidence.ticket.hashes import Named
from harness.evidence.ticket.receipts import Ask, moved
from harness.limits import TICKET_ADDRESSES, TICKET_LOG_BLOCKS, TICKET_TOKENS
from harness.model import Kind
from harness.wire import ctf, jsonrpc
from harness.wire.ctf import CONTRACTS_137

FORM: Final = "accounts"
COLLATERAL: Final = "collateral"
_CHAIN_OF_CONTRACTS: Final = 137
_SECOND_US: Final = 1_000_000
_TOLD_US: Final = 946_684_800_000_000
"""An event of a smaller time (2000-01-01) has an order and no time."""
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_TOKEN: Final = re.compile(r"(?<![0-9])[0-9]{60,78}(?![0-9])")
_OURS: Final = {getattr(CONTRACTS_137, each.name).lower(): each.name for each in fields(CONTRACTS_137)}


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the node told: the balances as a reading, and a line on each address."""

    reading: Reading
    told: tuple[str, ...]


def addresses_in(clues: Iterable[Clue], named: Iterable[Named]) -> tuple[Named, ...]:
    """The addresses that texts name, and those of accounts in requests, each once, in small letters."""
    found = {each.value: each for each in named if each.is_address}
    for clue in clues:
        if clue.channel == REST and clue.kind is Kind.SEND:
            for value in _of_request(clue.data["wire"]):
                found.setdefault(value.lower(), Named(value.lower(), clue.place))
    return tuple(found.values())


def _of_request(wire: Mapping[str, Any]) -> Iterator[str]:
    told = [value for name, value in wire.get("headers", {}).items() if name.lower() == "poly_address"]
    try:
        body = exactjson.loads(wire.get("body", ""))
    except ValueError:
        body = None
    for row in body if isinstance(body, list) else [body]:
        order = row.get("order") if isinstance(row, Mapping) else None
        told += [order.get(part) for part in ("maker", "signer")] if isinstance(order, Mapping) else []
    yield from (value for value in told if isinstance(value, str) and _ADDRESS.fullmatch(value))


def look_at(named: Sequence[Named], clues: Sequence[Clue], ask: Ask, chain_id: int) -> Accounts:
    """Look at every address. Raises EvidenceError I035 where the node's answers are no JSON-RPC."""
    path = f"accounts of chain {chain_id}"
    try:
        return _Looking(path, clues, ask, chain_id).all(named)
    except jsonrpc.UNREADABLE as error:
        raise EvidenceError(
            "I035", f"the chain's node answers what is no balance or block: {error}"
        ) from None


class _Looking:
    def __init__(self, path: str, clues: Sequence[Clue], ask: Ask, chain_id: int) -> None:
        self._path = path
        self._ask = ask
        self._has_contracts = chain_id == _CHAIN_OF_CONTRACTS
        self._tokens = _tokens_in(clues)
        self._is_dated = False
        self._first, self._last = self._blocks(clues)
        self._at_us = self._time_us(self._first)

    def all(self, named: Sequence[Named]) -> Accounts:
        """Every address, as many as are looked at."""
        clues: list[Clue] = []
        told: list[str] = []
        for each in named[:TICKET_ADDRESSES]:
            text, found = self._one(each, len(clues))
            told.append(f"{each.value} ({each.place}): {text}")
            clues += found
        for each in named[TICKET_ADDRESSES:]:
            told.append(f"{each.value} ({each.place}): not looked at: it is past {TICKET_ADDRESSES} of them")
        return Accounts(Reading(self._path, FORM, tuple(clues)), tuple(told))

    def _blocks(self, clues: Sequence[Clue]) -> tuple[int, int]:
        """The block before the evidence begins, and the one with which it ends; the head where none says."""
        (head,) = self._ask([("eth_blockNumber", [])])
        newest = jsonrpc.quantity(head["result"])
        receipts = [block for clue in clues if (block := _block_of(clue)) is not None]
        stamps = [clue.stamp for clue in clues if clue.stamp is not None and clue.channel != CHAIN]
        times = [stamp.us for stamp in stamps if stamp.zone is Zone.UTC and stamp.us >= _TOLD_US]
        firsts = [min(receipts) - 1] if receipts else []
        lasts = [max(receipts)] if receipts else []
        if times and self._time_us(newest) >= min(times):
            firsts.append(self._before(min(times), newest))
            lasts.append(self._before(max(times) + _SECOND_US, newest) + 1)
        self._is_dated = bool(firsts)
        return max(min(firsts, default=newest), 0), min(max(lasts, default=newest), newest)

    def _before(self, at_us: int, newest: int) -> int:
        """The last block that is older than a moment, by halving."""
        low, high = 0, newest
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._time_us(middle) < at_us else (low, middle - 1)
        return low

    def _time_us(self, block: int) -> int:
        (answer,) = self._ask([("eth_getBlockByNumber", [hex(block), False])])
        return jsonrpc.quantity(answer["result"]["timestamp"]) * _SECOND_US

    def _one(self, each: Named, count: int) -> tuple[str, list[Clue]]:
        if each.value in _OURS and self._has_contracts:
            return f"the exchange's contract '{_OURS[each.value]}'", []
        at = hex(self._first)
        (code,) = self._ask([("eth_getCode", [each.value, at])])
        if (error := code.get("error")) is not None:
            why = error.get("message", error) if isinstance(error, Mapping) else error
            text = f"the node does not have the state of block {self._first} ({str(why)[:80]})"
            return f"{text}: ask one that keeps old states", []
        size = len(str(code["result"])) // 2 - 1
        kind = (
            "a wallet (no code)" if size < 1 else f"a contract, {size} byte{'' if size == 1 else 's'} of code"
        )
        if not self._has_contracts:
            return f"{kind} at block {self._first}", []
        assets = [COLLATERAL, *self._tokens]
        calls = [jsonrpc.balance_call(CONTRACTS_137.collateral, each.value, None, at)]
        for token in self._tokens:
            calls.append(jsonrpc.balance_call(CONTRACTS_137.ctf, each.value, int(token), at))
        answers = [{"result": answer["result"]} for answer in self._ask([(one, args) for one, args in calls])]
        amounts = [jsonrpc.quantity(answer["result"]) for answer in answers]
        held = [_held(asset, amount) for asset, amount in zip(assets, amounts, strict=True) if amount]
        when = f"at block {self._first}, {iso_utc(self._at_us)}"
        text = f"{kind}; {when}, it held {', '.join(held) or 'nothing'}"
        if not self._is_dated:
            return f"{text}: nothing says when the evidence was, so that is of now", []
        wire = {"answers": [{"result": at}, *answers, {"result": at}]}
        clues = _clues(self._path, each.value, size, assets, wire, self._at_us, count)
        return f"{text}{self._did(each.value)}", clues

    def _did(self, address: str) -> str:
        """What the events of our contracts say of it in the evidence's blocks."""
        first = max(self._first + 1, self._last - TICKET_LOG_BLOCKS + 1)
        if first > self._last:
            return ""
        topics = [ctf.topic0(name) for name in ctf.EVENT_NAMES]
        word = f"0x{address[2:].rjust(64, '0')}"
        where = {"fromBlock": hex(first), "toBlock": hex(self._last), "address": list(astuple(CONTRACTS_137))}
        places = ([topics, word], [topics, None, word], [topics, None, None, word])
        answers = self._ask([("eth_getLogs", [{**where, "topics": place}]) for place in places])
        logs = {
            (log.transaction, log.index): log
            for answer in answers
            for log in jsonrpc.logs({"answers": [{"result": "0x0"}, {"result": answer["result"]}]})
        }
        blocks = f"in blocks {first} to {self._last}"
        if not logs:
            return f"; {blocks} nothing of ours tells of it"
        ordered = sorted(logs.values(), key=lambda log: (log.block, log.index))
        said = [f"{moved(log.view()) or log.event.name} in {log.transaction}" for log in ordered]
        more = f"; and {len(said) - 3} more" if len(said) > 3 else ""
        return f"; {blocks}: {'; '.join(said[:3])}{more}"


def _tokens_in(clues: Sequence[Clue]) -> list[str]:
    """The outcome tokens that the evidence's messages name, a few of them."""
    found: dict[str, None] = {}
    for clue in clues:
        wire = clue.data.get("wire", {})
        for key in ("target", "body", "text"):
            found |= dict.fromkeys(_TOKEN.findall(str(wire.get(key, ""))))
    return list(found)[:TICKET_TOKENS]


def _block_of(clue: Clue) -> int | None:
    if clue.channel != CHAIN or clue.kind is not Kind.ANSWER:
        return None
    block: int = jsonrpc.receipt(clue.data["wire"])["block"]
    return block


def _held(asset: str, base_units: int) -> str:
    amount = f"{(Decimal(base_units) / 1_000_000).normalize():f}"
    return f"{amount} of collateral" if asset == COLLATERAL else f"{amount} of token {asset[:8]}…"


def _clues(
    path: str, holder: str, size: int, assets: list[str], wire: Mapping[str, Any], at_us: int, count: int
) -> list[Clue]:
    """The look at what an account held, as a case would make it, at the time of its block."""
    stamp, place, pair = Stamp(at_us, Zone.UTC, _SECOND_US), Place(path), count + 1
    sent = {"holder": holder, "has_code": size > 0, "assets": assets, "wire": {"calls": len(wire["answers"])}}
    return [
        Clue(place, Kind.SEND, CHAIN, sent, stamp, pair),
        Clue(place, Kind.ANSWER, CHAIN, {"wire": wire}, stamp, pair),
    ]
