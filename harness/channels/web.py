"""HTTP exchanges as every door makes them: through the one dial, within one deadline, never repeated.

No proxies, no redirects, nothing from the environment. A connection is used again only where it is idle,
quiet and young; a request that was lost on it is lost, and nobody sends it a second time.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
from typing import Final, Self
from urllib.parse import urlsplit

from harness.channels.authorities import usual_authorities
from harness.channels.dial import Dial
from harness.channels.faults import reset_on_close
from harness.clock import Clock
from harness.limits import HTTP_EXCHANGE_S, HTTP_IDLE_CONNECTIONS, HTTP_IDLE_US
from harness.wire.exchange import Answer, BrokenError, Exchange, Request

_READ_BYTES: Final = 64 * 1024
_CONNECTING: Final = "connecting"
_HANDSHAKE: Final = "in the TLS handshake"
_SENDING: Final = "sending the request"


class UnansweredError(Exception):
    """An exchange that brought no answer, or none that can be taken.

    `code` is one of docs/errors.md, `phase` how far it got, `came_bytes` how much of an answer came.
    """

    def __init__(self, code: str, phase: str, came_bytes: int, text: str) -> None:
        self.code = code
        self.told = f"{phase}, after {came_bytes} bytes of an answer: {text}"
        super().__init__(f"{code} {self.told}")
        self.phase = phase
        self.came_bytes = came_bytes


class Web:
    """A client of one origin. Any number of threads may ask at once; each gets a connection of its own."""

    def __init__(
        self,
        url: str,
        dial: Dial,
        clock: Clock,
        *,
        exchange_s: int = HTTP_EXCHANGE_S,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        """`url` is http or https; `certificates` are the authorities trusted, where not the usual ones."""
        split = urlsplit(url)
        self._tls = split.scheme == "https"
        self._host = split.hostname or ""
        self._port = split.port or (443 if self._tls else 80)
        self.origin = f"{split.scheme}://{split.netloc}"
        self.host = split.netloc.rpartition("@")[2]
        self.path = split.path.rstrip("/")
        self.target = (split.path or "/") + (f"?{split.query}" if split.query else "")
        self._dial = dial
        self._clock = clock
        self._exchange_s = exchange_s
        self._certificates = certificates
        self._idle: list[_Connection] = []
        self._guarding = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def exchange(self, request: Request) -> Answer:
        """Send a request and read its answer; where the dial has patience, when the exchange takes it.

        Raises UnansweredError where none comes in time or can be taken (the other side's fault or the
        network's), NoRequestError where HTTP cannot hold the request (the caller's), GuardError.
        """
        patience = self._dial.patience
        if patience is None:
            return self._exchanged(request)
        return patience.ask(self.origin, lambda: self._exchanged(request))

    def _exchanged(self, request: Request) -> Answer:
        exchange, ends_us = Exchange(request), self._ends_us()
        connection = self._take_idle() or self._opened(ends_us)
        try:
            answer = connection.carry_out(exchange, ends_us)
        except BaseException as error:
            connection.close()
            if isinstance(error, OSError | BrokenError):
                raise self._unanswered(error, exchange, connection, request) from None
            raise
        self._put_back(connection, exchange)
        return answer

    def cut(self, request: Request) -> None:
        """Write a request on a connection of its own, and reset that before its answer is read. Raises as
        `exchange`."""
        exchange, ends_us = Exchange(request), self._ends_us()
        connection = self._opened(ends_us)
        try:
            connection.write(exchange.outgoing, ends_us)
        except OSError as error:
            raise self._unanswered(error, exchange, connection, request) from None
        finally:
            connection.reset()

    def close(self) -> None:
        """Close the connections; may be called twice."""
        with self._guarding:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _ends_us(self) -> int:
        return self._clock.now_us() + self._exchange_s * 1_000_000

    def _take_idle(self) -> _Connection | None:
        while True:
            with self._guarding:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if self._clock.now_us() - connection.idle_since_us <= HTTP_IDLE_US and connection.is_quiet():
                return connection
            connection.close()

    def _put_back(self, connection: _Connection, exchange: Exchange) -> None:
        connection.idle_since_us = self._clock.now_us()
        with self._guarding:
            if connection.wrote_all and exchange.is_reusable and len(self._idle) < HTTP_IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _opened(self, ends_us: int) -> _Connection:
        phase = _CONNECTING
        try:
            held = self._dial.connect(self._host, self._port, self._exchange_s)
            if self._tls:
                phase = _HANDSHAKE
                held = self._secured(held, ends_us)
        except TimeoutError:
            raise UnansweredError("T011", phase, 0, self._late) from None
        except OSError as error:
            raise UnansweredError("T012", phase, 0, f"{self.host}: {said(error)}") from None
        return _Connection(held, self._clock)

    def _secured(self, held: socket.socket, ends_us: int) -> ssl.SSLSocket:
        try:
            held.settimeout(left_us(self._clock, ends_us) / 1_000_000)
            context = self._certificates or usual_authorities()
            return context.wrap_socket(held, server_hostname=self._host, suppress_ragged_eofs=False)
        except BaseException:
            held.close()
            raise

    @property
    def _late(self) -> str:
        return f"{self.host} was given {self._exchange_s} s for the whole exchange"

    def _unanswered(
        self, error: OSError | BrokenError, exchange: Exchange, connection: _Connection, request: Request
    ) -> UnansweredError:
        phase = exchange.phase if connection.wrote_all or exchange.came_bytes else _SENDING
        if isinstance(error, BrokenError):
            code, text = error.code, error.text
        elif isinstance(error, TimeoutError):
            code, text = "T011", self._late
        else:
            code, text = "T013", said(error)
        if connection.answered:
            text += f"; the connection had answered {connection.answered} requests before"
        if not request.changes_nothing:
            text += "; whether the request was carried out is not known, and it is not sent again"
        return UnansweredError(code, phase, exchange.came_bytes, text)


class _Connection:
    """One connection, which carries out one exchange at a time."""

    def __init__(self, held: socket.socket, clock: Clock) -> None:
        self._held = held
        self._clock = clock
        self.idle_since_us = 0
        self.answered = 0
        self.wrote_all = False

    def carry_out(self, exchange: Exchange, ends_us: int) -> Answer:
        """Write, then read to the end of the answer; what comes before all is written ends the writing."""
        came = self.write(exchange.outgoing, ends_us)
        while True:
            if came is None:
                self._held.settimeout(left_us(self._clock, ends_us) / 1_000_000)
                came = self._received()
            answer, came = exchange.receive(came), None
            if answer is not None:
                self.answered += 1
                return answer

    def write(self, data: bytes, ends_us: int) -> bytes | None:
        """Write all of it; or return what the other side says before it takes the rest."""
        self.wrote_all = False
        left = memoryview(data)
        self._held.settimeout(0)
        while left:
            try:
                left = left[self._held.send(left[:_READ_BYTES]) :]
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                came = self._said_instead(ends_us)
                if came is not None:
                    return came
            except ConnectionError:
                return None  # it may have answered before it closed
        self.wrote_all = True
        return None

    def _said_instead(self, ends_us: int) -> bytes | None:
        """Wait until something can be written, or what the other side says instead."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._held, selectors.EVENT_READ | selectors.EVENT_WRITE)
            ready = selector.select(left_us(self._clock, ends_us) / 1_000_000)
        if not ready:
            raise TimeoutError
        if ready[0][1] & selectors.EVENT_WRITE:
            return None
        try:
            return self._received()
        except (BlockingIOError, ssl.SSLWantReadError):
            return None  # TLS spoke to itself

    def _received(self) -> bytes:
        try:
            return self._held.recv(_READ_BYTES)
        except ssl.SSLZeroReturnError:
            return b""

    def is_quiet(self) -> bool:
        """Whether an idle connection is open, and nothing was said on it."""
        self._held.settimeout(0)
        try:
            self._held.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False  # the end, or an answer to nothing

    def reset(self) -> None:
        """Close without a goodbye."""
        with contextlib.suppress(OSError):  # the other side was faster
            reset_on_close(self._held)
        self._held.close()

    def close(self) -> None:
        """Close the socket."""
        self._held.close()


def left_us(clock: Clock, ends_us: int) -> int:
    """What is left of a deadline. Raises TimeoutError at its end."""
    left = ends_us - clock.now_us()
    if left <= 0:
        raise TimeoutError
    return left


def said(error: OSError) -> str:
    """What the operating system or TLS says, without the number."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {getattr(error, 'verify_message', error)}"
    return error.strerror or str(error) or type(error).__name__
