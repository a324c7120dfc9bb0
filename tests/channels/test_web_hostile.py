"""HTTP exchanges with a server that means harm: refused, in little memory, and the next one is well."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.channels.web import UnansweredError, Web
from harness.clock import RunClock
from harness.wire.exchange import Answer, request_of

from .hostileweb import ANSWERS, MIB, HostileWeb
from .leaves import OPEN_DIAL


@pytest.fixture(scope="module")
def server() -> Iterator[HostileWeb]:
    with HostileWeb() as server:
        yield server


@pytest.fixture(scope="module")
def web(server: HostileWeb) -> Iterator[Web]:
    """One client for all of them: what one server did must not reach the next exchange."""
    with Web(server.url, OPEN_DIAL, RunClock()) as web:
        yield web


def get(web: Web, path: str) -> Answer:
    return web.exchange(request_of("GET", web.host, path, {}))


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_hostile_answer_is_refused_and_the_next_exchange_is_well(
    server: HostileWeb, web: Web, name: str
) -> None:
    """Each is refused by its code; an exchange after it is answered, on a connection of its own."""
    code, server.say = ANSWERS[name]
    assert get(web, "/ok").body == b"fine"
    came = ""
    try:
        get(web, "/bad")
    except UnansweredError as error:
        came = error.code

    assert came == code
    assert get(web, "/ok").body == b"fine"


TESTS = Path(__file__).resolve().parents[1]
GROWTH = """
import sys
from pathlib import Path
from channels.leaves import OPEN_DIAL
from harness.channels.web import UnansweredError, Web
from harness.clock import RunClock
from harness.wire.exchange import request_of

def peak_kib():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

with Web(sys.argv[1], OPEN_DIAL, RunClock()) as web:
    web.exchange(request_of("GET", web.host, "/ok", {}))
    before = peak_kib()
    for _ in range(int(sys.argv[2])):
        try:
            web.exchange(request_of("GET", web.host, "/bad", {}))
        except UnansweredError:
            pass
    print(peak_kib() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_a_hostile_answer_costs_little_memory() -> None:
    """All of them one after the other raise a process's peak by 64 MiB at most."""
    says = iter([say for _, say in ANSWERS.values()])
    with HostileWeb(lambda held: next(says)(held)) as server:
        child = [sys.executable, "-c", GROWTH, server.url, str(len(ANSWERS))]
        told = subprocess.run(child, capture_output=True, text=True, timeout=120, cwd=TESTS)

    assert told.stderr == ""
    assert int(told.stdout) * 1024 <= 64 * MIB
