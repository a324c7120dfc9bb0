"""A socket that goes wrong on purpose, by itself: what it lets through when."""

from __future__ import annotations

import socket
import threading

import pytest

from harness.channels.faults import WE_CUT, FaultySocket, Marked

from .notes import Notes


class Records:
    """A TLS socket, as far as it matters: it gives a record, whatever less is asked for stays unseen."""

    def __init__(self, held: socket.socket) -> None:
        self._held = held

    def pending(self) -> int:
        return 0

    def recv(self, size: int) -> bytes:
        return self._held.recv(size)

    def __getattr__(self, name: str) -> object:
        return getattr(self._held, name)


@pytest.mark.parametrize(("is_tls", "taken_bytes"), [(False, 10), (True, 1000)])
def test_a_slow_reader_takes_little_of_a_plain_socket_and_a_record_of_tls(
    is_tls: bool, taken_bytes: int
) -> None:
    """Slowness cuts what is read into small pieces, but no TLS record: its rest would wait unseen."""
    near, far = socket.socketpair()
    with near, far:
        slow = FaultySocket(Records(near) if is_tls else near, slow_bytes=10)  # type: ignore[arg-type] # stands for ssl.SSLSocket
        slow.begin("slow_reader")
        far.sendall(b"x" * 1000)

        taken = slow.recv(65_536)
        slow.begin("over")
        far.sendall(b"y")

        assert taken == b"x" * taken_bytes
        assert slow.recv(65_536) == b"x" * (1000 - taken_bytes) + b"y"


def test_closing_lets_a_half_open_reader_go() -> None:
    """A reader that waits in a half-open socket ends when it is closed."""
    near, far = socket.socketpair()
    deaf = FaultySocket(near, 10)
    deaf.begin("half_open")
    ended: list[str] = []

    def read() -> None:
        try:
            deaf.recv(10)
        except OSError as error:
            ended.append(type(error).__name__)

    reader = threading.Thread(target=read)
    reader.start()
    far.sendall(b"x")

    deaf.close()
    reader.join(15)

    assert not reader.is_alive()
    assert ended == ["OSError"]
    far.close()


def test_nothing_passes_a_cut() -> None:
    """After a cut nothing is read, not even what had come, and nothing is written."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    far.sendall(b"before")
    cut = FaultySocket(near, 10)
    cut.begin("cut")

    assert (cut.recv(10), cut.pace()) == (b"", False)
    with pytest.raises(ConnectionResetError, match=WE_CUT):
        cut.sendall(b"after")
    cut.shutdown(socket.SHUT_WR)
    cut.close()
    with far, pytest.raises(ConnectionResetError):
        far.recv(10)


def test_an_unknown_fault_is_ours() -> None:
    """A kind of fault that no socket has is refused: cases are read before."""
    near, far = socket.socketpair()
    with near, far, pytest.raises(ValueError, match="'melt' is no fault"):
        FaultySocket(near, 10).begin("melt")


def test_a_marked_line_reports_the_fault_with_the_send() -> None:
    """The fault stands beside what was sent; answers and losses stay as they are."""
    notes = Notes()
    line = Marked(notes, "cut")

    line.sent({"text": "x"}, {"order_id": "0x1"})
    line.answered({"status": 200})
    line.lost("gone")

    assert [(note.what, note.wire) for note in notes.told] == [
        ("sent", {"text": "x", "fault": "cut"}),
        ("answered", {"status": 200}),
        ("lost", "gone"),
    ]
    assert notes.told[0].derived == {"order_id": "0x1"}
