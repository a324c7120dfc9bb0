"""Leave to connect comes from the guard only, for what it judged and for nothing else."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import Any

import pytest

from harness import guard
from harness.channels.dial import Dial
from harness.errors import GuardError
from harness.guard import Inquiry, Kind, Permit, Plan
from harness.guard.addresses import Address

from .plans import HERE, PROOFS, RESOLVED, plan


def given_inquiry(**changed: Any) -> Inquiry:
    return guard.inquiry(plan(**changed), RESOLVED)


def given_permit(**changed: Any) -> Permit:
    return guard.permit(given_inquiry(**changed), PROOFS)


def test_a_permit_gives_the_addresses_that_were_judged() -> None:
    """Exactly the hosts and ports of the plan, at the addresses that were looked up then."""
    leave = given_permit()

    assert leave.addresses("clob.staging.test", 443) == ("192.0.2.1", "2001:db8::1")
    assert leave.addresses("CLOB.staging.TEST", 443) == ("192.0.2.1", "2001:db8::1")
    assert leave.addresses("rpc.test", 8545) == ("192.0.2.3",)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("clob.staging.test", 8443),
        ("clob.staging.test", 80),
        ("clob.staging.test.", 443),
        ("clob.staging.test.evil.test", 443),
        ("clobXstaging.test", 443),
        ("evil.clob.staging.test", 443),
        ("staging.test", 443),
        ("192.0.2.1", 443),
        ("198.51.100.1", 443),
        ("clob.prod.test", 443),
        ("127.0.0.1", 443),
        ("localhost", 443),
        ("", 443),
        ("clob.staging.test", True),
        ("clob.staging.test", 0),
    ],
)
def test_any_other_place_is_refused(host: str, port: int) -> None:
    """A name that begins or ends alike, another port, an address by itself: none was judged."""
    with pytest.raises(GuardError) as refused:
        given_permit().addresses(host, port)

    assert str(refused.value).startswith(
        f"G003 {host}:{port} is no address of target 'there': refused (judged"
    )


def test_an_inquiry_asks_and_does_nothing_else() -> None:
    """To ask a target who it is needs its REST, control and chain; no stream and no FIX gateway."""
    asked = given_inquiry(kind=Kind.LOCAL)

    assert [asked.addresses("127.0.0.1", port) for port in (8081, 8083, 8084)] == [("127.0.0.1",)] * 3
    for port in (8082, 8085):
        with pytest.raises(GuardError, match="G003"):
            asked.addresses("127.0.0.1", port)


FORGERIES = {
    "by its constructor": lambda leave: type(leave)(object()),
    "made without it": lambda leave: object.__new__(type(leave)),
    "copied": copy.copy,
    "copied deeply": copy.deepcopy,
    "pickled": lambda leave: pickle.loads(pickle.dumps(leave)),
    "pickled by an old protocol": lambda leave: pickle.loads(pickle.dumps(leave, 0)),
    "replaced": lambda leave: replace(leave),
    "a subclass": lambda leave: type("Forged", (type(leave),), {})(object()),
    "with the type changed": lambda leave: _retyped(leave),
    "something else": lambda leave: type("Leave", (), {"addresses": lambda *_: ("198.51.100.1",)})(),
    "nothing": lambda leave: None,
}


def _retyped(leave: Any) -> Any:
    class Other:
        __slots__ = ("__weakref__",)

    forged = Other()
    object.__setattr__(forged, "__class__", type(leave))
    return forged


@pytest.mark.parametrize("how", FORGERIES)
@pytest.mark.parametrize("give", [given_inquiry, given_permit], ids=["inquiry", "permit"])
def test_forging_gives_nothing_usable(give: Any, how: str) -> None:
    """Neither the dial nor the guard takes a leave that the guard did not give itself."""
    leave = give()
    try:
        forged = FORGERIES[how](leave)
    except (GuardError, TypeError):
        return
    with pytest.raises(GuardError, match="G001"):
        Dial(forged)
    with pytest.raises(GuardError, match="G001"):
        guard.permit(forged, PROOFS)
    if isinstance(forged, Inquiry | Permit):
        for use in (lambda: forged.addresses("clob.staging.test", 443), lambda: forged.plan):
            with pytest.raises(GuardError, match="G001"):
                use()


def test_a_leave_cannot_be_bent() -> None:
    """Nothing can be set on it, and what is done to the plans around it changes nothing."""
    wanted = plan()
    urls = dict(wanted.urls)
    leave = guard.permit(guard.inquiry(replace(wanted, urls=urls), RESOLVED), PROOFS)
    for name in ("plan", "addresses", "anything"):
        with pytest.raises(GuardError, match="G001"):
            setattr(leave, name, None)
        with pytest.raises(AttributeError):
            object.__setattr__(leave, name, None)
    urls["rest"] = "https://clob.prod.test"
    object.__setattr__(leave.plan, "kind", Kind.PRODUCTION)
    with pytest.raises(TypeError):
        leave.plan.urls["rest"] = "https://clob.prod.test"  # type: ignore[index] # that it is not possible

    assert leave.plan == wanted
    with pytest.raises(GuardError, match="G003"):
        leave.addresses("clob.prod.test", 443)


def test_a_permit_is_no_inquiry() -> None:
    """A permit is not traded for another with other proofs."""
    asked: Any = given_permit()
    with pytest.raises(GuardError, match="G001"):
        guard.permit(asked, PROOFS)


OFFERED = [
    ("order_entry", 8085, "FIRM1_PMX_OE", "PMX_FIRM1_OE", None),
    ("order_entry", 8085, "FIRM12_PMX_OE3", "PMX_FIRM12_OE3", None),
    ("drop_copy", 8085, "FIRM1_PMX_DC", "PMX_FIRM1_DC", None),
    ("order_entry", 8085, "FIRM1_PMX_DC", "PMX_FIRM1_DC", "G011"),
    ("order_entry", 8085, "FIRM1_PMX_OE", "PMX_FIRM2_OE", "G011"),
    ("order_entry", 8085, "FIRM1_PMX_OE2", "PMX_FIRM1_OE", "G011"),
    ("order_entry", 8085, "FIRM1_LIVE_OE", "LIVE_FIRM1_OE", "G011"),
    ("order_entry", 8085, "firm1_PMX_OE", "PMX_firm1_OE", "G011"),
    ("order_entry", 8085, "FIRM1_PMX_OE\n", "PMX_FIRM1_OE\n", "G011"),
    ("other.order_entry", 8085, "cc285321-d269-4861-82b1-8f3d782052c9", "OtherRT", None),
    ("other.order_entry", 8085, "cc285321-d269-4861-82b1-8f3d782052c9", "OtherNR", "G011"),
    ("other.order_entry", 8085, "cc285321-d269-4861-82b1-8f3d782052c9-2", "OtherRT", "G011"),
    ("other.order_entry", 8085, "FIRM1", "OtherRT", "G011"),
    ("market_data", 8085, "FIRM1_PMX_MD", "PMX_FIRM1_MD", "G011"),
    ("order_entry", 8086, "FIRM1_PMX_OE", "PMX_FIRM1_OE", "G003"),
]


@pytest.mark.parametrize(("kind", "port", "sender", "target", "code"), OFFERED)
def test_a_fix_session_is_the_target_s_own(
    kind: str, port: int, sender: str, target: str, code: str | None
) -> None:
    """A session is at the gateway that was judged, and both CompIDs are of its kind and one firm's."""
    leave = given_permit(kind=Kind.LOCAL)
    assert leave.plan.addresses["fix"] == Address("127.0.0.1", 8085)

    if code is None:
        leave.session(kind, ("127.0.0.1", port), sender, target)
        return
    with pytest.raises(GuardError) as refused:
        leave.session(kind, ("127.0.0.1", port), sender, target)
    assert refused.value.code == code


def test_a_target_without_a_gateway_offers_no_session() -> None:
    """Where no FIX gateway was judged, whatever is offered is somewhere else."""
    urls = {name: url for name, url in HERE.items() if name != "fix"}
    with pytest.raises(GuardError, match="G003 target 'there' has its FIX gateway at None"):
        given_permit(kind=Kind.LOCAL, urls=urls).session("order_entry", ("127.0.0.1", 8085), "A", "B")


def test_a_plan_is_a_value() -> None:
    """What is planned does not change with what it was made of."""
    urls = dict(HERE)
    made: Plan = plan(Kind.LOCAL, urls=urls)
    urls["rest"] = "http://127.0.0.1:1"

    assert made.urls["rest"] == HERE["rest"]
