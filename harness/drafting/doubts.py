"""What an answer that went well tells of that did not: an order that was not cancelled, a trade that failed.

Each is a symptom only where nothing else in the evidence went wrong, and says what should have come instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_FAILED: Final = "TRADE_STATUS_FAILED"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is doubtful in words, what of the body should have come, and what of it shows the doubt."""

    what: str
    wanted: Mapping[str, Any]
    shown: Mapping[str, Any]


def doubt_of(came: Any) -> Doubt | None:
    """What of an answer's body is doubtful; None where there is nothing of it."""
    if not isinstance(came, Mapping):
        return None
    refused = came.get("not_canceled")
    if isinstance(refused, Mapping) and refused:
        wanted, shown = {"not_canceled": {"$length": 0}}, {"not_canceled": {"$length": len(refused)}}
        return Doubt(f"not canceled: {next(iter(refused.values()))}", wanted, shown)
    rows = came.get("data")
    failed = [
        row
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping) and row.get("status") == _FAILED
    ]
    if failed:
        some = {"$some": {"status": _FAILED}}
        why = str(failed[0].get("err_msg") or "").strip()
        return Doubt(
            f"a trade is FAILED{f': {why}' if why else ''}", {"data": {"$not": some}}, {"data": some}
        )
    return None
