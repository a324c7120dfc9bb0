"""A step that the project added, live: its function is called, and what it gives is the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from harness import exactjson
from harness.accounts import Account
from harness.clock import Clock
from harness.errors import CaseError, Place, Problem
from harness.limits import JSON_DEPTH
from harness.own import Actor, Credentials
from harness.targets import Endpoints
from harness.world import Intent, Line

_HOSTS: Final = ("rest", "ws", "chain", "control", "data", "gamma", "relayer", "rtds")


class OwnDriver:
    """Calls one function of the project as one actor. What it raises is an answer that never came."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        place: Place,
        account: Account | None,
        endpoints: Endpoints,
        clock: Clock,
    ) -> None:
        self._name = name
        self._function = function
        self._place = place
        self._account = account
        self._endpoints = endpoints
        self._clock = clock

    def send(self, intent: Intent, line: Line) -> None:
        """Call the function. Raises CaseError C065 where what it gives is no JSON (the project's fault)."""
        line.sent({"called": self._name})
        try:
            given = self._function(self._actor(), **deepcopy(intent["arguments"]))
        except Exception as error:
            line.lost(f"{self._name} raised {type(error).__name__}: {error}")
            return
        try:
            value = as_json(given)
        except ValueError as error:
            text = f"the step {self._name!r} gave {error}"
            raise CaseError([Problem(self._place, "C065", text)]) from None
        line.answered({"value": value})

    def probe(self) -> None:
        """Nothing: every answer is a sign of life."""

    def close(self) -> None:
        """Nothing: a function keeps nothing open."""

    def _actor(self) -> Actor:
        facts: Mapping[str, str] = {} if self._account is None else self._account.facts
        account, endpoints = self._account, self._endpoints
        hosts = {name: getattr(endpoints, name) for name in _HOSTS if getattr(endpoints, name)}
        return Actor(
            name="" if account is None else account.name,
            **{
                each: facts.get(each, "")
                for each in ("address", "funder", "proxy", "safe", "deposit_wallet", "wallet")
            },
            target=MappingProxyType(hosts),
            contracts=MappingProxyType(asdict(endpoints.contracts)),
            chain_id=endpoints.chain_id,
            now_us=self._clock.started_wall_us + self._clock.now_us(),
            _unlock=None if account is None else lambda: _credentials(account),
        )


def _credentials(account: Account) -> Credentials:
    return Credentials(
        "0x" + account.wallet.key.to_hex(), account.api_key, account.secret, account.passphrase
    )


def as_json(given: Any) -> Any:
    """A value as JSON keeps it, exactly as a replay reads it. Raises ValueError, whose text says what is not
    JSON, where, and what to give instead."""
    _refuse(given, "", 0)
    return exactjson.loads(exactjson.dumps(given))


def _refuse(given: Any, at: str, depth: int) -> None:
    where = f" at {at.removeprefix('.')}" if at else ""
    if depth > JSON_DEPTH:
        raise ValueError(f"a value nested deeper than {JSON_DEPTH} levels")
    if isinstance(given, Decimal) and not given.is_finite():
        raise ValueError(f"{given}{where}, which is no number of JSON")
    if given is None or isinstance(given, str | bool | int | Decimal):
        return
    if isinstance(given, Mapping):
        for key, value in given.items():
            if not isinstance(key, str):
                raise ValueError(f"a mapping with the key {key!r}{where}: keys are text")
            _refuse(value, f"{at}.{key}", depth + 1)
    elif isinstance(given, list | tuple):
        for number, value in enumerate(given):
            _refuse(value, f"{at}[{number}]", depth + 1)
    else:
        kind = type(given).__name__
        told = "give a Decimal or a text" if kind == "float" else "give text, numbers, lists and mappings"
        raise ValueError(f"{given!r:.60}{where}, a {kind}, which is no exact JSON: {told}")
