"""The guard: judges a plan and a target's proofs of identity, as values, and gives leave to connect.

A live transport opens only with a leave that the guard gave: an `Inquiry` to ask a target who it is, a
`Permit` to run on it. Production never receives a write: no flag, no environment variable and no case changes
an answer.
"""

from harness.guard.addresses import Address, address_of, is_loopback
from harness.guard.caps import LIMITS, Caps, Limits, Spent
from harness.guard.effects import Effect
from harness.guard.leave import Inquiry, Permit, Proofs, proven
from harness.guard.plan import CompIDs, Identity, Kind, Mode, Operation, Origin, Plan, operations_of
from harness.guard.rules import inquiry, judge, permit

__all__ = [
    "LIMITS",
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
    "judge",
    "operations_of",
    "permit",
    "proven",
]
