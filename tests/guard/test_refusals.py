"""What the guard keeps of a permit, and the words of its refusals: sessions, plans, inquiries, leaves."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from harness import guard
from harness.errors import GuardError
from harness.guard import (
    Address,
    CompIDs,
    Effect,
    Identity,
    Kind,
    Mode,
    Operation,
    Origin,
)

from .plans import ELSEWHERE, HERE, PROOFS, RESOLVED, plan

SESSIONS = [
    (CompIDs("{FIRM}_OE", "X_{FIRM}"), "A" * 32 + "_OE1234", "X_" + "A" * 32 + "1234", True),
    (CompIDs("{FIRM}_OE", "X_{FIRM}"), "A" * 33 + "_OE", "X_" + "A" * 33, False),
    (CompIDs("{FIRM}_OE", "X_{FIRM}"), "A_OE12345", "X_A12345", False),
    (CompIDs("{FIRM}_OE", "X_{FIRM}"), "_OE", "X_", False),
    (CompIDs("{FIRM}.OE", "X"), "AXOE", "X", False),
    (CompIDs("A.B", "X"), "A.B", "X", True),
    (CompIDs("A.B", "X"), "AxB", "X", False),
    (CompIDs("A", "X"), "A7", "X7", True),
    (CompIDs("A", "X"), "A7", "X", False),
]


@pytest.mark.parametrize(("expected", "sender", "target", "fits"), SESSIONS)
def test_the_compids_of_a_session(expected: CompIDs, sender: str, target: str, fits: bool) -> None:
    """One firm of up to 32 letters and digits and a number of up to four, the same on both sides."""
    made = plan(Kind.LOCAL, identity=Identity("staging", 80002, "2026.11.2", {"oe": expected}))
    leave = guard.permit(guard.inquiry(made, RESOLVED), PROOFS)
    if fits:
        leave.session("oe", ("127.0.0.1", 8085), sender, target)
        return
    with pytest.raises(GuardError) as refused:
        leave.session("oe", ("127.0.0.1", 8085), sender, target)
    assert refused.value.text == (
        f"a FIX session of 'there' has the CompIDs {sender} and {target}, "
        f"expected {expected.sender} and {expected.target}"
    )


def test_what_a_session_is_refused_for() -> None:
    """Another gateway, no such kind, none at all: in words."""
    made = plan(Kind.LOCAL, identity=Identity("staging", 80002, "2026.11.2", None))
    leave = guard.permit(guard.inquiry(made, RESOLVED), PROOFS)
    with pytest.raises(GuardError) as refused:
        leave.session("oe", ("127.0.0.1", 8085), "A", "B")
    assert str(refused.value) == (
        "G011 a FIX session of 'there' has the CompIDs A and B, expected none of this kind"
    )
    with pytest.raises(GuardError) as refused:
        leave.session("oe", ("127.0.0.1", 8086), "A", "B")
    assert str(refused.value) == (
        "G003 target 'there' has its FIX gateway at 127.0.0.1:8085, and offers a session at 127.0.0.1:8086"
    )
    asked = guard.inquiry(made, RESOLVED)
    with pytest.raises(GuardError, match=r"G003 127\.0\.0\.1:8085 is no address"):
        asked.session("oe", ("127.0.0.1", 8085), "A", "B")


def test_what_a_permit_keeps() -> None:
    """The build that was proven, and the addresses of ports from 1 to 65535."""
    urls = {"rest": "http://127.0.0.1:65535", "ws": "ws://127.0.0.1:1"}
    made = plan(Kind.LOCAL, urls=urls, identity=Identity())
    asked = guard.inquiry(made, {})
    leave = guard.permit(asked, PROOFS)
    assert leave.build == "2026.11.2"
    assert leave.addresses("127.0.0.1", 65535) == leave.addresses("127.0.0.1", 1) == ("127.0.0.1",)
    with pytest.raises(GuardError) as refused:
        leave.addresses("a..b", 80)
    assert str(refused.value) == (
        "G003 a..b:80 is no address of target 'there': refused (judged are 127.0.0.1:1, 127.0.0.1:65535)"
    )
    odd: Any
    for odd in (7, None, b"127.0.0.1"):
        with pytest.raises(GuardError, match="G003"):
            leave.addresses(odd, 1)
    silent = guard.inquiry(plan(Kind.LOCAL, urls={"ws": "ws://127.0.0.1:1"}, identity=Identity()), {})
    with pytest.raises(GuardError, match=r"refused \(judged are none\)"):
        silent.addresses("127.0.0.1", 1)
    with pytest.raises(GuardError, match="G003"):
        asked.addresses("127.0.0.1", 1)


def refused(kind: Kind = Kind.STAGING, resolved: Any = RESOLVED, **changed: Any) -> str:
    with pytest.raises(GuardError) as caught:
        guard.permit(guard.inquiry(plan(kind, **changed), resolved), PROOFS)
    return str(caught.value)


def test_the_first_five_writes_are_told() -> None:
    """Five are told without more; of six one is more."""
    steps = [Operation(f"s{number}", "w", Effect.WRITE) for number in range(6)]
    five = "; ".join(f"s{number}: w writes" for number in range(5))
    assert f"would: {five}. Run it on another target" in refused(Kind.PRODUCTION, operations=tuple(steps[:5]))
    assert f"would: {five}; and 1 more. Run" in refused(Kind.PRODUCTION, operations=tuple(steps))


def test_the_guard_s_refusals_in_their_words() -> None:
    """Who, where, and why, for each rule that judges addresses."""
    away = {**HERE, "rest": "http://192.0.2.1:8081"}
    assert refused(Kind.LOCAL, urls=away) == (
        "G009 target 'there' is of kind local, and its rest is at 192.0.2.1:8081: that is not on this "
        "machine, where such a target is"
    )
    named = {**HERE, "rest": "http://x.test:1"}
    assert "which leads to 192.0.2.1, 192.0.2.2: that" in refused(
        Kind.VENUE, {"x.test": ("127.0.0.1", "192.0.2.1", "192.0.2.2")}, urls=named
    )
    assert refused(Kind.UNKNOWN) == (
        "G006 nobody knows what the target 'there' is (named by --target): configure it, with its kind"
    )
    assert refused(urls={**ELSEWHERE, "rest": "https://clob.prod.test"}) == (
        "G010 target 'there' is configured as staging, and its rest is at clob.prod.test:443: "
        "clob.prod.test:443 is production. Nothing is asked of it"
    )
    trick = Operation("a", "b", Effect.READ, ("host", "x-host"))
    assert refused(operations=(trick,)).startswith("G012 a says host, x-host, which can lead")
    assert refused(Kind.PRODUCTION, operations=(trick,), production=()).startswith("G012 a says host, x-host")


def test_an_inquiry_s_words_for_plans() -> None:
    """How kinds, modes and origins are written, and how an operation is told."""
    assert [str(each) for each in Kind] == ["venue", "local", "staging", "production", "unknown"]
    assert [str(each) for each in Mode] == ["live", "record", "replay"]
    assert [str(each) for each in Origin] == [
        *("--target", "PYTEST_ADDOPTS", "addopts of the configuration", "the case")
    ]
    told = [str(Operation("a", "b", effect)) for effect in Effect]
    assert told == ["a: b reads", "a: b writes", "a: b is not known to only read"]


def test_a_leave_is_made_by_nobody_else() -> None:
    """Neither by its class, nor by one that is made of it, nor by a copy."""
    leave = guard.permit(guard.inquiry(plan(), RESOLVED), PROOFS)
    makers: list[Any] = [
        lambda: guard.Permit(object()),
        lambda: guard.Inquiry(None),
        lambda: type("Mine", (guard.Permit,), {}),
        lambda: type("Mine", (guard.Inquiry,), {}),
        lambda: copy.copy(leave),
        lambda: copy.deepcopy(leave),
        lambda: leave.__reduce_ex__(4),
        lambda: setattr(leave, "x", 1),
    ]
    for make in makers:
        with pytest.raises(GuardError, match="G001 leave to connect comes from the guard only"):
            make()


def test_a_target_on_loopback_may_share_the_host_of_production() -> None:
    """Another port of it is another place; by its host alone only other machines are told apart."""
    here = plan(Kind.LOCAL, production=("http://127.0.0.1:9999", "http://localhost.test:1"))
    assert guard.inquiry(here, {"localhost.test": ("127.0.0.1",)})
    assert "main net" not in refused(
        Kind.LOCAL, identity=Identity("staging", 137), production=(HERE["fix"].replace("tcp", "http"),)
    )
    main = replace_chain(137)
    assert guard.inquiry(plan(Kind.LOCAL, identity=main), RESOLVED)
    assert guard.inquiry(plan(Kind.PRODUCTION, identity=main, production=()), RESOLVED)
    without = {name: url for name, url in ELSEWHERE.items() if name != "chain"}
    assert guard.inquiry(plan(identity=main, urls=without), RESOLVED)
    assert refused(identity=main).startswith(
        "G010 target 'there' is configured as staging, and its chain is at rpc.test:8545: chain 137 is the "
        "main net of Polygon, where money is real"
    )
    assert "main net of Ethereum" in refused(identity=replace_chain(1))


def replace_chain(chain_id: int) -> Identity:
    return Identity("staging", chain_id, "2026.11.2")


def test_names_that_lead_to_several_addresses_are_pinned_once_each() -> None:
    """In the order of the look-up, in their one spelling."""
    resolved = {**RESOLVED, "clob.staging.test": ("192.0.2.9", "2001:DB8::5", "192.0.2.9", "2001:db8:0::5")}
    leave = guard.permit(guard.inquiry(plan(), resolved), PROOFS)
    assert leave.addresses("clob.staging.test", 443) == ("192.0.2.9", "2001:db8::5")
    assert leave.plan.elsewhere == {Address("clob.prod.test", 443), Address("ws.prod.test", 443)}
