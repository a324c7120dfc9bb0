"""Leave to connect, as tests give it: the guard has tests of its own."""

from __future__ import annotations

from harness.channels.dial import Dial
from harness.errors import GuardError


class Anywhere:
    """Leave for every place, as it is named."""

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        return (host,)


class Nowhere:
    """Leave for no place."""

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        raise GuardError("G003", f"{host}:{port} is not on this machine: refused")


OPEN_DIAL = Dial(Anywhere())
NO_DIAL = Dial(Nowhere())
