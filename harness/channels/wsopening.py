"""Opening a WebSocket: a connection where the guard gave leave, TLS, and the handshake, under one deadline.

The answer to the handshake is read here and judged by websockets (RFC 6455, 4.2.2): no redirect is followed,
no body is read, no extension is taken, and no variable of the environment changes what is accepted.
"""

from __future__ import annotations

import re
import socket
import ssl
from typing import Final

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.http11 import Response
from websockets.uri import WebSocketURI, parse_uri

from harness.channels.authorities import usual_authorities
from harness.channels.dial import Dial
from harness.channels.wsframes import SECOND_US, WsBounds
from harness.clock import Clock
from harness.errors import TargetError
from harness.finding import seconds
from harness.notnow import NotNow, not_now

USER_AGENT: Final = "escalation-harness"
READ_BYTES: Final = 4096
_HEAD_END: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(r"HTTP/1\.1 ([1-5][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?")
_HEADER: Final = re.compile(r"([-!#$%&'*+.^_`|~0-9a-zA-Z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")


class NotOpenedError(TargetError):
    """The other side opens nothing now (too many connections, maintenance), and says so."""

    def __init__(self, said: NotNow, text: str) -> None:
        super().__init__("T030", text)
        self.said = said


class Opening:
    """One attempt: which phase it is in, and how long is left for all of them together."""

    def __init__(self, url: str, dial: Dial, clock: Clock, bounds: WsBounds) -> None:
        self._url = url
        self._dial = dial
        self._clock = clock
        self._bounds = bounds
        self._due_us = clock.now_us() + bounds.open_us
        self._phase = "connecting"
        self._came_bytes = 0

    def open(self, tls: ssl.SSLContext | None = None) -> tuple[socket.socket, bytes]:
        """A socket behind the handshake, and the bytes of frames that came with its answer.

        `tls`: whom to trust, where it is not the usual authorities. Raises TargetError, whatever goes
        wrong; GuardError where there is no leave to connect.
        """
        try:
            place = parse_uri(self._url)
            held = self._dial.connect(place.host, place.port, -(-self._bounds.open_us // SECOND_US))
        except (InvalidURI, OSError) as error:
            raise self._unreachable(error) from None
        try:
            if place.secure:
                held = self._secured(held, place.host, tls or usual_authorities())
            return held, self._shaken(held, place)
        except TimeoutError:
            held.close()
            within = f"within {seconds(self._bounds.open_us)}: {self._phase} had not ended"
            text = f"{self._url} did not open {within} ({self._came_bytes} bytes had come)"
            raise TargetError("T021", text) from None
        except ssl.SSLError as error:
            held.close()
            raise TargetError("T023", f"{self._url} does not open: TLS failed: {error}") from None
        except (OSError, InvalidStatus) as error:
            held.close()
            if isinstance(error, InvalidStatus) and (said := self._not_now(error.response)) is not None:
                raise NotOpenedError(said, f"{self._url} does not open now: it says {said.words}") from None
            raise self._unreachable(error) from None
        except InvalidHandshake as error:
            held.close()
            raise self._unfit(f"its answer to the handshake does not do: {error}") from None
        except BaseException:
            held.close()
            raise

    def _secured(self, held: socket.socket, host: str, tls: ssl.SSLContext) -> socket.socket:
        self._phase = "the TLS handshake"
        secured = tls.wrap_socket(held, server_hostname=host, do_handshake_on_connect=False)
        try:
            secured.settimeout(self._left_us() / SECOND_US)
            secured.do_handshake()
        except BaseException:
            secured.close()
            raise
        return secured

    def _shaken(self, held: socket.socket, place: WebSocketURI) -> bytes:
        self._phase = "the WebSocket handshake"
        protocol = ClientProtocol(place)
        request = protocol.connect()
        request.headers["User-Agent"] = USER_AGENT
        held.settimeout(self._left_us() / SECOND_US)
        held.sendall(request.serialize())
        came = b""
        while _HEAD_END not in came:
            if len(came) >= self._bounds.handshake_bytes:
                limit = f"of {self._bounds.handshake_bytes} bytes"
                raise self._unfit(f"its answer has no end within the limit {limit} for status and headers")
            held.settimeout(self._left_us() / SECOND_US)
            data = held.recv(min(READ_BYTES, self._bounds.handshake_bytes - len(came)))
            if not data:
                raise OSError(f"the connection ended in the WebSocket handshake, after {len(came)} bytes")
            came += data
            self._came_bytes = len(came)
        head, _, early = came.partition(_HEAD_END)
        protocol.process_response(self._response(head))
        return early

    def _response(self, head: bytes) -> Response:
        """Status line and headers, strictly: a line that is none, and a folded one, is refused."""
        first, *lines = head.decode("latin-1").split("\r\n")
        status = _STATUS.fullmatch(first)
        if status is None:
            raise self._unfit(f"its answer does not begin as HTTP/1.1 does, but with {first[:60]!r}")
        headers = Headers()
        for line in lines:
            found = _HEADER.fullmatch(line)
            if found is None:
                raise self._unfit(f"its answer has a header line that is none: {line[:60]!r}")
            headers[found[1]] = found[2]
        return Response(int(status[1]), status[2] or "", headers)

    def _left_us(self) -> int:
        left_us = self._due_us - self._clock.now_us()
        if left_us <= 0:
            raise TimeoutError
        return left_us

    def _not_now(self, response: Response) -> NotNow | None:
        """What a refused handshake says, where that is that it may be tried again."""
        headers = {name.lower(): value for name, value in response.headers.raw_items()}
        now_us = self._clock.started_wall_us + self._clock.now_us()
        return not_now({"status": response.status_code, "headers": headers}, now_us)

    def _unfit(self, text: str) -> TargetError:
        return TargetError("T022", f"{self._url} is no WebSocket: {text}")

    def _unreachable(self, error: Exception) -> TargetError:
        told = str(error)
        if isinstance(error, InvalidStatus) and 300 <= error.response.status_code < 400:
            told += (
                f" to {error.response.headers.get('Location', 'nowhere')[:200]!r}: redirects are not followed"
            )
        return TargetError("T001", f"{self._url} does not open: {told}. Is the target up?")
