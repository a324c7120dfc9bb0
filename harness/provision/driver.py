"""The target channel where accounts are lent: money is brought from a treasury, exactly.

Markets are found, and no verb is known, unless a control API makes the ones and knows the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol

from harness.accounts import Account
from harness.clerking import ask
from harness.clock import RunClock
from harness.errors import TargetError
from harness.provision.funding import Funder
from harness.provision.ledgers import COLLATERAL
from harness.wire import wallets
from harness.wire.clob import BASE_UNITS
from harness.world import Driver, Intent, Line

AGREES_US: Final = 10_000_000
"""So long the exchange has to tell of money that is on the chain."""
LOOK_EVERY_US: Final = 200_000


class Markets(Protocol):
    """Where markets come from."""

    def find(self, wanted: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
        """So many markets as these keys of a case ask for. Raises TargetError."""

    def close(self) -> None:
        """Let others have them."""


class ProvisioningDriver:
    """Answers `market` and `fund` as a control API does, with what there is; `control` is told the verbs."""

    def __init__(
        self,
        finder: Markets,
        funder: Callable[[], Funder],
        accounts: Mapping[str, Account],
        desk: Callable[[Account], Driver],
        closing: Callable[[], None],
        alone: Callable[[], Any],
        control: Driver | None = None,
    ) -> None:
        """`funder` is made when money is first asked for, and `closing` closes what was opened for it; `desk`
        gives an account's REST driver, `alone` keeps other processes from the treasury."""
        self._finder = finder
        self._funder = funder
        self._accounts = accounts
        self._desk = desk
        self._closing = closing
        self._alone = alone
        self._control = control
        self._found: dict[str, dict[str, Any]] = {}

    def send(self, intent: Intent, line: Line) -> None:
        """Do what the intent asks for. Raises TargetError T006, T044, T045 (the environment's fault)."""
        if "target" in intent and self._control is not None:
            self._control.send(intent, line)
            return
        line.sent({"provided": sorted(intent)})
        if "target" in intent:
            text = f"this target has no control API, so it cannot {intent['target']}"
            raise TargetError("T006", f"{text}: only an exchange for tests can be told to")
        if "fund" in intent:
            line.answered({"funded": self._fund(intent)})
            return
        wanted = {key: value for key, value in intent["market"].items() if key != "count"}
        markets = self._finder.find(wanted, intent["market"].get("count", 1))
        self._found |= {market["condition"]: market for market in markets}
        if "count" in intent["market"]:
            line.answered({"markets": markets})
        else:
            line.answered({"market": markets[0]})

    def probe(self) -> None:
        """Nothing: every answer is a sign of life."""

    def close(self) -> None:
        """Let others have the markets."""
        self._finder.close()
        self._closing()

    def _fund(self, intent: Intent) -> dict[str, dict[str, str]]:
        wanted = []
        for holder, amounts in intent["fund"].items():
            if holder not in self._accounts:
                raise TargetError("T003", f"nobody is called {holder!r}: only actors are funded")
            wanted.append((self._accounts[holder], amounts))
        market = self._found.get(str(intent.get("market")))
        if market is None and "market" in intent:
            raise TargetError("T045", f"{intent['market']} is no market that was found for this case")
        with self._alone():
            told = self._funder().fund(wanted, market, approve=intent.get("approve", True))
        for account, _ in wanted:
            self._await(account, market, told.get(account.name, {}))
        return told

    def _await(self, account: Account, market: Mapping[str, Any] | None, held: Mapping[str, str]) -> None:
        """Have the exchange look at the chain again (CLOB docs, balances), and wait until it tells of the
        money: it may read a node that is behind. Where it does not, that is the case's to judge."""
        kind, clock = wallets.KINDS[account.kind], RunClock()
        tokens = () if market is None else (market["yes"], market["no"])
        asked = {COLLATERAL: "asset_type=COLLATERAL"}
        asked |= {token: f"asset_type=CONDITIONAL&token_id={token}" for token in tokens}
        driver = self._desk(account)
        try:
            for asset, query in asked.items():
                where = f"{query}&signature_type={kind}"
                ask(driver, "GET", f"/balance-allowance/update?{where}", AGREES_US, clock)
                want = Decimal(held.get(asset, "0")) * BASE_UNITS
                while clock.now_us() < AGREES_US:
                    body = ask(driver, "GET", f"/balance-allowance?{where}", AGREES_US, clock).body
                    balance = str(body.get("balance")) if isinstance(body, Mapping) else ""
                    if balance.isdecimal() and int(balance) >= want:
                        break
                    threading.Event().wait(LOOK_EVERY_US / 1_000_000)
        finally:
            driver.close()
