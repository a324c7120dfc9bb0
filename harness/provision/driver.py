"""The target channel of an exchange that nobody controls: markets are found, money is brought, and no verb is
known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from harness.accounts import Account
from harness.clerking import ask
from harness.clock import RunClock
from harness.errors import TargetError
from harness.provision.finding import Finder
from harness.provision.funding import Funder
from harness.wire import wallets
from harness.world import Driver, Intent, Line

UPDATE_US: Final = 10_000_000


class ProvisioningDriver:
    """Answers `market` and `fund` as the control API does, with what there is."""

    def __init__(
        self,
        finder: Finder,
        funder: Callable[[], Funder],
        accounts: Mapping[str, Account],
        desk: Callable[[Account], Driver],
        closing: Callable[[], None],
        alone: Callable[[], Any],
    ) -> None:
        """`funder` is made when money is first asked for, and `closing` closes what was opened for it; `desk`
        gives an account's REST driver, `alone` keeps other processes from the treasury."""
        self._finder = finder
        self._funder = funder
        self._accounts = accounts
        self._desk = desk
        self._closing = closing
        self._alone = alone
        self._found: dict[str, dict[str, Any]] = {}

    def send(self, intent: Intent, line: Line) -> None:
        """Do what the intent asks for. Raises TargetError T006, T044, T045 (the environment's fault)."""
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
            self._update(account, market)
        return told

    def _update(self, account: Account, market: Mapping[str, Any] | None) -> None:
        """Have the exchange look at the chain again: it keeps what it saw of an account (CLOB docs,
        balances). What it then says is a case's to judge."""
        kind, clock = wallets.KINDS[account.kind], RunClock()
        tokens = () if market is None else (market["yes"], market["no"])
        queries = ("asset_type=COLLATERAL", *(f"asset_type=CONDITIONAL&token_id={token}" for token in tokens))
        driver = self._desk(account)
        try:
            for query in queries:
                path = f"/balance-allowance/update?{query}&signature_type={kind}"
                ask(driver, "GET", path, UPDATE_US, clock)
        finally:
            driver.close()
