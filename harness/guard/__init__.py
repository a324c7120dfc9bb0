"""The guard: judges a plan and a target's proofs of identity, as values, and gives leave to connect.

A live transport opens only with a leave that the guard gave: an `Inquiry` to ask a target who it is, a
`Permit` to run on it. Production never receives a write: no flag, no environment variable and no case changes
an answer.
"""

from harness.guard.addresses import Address, address_of, is_loopback
from harness.guard.caps import LIMITS, Caps, Limits, Spent
from harness.guard.effects import Effect, of_intent, reroutes
from harness.guard.leave import Inquiry, Permit, Proofs, proven
from harness.guard.plan import (
    ON_THIS_MACHINE,
    CompIDs,
    Identity,
    Kind,
    Mode,
    Operation,
    Origin,
    Plan,
    operations_of,
)
from harness.guard.rules import inquiry, judge, permit
from harness.guard.spending import is_relief, spent_by

__all__ = [
    "LIMITS",
    "ON_THIS_MACHINE",
    "Address",
    "Caps",
    "CompIDs",
    "Effect",
    "Identity",
    "Inquiry",
    "Kind",
    "Limits",
    "Mode",
    "Operation",
    "Origin",
    "Permit",
    "Plan",
    "Proofs",
    "Spent",
    "address_of",
    "inquiry",
    "is_loopback",
    "is_relief",
    "judge",
    "of_intent",
    "operations_of",
    "permit",
    "proven",
    "reroutes",
    "spent_by",
]
