"""Folding exchanges that say the same again, so that a poll of a minute is one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from harness.report.picture.values import Row

_LATER: Final = {"void": 1, "deadline": 2, "holds": 3, "fails": 4}


def place(row: Row) -> tuple[int, int]:
    """Where a row comes: by its time, and what was decided after what happened."""
    return row.at_us, _LATER.get(row.shape, 0)


def folded(rows: Sequence[Row], limits_us: Sequence[int]) -> Iterator[Row]:
    """Fold exchanges that say what the exchange before said on their lane; a deadline parts them."""
    answered = {row.answers: row for row in rows if row.answers}
    before: dict[str, tuple[str, str, int]] = {}
    repeats: dict[tuple[str, int], list[Row]] = {}
    gone: set[str] = set()
    kept: list[Row] = []
    for row in rows:
        answer = answered.get(row.key) if row.shape == "send" else None
        if row.shape == "send" and answer is not None:
            part = sum(limit <= row.at_us for limit in limits_us)
            said = row.text, answer.text, part
            if before.get(row.lane, ("", "", -1))[:2] == said[:2]:
                repeats.setdefault((row.lane, part), []).append(row)
                gone.add(row.key)
                continue
            before[row.lane] = said
        if row.answers and row.answers in gone:
            continue
        kept.append(row)
    for (lane, _), again in repeats.items():
        last = answered[again[-1].key]
        count = f"{len(again)} more {'time' if len(again) == 1 else 'times'}"
        ticks = tuple(row.at_us for row in again)
        kept.append(Row(last.at_us, "more", lane, f"same answer {count}: {last.text}", ticks_us=ticks))
    yield from sorted(kept, key=place)
