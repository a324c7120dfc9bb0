"""Every trial by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from harness.trying.accounts import accounts
from harness.trying.chain import chain, contracts
from harness.trying.gateway import fix
from harness.trying.hosts import control, data, gamma, relayer
from harness.trying.places import Places
from harness.trying.rest import build, identity, rest
from harness.trying.rows import Row
from harness.trying.streams import market, rtds, user

Trial = Callable[[Places], Iterable[Row]]

TRIALS: Mapping[str, Trial] = {
    "identity": identity,
    "build": build,
    "rest": rest,
    "ws.market": market,
    "ws.user": user,
    "fix": fix,
    "chain": chain,
    "contracts": contracts,
    "accounts": accounts,
    "control": control,
    "data": data,
    "gamma": gamma,
    "relayer": relayer,
    "rtds": rtds,
}
"""Each trial by its name, in the order of the table; any number may go on at once."""
