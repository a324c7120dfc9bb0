"""One look at the chain for a wallet: what it held before and holds now, and the logs in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.checks.movements import LOGS, Wallet
from harness.model import Event
from harness.wire import ctf, jsonrpc


@dataclass(frozen=True, slots=True)
class Held:
    """One look at the chain: what the wallet held before and holds now, by asset, and the logs in between."""

    number: int
    at_us: int
    head: int
    before: Mapping[str, int]
    now: Mapping[str, int]
    logs: tuple[jsonrpc.Log, ...]


def held_calls(wallet: Wallet, tokens: Sequence[str], block: int) -> list[Any]:
    """The look: the head, the balances before and now, the logs since, the head again."""
    asked: list[tuple[str, int | None]] = [(wallet.collateral, None)]
    asked += [(wallet.ctf, int(token)) for token in tokens]
    before = [jsonrpc.balance_call(at, wallet.address, token, block=hex(block)) for at, token in asked]
    now = [jsonrpc.balance_call(at, wallet.address, token) for at, token in asked]
    topics = [ctf.topic0(name) for name in LOGS]
    wanted = {
        "fromBlock": hex(block + 1),
        "toBlock": "latest",
        "address": [wallet.collateral, wallet.ctf, *wallet.exchanges],
        "topics": [topics],
    }
    return [jsonrpc.HEAD, *before, *now, ["eth_getLogs", [wanted]], jsonrpc.HEAD]


def held_at(event: Event, assets: Sequence[str]) -> Held | None:
    """What one look told of some assets; None where it told nothing, or a block came in between."""
    wire = event.data["wire"]
    if jsonrpc.failure(wire) is not None:
        return None
    try:
        first, *words, raw, last = [answer["result"] for answer in wire["answers"]]
        if first != last:
            return None
        amounts = [jsonrpc.quantity(word) for word in words]
        logs = jsonrpc.logs({"answers": [{"result": first}, {"result": raw}]})
    except jsonrpc.UNREADABLE:
        return None
    before = dict(zip(assets, amounts[: len(assets)], strict=True))
    now = dict(zip(assets, amounts[len(assets) :], strict=True))
    return Held(event.number, event.at_us, jsonrpc.quantity(first), before, now, logs)
