"""ESC-1029: an order of a contract wallet whose salt is a JSON text is refused.

Escalation PUB-029 (polymarket-go-sdk, issue 63): after a client began to write the salt as a text, orders of
contract wallets were answered `Invalid order payload` while others were taken. Here the exchange reads such a
salt for orders of an account's own (signature type 0) only; it takes a number for all, as it should.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.venue.intake import Intake
from harness.venue.parts import Parts
from harness.wire.clob import PostedOrder

CASE = "ESC-1029"


class NumbersOnly(Intake):
    """Reads a salt in text only for type 0."""

    def read(self, body: Any) -> PostedOrder:
        posted = super().read(body)
        if posted.order.signature_type and isinstance(body["order"]["salt"], str):
            raise ValueError("the salt of a contract wallet's order must be a number")
        return posted


def apply(parts: Parts) -> Parts:
    """Replace how an order's body is read."""
    return replace(parts, intake=NumbersOnly())
