"""What cannot be in what comes: keys and words of expectations that no answer or message could ever hold.

A misspelt key under `never` would be green for ever. Where all keys are known (a response has status, headers
and body) any other is an error; where an exchange may say more than is known, one nearly like a known word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.case import actions
from harness.case.channels import Cast
from harness.case.rules import selections_of
from harness.case.rules.values import Always, Lifecycle
from harness.case.values import Check, Step
from harness.errors import Place, Problem
from harness.matchers import Expectation, Fields, Literal, Matchers, mentions, nearest
from harness.model import Source

RESPONSE: Final = ("status", "headers", "body")
RECEIPT: Final = (
    *("mined", "status", "block", "block_hash", "confirmations", "transaction", "gas_used", "events"),
)
ACCEPTED: Final = ("accepted", "error")
CALLED: Final = ("value", "values", "error")
EVENT_TYPES: Final = (
    *("order", "trade", "book", "price_change", "last_trade_price", "tick_size_change"),
    *("best_bid_ask", "new_market", "market_resolved"),
)
MESSAGE: Final = (
    *(
        "event_type",
        "type",
        "id",
        "market",
        "asset_id",
        "side",
        "price",
        "size",
        "status",
        "outcome",
        "owner",
    ),
    *("timestamp", "taker_order_id", "maker_orders", "trade_owner", "transaction_hash", "trader_side"),
    *("original_size", "size_matched", "associate_trades", "order_owner", "order_type", "created_at"),
    *("matchtime", "match_time", "last_update", "bids", "asks", "hash", "tick_size", "last_trade_price"),
    *("price_changes", "fee_rate_bps", "old_tick_size", "new_tick_size", "maker_address", "bucket_index"),
)
ORDER: Final = (
    *("salt", "maker", "signer", "tokenId", "makerAmount", "takerAmount", "side", "signatureType"),
    *("timestamp", "metadata", "builder", "expiration", "signature"),
)
TRADE_STATES: Final = ("MATCHED", "MINED", "CONFIRMED", "RETRYING", "FAILED")
ORDER_STATES: Final = ("LIVE", "MATCHED", "CANCELED", "DELAYED", "UNMATCHED", "INVALID")


def of_step(step: Step, cast: Cast) -> Iterator[Problem]:
    """What cannot come in the answers and messages of a step, or be in an order that it sends."""
    action = step.action
    entries = isinstance(action, actions.RestCall) and (step.where is not None or step.never is not None)
    known = None if entries else _keys(action)
    until = step.resend.until if step.resend is not None else None
    for expectation in (step.where, step.expect, step.never, until):
        if known is not None:
            yield from _all_known(expectation, known, _advice(action))
        elif isinstance(action, actions.Listen):
            yield from _messages(expectation, step.source, cast)
    if step.expect is not None and mentions(step.expect, "$closed"):
        cut = step.fault is not None and step.fault.kind == "cut"
        if step.source.channel.startswith("fix") or cut:
            what = "a cut" if cut else "FIX"
            text = f"{what} ends a connection without a close frame and its code: write {{$lost}}"
            yield Problem(step.expect.place, "C035", text)
    if isinstance(action, actions.ChainBalances):
        yield from _amounts(step.expect)
    if isinstance(action, actions.RestCall):
        for word, fields in (("set", action.set), ("tamper", action.tamper)):
            for key in fields:
                if key not in ORDER:
                    text = f"{word!r} replaces fields of the signed order, and {key!r} is none; "
                    yield Problem(step.place, "C035", text + _hint(key, ORDER))


def of_check(check: Check, cast: Cast) -> Iterator[Problem]:
    """What cannot come in the events that a check selects."""
    rule = check.rule
    for selection in selections_of(rule):
        expected = (selection.where, rule.expect if isinstance(rule, Always) else None)
        for expectation in expected:
            if selection.source.channel.startswith("rest"):
                yield from _all_known(expectation, RESPONSE, "")
            else:
                yield from _messages(expectation, selection.source, cast)
    if isinstance(rule, Lifecycle):
        known = ORDER_STATES if rule.order else TRADE_STATES
        for state in (part for states in rule.states for part in states.split("|")):
            if state not in known:
                text = f"{state!r} is no state of {'an order' if rule.order else 'a trade'}; "
                yield Problem(check.place, "C035", text + _hint(state, known))


def _keys(action: actions.Action) -> tuple[str, ...] | None:
    """All keys that what comes can have at its top; None where they are not known."""
    if isinstance(action, actions.RestCall):
        return RESPONSE
    if isinstance(action, actions.ChainSend):
        return ACCEPTED
    if isinstance(action, actions.ChainCall):
        return CALLED
    return RECEIPT if isinstance(action, actions.ChainReceipt) else None


def _advice(action: actions.Action) -> str:
    if isinstance(action, actions.ChainSend):
        return (
            "; whether it succeeded is in the receipt: chain: receipt with transaction: ${step.transaction}"
        )
    return ""


def _tops(expectation: Expectation | None) -> Iterator[Fields]:
    """The mappings that stand for the whole of what comes, those in `$either` and `$not` too."""
    if isinstance(expectation, Fields):
        yield expectation
    elif isinstance(expectation, Matchers):
        for test in expectation.tests:
            if test.word in ("$either", "$not", "$only"):
                for operand in test.operands:
                    yield from _tops(operand)


def _all_known(expectation: Expectation | None, known: tuple[str, ...], advice: str) -> Iterator[Problem]:
    for fields in _tops(expectation):
        for key, inner in fields.entries:
            if isinstance(key, str) and key not in known:
                text = f"what comes has no {key!r} at its top: it has {', '.join(known)}{advice}"
                yield Problem(_place(inner), "C035", text)


def _messages(expectation: Expectation | None, source: Source, cast: Cast) -> Iterator[Problem]:
    """Nearly known keys and event types of the market and user channels."""
    if not source.channel.startswith("ws."):
        return
    try:
        stream = cast.of_source(source).stream
    except KeyError:
        return
    if stream not in ("market", "user"):
        return
    for fields in _tops(expectation):
        for key, inner in fields.entries:
            if not isinstance(key, str):
                continue
            if key not in MESSAGE and nearest(key, MESSAGE):
                text = (
                    f"no message of the {stream} channel has {key!r}; did you mean {nearest(key, MESSAGE)!r}?"
                )
                yield Problem(_place(inner), "C035", text)
            value = inner.value if isinstance(inner, Literal) else None
            if key == "event_type" and isinstance(value, str) and value not in EVENT_TYPES:
                text = f"no message of the {stream} channel is a {value!r}; {_hint(value, EVENT_TYPES)}"
                yield Problem(_place(inner), "C035", text)


def _amounts(expectation: Expectation | None) -> Iterator[Problem]:
    for holders in _tops(expectation):
        for _, held in holders.entries:
            for asset, amount in held.entries if isinstance(held, Fields) else ():
                if isinstance(amount, Literal) and isinstance(amount.value, str):
                    text = f"{asset!r} is a number, and {amount.value!r} is text: take the quotes away"
                    yield Problem(amount.place, "C035", text)


def _place(expectation: Expectation) -> Place:
    return expectation.place


def _hint(word: str, known: tuple[str, ...]) -> str:
    close = nearest(word, known)
    return f"did you mean {close!r}?" if close else f"known are {', '.join(known)}"
