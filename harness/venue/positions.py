"""Follows the ConditionalTokens contract's logs and knows from them who holds what (CTF events).

Blocks are followed by hash and parent hash. Those that are not on the newest block's branch any more are
undone, the newest first, and then the new ones are taken in, the oldest first: each event counts once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from eth_abi.abi import decode

from harness.venue.chain import Chain, Head
from harness.venue.faults import VenueError
from harness.venue.indexing import IndexedBlock, Indexing, Movement, Payout

_PAUSE_S: Final = 0.02  # how often it looks whether there is a new block: well below the time of one
_SINGLE: Final = "0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62"
_BATCH: Final = "0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb"
_RESOLUTION: Final = "0xb44d84d3289691f71497564b85d4233648d9dbae8cbdbb4329f301c3a0185894"


class PositionIndex:
    """What every address holds, as of the newest block taken in."""

    def __init__(self, chain: Chain, indexing: Callable[[], Indexing], newest: Callable[[], str]) -> None:
        self._chain = chain
        self._indexing = indexing
        self._newest = (
            newest  # the hash of the newest block, as far as the exchange knows: asking it is cheap
        )
        self._branch: list[IndexedBlock] = []
        self._place: dict[str, int] = {}  # the block's hash to its place in the branch
        self._held: Counter[tuple[str, int]] = Counter()
        self._payouts: dict[str, tuple[int, ...]] = {}
        self._changed = asyncio.Condition()

    async def run(self, failed: Callable[[str], None]) -> None:
        """Follow the chain until cancelled; `failed` is told where the node is lost."""
        while True:
            try:
                if self._tip != self._newest():
                    await self.follow()
            except VenueError as error:
                failed(f"the data host stopped: {error}")
                return
            await asyncio.sleep(_PAUSE_S)

    @property
    def _tip(self) -> str:
        return self._branch[-1].head.hash if self._branch else ""

    async def seen(self, block: int) -> None:
        """Wait until a block of that number is taken in."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._branch) and self._branch[-1].head.number >= block)

    def holdings(self, holder: str) -> dict[int, int]:
        """An address' shares by token id, in base units; none of zero."""
        wanted = holder.lower()
        return {token: held for (name, token), held in self._held.items() if name == wanted and held > 0}

    def payout(self, condition: str) -> tuple[int, ...] | None:
        """What the outcomes of a condition pay; None while it is not resolved."""
        return self._payouts.get(condition)

    async def follow(self) -> None:
        """Take in whatever is new. Raises VenueError where the node does not answer."""
        head = await self._chain.head()
        if head.hash == self._tip:
            return
        heads = await self._since_known(head)
        if heads is None:
            return  # the branch was abandoned while it was read: the next look reads the other one
        logs = [await self._logs(row) for row in heads]
        if None in logs:
            return
        # nothing below waits: nobody sees the orphaned blocks undone and the new ones not yet taken in
        kept = self._place[heads[0].parent] + 1 if heads[0].parent in self._place else 0
        orphaned = [self._branch.pop() for _ in range(len(self._branch) - kept)]
        for block in orphaned:
            del self._place[block.head.hash]
        for block in self._indexing().undone(orphaned):
            self._take(block, -1)
        for row, found in zip(heads, logs, strict=True):
            self._append(row, found or [])
        async with self._changed:
            self._changed.notify_all()

    async def _since_known(self, head: Head) -> list[Head] | None:
        """The blocks behind the last one that is known, up to `head`; at least one, the oldest first."""
        found = [head]
        while found[-1].number > 0 and found[-1].parent not in self._place:
            parent = await self._chain.block(found[-1].parent)
            if parent is None:
                return None
            found.append(parent)
        return found[::-1]

    async def _logs(self, head: Head) -> list[dict[str, Any]] | None:
        wanted = {
            "blockHash": head.hash,
            "address": self._chain.contracts.ctf,
            "topics": [[_SINGLE, _BATCH, _RESOLUTION]],
        }
        try:
            logs: list[dict[str, Any]] = await self._chain.rpc.call("eth_getLogs", wanted)
        except VenueError:
            if await self._chain.block(head.hash) is not None:
                raise
            return None
        return logs

    def _append(self, head: Head, logs: Iterable[dict[str, Any]]) -> None:
        counts = self._indexing().counts
        movements = [row for log in logs for row in _movements(log) if counts(row)]
        payouts = [_payout(log) for log in logs if log["topics"][0] == _RESOLUTION]
        block = IndexedBlock(head, tuple(movements), tuple(payouts))
        self._place[head.hash] = len(self._branch)
        self._branch.append(block)
        self._take(block, 1)

    def _take(self, block: IndexedBlock, times: int) -> None:
        """Count a block's events, or take them back with -1."""
        for movement in block.movements:
            self._held[movement.source, movement.token] -= times * movement.shares
            self._held[movement.target, movement.token] += times * movement.shares
        for payout in block.payouts:
            if times > 0:
                self._payouts[payout.condition] = payout.numerators
            else:
                self._payouts.pop(payout.condition, None)


def _movements(log: dict[str, Any]) -> Sequence[Movement]:
    kind, data = log["topics"][0], bytes.fromhex(log["data"][2:])
    if kind == _SINGLE:
        token, shares = decode(["uint256", "uint256"], data)
        moved = [(token, shares)]
    elif kind == _BATCH:
        tokens, amounts = decode(["uint256[]", "uint256[]"], data)
        moved = list(zip(tokens, amounts, strict=True))
    else:
        return ()
    source, target = ("0x" + topic[-40:] for topic in log["topics"][2:4])
    return [Movement(token, source, target, shares) for token, shares in moved]


def _payout(log: dict[str, Any]) -> Payout:
    _, numerators = decode(["uint256", "uint256[]"], bytes.fromhex(log["data"][2:]))
    return Payout(log["topics"][1], tuple(numerators))
