"""Which account becomes which actor: each actor its own, all of a case or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Wants = Mapping[str, Sequence[str]]
"""What a case wants: for each actor the names of the accounts that it may be, the best first."""


def matched(wants: Wants, free: frozenset[str]) -> dict[str, str] | None:
    """An account for every actor, no two the same (Kuhn's augmenting paths); None where that cannot be."""
    taken: dict[str, str] = {}

    def place(actor: str, tried: set[str]) -> bool:
        for name in wants[actor]:
            if name in free and name not in tried:
                tried.add(name)
                if name not in taken or place(taken[name], tried):
                    taken[name] = actor
                    return True
        return False

    if not all(place(actor, set()) for actor in wants):
        return None
    return {actor: name for name, actor in taken.items()}


def left_for_the_next(before: Sequence[Wants], free: frozenset[str]) -> frozenset[str]:
    """What of the free accounts those who came later may take: nobody is overtaken at what he waits for.

    Who can have all that he wants is about to take just that; of who cannot, everything is kept that would
    do for him.
    """
    for wants in before:
        found = matched(wants, free)
        free -= frozenset(found.values() if found else (name for each in wants.values() for name in each))
    return free
