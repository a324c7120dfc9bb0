"""Transactions that move money between accounts of a target: sent in turn, and waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from harness.accounts import Account
from harness.clock import Clock
from harness.errors import TargetError
from harness.provision.ledgers import Ledgers
from harness.world import Driver

MINED_S: Final = 90
"""How long a transaction may take until it is in a block: forty blocks of Polygon."""
LOOK_EVERY_US: Final = 100_000
_SECOND_US: Final = 1_000_000


class Sender:
    """Sends for any account that the run has. `driver_of` gives an account's chain driver."""

    def __init__(self, driver_of: Callable[[Account], Driver], ledgers: Ledgers, clock: Clock) -> None:
        self._driver_of = driver_of
        self._ledgers = ledgers
        self._clock = clock
        self._drivers: dict[str, Driver] = {}

    def all(self, account: Account, calls: Sequence[Mapping[str, Any]]) -> None:
        """Send transactions of an account, in order, and wait until each is in a block.

        Raises TargetError T045 where one is refused, reverts, or is not mined in `MINED_S`.
        """
        for call in calls:
            self._await(account, call, self._sent(account, call))

    def close(self) -> None:
        """Close the connections."""
        for driver in self._drivers.values():
            driver.close()

    def _sent(self, account: Account, call: Mapping[str, Any]) -> str:
        address = account.wallet.address
        if address not in self._drivers:
            self._drivers[address] = self._driver_of(account)
        line = _Told()
        self._drivers[address].send({"transaction": call}, line)
        if line.transaction is None or line.trouble is not None:
            raise _failed(account, call, line.trouble or "it was not sent")
        return line.transaction

    def _await(self, account: Account, call: Mapping[str, Any], transaction: str) -> None:
        ends_us = self._clock.now_us() + MINED_S * _SECOND_US
        while (receipt := self._ledgers.receipt(transaction)) is None:
            if self._clock.now_us() >= ends_us:
                raise _failed(account, call, f"it is in no block after {MINED_S} s ({transaction})")
            threading.Event().wait(LOOK_EVERY_US / _SECOND_US)
        if receipt.get("status") != "0x1":
            raise _failed(account, call, f"it reverted ({transaction})")


class _Told:
    """What became of one transaction."""

    transaction: str | None = None
    trouble: str | None = None

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        self.transaction = None if derived is None else str(derived.get("transaction"))

    def answered(self, wire: Mapping[str, Any]) -> None:
        if "error" in wire:
            self.trouble = str(wire["error"])[:200]

    def lost(self, why: str) -> None:
        self.trouble = why


def _failed(account: Account, call: Mapping[str, Any], why: str) -> TargetError:
    what = str(call.get("function", "a transfer of gas")).partition("(")[0]
    text = f"{what} of {account.name} ({account.wallet.address}) to {call['to']} failed: {why}"
    return TargetError("T045", text)
