"""What a FIX message of the evidence says: its name and fields, and the market that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from harness.acts.showing import fix_messages
from harness.drafting.talk import Stream
from harness.evidence.ticket.alignment import Placed
from harness.evidence.ticket.clues import FIX

_OUTCOMES: Final = ("YES", "NO")


def fix_message(each: Placed) -> tuple[str, dict[str, Any]] | None:
    """A message's name and fields; None where it is garbled."""
    shown: Sequence[Any] = fix_messages(each.clue.data["wire"])
    name, fields = next(iter(shown[0].items()))
    return None if name == "garbled" or not isinstance(fields, Mapping) else (name, dict(fields))


def parted(symbol: str) -> tuple[str, str]:
    """A symbol's market and its outcome in small letters; "" where it names none."""
    market, _, outcome = symbol.rpartition("-")
    return (market, outcome.lower()) if outcome in _OUTCOMES else (symbol, "")


def symbols_in(stream: Stream, tokens: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The markets of a FIX session: symbol of the market, outcome, and the token where it is told.

    A report tells it, or the order does that a message names: `tokens` are those of orders by their ids.
    """
    for each in stream.placed if stream.channel == FIX else ():
        message = fix_message(each)
        fields = message[1] if message is not None else {}
        if isinstance(fields.get("Symbol"), str):
            named = (tokens.get(str(fields.get(name)), "") for name in ("OrderID", "OrigClOrdID"))
            yield *parted(fields["Symbol"]), str(fields.get("SecurityID") or next(filter(None, named), ""))
