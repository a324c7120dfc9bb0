"""The parts of the venue that a defect may replace."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.venue.fix.parts import FixScope, FixWire
from harness.venue.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Parts:
    """The healthy exchange, part by part; a build replaces some of them."""

    settlement: Settlement = field(default_factory=Settlement)
    fix_wire: FixWire = field(default_factory=FixWire)
    fix_scope: FixScope = field(default_factory=FixScope)
