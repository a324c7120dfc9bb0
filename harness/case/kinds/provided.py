"""Reading `fund:`, `target:` and `wait:` steps: what the target provides or does, and time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from harness.case.actions import Action, Fund, TargetVerb, Wait
from harness.case.channels import Cast
from harness.case.form import Form, fields_of, is_amount
from harness.case.kinds.chain import ASSETS
from harness.case.kinds.listed import TARGET
from harness.case.words import Verb, Word, names
from harness.model import Source

_OF: Final[Mapping[str, tuple[str, ...]]] = {"restart": ("fix", "ws", "matcher"), "delay": ("settlement",)}
_ERRORS: Final = ("MakingGtRemaining", "InvalidSignature", "NotCrossing", "FeeExceedsMaxRate")

TARGET_WORDS: Final = (
    Word(
        "of",
        "any",
        "restart: which part, fix, ws or matcher; delay: settlement",
        "fix",
        options=tuple(part for parts in _OF.values() for part in parts),
        beside="target: restart",
    ),
    Word("for", "duration", "how long it lasts", "3s", beside="target: pause"),
    Word(
        "times",
        "number",
        "revert: how many transactions fail; mine: how many blocks are made",
        "2",
        beside="target: revert",
    ),
    Word(
        "error",
        "any",
        "revert: with which of the exchange contract's errors; MakingGtRemaining unless told",
        "InvalidSignature",
        options=_ERRORS,
        beside="target: revert",
    ),
    Word(
        "gas",
        "number",
        "revert: they run out of gas instead, with so much of it",
        "90000",
        beside="target: revert",
    ),
    Word(
        "market",
        "text",
        "which market, by its condition (resolve, tick)",
        '"${market.condition}"',
        required=True,
        beside="target: resolve\noutcome: yes",
    ),
    Word(
        "outcome",
        "any",
        "who has won: yes or no (resolve)",
        "yes",
        options=("yes", "no"),
        required=True,
        beside='target: resolve\nmarket: "${market.condition}"',
    ),
    Word(
        "tick",
        "number",
        "the new tick size (tick)",
        "0.001",
        required=True,
        beside='target: tick\nmarket: "${market.condition}"',
    ),
    Word(
        "depth", "number", "how many blocks are abandoned (reorg)", "3", required=True, beside="target: reorg"
    ),
    Word(
        "drop",
        "flag",
        "true: their transactions are not in the new blocks (reorg)",
        "true",
        beside="target: reorg\ndepth: 3",
    ),
)
_MARKET: Final = 'market: "${market.condition}"'
VERBS: Final = (
    Verb(
        "restart",
        "starts a part again: every FIX session and its process (fix), every WebSocket (ws), or the matching "
        "engine, which is away `for` so long (matcher)",
        ("of", "for"),
        "target: restart\nof: matcher\nfor: 3s",
    ),
    Verb("pause", "new orders are refused; cancels are taken", ("for",), "target: pause\nfor: 3s"),
    Verb(
        "resolve",
        "the market's question is answered: it closes, and its orders are cancelled",
        ("market", "outcome"),
        f"target: resolve\n{_MARKET}\noutcome: yes",
    ),
    Verb(
        "tick",
        "the market's tick size changes; what rests stays at its price",
        ("market", "tick"),
        f"target: tick\n{_MARKET}\ntick: 0.001",
    ),
    Verb(
        "delay",
        "matches are settled on chain only when the time is over",
        ("of", "for"),
        "target: delay\nof: settlement\nfor: 3s",
    ),
    Verb(
        "revert",
        "the next settlements fail on chain: two make a trade RETRYING, three in a row FAILED",
        ("times", "error", "gas"),
        "target: revert\ntimes: 2",
    ),
    Verb(
        "reorg",
        "the chain's newest blocks are replaced by others, with their transactions or, with `drop`, without",
        ("depth", "drop"),
        "target: reorg\ndepth: 3",
    ),
    Verb("mine", "so many blocks are made at once", ("times",), "target: mine\ntimes: 3"),
    Verb("freeze", "the chain makes no block by itself", ("for",), "target: freeze\nfor: 3s"),
)
"""What a target can be told to do."""
_TAKES: Final = {verb.name: verb.words for verb in VERBS}

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


def read_target(form: Form, cast: Cast) -> tuple[Source, Action] | None:
    """A verb of the target and what goes with it."""
    verb = form.choice("target", names(VERBS))
    if verb is None:
        return None
    for word in TARGET_WORDS:
        if word.name in form and word.name not in _TAKES[verb]:
            text = f"{word.name!r} means nothing in target: {verb}"
            takes = ", ".join(_TAKES[verb])
            form.problem(form.place_of(word.name), "C023", f"{text}: it takes {takes}")
        if word.name in _TAKES[verb] and word.required:
            form.required(word.name, word.doc)
    arguments: dict[str, Any] = {}
    if "for" in form:
        arguments["for_ms"] = (form.duration("for") or 0) // 1_000
    for name in ("of", "outcome", "error"):
        options = _ERRORS if name == "error" else _OF.get(verb, ("yes", "no"))
        if name in form and name in _TAKES[verb]:
            arguments[name] = form.filled(name) if form.refers(name) else form.choice(name, options)
    for name in ("market", "tick", "depth", "gas"):
        if name in form:
            arguments[name] = form.filled(name)
    if "error" in form and "gas" in form:
        form.problem(form.place_of("gas"), "C023", "'gas' means nothing beside 'error': either makes it fail")
    if "times" in form:
        arguments["blocks" if verb == "mine" else "times"] = form.filled("times")
    if "drop" in form:
        arguments["drop"] = form.flag("drop")
    return TARGET, TargetVerb(verb, arguments)


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
