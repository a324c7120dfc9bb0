"""Which signed requests the exchange lets in once their signature is right: the seam for defects."""

from __future__ import annotations


class Entrance:
    """All of them: the same credentials get the same answer, however often they are used."""

    def admits(self, api_key: str) -> bool:
        """Whether a request of this API key is let in; each request asks once."""
        return True
