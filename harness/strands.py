"""Strands: what a run does, as generators that ask for one thing at a time, and the loop that serves them.

A strand yields a request (send this, wait for that, let time pass, do these at once) and is given the
answer. Parts that go on together are strands side by side: their sends start at one barrier, and what
they wait for is gathered together. Live and in replay the loop is the same; only the world differs.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from harness.finding import Decision, Finding, Pending
from harness.references import MissingPartError
from harness.windows import beyond
from harness.world import Exchange, Need, Sending, View, World


@dataclass(frozen=True, slots=True)
class Sends:
    """Send these, at one barrier; answered with their exchanges."""

    sendings: tuple[Sending, ...]


@dataclass(frozen=True, slots=True)
class Awaits:
    """Wait until `decide` comes to a finding; answered with it. `until_us` is when no more is gathered."""

    subject: str
    needs: tuple[Need, ...]
    decide: Callable[[View, bool], Decision]
    deadline_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Sleeps:
    """Let time pass until then; in replay it has passed."""

    until_us: int


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Go on with these strands together; answered with what each returned, in their order."""

    strands: tuple[Strand[Any], ...]


Request = Sends | Awaits | Sleeps | AtOnce
T = TypeVar("T")
Strand = Generator[Request, Any, T]


def sent(*sendings: Sending) -> Strand[Sequence[Exchange]]:
    """Send and give the exchanges."""
    exchanges: Sequence[Exchange] = yield Sends(sendings)
    return exchanges


def awaited(request: Awaits) -> Strand[Finding]:
    """Wait and give the finding."""
    finding: Finding = yield request
    return finding


@dataclass(slots=True, eq=False)
class _Node:
    """A strand on its way: what it asks for, who asked for it, and what its own strands returned."""

    strand: Strand[Any]
    parent: _Node | None = None
    slot: int = 0
    request: Request | None = None
    returned: list[Any] = field(default_factory=list)
    missing: int = 0


class _Loop:
    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: list[_Node] = []
        self.result: Any = None

    def go_on(self, node: _Node, answer: Any, error: MissingPartError | None = None) -> None:
        """Let a strand run to its next request; whoever asked for it goes on where it was the last.

        With `error` the strand is told that what it waits for cannot be decided.
        """
        try:
            node.request = node.strand.send(answer) if error is None else node.strand.throw(error)
        except StopIteration as stopped:
            parent = node.parent
            if parent is None:
                self.result = stopped.value
                return
            parent.returned[node.slot] = stopped.value
            parent.missing -= 1
            if not parent.missing:
                self.go_on(parent, tuple(parent.returned))
            return
        if not isinstance(node.request, AtOnce):
            self._waiting.append(node)
            return
        strands = node.request.strands
        node.returned, node.missing = [None] * len(strands), len(strands)
        if not strands:
            self.go_on(node, ())
        for slot, strand in enumerate(strands):
            self.go_on(_Node(strand, node, slot), None)

    def run(self) -> None:
        """Serve whoever waits until nobody does."""
        while self._waiting:
            if not (self._send() or self._decide(final=False) or self._pass_time()):
                self._decide(final=True)

    def _taken(self, kind: type[Request]) -> list[_Node]:
        taken = [node for node in self._waiting if isinstance(node.request, kind)]
        self._waiting = [node for node in self._waiting if node not in taken]
        return taken

    def _send(self) -> bool:
        senders = self._taken(Sends)
        sendings = [s for node in senders if isinstance(node.request, Sends) for s in node.request.sendings]
        exchanges = iter(self._world.send(sendings) if sendings else ())
        for node in senders:
            if isinstance(node.request, Sends):
                self.go_on(node, [next(exchanges) for _ in node.request.sendings])
        return bool(senders)

    def _decide(self, *, final: bool) -> bool:
        decided = False
        for node in [node for node in self._waiting if isinstance(node.request, Awaits)]:
            assert isinstance(node.request, Awaits)
            try:
                decision = node.request.decide(self._world.observe(), final)
            except MissingPartError as error:
                self._waiting.remove(node)
                self.go_on(node, None, error)
                decided = True
                continue
            if isinstance(decision, Pending) and final:
                raise beyond(node.request.subject, decision, node.request.deadline_us)
            if isinstance(decision, Finding):
                self._waiting.remove(node)
                self.go_on(node, decision)
                decided = True
        return decided

    def _pass_time(self) -> bool:
        """Gather what is needed; where nothing more comes, wake the first sleeper. False: nothing is left."""
        awaits = [node.request for node in self._waiting if isinstance(node.request, Awaits)]
        sleepers = [node for node in self._waiting if isinstance(node.request, Sleeps)]
        wake_us = min((n.request.until_us for n in sleepers if isinstance(n.request, Sleeps)), default=None)
        until_us = max((each.until_us for each in awaits), default=0)
        if wake_us is not None:
            until_us = wake_us
        if self._world.gather([need for each in awaits for need in each.needs], until_us):
            return True
        for node in sleepers:
            if isinstance(node.request, Sleeps) and node.request.until_us == wake_us:
                self._waiting.remove(node)
                self.go_on(node, None)
        return bool(sleepers)


def drive(world: World, strand: Strand[T]) -> T:
    """Serve a strand to its end and give what it returns. What the world raises passes through.

    Raises CassetteStale where a recording does not reach as far as somebody waits.
    """
    loop = _Loop(world)
    loop.go_on(_Node(strand), None)
    loop.run()
    result: T = loop.result
    return result
