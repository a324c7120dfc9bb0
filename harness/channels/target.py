"""The target channel: what `given` asks for is provided by the venue's control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx

from harness import exactjson
from harness.accounts import Account
from harness.errors import TargetError
from harness.wire import ctf, http
from harness.world import Intent, Line

PROVIDE_S: Final = 30


class ProvisionDriver:
    """Provides markets and funds on the venue. Ids of a market are computed by us and compared."""

    def __init__(self, control_url: str, accounts: Mapping[str, Account], collateral: str) -> None:
        self._client = httpx.Client(base_url=control_url, trust_env=False, timeout=PROVIDE_S)
        self._accounts = accounts
        self._collateral = collateral

    def send(self, intent: Intent, line: Line) -> None:
        """Provide what the intent asks for. Raises TargetError where the venue does not (the environment)."""
        line.sent({"control": sorted(intent)})
        if "fund" in intent:
            self._fund(intent, line)
        else:
            line.answered({"market": self._market(intent["market"])})

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _market(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        facts = self._post("/markets", {key: http.text_of(value) for key, value in wanted.items()})
        condition = ctf.condition_id(facts["oracle"], facts["question_id"])
        for outcome, index_set in (("yes", 1), ("no", 2)):
            token = ctf.position_id(self._collateral, ctf.collection_id(condition, index_set))
            if condition != facts["condition"] or str(token) != facts[outcome]:
                text = f"the venue's market {facts['condition']} has not the ids of its condition"
                raise TargetError("T003", text)
        return facts

    def _fund(self, intent: Intent, line: Line) -> None:
        funded = {}
        for holder, amounts in intent["fund"].items():
            account = self._accounts.get(holder)
            if account is None:
                raise TargetError("T003", f"nobody is called {holder!r}: only actors are funded")
            asked = {asset: http.text_of(amount) for asset, amount in amounts.items()}
            if "market" in intent:
                asked["market"] = intent["market"]
            funded[holder] = self._post("/fund", {"address": account.wallet.address, **asked})
        line.answered({"funded": funded})

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            headers = {"content-type": "application/json"}
            response = self._client.post(path, content=exactjson.dumps(body).encode(), headers=headers)
            answer = exactjson.loads(response.content)
        except (httpx.HTTPError, ValueError) as error:
            raise TargetError("T003", f"the venue did not provide {path}: {error}") from None
        if response.status_code != 200 or not isinstance(answer, dict):
            raise TargetError("T003", f"the venue did not provide {path}: {response.status_code} {answer}")
        return answer
