"""Reading `market:` steps: markets that must be there, and of what kind."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from harness.case.actions import Action, Market
from harness.case.channels import Cast
from harness.case.form import Form, fields_of, is_amount
from harness.case.words import Word, names
from harness.matchers import nearest
from harness.model import Source
from harness.references import Template

TARGET: Final = Source("target")

MARKET_WORDS: Final = (
    Word("tick", "number", "its tick size; 0.01 unless told", "0.01"),
    Word("count", "count", "several markets, up to 20: `${market[0].yes}` is of the first", "2"),
    Word(
        "neg_risk",
        "flag",
        "true: orders are for the neg-risk exchange; several are one event",
        "false",
    ),
    Word("fee_rate", "number", "what a taker pays: shares · rate · (p(1-p))^exponent; 0 unless told", "0.05"),
    Word("fee_exponent", "count", "the exponent of that; 1 unless told", "2", beside="fee_rate: 0.05"),
    Word("taker_delay_ms", "count", "how long an order that would match waits first", "250"),
    Word("seconds_delay", "count", "the same of a sports market, in seconds", "3"),
    Word("min_size", "number", "the least shares of an order that rests; 5 unless told", "15"),
    Word("question", "text", "its question, for people", '"Will it rain?"'),
    Word("slug", "text", "its name in addresses", "will-it-rain"),
)
MOST: Final = 20


def read_market(form: Form, cast: Cast) -> tuple[Source, Action] | None:
    """Markets that must be there."""
    fields = fields_of(form, "market")
    if fields is None:
        return None
    kinds = {word.name: word.kind for word in MARKET_WORDS}
    for name, value in fields.items():
        if name not in kinds:
            close = nearest(name, names(MARKET_WORDS))
            hint = f"did you mean {close!r}?" if close else f"known are {', '.join(names(MARKET_WORDS))}"
            form.problem(form.place_of("market"), "C001", f"unknown key {name!r} in a market; {hint}")
        elif name == "count":
            if type(value) is not int or not 1 <= value <= MOST:
                text = f"'count' is a whole number from 1 to {MOST}, not {value!r}"
                form.problem(form.place_of("market"), "C002", text)
        else:
            fits, wanted = _FITS[kinds[name]]
            if not fits(value):
                told = str(value) if isinstance(value, Decimal) else repr(value)
                form.problem(form.place_of("market"), "C002", f"{name!r} is {wanted}, not {told}")
    if "fee_exponent" in fields and "fee_rate" not in fields:
        form.problem(form.place_of("market"), "C023", "'fee_exponent' means nothing without 'fee_rate'")
    return TARGET, Market(fields)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


_FITS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "number": (is_amount, "a number or a reference"),
    "flag": (lambda value: isinstance(value, bool), "true or false"),
    "count": (_is_count, "a whole number from 1"),
    "text": (lambda value: isinstance(value, str | Template), "a text"),
}
"""What a word of each kind takes, and how that is said."""
