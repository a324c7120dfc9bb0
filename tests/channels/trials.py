"""A target on this machine whose channels are tried one by one, and what its REST API answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from time import time
from typing import Any

from harness.clock import RunClock
from harness.guard import Kind
from harness.redact import Redactor
from harness.targets import Endpoints, Target
from harness.trying.places import Places
from harness.trying.rows import Row
from harness.trying.trials import TRIALS
from harness.wire.ctf import CONTRACTS_137

from .webpeer import Answer, WebPeer

ENDPOINTS = Endpoints(rest="", ws="", chain="", control="", chain_id=137, contracts=CONTRACTS_137)
REFUSED = Answer(401, b'{"error":"Unauthorized/Invalid api key"}')
KEYLESS = Answer(400, b'{"error":"Could not derive api key!"}')


def places(named: Mapping[str, str] | None = None, **target: Any) -> Places:
    """A target on this machine that has these channels."""
    held = {key: target.pop(key) for key in list(target) if key in ("marker", "build", "builds", "kind")}
    endpoints = replace(ENDPOINTS, **target)
    found = Target("there", held.pop("kind", Kind.LOCAL), endpoints, named=named or {}, **held)
    return Places(found, endpoints, (), Redactor(), RunClock())


def tried(name: str, at: Places) -> list[Row]:
    return list(TRIALS[name](at))


def one(name: str, at: Places) -> Row:
    (row,) = tried(name, at)
    return row


@contextmanager
def exchange(**answers: Answer) -> Iterator[WebPeer]:
    """A REST API that tells the time and refuses what is to be refused, but for what is told."""
    said = {
        "GET /time": Answer(200, str(int(time())).encode()),
        "GET /auth/derive-api-key": KEYLESS,
        "GET /auth/api-keys": REFUSED,
    }
    with WebPeer(said | {f"GET {path}": answer for path, answer in answers.items()}) as peer:
        yield peer
