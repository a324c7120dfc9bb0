"""ESC-1128: the exchange goes on saying allowance 0 after the approval.

Escalation PUB-128 (py-clob-client, issue 297): the approvals of a wallet had succeeded on chain, and
GET /balance-allowance said 0 for every spender, also after /balance-allowance/update. Here the exchange keeps
the first allowance of an address that it sees, which is that of the moment it was funded: what is approved
later is neither told nor counted, and orders are refused for allowance.
"""

from __future__ import annotations

from dataclasses import replace

from harness.venue.allowances import Allowances, Asset
from harness.venue.parts import Parts

CASE = "ESC-1128"


class FirstSeen(Allowances):
    """Remembers the first allowance of each address, asset and spender for good."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Asset, str], int] = {}

    def told(self, owner: str, asset: Asset, spender: str, on_chain: int) -> int:
        return self._seen.setdefault((owner, asset, spender), on_chain)


def apply(parts: Parts) -> Parts:
    """Replace which allowance counts."""
    return replace(parts, allowances=FirstSeen())
