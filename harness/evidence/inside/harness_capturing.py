"""Inside the captured program: vcrpy sees each HTTP exchange, and this tells it at once to who captures.

Imported by a Python that may have nothing of ours but this folder, so it stands on the standard library and
vcrpy alone.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import types
import urllib.parse
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from harness_telling import BY, WHERE, Exchange, came, now, session, tell, told, watched

OLDEST = (8, 2, 1)
"""The first vcrpy without a known hole."""
REFUSED = 97
"""The exit code of a program that was not begun, because it could not be captured."""
STREAM = "a stream of events"


def start() -> None:
    """Begin to capture this process, if it is to be captured."""
    if not os.environ.get(WHERE):
        return
    about = {"pid": os.getpid(), "python": sys.executable, "first": os.environ.get(BY) == str(os.getppid())}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import vcr.patch
        if tuple(int(part) for part in vcr.__version__.split(".")[:3]) < OLDEST:
            raise ImportError(f"vcrpy {vcr.__version__} is too old")
    except Exception as error:
        tell({"note": "refused", "why": f"{type(error).__name__}: {error}", **about})
        if about["first"]:
            os._exit(REFUSED)
        return
    if tell({"note": "begun", "vcrpy": vcr.__version__, **about}) is not None:
        _patch()


def _patch() -> None:
    """Let vcrpy record with a cassette that tells instead of keeping, and stand around it."""
    import vcr.stubs
    from vcr.cassette import Cassette
    from vcr.patch import CassettePatcherBuilder

    logging.getLogger("vcr").propagate = False  # the program's own log stays as it is
    logging.getLogger("vcr").addHandler(logging.NullHandler())
    transports = [
        (transport, name, getattr(transport, name), around)
        for module in (sys.modules.get("httpx"), sys.modules.get("httpx2"))
        if module is not None
        for transport, name, around in (
            (module.HTTPTransport, "handle_request", _httpx),
            (module.AsyncHTTPTransport, "handle_async_request", _httpx_async),
        )
    ]
    session: Any = getattr(sys.modules.get("aiohttp"), "ClientSession", None)
    asks: Any = None if session is None else session._request

    _close_the_reset()
    for patcher in CassettePatcherBuilder(_telling(Cassette)("capture")).build():
        patcher.__enter__()

    vcr.stubs.VCRConnection.getresponse = _connection(vcr.stubs.VCRConnection.getresponse)
    for transport, name, original, around in transports:
        setattr(transport, name, around(original, getattr(transport, name)))
    if session is not None:
        session._request = _aiohttp(asks, session._request)


def _telling(base: Any) -> Any:
    class Telling(base):  # type: ignore[misc] # known when it runs
        """vcrpy's cassette, which never holds anything: each exchange is told as it happens."""

        def can_play_response_for(self, request: Any) -> bool:
            if getattr(request, "told_as", None) is None:  # a TLS connection asks twice
                request.told_as = self.told(request)
            return False

        def append(self, request: Any, response: Any) -> None:
            exchange = getattr(request, "told_as", None)
            current = now.get()
            if exchange is None and current is not None and not current.over:
                exchange = current  # aiohttp followed a redirect: vcrpy makes its first request anew
            if exchange is None:
                exchange = self.told(request)
            headers = [(name, value) for name, values in response["headers"].items() for value in values]
            came(exchange, response["status"]["code"], headers, response["body"].get("string"))

        @staticmethod
        def told(request: Any) -> Exchange:
            base_url, _ = session.get()
            url = request.uri if "://" in request.uri else urllib.parse.urljoin(base_url, request.uri)
            return told(request.method, url, request.headers.items(), request.body)

    return Telling


def _close_the_reset() -> None:
    """Let no request of another thread pass by unseen while one thread makes or uses a connection.

    Meanwhile vcrpy puts the real classes back for everybody (its issue 849). Only one thing needs that:
    `HTTPSConnection.__init__`, which looks up its own class by its global name; it gets names of its own.
    """
    import http.client

    import vcr.patch

    made: Any = http.client.HTTPSConnection.__init__
    names = {**made.__globals__, "HTTPSConnection": http.client.HTTPSConnection}
    own = types.FunctionType(made.__code__, names, made.__name__, made.__defaults__, made.__closure__)
    own.__kwdefaults__ = made.__kwdefaults__
    http.client.HTTPSConnection.__init__ = functools.wraps(made)(own)  # type: ignore[method-assign] # meant

    reset = vcr.patch.reset_patchers
    seen = ("http.client", "urllib3", "httpx", "aiohttp")

    def rest() -> Iterator[Any]:
        """The patches of clients that do need them out of the way: botocore, httplib2, tornado."""
        for patcher in reset():
            target = patcher.getter()
            owner = str(getattr(target, "__module__", None) or getattr(target, "__name__", ""))
            if not owner.startswith(seen):
                yield patcher

    vcr.patch.reset_patchers = rest


def _connection(patched: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(patched)
    def getresponse(self: Any, *args: Any, **kwargs: Any) -> Any:
        with watched():
            response = patched(self, *args, **kwargs)
        if response.version is None:  # vcrpy's stub has none, and the program's log would say so
            response.version, response.version_string = 11, "HTTP/1.1"
        return response

    return getresponse


def _httpx(original: Callable[..., Any], patched: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(patched)
    def handle_request(self: Any, request: Any) -> Any:
        with watched():
            if not _is_endless(request.headers):
                return patched(self, request)
            exchange = told(request.method, str(request.url), request.headers.multi_items(), request.read())
            response = original(self, request)
            came(exchange, response.status_code, response.headers.multi_items(), b"", STREAM)
            return response

    return handle_request


def _httpx_async(original: Callable[..., Any], patched: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(patched)
    async def handle_async_request(self: Any, request: Any) -> Any:
        with watched():
            if not _is_endless(request.headers):
                return await patched(self, request)
            body = await request.aread()
            exchange = told(request.method, str(request.url), request.headers.multi_items(), body)
            response = await original(self, request)
            came(exchange, response.status_code, response.headers.multi_items(), b"", STREAM)
            return response

    return handle_async_request


def _aiohttp(original: Callable[..., Any], patched: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(patched)
    async def _request(self: Any, method: str, url: Any, **kwargs: Any) -> Any:
        headers = self._prepare_headers(kwargs.get("headers"))
        if "sec-websocket-key" in headers:  # a WebSocket: no exchange that ends
            return await original(self, method, url, **kwargs)
        base_url = str(getattr(self, "_base_url", None) or "")
        session.set((base_url, kwargs.get("data") is not None))
        with watched():
            if not _is_endless(headers):
                return await patched(self, method, url, **kwargs)
            full = urllib.parse.urljoin(base_url, str(url))
            exchange = told(method, full, headers.items(), kwargs.get("data") or kwargs.get("json"))
            response = await original(self, method, url, **kwargs)
            came(exchange, response.status, response.headers.items(), b"", STREAM)
            return response

    return _request


def _is_endless(headers: Any) -> bool:
    """Whether the program asks for a stream of events: vcrpy would wait for its end."""
    return "text/event-stream" in (headers.get("accept") or "").lower()
