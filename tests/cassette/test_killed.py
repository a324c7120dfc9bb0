"""A killed recording keeps exactly what it acknowledged, by its peer's own log, and the old cassette."""

from __future__ import annotations

import itertools
import random
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from harness.cassette import Recorder, journal_path, read, salvage
from harness.clock import RunClock
from harness.errors import CassetteError
from harness.model import Event, Kind, Lane, Source
from harness.recorder import LiveWorld
from harness.redact import Redactor
from harness.timeline import Timeline
from harness.world import Intent, Line, Sending

from .peer import Log, Nursery, Peer, kill, recorders
from .samples import at, header, names, reference

OLD = reference(2)
LEFT = {"broken.jsonl", ".broken.jsonl.journal", ".broken.jsonl.writing"}
CALLS = ["write", "fdatasync", "fsync", "openat", "rename", "unlink", "ftruncate", "fchmod", "flock"]
CALLS += ["newfstatat", "close", "sendto", "recvfrom", "exit_group"]


def kept(path: Path) -> tuple[Event, ...]:
    """What is left of a recording: of its journal, or of the cassette that it became."""
    if path.read_bytes() != OLD:
        return read(path, "ESC-1234").events
    try:
        return salvage(path).events
    except CassetteError:
        return ()  # killed before the header stood there


def judge(path: Path, log: Log) -> int:
    """Hold what was kept against the peer's log; how many exchanges were asked and not kept whole."""
    events = [event for event in kept(path) if event.kind in (Kind.SEND, Kind.ANSWER)]
    sends = [event.data["wire"]["text"] for event in events if event.kind is Kind.SEND]
    answers = [event.data["wire"]["text"] for event in events if event.kind is Kind.ANSWER]
    assert [event.kind for event in events] == [Kind.SEND, Kind.ANSWER] * len(answers) + [Kind.SEND] * (
        len(sends) - len(answers)
    )
    assert len(sends) - len(answers) in (0, 1)
    assert sends[: len(log.asked)] == log.asked[: len(sends)]
    assert answers == log.answered[: len(answers)]
    assert len(log.asked) - len(answers) <= 1, "an acknowledged exchange was lost"
    assert len(sends) >= len(log.asked), "a request went out that the journal did not know"
    return len(log.asked) - len(answers)


def again(nursery: Nursery, peer: Peer, path: Path) -> None:
    """The next recording works and leaves the cassette alone."""
    peer.moment = lambda pid, what: None
    assert nursery.record(path, peer, 2) == 0
    assert len(read(path, "ESC-1234").events) == 4
    assert names(path.parent) == ["broken.jsonl"]


@pytest.mark.parametrize("kills", [50, pytest.param(500, marks=pytest.mark.soak)])
def test_a_kill_at_any_instant_loses_nothing_acknowledged(tmp_path: Path, kills: int) -> None:
    """Killed at seeded instants, a recorder leaves every exchange before the last one asked, as its peer has
    them; the old cassette is as it was, or the new one stands sealed."""
    seed = 20261122
    instants = random.Random(seed)
    lost = {0: 0, 1: 0}
    with recorders() as (nursery, peer):
        for number in range(kills):
            path = at(tmp_path / str(number), OLD)
            moment = f"{instants.choice(['asked', 'answered'])} {instants.randrange(12)}"
            turns = instants.randrange(40_000)

            def strike(pid: int, what: str, moment: str = moment, turns: int = turns) -> None:
                if what == moment:
                    for _ in range(turns):
                        pass
                    kill(pid)

            peer.moment = strike
            code = nursery.record(path, peer, 12)
            assert code == -signal.SIGKILL or what_sealed(path)
            lost[judge(path, peer.log)] += 1
            assert set(names(path.parent)) <= {
                ".broken.jsonl.journal",
                ".broken.jsonl.writing",
                "broken.jsonl",
            }
        again(nursery, peer, path)
    print(f"seed {seed}: {kills} kills; nothing lost {lost[0]}, the unacknowledged exchange {lost[1]}")
    assert sum(lost.values()) == kills


