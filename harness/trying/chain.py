"""Trying the chain: its node, how old its newest block is, and whether the contracts stand there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any, Final

from harness.channels.node import Call, Node, NodeLostError
from harness.clock import RunClock, iso_utc
from harness.errors import TargetError
from harness.trying.places import Places
from harness.trying.rows import Row, State, absent, attempted
from harness.wire.jsonrpc import quantity

HEAD_OLD_S: Final = 60
"""Polygon makes a block every two seconds; a node that is a minute behind is not with the others."""
_NEEDED: Final = ("exchange", "ctf", "collateral", "usdce", "neg_risk_exchange")
"""The contracts that cases name, and whose events are read."""


def chain(places: Places) -> Iterator[Row]:
    """Its node: of which chain, at which block, and how old that is."""
    if not places.url("chain"):
        yield absent("chain", "no `chain` step, no settlement, no balance is seen")
        return

    def asked() -> Row:
        head = looked(places, [("eth_getBlockByNumber", ["latest", False])])[0].get("result")
        if not isinstance(head, dict):
            raise TargetError("T018", "the node answers eth_getBlockByNumber without a block")
        try:
            number, stamped_s = quantity(head.get("number")), quantity(head.get("timestamp"))
        except ValueError:
            raise TargetError("T018", "the node's newest block has no number or no time") from None
        led = places.led("chain", places.dial("chain"))
        off_s = places.now_s - stamped_s
        told = f"{led}chain {places.endpoints.chain_id}, block {number}"
        if abs(off_s) < HEAD_OLD_S:
            return Row("chain", where, State.WORKS, f"{told}, {max(0, off_s)} s old")
        side = "behind" if off_s > 0 else "ahead of"
        text = f"{told} of {iso_utc(stamped_s * 1_000_000)}: {abs(off_s)} s {side} this machine's clock"
        then = (
            "is the node in step with its chain? Wait for it, or name another; is this machine's clock right?"
        )
        return Row("chain", where, State.SILENT, text, then)

    where = places.shown("chain")
    yield attempted("chain", where, asked)


def contracts(places: Places) -> Iterator[Row]:
    """Whether code stands where the contracts are said to be."""
    if not places.url("chain"):
        yield absent("contracts")
        return

    def asked() -> Row:
        named: dict[str, str] = asdict(places.endpoints.contracts)
        answers = looked(places, [("eth_getCode", [address, "latest"]) for address in named.values()])
        empty = [
            name
            for name, answer in zip(named, answers, strict=True)
            if not str(answer.get("result", "")).strip("0x")
        ]
        needed = [f"{name} {named[name]}" for name in empty if name in _NEEDED]
        if needed:
            text = f"no code at {', '.join(needed)}"
            return Row(
                "contracts", where, State.WRONG, text, "put the target's `contracts`, or `chain`, right"
            )
        more = f"; none at {', '.join(empty)}" if empty else ""
        told = f"code at {len(named) - len(empty)} of {len(named)} addresses{more}"
        return Row("contracts", where, State.WORKS, told)

    where = places.shown("chain")
    yield attempted("contracts", where, asked)


def looked(places: Places, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """A batch's answers. Raises TargetError T017 for another chain, and as its code says."""
    url, chain_id = places.url("chain"), places.endpoints.chain_id
    with closing(Node(url, places.dial("chain"), RunClock(), chain_id)) as node:
        try:
            return node.look(calls)
        except NodeLostError as error:
            code, _, text = str(error).partition(" ")
            raise TargetError(code, text) from None
