"""Trying the hosts beside the exchange itself: as much as only reads."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from typing import Final

from harness import asking
from harness.channels.authorities import usual_authorities
from harness.errors import TargetError
from harness.guard import address_of
from harness.trying.places import ASK_S, Places, got
from harness.trying.rows import Row, State, absent, attempted

_HANGS_UP_S: Final = 1
"""How long a gateway that hangs up on everybody may take to do so."""
_NOBODY: Final = "0x" + "0" * 40


def control(places: Places) -> Iterator[Row]:
    """Its control API: how it is, and what it can do that no customer can."""
    if not places.url("control"):
        yield absent("control", "no market is made, nobody is funded, and no `target:` verb is there")
        return

    def asked() -> Row:
        dial, url = places.dial("control"), places.url("control")
        health = asking.ask(dial, "GET", f"{url}/health")
        led = places.led("control", dial)
        if health.get("ok") is not True:
            text = f"{led}says that it is not well: no run will begin"
            return Row("control", where, State.SILENT, text, "ask who runs it what is wrong")
        try:
            verbs = len(asking.ask(dial, "GET", f"{url}/verbs").get("verbs", ()))
        except TargetError:
            verbs = 0
        return Row("control", where, State.WORKS, f"{led}is well; {verbs} verbs")

    where = places.shown("control")
    yield attempted("control", where, asked)


def data(places: Places) -> Iterator[Row]:
    """Its data API."""
    yield _read(places, "data", f"/positions?user={_NOBODY}")


def gamma(places: Places) -> Iterator[Row]:
    """Its gamma API."""
    yield _read(places, "gamma", "/status")


def relayer(places: Places) -> Iterator[Row]:
    """Its relayer, of which nothing is known that only reads: it takes connections."""
    yield connected(places, "relayer", "takes connections; nothing was asked of it")


def _read(places: Places, channel: str, path: str) -> Row:
    if not places.url(channel):
        return absent(channel)

    def asked() -> Row:
        answer = got(places, channel, path)
        led = places.led(channel, places.dial(channel))
        if answer.status == 200:
            return Row(channel, where, State.WORKS, f"{led}answers {path.partition('?')[0]}")
        text = f"{led}answers {answer.status} to GET {path.partition('?')[0]}"
        return Row(channel, where, State.SILENT, text, f"is this the address of the {channel} API?")

    where = places.shown(channel)
    return attempted(channel, where, asked)


def connected(places: Places, channel: str, text: str) -> Row:
    """Whether a host takes a connection (and TLS) and does not hang up at once: `text` tells of one."""
    if not places.url(channel):
        return absent(channel)

    def asked() -> Row:
        dial, url = places.dial(channel), places.url(channel)
        address, led = address_of(url), places.led(channel, dial)
        held = None
        try:
            held = dial.connect(address.host, address.port, ASK_S)
            if url.startswith("https:"):
                held = usual_authorities().wrap_socket(held, server_hostname=address.host)
            held.settimeout(_HANGS_UP_S)
            with contextlib.suppress(TimeoutError):
                if not held.recv(1):
                    raise TargetError("T013", f"{led}takes a connection and ends it at once")
        except ssl.SSLError as error:
            raise TargetError("T023", f"{led}TLS failed: {error}") from None
        except OSError as error:
            raise TargetError("T012", f"{led}no connection: {error}") from None
        finally:
            if held is not None:
                held.close()
        return Row(channel, where, State.WORKS, f"{led}{text}")

    where = places.shown(channel)
    return attempted(channel, where, asked)
