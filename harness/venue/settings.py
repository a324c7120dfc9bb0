"""What a venue is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from harness.venue.faults import VenueError
from harness.venue.profiles import DEFAULT
from harness.venue.silence import Patience
from harness.venue.venueclock import OwnTime

CHAIN_ID: Final = 137  # clients hard-code the contracts' addresses for it


@dataclass(frozen=True, slots=True)
class Settings:
    """What the venue is started with; port 0 lets the system choose."""

    build: str
    rest_port: int = 0
    ws_port: int = 0
    chain_port: int = 0
    control_port: int = 0
    fix_port: int = 0
    data_port: int = 0
    block_time_s: Decimal = Decimal("0.25")
    environment: str = "venue"
    profile: str = DEFAULT
    """Whose conventions it speaks."""
    patience: Patience = field(default_factory=Patience)
    seed: int | None = None
    """Draws ids, keys and secrets from it: the same every time. None draws them at random."""
    clock: OwnTime | None = None
    """A time of its own; None is the machine's."""

    def __post_init__(self) -> None:
        own = (self.rest_port, self.ws_port, self.chain_port, self.control_port)
        for port in (*own, self.fix_port, self.data_port):
            if not 0 <= port < 65536:
                raise VenueError(f"port {port} is none: name one below 65536, or 0 to let the system choose")
        if not Decimal("0.01") <= self.block_time_s <= 60:
            raise VenueError(f"a block time of {self.block_time_s} s: name one between 0.01 and 60")
