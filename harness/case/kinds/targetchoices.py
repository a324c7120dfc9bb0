"""The only values that some words of a `target:` step take, as the exchange's control API knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EMPTY: Final = "nothing"
"""What a restart answers where its body is empty."""
CHOICES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("restart", "of"): ("fix", "ws", "matcher"),
    ("delay", "of"): ("settlement",),
    ("resolve", "outcome"): ("yes", "no"),
    ("revert", "error"): ("MakingGtRemaining", "InvalidSignature", "NotCrossing", "FeeExceedsMaxRate"),
    ("restart", "error"): ("service not ready", "order manager not ready, please retry", EMPTY),
    ("deny", "of"): ("sends", "settlements"),
    ("deny", "error"): (
        *("replacement transaction underpriced", "already known", "nonce too low"),
        "transaction underpriced",
    ),
    ("words", "of"): (
        *("version", "balance", "crossing", "reply", "waiting", "hashes", "broadcast", "allowance"),
    ),
    ("limits", "of"): ("signer", "address", "token"),
    ("limits", "mode"): ("warning", "enforce", "off"),
    ("limits", "tier"): (
        *("standard", "copper", "bronze", "silver", "gold", "platinum", "diamond", "elite"),
    ),
    ("account", "state"): ("closed_only", "banned", "deposit_only"),
    ("fail", "error"): (
        *("order timed out", "could not insert order", "could not run the execution"),
        *("there are no matching orders", "the trade contains rounding issues", "Internal server error"),
        *("FOK orders are filled or killed", "invalid nonce", "order canceled in the CTF exchange contract"),
        "the price of the taker's order has a discrepancy greater than allowed with the worst maker order",
        *("order match delayed due to market conditions", "error delaying the order"),
        *("error getting the orderbook", "could not fetch builder trades", "Could not retrieve API keys"),
        *("Could not delete API key", "could not create builder api key", "could not get builder api keys"),
    ),
    ("fail", "at"): (
        *("POST /order", "GET /data/order/{id}", "GET /data/orders", "GET /data/trades"),
        *("GET /last-trade-price", "GET /book", "GET /builder/trades", "GET /auth/api-keys"),
        *("DELETE /auth/api-key", "POST /auth/builder-api-key", "GET /auth/builder-api-key"),
    ),
    ("region", "mode"): ("blocked", "waf"),
    ("pause", "mode"): ("cancel_only", "disabled", "post_only"),
}
"""The only values of a verb's word."""
