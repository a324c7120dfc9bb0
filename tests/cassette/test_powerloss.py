"""A power loss at any moment of a recording, whatever of the unsynced is lost: promises are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from files.powerloss import Disk, State

from harness import files
from harness.cassette import Recorder
from harness.kept import kept
from harness.redact import Redactor
from harness.seal import event_line, header_line

from .samples import events, header, record, reference

NAME = "ESC-1234/broken.jsonl"
JOURNAL = "ESC-1234/.broken.jsonl.journal"
OLD = reference(2)
COUNT = 12
LINES = [line[:-1] for line in (header_line(header()), *map(event_line, events(200)))]
SEALED = "sealed"


def recorded(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    old: bytes | None,
    journal: bytes | None,
    count: int = COUNT,
) -> Disk:
    """The disk under one whole recording, over an old cassette or none, over a dead one's journal or none."""
    path = folder / NAME
    for name, data in ((NAME, old), (JOURNAL, journal)):
        if data is not None:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
    disk = Disk(folder)
    with monkeypatch.context() as patch:
        patch.setattr(files, "os", disk)
        recorder = Recorder(path, header(), Redactor())
        for event in events(count):
            recorder(event)
            disk.note(f"{event.kind} {event.number}")
        recorder.seal()
        disk.note(SEALED)
    return disk


def dead(folder: Path) -> bytes:
    """The journal of a longer recording that was killed."""
    recorder = record(folder / NAME, 20)
    recorder.close()
    return (folder / JOURNAL).read_bytes()


def wrong(acknowledged: list[str], state: State, old: bytes | None, new: bytes, before: list[bytes]) -> str:
    """What a state breaks of what was promised; "" where nothing."""
    found = state.get(NAME)
    if found not in ((new,) if SEALED in acknowledged else (old, new)):
        return "a cassette that is neither the old nor the new one"
    lines = kept(state.get(JOURNAL, b""))
    if lines not in (LINES[: len(lines)], before[: len(lines)]):
        return "a journal with events that were not recorded"
    durable = [int(each.split()[1]) for each in acknowledged if each.startswith(("send", "answer"))]
    if found != new and durable and (len(lines) < durable[-1] + 2 or lines[1:2] != LINES[1:2]):
        return "an acknowledged exchange is gone"
    return ""


def broken_promises(disk: Disk, most: int, old: bytes | None, before: list[bytes]) -> tuple[int, set[str]]:
    """How many states there are, and what they break."""
    new = (disk.root / NAME).read_bytes()
    states, broken = 0, set()
    for acknowledged, state in disk.crashes(most):
        states += 1
        broken.add(wrong(acknowledged, state, old, new, before))
    return states, broken - {""}


@pytest.mark.parametrize("count", [COUNT, pytest.param(200, marks=pytest.mark.soak)])
@pytest.mark.parametrize("is_old", [True, False], ids=["over an old one", "for the first time"])
@pytest.mark.parametrize("is_dead", [True, False], ids=["after a killed one", "after nothing"])
def test_no_power_loss_gives_anything_but_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, is_old: bool, is_dead: bool
) -> None:
    """In no state is there a cassette that is neither old nor new, an event that was not recorded, or an
    exchange lost that was acknowledged; and once sealed it is the new one, folders and all."""
    old, journal = OLD if is_old else None, dead(tmp_path / "dead") if is_dead else None
    (tmp_path / "disk").mkdir()
    disk = recorded(tmp_path / "disk", monkeypatch, old, journal, count)
    states, broken = broken_promises(disk, 3, old, kept(journal or b""))
    assert broken == set()
    assert states > 9 * count
    print(f"{len(disk.ops)} operations, {states} states with 3 lost or kept, 0 wrong")


def no_sync(*arguments: object, **named: object) -> None:
    """A disk that is never told to hold fast."""


@pytest.mark.parametrize(
    ("name", "instead"),
    [("_make_durable", no_sync), ("_make_folder_durable", no_sync)],
)
def test_the_simulator_would_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, instead: Callable[..., None]
) -> None:
    """Without the sync of a file before it is moved, or of its folder after, promises are seen broken."""
    monkeypatch.setattr(files, name, instead)
    disk = recorded(tmp_path, monkeypatch, None, None, 2)
    assert broken_promises(disk, 1, None, [])[1] != set()


def test_a_file_is_moved_only_when_it_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every recording: the data is synced before the rename, and the folder after it."""
    ops = recorded(tmp_path, monkeypatch, OLD, None).ops
    moved = next(at for at, op in enumerate(ops) if op.kind == "rename")
    inode, folder = ops[moved].said[2], ops[moved].on
    last_write = max(at for at, op in enumerate(ops) if op.kind == "write" and op.on == inode)
    assert any(op.kind == "sync" and op.on == inode for op in ops[last_write:moved])
    assert any(op.kind == "sync" and op.on == folder for op in ops[moved:])
