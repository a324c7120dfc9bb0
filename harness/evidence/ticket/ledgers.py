"""What became of transactions, as people paste or export it.

A receipt as a node, web3.py, ethers or `cast` print it, a row of a block explorer's export, or the lines of
its page, is the look at that transaction's receipt. What a table leaves out, the look does not tell: that is
said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, Final

from harness.errors import Place
from harness.evidence.ticket import rows, tokens
from harness.evidence.ticket.clues import CHAIN, Clue, Reading, Stamp, Unread
from harness.evidence.ticket.hashes import is_hash
from harness.evidence.ticket.textlines import Lines
from harness.model import Kind

RECEIPTS: Final = "receipts that it tells"
_HASH: Final = ("transactionhash", "txhash", "txnhash", "txid", "hash", "transaction", "tx", "transactionid")
_BLOCK: Final = ("blocknumber", "blockno", "block", "blockheight", "blocknum")
_STATE: Final = (
    "status",
    "txreceiptstatus",
    "txnstatus",
    "state",
    "result",
    "iserror",
    "errcode",
    "error",
    "success",
)
_FAILS: Final = re.compile(
    r"0x0|false|(?:exec\w* )?revert\w*|.*\bfail.*|error.*|out of gas.*|0 \(.*|bad.*", re.I
)
_HOLDS: Final = re.compile(r"0x1|1|true|success\w*|ok|confirmed|1 \(.*", re.I)
_IS_ERROR: Final = ("iserror", "errcode", "error")
_LABELLED: Final = re.compile(
    r"\s{0,80}(?P<name>[A-Za-z][A-Za-z ]{1,24}?)\s{0,80}(?:[:?=]\s{0,80}|\s{2,80}|\t)(?P<value>\S.*)$"
)
_NEAR: Final = 30
_DIGITS: Final = 78
"""Of the largest number of a chain, 2**256 - 1."""
_ZERO: Final = "0x" + "0" * 64
_NO_EVENTS: Final = "it tells no events of the transaction, and no other block than its own"


def receipts(lines: Lines, listed: Sequence[Mapping[str, Any]]) -> tuple[list[Clue], list[Unread]]:
    """The receipts that a text tells, in its lines or in the rows of its table, each transaction's once."""
    clues: list[Clue] = []
    unread: list[Unread] = []
    known: set[str] = set()
    for place, row in (
        *_pasted(lines),
        *((Place(lines.path, at + 2, 1), row) for at, row in enumerate(listed)),
    ):
        found = _receipt(row)
        if found is None or found["transactionHash"] in known:
            continue
        known.add(found["transactionHash"])
        pair, stamp = len(known), _time(row)
        wire = {"answers": [{"result": found["blockNumber"]}, {"result": found}]}
        why = "" if found["status"] == "0x1" else _why(row)
        sent_data = {"transaction": found["transactionHash"], "wire": {"calls": 2}}
        clues.append(Clue(place, Kind.SEND, CHAIN, sent_data, stamp, pair))
        clues.append(Clue(place, Kind.ANSWER, CHAIN, {"wire": wire, "why": why}, stamp, pair))
        if not isinstance(plain_of(row).get("logs"), list):
            unread.append(Unread(place, "a receipt", _NO_EVENTS))
    return clues, unread


