"""Reading `target:` steps: what no customer can do, and a test exchange can."""

from __future__ import annotations

from typing import Any, Final

from harness.case.actions import Action, TargetVerb
from harness.case.channels import Cast
from harness.case.form import Form
from harness.case.kinds.listed import TARGET
from harness.case.kinds.targetchoices import CHOICES, EMPTY
from harness.case.words import Verb, Word, names
from harness.model import Source


def _options(name: str) -> tuple[str, ...]:
    return tuple(option for (_, word), options in CHOICES.items() if word == name for option in options)


TARGET_WORDS: Final = (
    Word(
        "of",
        "any",
        "restart: which part, fix, ws or matcher; delay: settlement; limits: of each signer, of addresses, "
        "or of a token in a batch; deny: which transactions, the customers' (sends) or the exchange's "
        "(settlements); words: what is answered otherwise",
        "fix",
        options=_options("of"),
        beside="target: restart",
    ),
    Word("for", "duration", "how long it lasts", "3s", beside="target: pause"),
    Word(
        "times",
        "number",
        "revert, deny: how many transactions; mine: how many blocks are made; fail: how many orders; limits "
        "of a token: how many of its orders one batch places",
        "2",
        beside="target: revert",
    ),
    Word(
        "error",
        "any",
        "revert: with which of the contract's errors, MakingGtRemaining unless told; fail, deny: with which "
        "words, `order timed out` and `replacement transaction underpriced` unless told; restart of the "
        "matcher: what it answers meanwhile, `service not ready` unless told, or nothing (an empty body)",
        "InvalidSignature",
        options=_options("error"),
        beside="target: revert",
    ),
    Word(
        "at",
        "any",
        "fail: which endpoint fails, orders unless told; each error is documented for some",
        "GET /data/orders",
        options=_options("at"),
        beside="target: fail\nerror: Internal server error",
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
        "which market, by its condition (resolve, tick, unready)",
        '"${market.condition}"',
        required=True,
        beside="target: resolve\noutcome: yes",
    ),
    Word(
        "outcome",
        "any",
        "who has won: yes or no (resolve)",
        "yes",
        options=_options("outcome"),
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
        "depth",
        "number",
        "how many blocks are abandoned (reorg), or by how many the node is behind (lag)",
        "3",
        required=True,
        beside="target: reorg",
    ),
    Word(
        "drop",
        "flag",
        "true: their transactions are not in the new blocks (reorg)",
        "true",
        beside="target: reorg\ndepth: 3",
    ),
    Word(
        "tier",
        "any",
        "limits: whose numbers hold, by the exchange's tier; standard unless told",
        "gold",
        options=_options("tier"),
        beside="target: limits",
    ),
    Word("scale", "number", "limits: every number times this", "0.05", beside="target: limits"),
    Word(
        "mode",
        "any",
        "limits: what is too much is told (warning, the default), refused (enforce) or not counted (off); "
        "region: how order entry is blocked, by the exchange (blocked, the default) or by its edge (waf); "
        "pause: what is refused, new orders (cancel_only, the default), cancels as well (disabled), or "
        "orders that are not post-only (post_only)",
        "enforce",
        options=_options("mode"),
        beside="target: limits",
    ),
    Word(
        "address",
        "text",
        "whose (account; limits, where the tier is one account's alone)",
        '"${alice.address}"',
        beside="target: account\nstate: banned",
    ),
    Word(
        "state",
        "any",
        "what an account may do: buy nothing (closed_only), order nothing (banned), or order from a deposit "
        "wallet only (deposit_only)",
        "closed_only",
        options=_options("state"),
        required=True,
        beside='target: account\naddress: "${alice.address}"',
    ),
)
_MARKET: Final = 'market: "${market.condition}"'
VERBS: Final = (
    Verb(
        "restart",
        "starts a part again: every FIX session and its process (fix), every WebSocket (ws), or the matching "
        "engine, which is away `for` so long (matcher)",
        ("of", "for", "error"),
        "target: restart\nof: matcher\nfor: 3s",
    ),
    Verb("pause", "new orders are refused; cancels are taken", ("for", "mode"), "target: pause\nfor: 3s"),
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
    Verb(
        "limits",
        "the rate limits are other than usual",
        ("of", "tier", "scale", "mode", "address", "times"),
        "target: limits\ntier: standard\nscale: 0.05\nmode: enforce",
    ),
    Verb(
        "account",
        "an account may do less than others",
        ("address", "state"),
        'target: account\naddress: "${alice.address}"\nstate: closed_only',
    ),
    Verb(
        "fail",
        "the exchange fails for the next orders, or at another endpoint",
        ("error", "times", "at"),
        "target: fail\nerror: order timed out\ntimes: 1",
    ),
    Verb(
        "lag",
        "the node that customers ask is behind: it answers as of so many blocks before the newest",
        ("depth", "for"),
        "target: lag\ndepth: 12\nfor: 3s",
    ),
    Verb(
        "deny",
        "the node takes the next transactions and answers them with an error",
        ("of", "error", "times"),
        "target: deny\nof: sends",
    ),
    Verb(
        "words",
        "the exchange answers in other words that are documented or reported, until the case ends: refusals "
        "(version, balance, crossing, reply), POST /order (waiting, hashes), a trade's status (broadcast), "
        "/balance-allowance (allowance)",
        ("of",),
        "target: words\nof: balance",
    ),
    Verb("region", "no orders are taken from where we are", ("mode",), "target: region\nmode: blocked"),
    Verb(
        "unready",
        "the market takes no orders yet; what rests may be cancelled",
        ("market",),
        f"target: unready\n{_MARKET}",
    ),
)
"""What a target can be told to do."""
_TAKES: Final = {verb.name: verb.words for verb in VERBS}


_TIMES: Final = {"mine": "blocks", "limits": "orders"}
"""What a verb counts, where it has a name of its own."""


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
    for (chooser, name), options in CHOICES.items():
        if chooser == verb and name in form:
            arguments[name] = form.filled(name) if form.refers(name) else form.choice(name, options)
    for name in ("market", "tick", "depth", "gas", "scale", "address"):
        if name in form:
            arguments[name] = form.filled(name)
    if "error" in form and "gas" in form:
        form.problem(form.place_of("gas"), "C023", "'gas' means nothing beside 'error': either makes it fail")
    if "times" in form:
        arguments[_TIMES.get(verb, "times")] = form.filled("times")
    if "error" in form and verb == "restart":
        says = arguments.pop("error", None)
        arguments["says"] = "" if says == EMPTY else says
    if verb in ("deny", "words"):
        form.required("of", "what it is about")
    if verb == "account":
        form.required("address", "whose account it is")
    if "drop" in form:
        arguments["drop"] = form.flag("drop")
    return TARGET, TargetVerb(verb, arguments)
