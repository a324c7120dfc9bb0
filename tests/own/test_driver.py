"""An own step, live: what its function is given, and what is made of what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import coincurve
import pytest

from harness.accounts import Account, Wallet
from harness.channels.own import OwnDriver
from harness.clock import ManualClock
from harness.errors import CaseError, Place
from harness.own import Actor
from harness.targets import Endpoints
from harness.wire.ctf import Contracts

CONTRACTS = Contracts(**dict.fromkeys(Contracts.__dataclass_fields__, "0x" + "11" * 20))
ENDPOINTS = Endpoints("http://rest", "ws://ws", "http://chain", "http://control", 137, CONTRACTS)
ALICE = Account("alice", Wallet(coincurve.PrivateKey(b"\x01" * 32)), "key", "s3cret", "phrase", "safe")


class Line:
    """Keeps what a driver reports."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def sent(self, wire: Mapping[str, Any], derived: Mapping[str, Any] | None = None) -> None:
        self.told.append(("sent", wire))

    def answered(self, wire: Mapping[str, Any]) -> None:
        self.told.append(("answered", wire))

    def lost(self, why: str) -> None:
        self.told.append(("lost", why))


def called(function: Callable[..., Any], arguments: Any = None, account: Account | None = ALICE) -> list[Any]:
    """What a call reports behind its send."""
    line = Line()
    driver = OwnDriver("pay", function, Place("c.yaml", 3, 5), account, ENDPOINTS, ManualClock())
    driver.send({"own": "pay", "arguments": arguments or {}}, line)
    assert line.told[0] == ("sent", {"called": "pay"})
    return line.told[1:]


def test_who_acts_and_where() -> None:
    """The function is given facts of the actor, the target's addresses and the time; nothing secret."""
    seen: list[Actor] = []

    def pay(actor: Actor) -> None:
        seen.append(actor)

    assert called(pay) == [("answered", {"value": None})]
    actor = seen[0]
    assert (actor.name, actor.wallet, actor.funder) == ("alice", "safe", actor.safe)
    assert (actor.target["rest"], actor.chain_id) == ("http://rest", 137)
    assert actor.now_us == ManualClock().started_wall_us
    key = ALICE.wallet.key.to_hex()
    assert not any(secret in repr(actor) for secret in (key, "s3cret", "phrase"))
    assert actor.credentials().private_key == "0x" + key
    assert key not in repr(actor.credentials())


def test_nobody_has_no_credentials() -> None:
    """Without `as` there is nobody to sign for, and the step says so."""
    told = called(lambda actor: str(actor.credentials()), account=None)

    assert told == [("lost", "pay raised ValueError: nobody acts in this step: say 'as'")]


def test_arguments_are_the_functions_own() -> None:
    """What the function does to its arguments is not seen by the recording."""
    arguments = {"legs": [{"size": 5}]}

    def pay(actor: Actor, *, legs: list[dict[str, int]]) -> int:
        legs[0]["size"] = 6
        return legs[0]["size"]

    assert called(pay, arguments) == [("answered", {"value": 6})]
    assert arguments == {"legs": [{"size": 5}]}


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (Decimal("0.10"), Decimal("0.10")),
        ({"a": (1, None, True)}, {"a": [1, None, True]}),
        (2**70, 2**70),
        ("text", "text"),
    ],
)
def test_values_are_kept_exactly(given: Any, value: Any) -> None:
    """JSON values come back as a replay will read them: decimals with their digits, tuples as lists."""
    told = called(lambda actor: given)

    assert told == [("answered", {"value": value})]
    assert repr(told[0][1]["value"]) == repr(value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"a": [0, 0.1]}, "the step 'pay' gave 0.1 at a[1], a float, which is no exact JSON: give a Decimal"),
        (b"x", "the step 'pay' gave b'x', a bytes"),
        ({1: 2}, "a mapping with the key 1: keys are text"),
        (Decimal("NaN"), "NaN, which is no number of JSON"),
    ],
)
def test_what_is_no_json_is_the_functions_fault(given: Any, told: str) -> None:
    """A float or an object is refused at the step, with where it stands in the value."""
    with pytest.raises(CaseError) as refused:
        called(lambda actor: given)

    assert told in str(refused.value)
    assert str(refused.value).startswith("c.yaml:3:5: C065")


def test_an_exception_is_an_answer_that_never_came() -> None:
    """What the function raises is told in its own words."""

    def pay(actor: Actor) -> None:
        raise KeyError("vault")

    assert called(pay) == [("lost", "pay raised KeyError: 'vault'")]
