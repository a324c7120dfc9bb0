"""ESC-1149: the data host counts events of orphaned blocks, and those of the new branch as well.

Escalation PUB-149 (ponder, issue 1671): an aggregate was too high by one event four times, because around a
reorganisation the handlers ran again and nothing was undone. Here the data host takes in the new branch
without taking back the blocks that left the chain: after `reorg` a position counts its transfers twice (or
still counts one that is on no branch), while balanceOf says what is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.venue.indexing import IndexedBlock, Indexing
from harness.venue.parts import Parts

CASE = "ESC-1149"


class NeverUndoing(Indexing):
    """Leaves the orphaned blocks' events in the sum."""

    def undone(self, orphaned: Sequence[IndexedBlock]) -> Sequence[IndexedBlock]:
        return ()


def apply(parts: Parts) -> Parts:
    """Replace how the data host reads the chain."""
    return replace(parts, indexing=NeverUndoing())
