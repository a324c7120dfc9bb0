"""Putting a live run together: permit, accounts, drivers, facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from harness import targets
from harness.accounts import Account, lease
from harness.case.values import Case
from harness.clock import Clock
from harness.errors import TargetError
from harness.facts import Facts
from harness.guard import Permit
from harness.model import Source
from harness.recorder import LiveWorld
from harness.redact import Redactor
from harness.targets import Endpoints
from harness.timeline import Listener, Timeline
from harness.world import Driver, StreamLine


def warm_up(case: Case) -> None:
    """Load what the case's channels need before its clock starts: web3 would take a second of a window."""
    from harness.case.values import Reconcile

    rules = [check.rule for check in case.checks]
    if any(step.source.channel == "chain" for step in case.steps) or any(
        isinstance(rule, Reconcile) and "chain" in rule.sources for rule in rules
    ):
        from harness.channels import chain

        chain.load()


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
) -> Iterator[tuple[LiveWorld, Facts]]:
    """Lease the actors' accounts and open a world on the target; all is closed at the end.

    Raises TargetError where the target does not give what the case needs (the environment's fault).
    """
    if set(permit.plan.urls) != set(endpoints.urls):
        raise ValueError("the permit is for other addresses")
    accounts: dict[str, Account] = {}
    for name, _role in case.actors:
        wall_s = (clock.started_wall_us + clock.now_us()) // 1_000_000
        accounts[name] = lease(name, endpoints.rest, endpoints.chain_id, wall_s, redactor.register)
    facts = Facts(
        seed=seed,
        started_wall_us=clock.started_wall_us,
        actors={name: account.facts for name, account in accounts.items()},
        chain=targets.chain_facts(endpoints),
    )

    def driver_for(source: Source, line: StreamLine) -> Driver:
        return _driver(case, source, line, endpoints, accounts, clock, redactor)

    with LiveWorld(Timeline(clock, listener), driver_for) as world:
        yield world, facts


def _driver(
    case: Case,
    source: Source,
    line: StreamLine,
    endpoints: Endpoints,
    accounts: Mapping[str, Account],
    clock: Clock,
    redactor: Redactor,
) -> Driver:
    from harness.channels.chain import ChainDriver
    from harness.channels.rest import RestDriver
    from harness.channels.target import ProvisionDriver
    from harness.channels.ws import WsDriver

    account = accounts.get(source.actor)
    if source.channel == "rest":
        return RestDriver(
            endpoints.rest,
            account,
            chain_id=endpoints.chain_id,
            exchange=endpoints.contracts.exchange,
            clock=clock,
            register=redactor.register,
        )
    if source.channel == "chain":
        return ChainDriver(endpoints.chain)
    if source.channel == "target":
        return ProvisionDriver(endpoints.control, accounts, endpoints.contracts.usdce)
    if source.channel.startswith("fix."):
        return _fix(case, source, line, endpoints, account, clock)
    return WsDriver(endpoints.ws, source.channel.removeprefix("ws."), account, line)


def _fix(
    case: Case,
    source: Source,
    line: StreamLine,
    endpoints: Endpoints,
    account: Account | None,
    clock: Clock,
) -> Driver:
    from harness.channels.fix import FixAddress, FixDriver
    from harness.channels.quickfix import QuickfixDriver

    channel = case.fix_channel(source.channel.removeprefix("fix."))

    def find() -> FixAddress:
        if account is None:
            raise TargetError("T003", f"{source} is nobody's session: say whose")
        return targets.fix_session(
            endpoints, account.wallet, kind=channel.profile, begin_string=channel.begin_string
        )

    if channel.engine == "quickfix":
        return QuickfixDriver(find, line)
    return FixDriver(find, line, clock, raw=channel.raw)
