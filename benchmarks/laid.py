"""A project of its own for a benchmark: a scenario recorded on the embedded exchange, and copies of it."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from harness.seal import sealed

ROOT: Final = Path(__file__).resolve().parents[1]
SCENARIOS: Final = ROOT / "benchmarks" / "scenarios"
PEERS: Final = ROOT / "build" / "peers" / "bin" / "python"
PYTEST: Final = (sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:randomly")
QUIET: Final = (*PYTEST, "-p", "no:hypothesispytest", "-p", "no:allure_pytest")
_LEFT_OUT: Final = ("PYTEST", "PYTHONDONTWRITEBYTECODE")
_PLAIN = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)} | {"CI": ""}

compileall.compile_dir(ROOT / "harness", quiet=1)  # as pip compiled the peers when it installed them


@dataclass(frozen=True, slots=True)
class Took:
    """What one process took: wall and processor seconds, and its largest size in MB."""

    wall_s: float
    cpu_s: float
    rss_mb: float


def timed(folder: Path, *command: str, ends: tuple[int, ...] = (0,)) -> Took:
    """Run a command in a folder, quietly; its last words are shown where it ends with another code."""
    said = folder / "said.txt"
    with said.open("wb") as out:
        started = time.monotonic()
        child = subprocess.Popen(command, cwd=folder, env=_PLAIN, stdout=out, stderr=out)
        _, status, used = os.wait4(child.pid, 0)
        took = Took(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in ends:
        told = said.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{told}")
    return took


@contextmanager
def project() -> Iterator[Path]:
    """An empty project with the embedded exchange as its target; it is gone at the end."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "cases").mkdir()
        (folder / "harness.toml").write_text('[targets.venue]\nkind = "venue"\n', encoding="utf-8")
        yield folder


def scenario(folder: Path, name: str, **words: str) -> tuple[str, str]:
    """Put a scenario into the project; its id and its text.

    Each of `words` (`__` for a colon and a blank) is put in place of what stands in it.
    """
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in words.items():
        text = text.replace(old.replace("__", ": "), new)
    case_id = text.partition("id: ")[2].partition("\n")[0]
    (folder / "cases" / f"{case_id}.yaml").write_text(text, encoding="utf-8")
    return case_id, text


def recorded(folder: Path, name: str, builds: dict[str, str], **words: str) -> tuple[str, str]:
    """The same, with its proofs recorded, each on its build."""
    case_id, text = scenario(folder, name, **words)
    for proof, build in builds.items():
        timed(folder, *QUIET, "--target", "venue", "--build", build, "--record", proof)
    return case_id, text


def copies(folder: Path, case_id: str, text: str, number: int, *, first: int = 0) -> None:
    """Lay out so many copies of a recorded case in its place, each sealed under its own id."""
    home = folder / "cassettes" / case_id
    held = {path.relative_to(home): path.read_bytes() for path in home.rglob("*.jsonl")}  # rows have folders
    shutil.rmtree(home)
    (folder / "cases" / f"{case_id}.yaml").unlink()
    for each in range(first, first + number):
        name = f"ESC-{100_000 + each}"
        (folder / "cases" / f"{name}.yaml").write_text(
            text.replace(f"id: {case_id}", f"id: {name}"), encoding="utf-8"
        )
        shelf = folder / "cassettes" / name
        for file, data in held.items():
            content = data[: data.rindex(b'{"seal"')].replace(case_id.encode(), name.encode())
            (shelf / file).parent.mkdir(parents=True, exist_ok=True)
            (shelf / file).write_bytes(sealed(content, content.count(b"\n") - 1))
