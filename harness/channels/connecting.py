"""Connecting to addresses that were judged: the one place where a socket of ours is connected.

Two use it: the dial, which asks its leave for the addresses, and the process of the quickfix engine, which is
given what the dial of its driver was given. Neither can resolve a name here.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from harness.clock import RunClock


def connected(addresses: Sequence[str], port: int, timeout_s: int) -> socket.socket:
    """A connected TCP socket, without delay for small writes; blocking calls on it end at the time-out.

    All addresses together get the time-out, in their order. Raises OSError where nobody answers, ValueError
    for an address that is not numeric (ours).
    """
    for address in addresses:
        ipaddress.ip_address(address)
    refused: OSError | None = None
    clock = RunClock()
    for address in addresses:
        left_us = timeout_s * 1_000_000 - clock.now_us()
        if left_us <= 0:
            break
        try:
            opened = socket.create_connection((address, port), timeout=left_us / 1_000_000)
        except OSError as error:
            refused = error
            continue
        opened.settimeout(timeout_s)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened
    raise refused or OSError(f"no address for port {port} was judged")
