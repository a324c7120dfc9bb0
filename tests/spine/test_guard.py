"""Nothing goes live without a permit, and a permit is for one plan that was judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import GuardError
from harness.guard import Permit, Plan, Proofs, is_loopback, permit

LOCAL = ("http://127.0.0.1:8080", "ws://[::1]:8081", "http://127.9.9.9:1")
PLAN = Plan("venue", "venue", LOCAL, 137, "2026.11.2")
PROOFS = Proofs(healthy=True, build="2026.11.2", chain_id=137)


def test_the_embedded_venue_on_loopback_gets_a_permit() -> None:
    """The right kind, numeric loopback addresses, a healthy venue of this chain and build."""
    assert permit(PLAN, PROOFS).plan == PLAN
    assert permit(replace(PLAN, build=None), replace(PROOFS, build=None)).plan.build is None


REFUSED = [
    (
        {"kind": "live"},
        {},
        "G002",
        "target 'venue' is of kind 'live': only the embedded venue may be written to",
    ),
    ({"kind": "Venue"}, {}, "G002", None),
    ({"urls": ()}, {}, "G003", "target 'venue' names no address, so there is nothing to allow"),
    (
        {"urls": (*LOCAL, "https://clob.polymarket.com")},
        {},
        "G003",
        "target 'venue' points at https://clob.polymarket.com, which is not on this machine: refused",
    ),
    (
        {},
        {"healthy": False},
        "G004",
        "target 'venue' does not prove that it is the venue (healthy: False, chain id 137, expected 137)",
    ),
    (
        {},
        {"chain_id": 1},
        "G004",
        "target 'venue' does not prove that it is the venue (healthy: True, chain id 1, expected 137)",
    ),
    ({}, {"build": "2026.11.1"}, "G005", "target 'venue' is at build 2026.11.1, and 2026.11.2 was asked for"),
    ({}, {"build": None}, "G005", "target 'venue' is at build None, and 2026.11.2 was asked for"),
]


@pytest.mark.parametrize(("planned", "proved", "code", "text"), REFUSED)
def test_anything_else_is_refused_before_it_is_sent(
    planned: dict[str, object], proved: dict[str, object], code: str, text: str | None
) -> None:
    """Each condition alone is enough to refuse, with what was found."""
    plan = Plan(**{**_fields(PLAN), **planned})  # type: ignore[arg-type] # the table holds plain values
    proofs = Proofs(**{**_fields(PROOFS), **proved})  # type: ignore[arg-type] # the table holds plain values
    with pytest.raises(GuardError) as caught:
        permit(plan, proofs)
    assert caught.value.code == code
    assert text is None or caught.value.text == text


def _fields(value: Plan | Proofs) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}


@pytest.mark.parametrize(
    ("url", "local"),
    [
        *((url, True) for url in LOCAL),
        ("http://localhost:1", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://example.com/127.0.0.1", False),
        ("http://127.0.0.1.example.com", False),
        ("http://0.0.0.0:1", False),
        ("http://127.1:1", False),
        ("http://2130706433", False),
        ("http://10.0.0.1", False),
        ("http://[::", False),
        ("127.0.0.1:8080", False),
        ("", False),
    ],
)
def test_only_numeric_loopback_addresses_are_on_this_machine(url: str, local: bool) -> None:
    """Names can lead anywhere, and so can what only looks like an address."""
    assert is_loopback(url) is local


def test_a_permit_cannot_be_made_bent_or_inherited() -> None:
    """Only the guard makes one, and it stays for the plan that was judged."""
    with pytest.raises(GuardError, match="G001 a permit comes from the guard only"):
        Permit(PLAN, object())
    with pytest.raises(GuardError, match="G001"):
        type("Forged", (Permit,), {})
    given = permit(PLAN, PROOFS)
    for name in ("plan", "_plan"):
        with pytest.raises(GuardError, match="G001"):
            setattr(given, name, replace(PLAN, urls=("https://example.com",)))
    assert given.plan == PLAN
    with pytest.raises(AttributeError):
        _ = Permit.__new__(Permit).plan


def test_a_permit_says_where_to_connect() -> None:
    """A permit gives numeric addresses of this machine, and no leave for any other place."""
    leave = permit(PLAN, PROOFS)

    assert leave.addresses("127.0.0.1", 8080) == ("127.0.0.1",)
    assert leave.addresses("::1", 8081) == ("::1",)
    for host in ("localhost", "clob.polymarket.com", "10.0.0.1", ""):
        with pytest.raises(GuardError) as refused:
            leave.addresses(host, 443)
        assert str(refused.value) == f"G003 {host}:443 is not on this machine: refused"