def _pasted(lines: Lines) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Values of a text that hold a receipt, and stretches of lines that name a hash and a state."""
    at = 0
    while at < len(lines):
        text = lines[at]
        until = at + 1
        if "{" in text and any(
            "ransactionHash" in each or "TransactionReceipt" in each for each in lines.texts[at : at + _NEAR]
        ):
            until, found = tokens.tokens_of(lines, at, text)
            values = [token.value for token in found if token.what == tokens.VALUE]
            for value in values:
                yield from ((lines.place(at), each) for each in _inside(value))
            until = until if values else at + 1
        elif (
            (named := _LABELLED.match(text))
            and squeezed(named["name"]) in _HASH
            and is_hash(named["value"].split()[0])
        ):
            near = range(max(0, at - _NEAR // 2), min(at + _NEAR // 2, len(lines)))
            stretch: dict[str, Any] = {}
            for number in sorted(near, key=lambda each: abs(each - at)):
                if (label := _LABELLED.match(lines[number])) is not None:
                    stretch.setdefault(label["name"], label["value"].strip())
            yield lines.place(at), stretch
        at = until


def _inside(value: Any) -> Iterator[Mapping[str, Any]]:
    """A receipt that a value is or holds (`result`), and each of a batch."""
    if isinstance(value, Mapping):
        if "status" in value and ("transactionHash" in value or value.get("_type") == "TransactionReceipt"):
            yield value
        else:
            yield from (
                found
                for each in value.values()
                if isinstance(each, Mapping | list)
                for found in _inside(each)
            )
    elif isinstance(value, list):
        yield from (found for each in value for found in _inside(each))


def _receipt(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """A receipt as a node tells it, from a row with names of anybody's; None where it is none."""
    plain = plain_of(row)
    name = next(
        (
            str(plain[key]).split()[0].lower()
            for key in _HASH
            if is_hash(str(plain.get(key, "")).split(" ")[0])
        ),
        "",
    )
    block = next((number for key in _BLOCK if (number := _number(plain.get(key))) is not None), None)
    holds = _holds(plain)
    if not name or block is None or holds is None:
        return None
    logs = (
        [each[0] if isinstance(each, list) and each else each for each in plain["logs"]]
        if isinstance(plain.get("logs"), list)
        else []
    )
    whole = all(isinstance(each, Mapping) and {"address", "topics", "data"} <= set(each) for each in logs)
    at_block = {"blockNumber": hex(block), "transactionHash": name}
    told = (
        [
            {**each, **{key: _hex(each[key]) for key in ("logIndex", "blockNumber") if key in each}}
            for each in logs
        ]
        if whole
        else []
    )
    return {
        **at_block,
        "blockHash": str(plain.get("blockhash") or _ZERO),
        "status": "0x1" if holds else "0x0",
        "from": str(plain.get("from", "")).lower(),
        "to": str(plain.get("to", "")).lower(),
        "gasUsed": hex(_number(plain.get("gasused")) or 0),
        "logs": told,
    }


def _holds(plain: Mapping[str, Any]) -> bool | None:
    """Whether a transaction succeeded; None where nothing says so. An empty cell for errors is a success."""
    told: bool | None = None
    for key in _STATE:
        if key not in plain:
            continue
        text = str(plain[key]).strip()
        if key in _IS_ERROR:
            if text.lower() not in ("", "0", "false", "none", "null"):
                return False
            told = True if told is None else told
        elif text == "0" or _FAILS.fullmatch(text):
            return False
        elif _HOLDS.fullmatch(text):
            told = True
    return told


def _why(row: Mapping[str, Any]) -> str:
    plain = plain_of(row)
    said = next(
        (
            str(plain[key])
            for key in ("revertreason", "errcode", "reason", "error")
            if isinstance(plain.get(key), str) and plain[key]
        ),
        "",
    )
    return f"reverted: {said}" if said and "revert" not in said.lower() else said or "reverted"


def plain_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row by its names in small letters, without anything between them."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        found.setdefault(squeezed(name), value)
    return found


def squeezed(name: Any) -> str:
    """A name in small letters, without anything between them."""
    return re.sub(r"[^a-z]", "", str(name).lower())


def _time(row: Mapping[str, Any]) -> Stamp | None:
    plain = plain_of(row)
    for key in (
        "blocktimestamp",
        "unixtimestamp",
        "timestamp",
        "datetimeutc",
        "datetime",
        "timeutc",
        "date",
        "age",
    ):
        value = plain.get(key)
        if isinstance(value, str) and value.startswith("0x"):
            value = _number(value)
        if (found := rows.stamp_of({"time": value})) is not None:
            return found
    return None


def _number(value: Any) -> int | None:
    text = str(value).strip().split(" ")[0].replace(",", "") if value is not None else ""
    if re.fullmatch(r"0x[0-9a-fA-F]{1,64}", text):
        return int(text, 16)
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def _hex(value: Any) -> Any:
    return hex(value) if isinstance(value, int) else value


def told_by(clues: Iterable[Clue]) -> frozenset[str]:
    """The transactions whose receipts these clues tell."""
    looks = (clue.data for clue in clues if clue.channel == CHAIN)
    return frozenset(str(data["transaction"]) for data in looks if "transaction" in data)


def without(reading: Reading, known: Set[str]) -> Reading:
    """The reading without its receipts of these transactions."""
    pairs = {
        each.pair for each in reading.clues if each.channel == CHAIN and each.data.get("transaction") in known
    }
    kept = tuple(each for each in reading.clues if each.channel != CHAIN or each.pair not in pairs)
    return replace(reading, clues=kept)
