"""What a FIX session says happened, put on the timeline and on the wire, in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from harness.channels.faults import FaultySocket
from harness.channels.fixreading import WE_CLOSED, Ended
from harness.model import By
from harness.wire.fix import events as said
from harness.wire.fix import written
from harness.wire.fix.message import Message
from harness.world import StreamLine


def tell(
    told: Sequence[said.Event], line: StreamLine, opened: FaultySocket, heard: Callable[[Message], None]
) -> None:
    """Report each message when it came (a queued one then, not in its turn); write what the session sends.
    `heard` is told of those that came in their turn.

    Raises Ended where the session ends its connection, or what it sends is not read.
    """
    why = ""
    for event in told:
        match event:
            case said.Received(message=message, admin=admin, queued=False):
                line.pushed({"raw": written.show(message.raw)}, By.SESSION if admin else By.PEER)
                heard(message)
            case said.Queued(message=message) | said.Refused(message=message):
                line.pushed({"raw": written.show(message.raw)}, By.PEER)
            case said.Ignored(garbled=garbled):
                line.pushed({"raw": written.show(garbled.raw), "garbled": True}, By.PEER)
            case said.Sent(raw=raw, by=By.SESSION):
                line.said({"raw": written.show(raw)})
                _put(raw, opened)
            case said.Failed(code=code, text=text):
                why = f": {code}: {text}"
            case said.Close():
                raise Ended(f"{WE_CLOSED}{why}", By.SESSION if why else By.PEER)
            case _:
                pass


def _put(raw: bytes, opened: FaultySocket) -> None:
    try:
        opened.sendall(raw)
    except TimeoutError:
        raise Ended("the other side read nothing of what we said", error="T027") from None
    except OSError:
        return  # it is gone: the next reading finds out how
