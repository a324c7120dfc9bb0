"""Whom we trust to vouch for a host, in every channel with TLS."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def usual_authorities() -> ssl.SSLContext:
    """Mozilla's authorities, as certifi carries them. Reading them takes longer than most cases, so it waits.

    The standard library's own context would follow SSL_CERT_FILE, and write keys where SSLKEYLOGFILE says.
    """
    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
