"""Reading `fund:` and `wait:` steps: what actors hold, and time."""

from __future__ import annotations

from typing import Any, Final

from harness.case.actions import Action, Fund, Wait
from harness.case.channels import Cast
from harness.case.form import Form, fields_of, is_amount
from harness.case.kinds.chain import ASSETS
from harness.case.kinds.listed import TARGET
from harness.case.words import Word
from harness.model import Source

HELD: Final = (
    Word("collateral", "number", "the coin that is paid with", "100"),
    Word("yes", "number", "shares of the market's YES", "50"),
    Word("no", "number", "shares of the market's NO", "50"),
)
FUND_WORDS: Final = (
    Word("market", "text", "whose shares, where the case has several markets", '"${market.condition}"'),
    Word("approve", "flag", "false: the exchange may not move it yet", "false"),
)
SAVING: Final = (
    Word("save", "saves", "the name that it is referred to by: `${other.yes}`", "other", short=True),
)
WAIT_WORDS: Final = (
    Word("reason", "text", "why nothing can be waited for instead", '"the cache lives 2 s"', required=True),
)


def read_wait(form: Form, cast: Cast) -> tuple[Source, Action] | None:
    """A pause with a reason."""
    form.required("reason", "why nothing observable can be waited for")
    reason, us = form.text("reason"), form.duration("wait")
    return None if us is None or reason is None else (Source("runner"), Wait(us, reason))


def read_fund(form: Form, cast: Cast) -> tuple[Source, Action] | None:
    """What actors must hold."""
    fields = fields_of(form, "fund")
    if fields is None:
        return None
    amounts: dict[str, dict[str, Any]] = {}
    for holder, held in fields.items():
        if not isinstance(held, dict) or not held or set(held) - set(ASSETS):
            text = f"{holder!r} is funded with amounts of {', '.join(ASSETS)}"
            form.problem(form.place_of("fund"), "C019", text)
        else:
            amounts[holder] = held
            wrong = [asset for asset, amount in held.items() if not is_amount(amount)]
            if wrong:
                text = (
                    f"{holder!r} is funded with a number of {wrong[0]} or a reference, not {held[wrong[0]]!r}"
                )
                form.problem(form.place_of("fund"), "C019", text)
    approve = form.flag("approve") if "approve" in form else True
    return TARGET, Fund(amounts, form.filled("market"), approve)
