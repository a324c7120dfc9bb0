"""An HTTP client as every door wants it: no proxies, no redirects, a time-out, certificates where needed."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


def new_client(base_url: str, timeout_s: int) -> httpx.Client:
    """A client of one host. Reading the certificates takes longer than most cases: only TLS does."""
    return httpx.Client(
        base_url=base_url,
        verify=_certificates() if base_url.startswith("https:") else False,
        trust_env=False,
        follow_redirects=False,
        timeout=timeout_s,
    )


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
