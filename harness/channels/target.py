"""The target channel: what `given` asks for, and what no customer can do, through the venue's control API."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from harness import exactjson
from harness.accounts import Account
from harness.channels.dial import Dial
from harness.channels.web import UnansweredError, Web
from harness.clock import Clock
from harness.errors import TargetError
from harness.wire import ctf, http
from harness.wire.exchange import Answer, request_of
from harness.world import Intent, Line

PROVIDE_S: Final = 30


class TargetDriver:
    """Provides markets and funds on the venue, and begins its verbs; closing it ends what they began.

    Ids of a market are computed by us and compared. Any number of threads may ask at once.
    """

    def __init__(
        self,
        control_url: str,
        accounts: Mapping[str, Account],
        contracts: ctf.Contracts,
        *,
        dial: Dial,
        clock: Clock,
    ) -> None:
        self._web = Web(control_url, dial, clock, exchange_s=PROVIDE_S)
        self._accounts = accounts
        self._contracts = contracts
        self._verbs: tuple[str, ...] | None = None
        self._begun = False
        self._funded: set[str] = set()

    def send(self, intent: Intent, line: Line) -> None:
        """Do what the intent asks for. Raises TargetError where the venue does not, or cannot (the
        environment)."""
        line.sent({"control": sorted(intent)})
        if "target" in intent:
            self._begin(intent["target"], intent, line)
        elif "fund" in intent:
            self._fund(intent, line)
        elif "count" in intent["market"]:
            wanted = {key: value for key, value in intent["market"].items() if key != "count"}
            line.answered({"markets": self.find(wanted, intent["market"]["count"])})
        else:
            line.answered({"market": self._market(intent["market"])})

    def probe(self) -> None:
        """Nothing: every answer is a sign of life."""

    def close(self) -> None:
        """End what the verbs began, so that no halt reaches the next case; close the connections."""
        with self._web, contextlib.suppress(UnansweredError):
            if self._begun:
                self._exchange("DELETE", "/verbs")

    def _begin(self, verb: str, intent: Intent, line: Line) -> None:
        if self._verbs is None:
            self._verbs = tuple(self._asked("GET", "/verbs").get("verbs", ()))
        if verb not in self._verbs:
            known = ", ".join(self._verbs) or "nothing of the kind"
            raise TargetError("T006", f"this target cannot {verb}: it can {known}")
        self._begun = True
        given = {key: value for key, value in intent.items() if key != "target"}
        body = {key: str(value) if isinstance(value, Decimal) else value for key, value in given.items()}
        if not self._post(f"/verbs/{verb}", body):
            raise TargetError("T006", f"this target cannot {verb}, although it lists it")
        line.answered({"begun": verb})

    def find(self, wanted: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
        """So many new markets; of the neg-risk kind they are the questions of one event."""
        made = [self._market(wanted)]
        event = made[0].get("neg_risk_market_id")
        joined = {**wanted, "event": event} if event else wanted
        return made + [self._market(joined) for _ in range(count - 1)]

    def _market(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        facts = self._post("/markets", {key: _said(value) for key, value in wanted.items()})
        contracts, neg_risk = self._contracts, facts.get("neg_risk") is True
        condition = ctf.condition_id(facts["oracle"], facts["question_id"])
        for outcome, index_set in (("yes", 1), ("no", 2)):
            backing = contracts.wrapped if neg_risk else contracts.usdce
            token = ctf.position_id(backing, ctf.collection_id(condition, index_set))
            if condition != facts["condition"] or str(token) != facts[outcome]:
                text = f"the venue's market {facts['condition']} has not the ids of its condition"
                raise TargetError("T003", text)
        return facts

    def _fund(self, intent: Intent, line: Line) -> None:
        more = {key: intent[key] for key in ("market", "approve") if key in intent}
        funded = {}
        for holder, amounts in intent["fund"].items():
            account = self._accounts.get(holder)
            if account is None:
                raise TargetError("T003", f"nobody is called {holder!r}: only actors are funded")
            asked = {asset: http.text_of(amount) for asset, amount in amounts.items()}
            if (
                account.funder != account.wallet.address
            ):  # the key sends transactions: it has gas, and no more
                self._post("/fund", {"address": account.wallet.address, "approve": False})
            funded[holder] = self._post("/fund", {"address": account.funder, **asked, **more})
            self._refuse_more(account, asked, funded[holder])
        line.answered({"funded": funded})

    def _refuse_more(self, account: Account, asked: Mapping[str, str], held: Mapping[str, Any]) -> None:
        """An account that is lent again may hold what an earlier case left: this API takes nothing away."""
        first = account.funder not in self._funded
        self._funded.add(account.funder)
        if not first:
            return
        for asset in ("collateral", "yes", "no"):
            has, want = Decimal(str(held.get(asset, 0))), Decimal(asked.get(asset, "0"))
            if has > want:
                text = f"{account.name} ({account.funder}) holds {has:f} of {asset}, and the case asks for "
                text += f"{want:f}: an earlier case left it, and the control API takes none away"
                do = "name a `treasury` for it to go to, or leave the target's `accounts` out"
                raise TargetError("T045", f"{text}: {do}")

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._asked("POST", path, exactjson.dumps(body).encode())

    def _asked(self, method: str, path: str, content: bytes = b"") -> dict[str, Any]:
        try:
            came = self._exchange(method, path, content)
            if came.status == 404 and path.startswith("/verbs"):
                return {}
            answer = exactjson.loads(came.body)
        except (UnansweredError, ValueError) as error:
            raise TargetError("T003", f"the venue did not provide {path}: {error}") from None
        if came.status != 200 or not isinstance(answer, dict):
            raise TargetError("T003", f"the venue did not provide {path}: {came.status} {answer}")
        return answer

    def _exchange(self, method: str, path: str, content: bytes = b"") -> Answer:
        headers = {"content-type": "application/json"}
        return self._web.exchange(request_of(method, self._web.host, self._web.path + path, headers, content))


def _said(value: Any) -> Any:
    """A value of a market as the control API takes it: amounts as texts."""
    return value if isinstance(value, int | bool) else http.text_of(value)
