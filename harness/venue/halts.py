"""When the exchange takes no orders for a while: restarts and trading modes (CLOB docs, matching engine)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from harness.venue.faults import RefusalError

NOT_READY: Final = "service not ready"
RESTART_TEXTS: Final = (NOT_READY, "order manager not ready, please retry", "")
"""What users report of a restart; an empty text is an empty body."""
_POST_ONLY: Final = "post-only mode: only post-only orders and cancels are allowed"
_CANCEL_ONLY: Final = (
    "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
)
_DISABLED: Final = "Trading is currently disabled. Check polymarket.com for updates"
_S_NS: Final = 1_000_000_000


class Mode(enum.Enum):
    """What a phase refuses; where two run at once, the one that stands first here counts."""

    RESTARTING = "restarting"
    DISABLED = "disabled"
    CANCEL_ONLY = "cancel_only"
    POST_ONLY = "post_only"


@dataclass(frozen=True, slots=True)
class Phase:
    """One mode, from a moment on and until another (unix nanoseconds)."""

    mode: Mode
    from_ns: int
    until_ns: int
    says: str = NOT_READY
    """What a restart answers, where it is one."""

    def __post_init__(self) -> None:
        if self.until_ns <= self.from_ns:
            raise ValueError(f"a phase from {self.from_ns} until {self.until_ns} is none")


class Halts:
    """The phases that were begun; each ends by itself, as time is an argument."""

    def __init__(self) -> None:
        self._phases: list[Phase] = []

    def begin(self, phase: Phase) -> None:
        """Put a phase in force; it may lie ahead."""
        self._phases.append(phase)

    def end(self) -> None:
        """Every phase is over, also those that lie ahead."""
        self._phases = []

    def require_orders(self, now_ns: int, *, post_only: bool) -> None:
        """Refuse a new order with 425 or 503 while none is taken. Raises RefusalError."""
        match self._phase(now_ns):
            case Phase(mode=Mode.RESTARTING, until_ns=until_ns, says=says):
                raise RefusalError(425, says, headers={"Retry-After": str(_left_s(now_ns, until_ns))})
            case Phase(mode=Mode.DISABLED):
                raise RefusalError(503, _DISABLED)
            case Phase(mode=Mode.CANCEL_ONLY):
                raise RefusalError(503, _CANCEL_ONLY)
            case Phase(mode=Mode.POST_ONLY, until_ns=until_ns) if not post_only:
                more = {"code": "post_only_mode", "retry_after_seconds": _left_s(now_ns, until_ns)}
                raise RefusalError(503, _POST_ONLY, more)

    def require_cancels(self, now_ns: int) -> None:
        """Refuse a cancel with 425 or 503 while none is taken. Raises RefusalError."""
        match self._phase(now_ns):
            case Phase(mode=Mode.RESTARTING, until_ns=until_ns, says=says):
                raise RefusalError(425, says, headers={"Retry-After": str(_left_s(now_ns, until_ns))})
            case Phase(mode=Mode.DISABLED):
                raise RefusalError(503, _DISABLED)

    def halted(self, now_ns: int) -> bool:
        """Whether nothing is matched."""
        return self._phase(now_ns) is not None

    def _phase(self, now_ns: int) -> Phase | None:
        self._phases = [phase for phase in self._phases if now_ns < phase.until_ns]
        running = [phase for phase in self._phases if phase.from_ns <= now_ns]
        order = list(Mode)
        return min(running, key=lambda phase: order.index(phase.mode), default=None)


def _left_s(now_ns: int, until_ns: int) -> int:
    return -((now_ns - until_ns) // _S_NS)
