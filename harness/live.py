"""Putting a live run together: permit, accounts, drivers, facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from harness import asking, opening
from harness.accounts import Account
from harness.case.actions import ChainSend, Listen, Own, RestCall, Wait
from harness.case.channels import Channel
from harness.case.values import Case, Role, Step
from harness.channels.dial import Dial
from harness.clerking import Clerk
from harness.clock import Clock
from harness.errors import TargetError
from harness.facts import Facts
from harness.guard import Permit
from harness.lending import Observer, lent
from harness.metering import Meter
from harness.model import Source
from harness.pacing import Kind as Bucket
from harness.pacing import price
from harness.patience import Patience
from harness.pool.values import Entry
from harness.provision.rules import Supply
from harness.recorder import LiveWorld
from harness.redact import Redactor
from harness.targets import Endpoints
from harness.timeline import Listener, Timeline
from harness.world import Driver, StreamLine

if TYPE_CHECKING:
    from harness.channels.target import TargetDriver

_ALONE: Final = {"chain": "chain", "target": "control"}
"""Sources that are no channel of the case's, and where they ask."""


def warm_up(case: Case) -> None:
    """Load what the case's channels need before its clock starts: eth_abi would take a part of a window."""
    from harness.case.rules import selections_of
    from harness.case.rules.values import Ledger, Reconcile

    rules = [check.rule for check in case.checks]
    read = any(
        isinstance(rule, Ledger)
        or (isinstance(rule, Reconcile) and "chain" in rule.sources)
        or any(each.source.channel == "chain" for each in selections_of(rule))
        for rule in rules
    )
    if read or any(step.source.channel == "chain" for step in case.steps):
        from harness.channels import chain

        chain.load()
        if any(isinstance(step.action, ChainSend) for step in case.steps):
            chain.load_signing()


@contextmanager
def live_world(
    case: Case,
    endpoints: Endpoints,
    permit: Permit,
    *,
    clock: Clock,
    seed: int,
    redactor: Redactor,
    listener: Listener | None,
    meter: Meter,
    values: Mapping[str, Any] | None = None,
    fix_clock: Clock | None = None,
    entries: Mapping[str, Entry] | None = None,
    supply: Supply | None = None,
    observer: Observer | None = None,
    patience: Patience | None = None,
    lends: Callable[[Mapping[str, Account]], None] = lambda accounts: None,
) -> Iterator[tuple[LiveWorld, Facts, Clerk]]:
    """Lease the actors' accounts and open a world on the target; all is closed at the end.

    The clerk asks for an actor beside the run: nothing of it stands on the timeline, and no meter counts it.

    `values` are the columns of the row, where the case has rows. FIX is stamped by `fix_clock` where
    `clock` is not the machine's: engines know no other. `entries` are the accounts that the target's pool
    lends, by actor: for any other a new wallet is made. `observer` hears of what was open on one. `patience`
    is what our own requests have, `supply` what a target without a control API has for the case; `lends` is
    told of the accounts, by actor.
    Raises TargetError where the target does not give what the case needs (the environment's fault).
    """
    if dict(permit.plan.urls) != endpoints.urls:
        raise ValueError("the permit is for other addresses")
    dial = Dial(permit, patience)

    def desk(account: Account | None) -> Driver:
        return _rest(endpoints, "clob", account, clock, redactor, dial)

    def provided(accounts: Mapping[str, Account]) -> Driver:
        from harness.provision.assembling import provisioning

        known, register, control = supply or Supply(), redactor.register, None
        if endpoints.control:
            control = _control(endpoints, accounts, clock, dial)
        return provisioning(
            endpoints, known, accounts, dial=dial, clock=clock, register=register, desk=desk, control=control
        )

    with lent(
        case,
        endpoints,
        entries or {},
        dial=dial,
        clock=clock,
        register=redactor.register,
        desk=desk,
        observer=observer,
        values=values or {},
    ) as accounts:
        lends(accounts)
        facts = Facts(
            seed=seed,
            started_wall_us=clock.started_wall_us,
            actors={name: account.facts for name, account in accounts.items()},
            chain=asking.chain_facts(endpoints, dial),
            skew_us=asking.skew_us(endpoints, dial, clock),
        )

        def driver_for(source: Source, line: StreamLine) -> Driver:
            stamps = (fix_clock or clock) if source.channel.startswith("fix.") else clock
            waiting = dial.metered(meter.heed.waited)
            is_brought = supply is not None and supply.treasury is not None
            if source.channel == "target" and (is_brought or not endpoints.control):
                driver = provided(accounts)
            else:
                driver = _driver(case, source, line, endpoints, accounts, stamps, redactor, dial, waiting)
            host = case.cast.of_source(source).host if source.channel.startswith("rest") else ""
            reads = source.channel.startswith("own.") and _own_step(case, source)[1].reads
            return meter.before(
                driver, source, host=host, reads=reads, address=_origin(case, source, endpoints)
            )

        def before(source: Source, name: str) -> None:
            step = next((step for step in case.steps if step.id == name), None)
            if step is not None and not isinstance(step.action, Wait | Listen):
                late = step.role is Role.STEPS and step.within_us is not None
                meter.ready(_origin(case, source, endpoints), source.actor, _bucket(step), late=late)

        def clerk(actor: str) -> Driver:
            return _rest(endpoints, "clob", accounts.get(actor), clock, redactor, dial.plain)

        with LiveWorld(Timeline(clock, listener), driver_for, before) as world:
            yield world, facts, clerk


