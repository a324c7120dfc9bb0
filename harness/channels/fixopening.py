"""How a FIX session of ours is opened: again while its gateway is away, within the target's patience.

What a step says by itself is evidence and is never said again; what is opened for it, by us, is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from harness.channels.address import FixAddress
from harness.channels.dial import Dial
from harness.errors import TargetError
from harness.notnow import NotNow, Why

_SESSIONS: Final = " sessions"
"""Behind an address: what it does not take is new sessions; those that are up go on."""


class UnopenedError(Exception):
    """A session did not open: what its gateway says or does, and our error where that does not end."""

    def __init__(self, said: NotNow, error: TargetError) -> None:
        super().__init__(str(error))
        self.said = said
        self.error = error


def refused(address: FixAddress, why: str) -> UnopenedError:
    """The gateway takes no connection."""
    text = f"the FIX gateway {address.host}:{address.port} does not open: {why}. Is it up?"
    return UnopenedError(NotNow(Why.AWAY, why), TargetError("T001", text))


def hung_up(address: FixAddress) -> UnopenedError:
    """The gateway took a connection, and ended it without a word."""
    text = f"the FIX gateway {address.host}:{address.port} hangs up before it answers a Logon. Is it up?"
    return UnopenedError(NotNow(Why.AWAY, "it hangs up before it answers a Logon"), TargetError("T001", text))


def told_off(said: NotNow) -> UnopenedError:
    """The gateway answered with a Logout that says *not now*."""
    return UnopenedError(said, TargetError("T030", f"the FIX gateway says {said}"))


def until_open(address: FixAddress, dial: Dial, once: Callable[[], None]) -> None:
    """Open a session by `once`, and again as long as that raises UnopenedError and there is patience.

    Raises TargetError T001 where the gateway is not there, T030 where it says *not now* (the environment's).
    """
    scope = address.origin + _SESSIONS
    while True:
        try:
            once()
        except UnopenedError as trouble:
            if not dial.waits(scope, trouble.said):
                raise trouble.error from None
        else:
            dial.taken(scope)
            return
