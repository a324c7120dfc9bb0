"""Targets prove who they are: what each rule refuses, alone, and in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness import guard
from harness.admission import admitted
from harness.channels import dial
from harness.errors import GuardError, TargetError
from harness.guard import Effect, Identity, Kind, Operation, Plan, Proofs

from .plans import ELSEWHERE, HERE, OPERATIONS, PROOFS, RESOLVED, plan


def refused(judged: Plan, resolved: Any = RESOLVED, proofs: Proofs = PROOFS) -> str:
    """What the guard says against a plan."""
    with pytest.raises(GuardError) as caught:
        guard.permit(guard.inquiry(judged, resolved), proofs)
    return str(caught.value)


def at(kind: Kind = Kind.STAGING, **urls: str) -> Plan:
    """A plan with some addresses changed."""
    made = plan(kind)
    return replace(made, urls={**made.urls, **urls})


def test_the_plans_that_rules_are_tried_on_are_allowed() -> None:
    """Each kind gets a permit as it stands, so that what a test changes is why it is refused."""
    for kind in (Kind.VENUE, Kind.LOCAL, Kind.STAGING, Kind.PRODUCTION):
        made = plan(kind, production=plan().production if kind is not Kind.PRODUCTION else ())
        assert guard.permit(guard.inquiry(made, RESOLVED), PROOFS).plan == made


def test_a_refusal_says_which_steps_write() -> None:
    """Production is read only, and who asked for more is told what it was."""
    steps = tuple(Operation(f"step {number}", "rest: POST /order", Effect.WRITE) for number in range(7))
    text = refused(plan(Kind.PRODUCTION, operations=(*OPERATIONS.values(), *steps)))

    assert text.startswith(
        "G002 the target 'there' is production (named by --target), where nothing is ever written; this run "
        "would: step 'buy': rest: POST /order writes; step 'odd': rest: PATCH /order is not known to only "
        "read; "
    )
    assert text.endswith("; and 4 more. Run it on another target")


@pytest.mark.parametrize("kind", [Kind.VENUE, Kind.LOCAL])
@pytest.mark.parametrize("url", ["http://192.0.2.1:8081", "http://[2001:db8::1]", "http://10.0.0.1"])
def test_an_exchange_of_this_machine_is_on_it(kind: Kind, url: str) -> None:
    """Kinds venue and local are at loopback addresses, each of their channels."""
    for name in HERE:
        told = refused(at(kind, **{name: url}))
        assert told.startswith(f"G009 target 'there' is of kind {kind}, and its {name} is at")


def test_a_name_of_this_machine_must_lead_to_it() -> None:
    """A name is allowed where every address of it is loopback; one that is not is enough to refuse."""
    named = at(Kind.LOCAL, rest="http://exchange.test:8081")

    assert guard.inquiry(named, {"exchange.test": ("127.0.0.1", "::1")})
    told = refused(named, {"exchange.test": ("127.0.0.1", "192.0.2.7")})
    assert told.startswith(
        "G009 target 'there' is of kind local, and its rest is at exchange.test:8081, "
        "which leads to 192.0.2.7: "
    )


PRODUCTION_S = [
    ("rest", "https://clob.prod.test", "clob.prod.test:443 is production"),
    ("rest", "https://CLOB.PROD.TEST", "clob.prod.test:443 is production"),
    ("rest", "https://clob.prod.test:8443", "clob.prod.test is production's host"),
    ("data", "https://clob.polymarket.com", "clob.polymarket.com:443 is production"),
    ("rest", "https://198.51.100.1", "it leads to 198.51.100.1, and so does clob.prod.test:443"),
    ("rest", "https://198.51.100.1:8443", "it leads to 198.51.100.1, and so does clob.prod.test:443"),
    ("ws", "wss://[2001:db8::99]", "it leads to 2001:db8::99, and so does clob.prod.test:443"),
    ("fix", "tcp://198.51.100.2:9878", "it leads to 198.51.100.2, and so does ws.prod.test:443"),
]


KNOWN = ("clob", "gamma-api", "data-api", "relayer-v2", "bridge", "ws-subscriptions-clob", "ws-live-data")


@pytest.mark.parametrize("name", KNOWN)
def test_the_exchange_s_own_hosts_are_production_whatever_they_are_called(name: str) -> None:
    """Nobody has to configure them to be safe from them (the exchange's docs, API introduction)."""
    host = f"{name}.polymarket.com"
    assert f"{host}:443 is production" in refused(at(rest=f"https://{host}"))


@pytest.mark.parametrize(("name", "url", "told"), PRODUCTION_S)
def test_staging_is_nowhere_where_production_is(name: str, url: str, told: str) -> None:
    """By its name, its address in any spelling, another port: nothing of production's is staging's."""
    text = refused(at(**{name: url}))

    assert text.startswith(f"G010 target 'there' is configured as staging, and its {name} is at ")
    assert told in text


def test_a_staging_name_that_leads_to_production_is_refused() -> None:
    """The name is right and its address is not: what counts is where it leads, each of its addresses."""
    pointing = {**RESOLVED, "clob.staging.test": ("192.0.2.1", "198.51.100.1")}

    assert "G010" in refused(plan(), pointing)


def test_production_that_cannot_be_looked_up_cannot_be_told_apart() -> None:
    """Where production is nobody knows now, staging elsewhere is refused; on this machine it is not."""
    unknown = {name: found for name, found in RESOLVED.items() if "prod" not in name}

    assert "clob.prod.test:443 is production and cannot be looked up now" in refused(plan(), unknown)
    assert guard.inquiry(plan(urls=HERE), unknown)


def test_on_one_machine_ports_tell_targets_apart() -> None:
    """Loopback is everybody's: there production's port is production, and another port is not."""
    here = plan(urls=HERE, production=("http://127.0.0.1:9999",))
    assert guard.inquiry(here, {})

    assert "G010" in refused(replace(here, production=(HERE["ws"],)), {})
    named = replace(here, production=("http://prod.test:8081",))
    assert "G010" in refused(named, {"prod.test": ("127.0.0.1",)})


@pytest.mark.parametrize("chain_id", [1, 137])
def test_a_main_net_is_no_staging(chain_id: int) -> None:
    """A node elsewhere on a chain where money is real is refused; one on this machine imitates it."""
    identity = replace(plan().identity, chain_id=chain_id)

    assert f"chain {chain_id} is the main net of " in refused(plan(identity=identity))
    proofs = replace(PROOFS, chain_id=chain_id)
    assert guard.permit(guard.inquiry(plan(identity=identity, urls=HERE), RESOLVED), proofs)


PROVEN = [
    ({"healthy": False}, "G004", "it says that it is not well"),
    ({"environment": "production"}, "G004", "it says it is 'production', expected 'staging'"),
    ({"environment": None}, "G004", "it says it is None, expected 'staging'"),
    ({"environment": "Staging"}, "G004", "it says it is 'Staging', expected 'staging'"),
    ({"chain_id": 137}, "G004", "its node is on chain 137, expected 80002"),
    ({"chain_id": None}, "G004", "its node is on chain None, expected 80002"),
    ({"build": "2026.11.1"}, "G005", "is at build 2026.11.1, and 2026.11.2 was asked for"),
    ({"build": None}, "G005", "does not say at which build it is, and 2026.11.2 was asked for: configure"),
]


@pytest.mark.parametrize(("said", "code", "told"), PROVEN)
@pytest.mark.parametrize("kind", [Kind.VENUE, Kind.LOCAL, Kind.STAGING])
def test_each_proof_alone_is_enough_to_refuse(kind: Kind, said: Any, code: str, told: str) -> None:
    """A target that says something else than its configuration is not the one that was meant."""
    text = refused(plan(kind), proofs=replace(PROOFS, **said))

    assert (text[:4], told in text) == (code, True)


def test_what_nothing_is_said_of_is_not_asked() -> None:
    """Without an expected build any is taken; without a chain no chain id is asked for."""
    urls = {name: url for name, url in ELSEWHERE.items() if name != "chain"}
    made = plan(identity=Identity("staging"), urls=urls)

    assert guard.permit(guard.inquiry(made, RESOLVED), replace(PROOFS, build="any", chain_id=None))


def test_a_target_on_this_machine_may_be_called_anything() -> None:
    """Where no environment is expected, what the target calls itself is not asked."""
    here = plan(Kind.LOCAL, identity=Identity(chain_id=80002))

    assert guard.permit(guard.inquiry(here, {}), replace(PROOFS, environment="somebody's desk"))


def test_a_staging_target_says_how_it_is_told_from_production() -> None:
    """Without an expected environment nothing that is not on this machine for the run is written to."""
    text = refused(plan(identity=Identity(chain_id=80002)))

    assert text.startswith("G004 target 'there' is written to, and nothing says how it proves")


def test_a_chain_without_an_expected_id_proves_nothing() -> None:
    """A node that could be of any chain is not taken."""
    assert "expected None" in refused(plan(identity=Identity("staging")))


def test_a_header_that_leads_elsewhere_is_for_this_machine_only() -> None:
    """Behind one address are many hosts: a case tells only a target on this machine which one it means."""
    trick = Operation("step 'trick'", "rest: GET /book", Effect.UNKNOWN, ("host",))

    text = refused(plan(operations=(trick,)))
    assert text.startswith("G012 step 'trick' says host, which can lead a request to another host")
    assert guard.inquiry(plan(Kind.LOCAL, operations=(trick,)), RESOLVED)


def test_a_target_without_addresses_is_refused() -> None:
    """Nothing to allow is nothing allowed; a name that was not looked up is no address either."""
    assert refused(plan(urls={})).startswith("G003 target 'there' names no address")
    assert refused(plan(), {}).startswith("G003 clob.staging.test, of target 'there', was not looked up")


def test_an_address_with_two_readings_is_refused_before_anything_else() -> None:
    """Nothing is looked up for a target of which one address could mean two places."""
    assert refused(at(ws="wss://user@ws.staging.test")).startswith("G008")
    assert refused(plan(production=("https://0x7f000001",))).startswith("G008")


def test_names_are_looked_up_once_and_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the name leads to after it was judged changes nothing: the judged addresses are dialled."""
    asked: list[str] = []

    def lookup(name: str, *_: object, **__: object) -> list[Any]:
        asked.append(name)
        return [(0, 0, 0, "", (host, 0)) for host in RESOLVED[name]]

    monkeypatch.setattr(dial.socket, "getaddrinfo", lookup)
    permit = admitted(plan(), lambda leave: PROOFS)

    assert sorted(asked) == sorted(RESOLVED)
    monkeypatch.setattr(dial.socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was looked up again"))
    assert permit.addresses("clob.staging.test", 443) == RESOLVED["clob.staging.test"]


def test_a_name_that_is_not_known_is_the_environment_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads nowhere is told as it is."""

    def unknown(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(dial.socket, "getaddrinfo", unknown)
    with pytest.raises(TargetError, match=r"T001 clob\.staging\.test, of target 'there', is not known here"):
        admitted(plan(), lambda leave: PROOFS)
