"""A writing plan never reaches production: the whole truth table, and random plans beside it."""

from __future__ import annotations

import itertools
import socket
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import guard
from harness.admission import admitted
from harness.errors import GuardError
from harness.guard import Effect, Identity, Inquiry, Kind, Mode, Operation, Origin, Permit, Plan, Proofs

from .plans import HERE, OPERATIONS, PROOFS, RESOLVED, plan

EFFECTS = (Effect.READ, Effect.WRITE, Effect.UNKNOWN)
KINDS = (Kind.PRODUCTION, Kind.STAGING, Kind.LOCAL, Kind.UNKNOWN)
ALLOWED, REFUSED = "allowed", "refused"

TABLE = """
effect   kind        live     record   replay
read     production  allowed  allowed  allowed
read     staging     allowed  allowed  allowed
read     local       allowed  allowed  allowed
read     unknown     refused  refused  allowed
write    production  refused  refused  allowed
write    staging     allowed  allowed  allowed
write    local       allowed  allowed  allowed
write    unknown     refused  refused  allowed
unknown  production  refused  refused  allowed
unknown  staging     allowed  allowed  allowed
unknown  local       allowed  allowed  allowed
unknown  unknown     refused  refused  allowed
"""
"""The answer, whoever named the target: each cell is asked once for every origin."""
CELLS = [
    (Effect(effect), Kind(kind), mode, origin, word)
    for effect, kind, *words in map(str.split, TABLE.strip().splitlines()[1:])
    for mode, word in zip(Mode, words, strict=True)
    for origin in Origin
]


class _Opened(Exception):
    """Something was looked up or connected to."""


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever would look a name up or connect fails at once."""

    def opened(*_: object, **__: object) -> None:
        raise _Opened

    for name in ("getaddrinfo", "gethostbyname", "create_connection", "socket"):
        monkeypatch.setattr(socket, name, opened)


def test_the_table_is_whole() -> None:
    """Every combination stands in it once: 144 cells, of which exactly 40 are refused."""
    assert sorted(cell[:4] for cell in CELLS) == sorted(itertools.product(EFFECTS, KINDS, Mode, Origin))
    assert (len(CELLS), sum(cell[4] == REFUSED for cell in CELLS)) == (144, 40)


@pytest.mark.parametrize(
    ("effect", "kind", "mode", "origin", "word"),
    CELLS,
    ids=["-".join((effect, kind, mode, origin.name.lower())) for effect, kind, mode, origin, _ in CELLS],
)
def test_every_cell(
    effect: Effect, kind: Kind, mode: Mode, origin: Origin, word: str, no_network: None
) -> None:
    """A refused plan is refused before a name is looked up; an allowed one goes on to look names up; a replay
    is never refused and never gets a leave."""
    judged = plan(kind, operations=(OPERATIONS[effect],), mode=mode, named_by=origin, urls=urls_of(kind))

    if word == REFUSED:
        with pytest.raises(GuardError) as refused:
            admitted(judged, lambda _: PROOFS)
        assert refused.value.code == ("G006" if kind is Kind.UNKNOWN else "G002")
        assert f"(named by {origin})" in refused.value.text
        return
    guard.judge(judged)
    if mode is Mode.REPLAY:
        with pytest.raises(GuardError, match="G007 a replay opens nothing"):
            guard.inquiry(judged, RESOLVED)
    else:
        permit = guard.permit(guard.inquiry(judged, RESOLVED), PROOFS)
        assert permit.plan == judged


def test_a_plan_that_is_allowed_is_looked_up(no_network: None) -> None:
    """The table's trap works: an allowed plan comes as far as the look-up of its names."""
    with pytest.raises(_Opened):
        admitted(plan(), lambda _: PROOFS)


def urls_of(kind: Kind) -> dict[str, str]:
    """Where a target of this kind is; nobody knows where an unknown one is."""
    return {} if kind is Kind.UNKNOWN else dict(plan(kind).urls)


def test_a_replay_opens_nothing(no_network: None) -> None:
    """A replay that would be let in is not: there is no leave for it."""
    with pytest.raises((GuardError, _Opened)) as caught:
        admitted(plan(Kind.LOCAL, urls=HERE, mode=Mode.REPLAY, production=()), lambda _: PROOFS)
    assert isinstance(caught.value, GuardError)


ANY_TEXT = st.sampled_from(["there", "production", "staging", "", "venue"])
ANY_OPERATION = st.builds(
    Operation, ANY_TEXT, ANY_TEXT, st.sampled_from(EFFECTS), st.sampled_from([(), ("host",)])
)
ANY_URL = st.sampled_from(
    [
        *HERE.values(),
        *plan().urls.values(),
        *plan().production,
        "https://CLOB.prod.test",
        "https://198.51.100.1",
        "https://clob.polymarket.com",
        "http://user@127.0.0.1",
        "http://2130706433",
        "https://clob.staging.test:8443",
    ]
)
ANY_PLAN = st.builds(
    Plan,
    ANY_TEXT,
    st.sampled_from(Kind),
    st.lists(ANY_OPERATION, max_size=4).map(tuple),
    st.dictionaries(st.sampled_from(["rest", "ws", "chain", "control", "fix", "data"]), ANY_URL, max_size=4),
    st.builds(
        Identity,
        st.sampled_from([None, "staging"]),
        st.sampled_from([None, 137, 80002]),
        st.sampled_from([None, "2026.11.2"]),
        st.none(),
    ),
    st.lists(ANY_URL, max_size=3).map(tuple),
    st.sampled_from(Mode),
    st.sampled_from(Origin),
)
ANY_PROOFS = st.builds(
    Proofs,
    st.booleans(),
    st.sampled_from([None, "2026.11.2"]),
    st.sampled_from([None, 137, 80002]),
    st.sampled_from([None, "staging", "production"]),
)


@given(ANY_PLAN, ANY_PROOFS)
def test_no_permit_writes_to_production(any_plan: Plan, proofs: Proofs) -> None:
    """Whatever is planned and proven: no permit is for a plan that writes and is production's, by its kind or
    by one of its addresses; and every refusal is the guard's."""
    try:
        asked = guard.inquiry(any_plan, RESOLVED)
        permit = guard.permit(asked, proofs)
    except GuardError:
        return
    given_plan = permit.plan
    assert isinstance(asked, Inquiry)
    assert isinstance(permit, Permit)
    assert given_plan.mode is not Mode.REPLAY
    assert given_plan.kind is not Kind.UNKNOWN
    if given_plan.writes:
        assert given_plan.kind is not Kind.PRODUCTION
        assert not given_plan.elsewhere & set(given_plan.addresses.values())
        hosts = {host for a in given_plan.addresses.values() for host in permit.addresses(a.host, a.port)}
        assert not hosts & {"198.51.100.1", "198.51.100.2", "2001:db8::99"}


@given(ANY_PLAN, st.sampled_from(Mode), st.sampled_from(Origin))
def test_who_names_the_target_changes_no_answer(any_plan: Plan, mode: Mode, origin: Origin) -> None:
    """A plan is judged alike whoever named its target, and in recording as live."""

    def answer(one: Plan) -> str:
        try:
            guard.judge(one)
        except GuardError as error:
            return error.code
        return ALLOWED

    assert answer(replace(any_plan, mode=mode)) == answer(replace(any_plan, mode=mode, named_by=origin))
    assert answer(replace(any_plan, mode=Mode.LIVE)) == answer(replace(any_plan, mode=Mode.RECORD))
