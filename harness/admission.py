"""Being let in: a plan is judged, names are looked up once, the target is asked who it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness import guard
from harness.channels.dial import looked_up
from harness.errors import TargetError
from harness.guard import Inquiry, Permit, Plan, Proofs


def admitted(plan: Plan, ask: Callable[[Inquiry], Proofs]) -> Permit:
    """The permit to carry a plan out; `ask` asks the target who it is, with leave for no more than that.

    Raises GuardError where the guard refuses, TargetError T001 where a name is not known or nobody answers
    (the environment's fault).
    """
    asked, _ = inquired(plan)
    return guard.permit(asked, ask(asked))


def inquired(plan: Plan) -> tuple[Inquiry, Mapping[str, tuple[str, ...]]]:
    """Leave to ask the target who it is, and where its names lead, looked up once. Raises as `admitted`."""
    guard.judge(plan)
    own = {address.host for address in plan.addresses.values() if not address.is_numeric}
    others = {address.host for address in plan.elsewhere if not address.is_numeric}
    resolved = looked_up(own | others)
    for name in sorted(own):
        if not resolved[name]:
            text = f"{name}, of target {plan.target!r}, is not known here"
            raise TargetError("T001", f"{text}: is the name right, and the network up?")
    return guard.inquiry(plan, resolved), resolved