def what_sealed(path: Path) -> bool:
    """Whether the recording came to its end before it was struck."""
    return path.read_bytes() != OLD


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
def test_a_kill_at_any_system_call_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """The same, killed by the system at the Nth call of each kind, N = 1 to the last."""
    killed: Counter[str] = Counter()
    with recorders() as (nursery, peer):
        for call in CALLS:
            for nth in itertools.count(1):
                path = at(tmp_path / f"{call}-{nth}", OLD)
                with traced(peer, call, nth):
                    code = nursery.record(path, peer, 3)
                judge(path, peer.log)
                if code == 0:
                    assert what_sealed(path)
                    break
                assert code == -signal.SIGKILL
                killed[call] += 1
        again(nursery, peer, path)
    print(f"{killed.total()} kills: {dict(killed)}")
    assert set(killed) == set(CALLS)


@contextmanager
def traced(peer: Peer, call: str, nth: int) -> Iterator[None]:
    """The recorder that the peer hears of next is killed as it makes the nth system call of a kind."""
    tracers: list[subprocess.Popen[str]] = []

    def attach(pid: int) -> None:
        inject = f"inject={call}:signal=KILL:when={nth}"
        command = ["strace", "-p", str(pid), "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
        tracers.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        assert tracers[0].stderr is not None
        said.append(tracers[0].stderr.readline())

    said: list[str] = []
    peer.ready = attach
    yield
    peer.ready = lambda pid: None
    tracers[0].communicate(timeout=60)
    if "attached" not in said[0]:
        pytest.skip(f"this machine lets nobody trace: {said[0]}")


def test_two_processes_cannot_record_one_case(tmp_path: Path) -> None:
    """The second recorder is refused with the first one's process id; the first seals all it was told."""
    path = at(tmp_path, OLD)
    told: list[str] = []
    with recorders() as (nursery, peer), recorders() as (other, second):

        def meanwhile(pid: int, what: str) -> None:
            if what == "asked 5":
                assert other.record(path, second, 3) == 1
                told.append(f"is being written by process {pid}: wait for it to end, or stop it")

        peer.moment = meanwhile
        assert nursery.record(path, peer, 10) == 0
    assert f"F005 {journal_path(path)} {told[0]}" in other.errors
    events = read(path, "ESC-1234").events
    assert len([event for event in events if event.kind is Kind.ANSWER]) == 10


@pytest.mark.parametrize("tries", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_eight_processes_record_eight_cases_and_lose_nothing(tmp_path: Path, tries: int) -> None:
    """Ten exchanges in each of eight processes at once, into one folder: eighty of eighty are kept."""
    with ExitStack() as open_:
        pairs = [open_.enter_context(recorders()) for _ in range(8)]
        with ThreadPoolExecutor(8) as pool:
            for number in range(tries):
                paths = [tmp_path / str(number) / f"ESC-{at}" / "broken.jsonl" for at in range(8)]
                made = [
                    pool.submit(nursery.record, path, peer, 10)
                    for path, (nursery, peer) in zip(paths, pairs, strict=True)
                ]
                assert [each.result() for each in made] == [0] * 8
                answers = [
                    event.data["wire"]["text"]
                    for path in paths
                    for event in read(path).events
                    if event.kind is Kind.ANSWER
                ]
                assert answers == [each for _, peer in pairs for each in peer.log.answered]
                assert len(answers) == 80
    print(f"{tries} times 80 of 80 exchanges kept")


@pytest.mark.parametrize("tries", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_eight_threads_record_one_case_and_lose_nothing(tmp_path: Path, tries: int) -> None:
    """Ten barriers of eight sends each in one recording: eighty exchanges, each with its answer, in order."""
    for number in range(tries):
        path = at(tmp_path / str(number))
        recorder = Recorder(path, header(), Redactor())
        lanes = [Lane(Source("rest", f"a{at}"), "ask") for at in range(8)]
        with LiveWorld(Timeline(RunClock(), recorder), lambda source, stream: Echo()) as world:
            for turn in range(10):
                world.send([Sending(lane, {"text": f"{lane.source} {turn}"}) for lane in lanes])
        recorder.seal()
        events = read(path, "ESC-1234").events
        for lane in lanes:
            said = [event.data["wire"]["text"] for event in events if event.lane == lane]
            assert said == [f"{lane.source} {turn}" for turn in range(10) for _ in range(2)]
        assert len([event for event in events if event.kind is Kind.ANSWER]) == 80


class Echo:
    """A peer below the seam that answers what it is asked."""

    def send(self, intent: Intent, line: Line) -> None:
        line.sent({"text": intent["text"]})
        line.answered({"text": intent["text"]})

    def probe(self) -> None:
        """Nothing is streamed."""

    def close(self) -> None:
        """Nothing is open."""
