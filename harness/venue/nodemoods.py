"""What the node does wrong for a while, because a test asks for it: it lags, or takes what it denies.

Nodes of Polygon are reported to do both (ithaca relay, issue 1214; ambire-common, pull request 2646; bor,
issue 324).
"""

from __future__ import annotations

from typing import Final

UNDERPRICED: Final = "replacement transaction underpriced"
TAKEN: Final = (UNDERPRICED, "already known", "nonce too low", "transaction underpriced")
"""What a node may say of a transaction that it took all the same: the reported words, and geth's others."""


class Denials:
    """How many transactions more are taken and answered with an error; none, unless told."""

    def __init__(self) -> None:
        self._text, self._left = "", 0

    def begin(self, text: str, times: int) -> None:
        """Deny so many from now on, with these words."""
        self._text, self._left = text, times

    @property
    def waiting(self) -> bool:
        """Whether a transaction is to be denied."""
        return self._left > 0

    def next(self) -> str | None:
        """What is said of a transaction that was taken just now; None where it is its hash."""
        if not self._left:
            return None
        self._left -= 1
        return self._text


class NodeMoods:
    """What is in force; nothing, unless told. Time is an argument (unix nanoseconds)."""

    def __init__(self) -> None:
        self.end()

    def end(self) -> None:
        """The node does its work again."""
        self.customers = Denials()
        """Of the transactions that customers send."""
        self.settlements = Denials()
        """Of those that the exchange sends."""
        self._behind, self._until_ns = 0, 0

    def lag(self, behind: int, until_ns: int) -> None:
        """Customers are answered as of so many blocks before the newest, until then."""
        self._behind, self._until_ns = behind, until_ns

    def behind(self, now_ns: int) -> int:
        """By how many blocks it lags."""
        return self._behind if now_ns < self._until_ns else 0