def _origin(case: Case, source: Source, endpoints: Endpoints) -> str:
    """The address whose limits count for what a source sends; "" for what a project's own step asks."""
    if source.channel.startswith("own."):
        return ""
    if source.channel in _ALONE:
        return endpoints.origin(_ALONE[source.channel])
    channel = case.cast.of_source(source)
    return endpoints.origin({"rest": channel.host, "fix": "fix"}.get(channel.kind, "ws"))


def _bucket(step: Step) -> Bucket | None:
    """Which of its account's buckets a step pays from, as far as it says so by itself."""
    action = step.action
    if not isinstance(action, RestCall) or not isinstance(action.path, str):
        return None
    priced = price({"method": action.method, "path": action.path})
    return None if priced is None else priced[0]


def _driver(
    case: Case,
    source: Source,
    line: StreamLine,
    endpoints: Endpoints,
    accounts: Mapping[str, Account],
    clock: Clock,
    redactor: Redactor,
    dial: Dial,
    waiting: Dial,
) -> Driver:
    """The driver of a source; `waiting` opens what is no evidence by itself: streams and the node."""
    from harness.channels.chain import ChainDriver
    from harness.channels.ws import WsDriver

    account = accounts.get(source.actor)
    if source.channel == "chain":
        return ChainDriver(
            endpoints.host("chain"),
            account,
            dial=waiting,
            chain_id=endpoints.chain_id,
            clock=clock,
            register=redactor.register,
        )
    if source.channel == "target":
        return _control(endpoints, accounts, clock, dial)
    if source.channel.startswith("own."):
        return _own(case, source, account, endpoints, clock)
    channel = case.cast.of_source(source)
    if channel.kind == "rest":
        return _rest(endpoints, channel.host, account, clock, redactor, dial.plain, channel.exchange)
    if channel.kind == "fix":
        first = next((each for each in case.steps if each.source == source), None)
        patient = first is not None and first.role is Role.GIVEN
        return _fix(channel, source, line, endpoints, account, clock, redactor, dial, waiting, patient)
    url = (
        endpoints.host("rtds") if channel.stream == "rtds" else f"{endpoints.host('ws')}/ws/{channel.stream}"
    )
    return WsDriver(url, channel.stream, account, line, clock, waiting)


def _control(endpoints: Endpoints, accounts: Mapping[str, Account], clock: Clock, dial: Dial) -> TargetDriver:
    from harness.channels.target import TargetDriver

    contracts = endpoints.contracts
    return TargetDriver(endpoints.host("control"), accounts, contracts, dial=dial.metered(), clock=clock)


def _rest(
    endpoints: Endpoints,
    host: str,
    account: Account | None,
    clock: Clock,
    redactor: Redactor,
    dial: Dial,
    exchange: str = "",
) -> Driver:
    from harness.channels.rest import RestDriver

    find = None
    if exchange and account is not None:
        find = partial(opening.request_key, endpoints, dial, account, redactor.register, exchange)
    return RestDriver(
        endpoints.host(host),
        account if host == "clob" else None,
        dial=dial,
        chain_id=endpoints.chain_id,
        contracts=endpoints.contracts,
        clock=clock,
        register=redactor.register,
        find=find,
    )


def _own_step(case: Case, source: Source) -> tuple[Step, Own]:
    """The step of the project's own that a source is, and its action."""
    step = next(step for step in case.steps if step.source == source)
    if not isinstance(step.action, Own):
        raise ValueError(f"{source} is no step of the project's own")
    return step, step.action


def _own(case: Case, source: Source, account: Account | None, endpoints: Endpoints, clock: Clock) -> Driver:
    from harness.channels.own import OwnDriver

    step, action = _own_step(case, source)
    if action.function is None:
        raise ValueError(f"{source} was read without its function")
    return OwnDriver(action.name, action.function, step.place, account, endpoints, clock)


def _fix(
    channel: Channel,
    source: Source,
    line: StreamLine,
    endpoints: Endpoints,
    account: Account | None,
    clock: Clock,
    redactor: Redactor,
    dial: Dial,
    waiting: Dial,
    patient: bool,
) -> Driver:
    from harness.channels.address import FixAddress
    from harness.channels.fix import FixDriver
    from harness.channels.quickfix import QuickfixDriver

    def find() -> FixAddress:
        if account is None:
            raise TargetError("T003", f"{source} is nobody's session: say whose")
        kind, begin_string = channel.profile, channel.begin_string
        return opening.fix_session(
            endpoints,
            dial,
            account,
            redactor.register,
            kind=kind,
            begin_string=begin_string,
            exchange=channel.exchange,
        )

    if channel.engine == "quickfix":
        return QuickfixDriver(find, line, waiting, patient=patient)
    return FixDriver(find, line, clock, waiting, raw=channel.raw, patient=patient)
