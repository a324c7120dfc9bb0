"""Reads of a chain's node outside of a run: through the guard, as production is read, whatever the node is.

Nothing but reads is ever asked, no account is used and nothing is signed. The node proves its chain before
the first read and in every batch after (harness.channels.node).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.admission import admitted
from harness.channels.dial import Dial
from harness.channels.node import Node, NodeLostError
from harness.clock import RunClock
from harness.configuration import FROM_ENVIRONMENT, configured, resolved
from harness.errors import EvidenceError, HarnessError
from harness.guard import Identity, Inquiry, Kind, Operation, Plan, Proofs, of_intent
from harness.project import root_of

Call = tuple[str, Sequence[Any]]
_SCHEMES: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class NodePlace:
    """Where a node is, by which name it is told of (its URL may hold a key), and of which chain."""

    url: str
    told: str
    chain_id: int


def place_of(options: argparse.Namespace, environment: Mapping[str, str]) -> NodePlace | None:
    """The node that the options name; None where they name none.

    Raises HarnessError U063 where there is no such node to ask, U040 (a variable is not set), CaseError T010
    (the configuration).
    """
    if options.rpc:
        url = options.rpc
        if url.startswith(FROM_ENVIRONMENT):
            url = environment.get(url.removeprefix(FROM_ENVIRONMENT), "")
        if not url.startswith(_SCHEMES):
            text = "--rpc: say http://… or https://…, or env:NAME of a variable that does"
            raise HarnessError("U063", text)
        return NodePlace(url, "--rpc", options.chain_id)
    return _of_target(options.target, environment) if options.target else None


def _of_target(name: str, environment: Mapping[str, str]) -> NodePlace:
    root = root_of(Path.cwd() / "cases")
    known = (configured(root) if root is not None else None) or {}
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise HarnessError("U063", f"--target {name}: no such target is configured; known are {names}")
    endpoints = resolved(known[name], environment).endpoints
    if endpoints is None or not endpoints.chain:
        text = f"--target {name}: it names no node: say where one is, --rpc URL"
        raise HarnessError("U063", text)
    return NodePlace(endpoints.chain, name, endpoints.chain_id)


class NodeReader:
    """A node to ask, in batches; only with the guard's leave, and only what is known to read."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def __call__(self, calls: Sequence[Call]) -> list[dict[str, Any]]:
        """A batch's answers. Raises EvidenceError I035 where the node does not answer, TargetError T017 where
        it is of another chain, ValueError for what is not known to read (the caller's fault)."""
        if not of_intent("chain", {"rpc": [list(call) for call in calls]}).is_read:
            raise ValueError(f"not known to only read: {[method for method, _ in calls]}")
        try:
            return self._node.look(calls)
        except NodeLostError as error:
            raise EvidenceError("I035", f"the chain's node does not answer: {error}") from None


@contextmanager
def node_reader(place: NodePlace) -> Iterator[NodeReader]:
    """A node to ask. Raises GuardError where the guard refuses it, TargetError T001 where its name is not
    known, and as `NodeReader`."""
    looks = Operation("harness new", "chain: look", of_intent("chain", {"rpc": [["eth_blockNumber", []]]}))
    urls, identity = {"chain": place.url}, Identity(chain_id=place.chain_id)
    plan = Plan(place.told, Kind.PRODUCTION, (looks,), urls, identity)

    def ask(asked: Inquiry) -> Proofs:
        with _node(place, Dial(asked)) as node:
            NodeReader(node)([("eth_blockNumber", [])])
        return Proofs(healthy=True, build=None, chain_id=place.chain_id)

    with _node(place, Dial(admitted(plan, ask))) as node:
        yield NodeReader(node)


@contextmanager
def _node(place: NodePlace, dial: Dial) -> Iterator[Node]:
    node = Node(place.url, dial, RunClock(), place.chain_id)
    try:
        yield node
    finally:
        node.close()
