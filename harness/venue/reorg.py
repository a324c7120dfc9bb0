"""Takes back the newest blocks and makes as many others in their place.

The node forgets a block that is taken back, so its transactions are read before that. What was signed outside
of the node goes into the new branch byte by byte; what the node sent for an account it impersonates is sent
again by it, and gets the same hash.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from harness.venue.chain import Chain
from harness.venue.rpc import RpcError

DEEPEST: Final = 64
_UNSIGNED: Final = "0x0"
_FRESH: Final = ("from", "to", "value", "gas", "input")
_SAME: Final = (*_FRESH, "nonce", "maxFeePerGas", "maxPriorityFeePerGas", "accessList", "chainId", "type")


@dataclass(frozen=True, slots=True)
class _Sent:
    """One transaction of an abandoned block or of those that wait for one."""

    view: dict[str, Any]
    raw: str

    @property
    def impersonated(self) -> bool:
        return bool(self.view["r"] == _UNSIGNED and self.view["s"] == _UNSIGNED)


class Reorganiser:
    """Gives the chain a new branch, again and again a different one."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._branches = 0

    async def reorganise(self, depth: int, *, drop: bool) -> None:
        """Abandon the newest `depth` blocks. Raises RpcError where the node refuses.

        Without `drop` their transactions are in the new blocks again, each at the same height. With it they
        are gone for good, but for those that set a test up (`Chain.set_up`). The caller sees to it that
        nobody else makes blocks meanwhile.
        """
        chain, rpc = self._chain, self._chain.rpc
        async with chain.sending, chain.still, _exchanging(chain):
            newest = int(await rpc.call("eth_blockNumber"), 16)
            abandoned = [await self._of_block(number) for number in range(newest - depth + 1, newest + 1)]
            waiting = await self._waiting()
            await rpc.call("anvil_dropAllTransactions")
            await rpc.call("anvil_rollback", depth)
            chain.blocks_made += 1  # the state is another one
            self._branches += 1
            # a block of the same transactions and the same second would be the same block
            await rpc.call("anvil_setCoinbase", f"0x{self._branches:040x}")
            for address in chain.gassed:
                await chain.give_gas(address)
            for block in abandoned:
                for sent in block:
                    if not drop:
                        await self._again(sent)
                    elif sent.view["hash"] in chain.set_up:
                        await self._afresh(sent)
                await chain.make_block()
            for sent in waiting:
                with contextlib.suppress(RpcError):  # its number is too high where others were dropped
                    await self._again(sent)

    async def _of_block(self, number: int) -> list[_Sent]:
        block = await self._chain.rpc.call("eth_getBlockByNumber", hex(number), True)
        return [await self._sent(view) for view in block["transactions"]]

    async def _waiting(self) -> list[_Sent]:
        pool = await self._chain.rpc.call("txpool_content")
        views = [view for rows in pool["pending"].values() for _, view in sorted(rows.items(), key=_nonce)]
        return [await self._sent(view) for view in views]

    async def _sent(self, view: dict[str, Any]) -> _Sent:
        return _Sent(view, await self._chain.rpc.call("eth_getRawTransactionByHash", view["hash"]))

    async def _again(self, sent: _Sent) -> None:
        if sent.impersonated:
            await self._as_sender(sent, _SAME)
        else:
            await self._chain.rpc.call("eth_sendRawTransaction", sent.raw)

    async def _afresh(self, sent: _Sent) -> None:
        """With the number that the sender has on the new branch, and so with another hash."""
        self._chain.set_up.add(await self._as_sender(sent, _FRESH))

    async def _as_sender(self, sent: _Sent, keys: tuple[str, ...]) -> str:
        rpc, sender = self._chain.rpc, sent.view["from"]
        request = {key: sent.view[key] for key in keys if sent.view.get(key) is not None}
        if not sent.impersonated:
            answer: str = await rpc.call("eth_sendTransaction", request)
            return answer
        await rpc.call("anvil_impersonateAccount", sender)
        try:
            answer = await rpc.call("eth_sendTransaction", request)
        finally:
            await rpc.call("anvil_stopImpersonatingAccount", sender)
        return answer


@contextlib.asynccontextmanager
async def _exchanging(chain: Chain) -> AsyncIterator[None]:
    """Keep the exchange's own readers from a chain that is shorter than they know."""
    chain.whole.clear()
    try:
        yield
    finally:
        chain.whole.set()


def _nonce(row: tuple[str, Any]) -> int:
    return int(row[0], 10)
