"""Putting together what provides markets and money where accounts are lent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, Final

from harness import asking
from harness.accounts import Account, Register, Wallet
from harness.channels.dial import Dial
from harness.channels.target import TargetDriver
from harness.clerking import ask
from harness.clock import Clock, RunClock
from harness.errors import TargetError
from harness.pool.locks import Locks
from harness.pool.values import Entry
from harness.provision.driver import ProvisioningDriver
from harness.provision.finding import Finder
from harness.provision.rules import Supply
from harness.targets import Endpoints
from harness.world import Driver

ASKED_US: Final = 10_000_000


def provisioning(
    endpoints: Endpoints,
    supply: Supply,
    accounts: Mapping[str, Account],
    *,
    dial: Dial,
    clock: Clock,
    register: Register,
    desk: Callable[[Account], Driver],
    control: TargetDriver | None = None,
) -> ProvisioningDriver:
    """The driver of the target channel, for the accounts of one case; a `control` API makes the markets."""

    def asked(path: str) -> Any:
        answer, _ = asking.exchange(dial, "GET", f"{endpoints.rest}{path}")
        return answer

    def untraded(condition: str) -> bool:
        """Whether none of the accounts has traded in a market, as each is told."""
        for account in accounts.values():
            driver = desk(account)
            try:
                path = f"/data/trades?market={condition}&next_cursor=MA=="
                body = ask(driver, "GET", path, ASKED_US, RunClock()).body
            finally:
                driver.close()
            if not isinstance(body, Mapping) or body.get("data"):
                return False
        return True

    locks = Locks()
    finder = control or Finder(
        asked, endpoints.contracts, supply.rules, supply.who, untraded, supply.untold, locks
    )

    def positions(address: str) -> list[str]:
        """The tokens that an address holds, as the data API tells; none where there is no such host."""
        if not endpoints.data:
            return []
        rows, _ = asking.exchange(dial, "GET", f"{endpoints.data}/positions?user={address}")
        held = rows if isinstance(rows, list) else []
        return [str(row["asset"]) for row in held if isinstance(row, Mapping) and "asset" in row]

    bank = _Bank(endpoints, supply.treasury, dial, clock, register, positions)
    name = None if supply.treasury is None else f"treasury {supply.treasury.address}"
    alone = nullcontext if name is None else (lambda: locks.alone(name))
    return ProvisioningDriver(finder, bank.funder, accounts, desk, bank.close, alone, control)


class _Bank:
    """Opens what money is moved with when it is first needed: what signs takes a while to import."""

    def __init__(
        self,
        endpoints: Endpoints,
        treasury: Entry | None,
        dial: Dial,
        clock: Clock,
        register: Register,
        positions: Callable[[str], list[str]],
    ) -> None:
        self._positions = positions
        self._endpoints = endpoints
        self._entry = treasury
        self._dial = dial
        self._clock = clock
        self._register = register
        self._closing: list[Callable[[], None]] = []
        self._funder: Any = None

    def funder(self) -> Any:
        """What funds accounts. Raises TargetError T045 where the target has no chain."""
        if self._funder is None:
            self._funder = self._opened()
        return self._funder

    def close(self) -> None:
        """Close the connections."""
        while self._closing:
            self._closing.pop()()

    def _opened(self) -> Any:
        from harness.channels.chain import ChainDriver
        from harness.channels.node import Node
        from harness.provision.funding import Funder
        from harness.provision.ledgers import Ledgers
        from harness.provision.sending import Sender

        endpoints, clock = self._endpoints, self._clock
        if not endpoints.chain:
            text = "what accounts hold is read from the chain, and the target names none"
            raise TargetError("T045", f"{text}: name its `chain`, or its control API")
        node = Node(endpoints.chain, self._dial, clock, endpoints.chain_id)
        ledgers = Ledgers(node, endpoints.contracts)

        def driver_of(account: Account) -> Driver:
            return ChainDriver(
                endpoints.chain,
                account,
                dial=self._dial,
                chain_id=endpoints.chain_id,
                clock=clock,
                register=self._register,
            )

        sender = Sender(driver_of, ledgers, clock)
        self._closing += [node.close, sender.close]
        treasury = None
        if self._entry is not None:
            treasury = Account("treasury", Wallet.of(self._entry.key.reveal()), "", "", "")
        return Funder(endpoints.contracts, endpoints.chain_id, ledgers, sender, treasury, self._positions)
