"""Running tests against a mutant: in a child of this process, which has loaded pytest and nothing of ours.

The mutated module is compiled in the child and never written, so that a run that is killed leaves nothing
behind. A child that hangs is ended with all that it started.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import select
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .modules import ROOT
from .mutants import mutated

QUIET = [
    *("-x", "-q", "--no-header", "--tb=no", "--hypothesis-seed=0"),
    *("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:terminalreporter"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
]
MARKS = ["-m", "not soak and not sweep and not browser"]
LEAST_S = 20.0
"""A test that does not end is noticed after this time, or five times what it takes without a mutant."""


@dataclass(slots=True)
class Base:
    """One test file without mutants: how long it takes, and the functions that it runs (by first lines)."""

    seconds: float
    lines: dict[str, set[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A module that is mutated: its name and its file."""

    name: str
    path: Path

    @classmethod
    def of(cls, path: Path) -> Source:
        """The module of a file below the root."""
        parts = path.relative_to(ROOT).with_suffix("").parts
        return cls(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path)


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module as its mutant."""

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self._source, self._tree = source, tree

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self._source.name:
            return None
        package = self._source.path.name == "__init__.py"
        spec = importlib.machinery.ModuleSpec(name, self, origin=str(self._source.path), is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [str(self._source.path.parent)]
        return spec

    def exec_module(self, module: Any) -> None:
        exec(compile(self._tree, str(self._source.path), "exec"), module.__dict__)


@dataclass(slots=True)
class Child:
    """A child at work: its process, the pipe that ends with it, and when it has had its time."""

    process: int
    pipe: int
    ends_at: float
    started_at: float
    job: Any
    said: bytes = b""


def begin(job: Any, work: Callable[[], tuple[int, Any]], limit_s: float) -> Child:
    """Start a child that does some work: its exit code, and what it has to say as JSON."""
    if any(name.partition(".")[0] == "harness" for name in sys.modules):
        raise RuntimeError("what is mutated has been loaded already: nothing may import the harness here")
    ours, theirs = os.pipe()
    now = time.monotonic()
    process = os.fork()
    if process:
        os.close(theirs)
        return Child(process, ours, now + limit_s, now, job)
    code = 70
    try:
        os.setsid()
        os.close(ours)
        _hushed()
        code, said = work()
        if said is not None:
            os.write(theirs, json.dumps(said).encode())
    except BaseException as error:
        os.write(theirs, json.dumps(f"{type(error).__name__}: {error}").encode())
    finally:
        os._exit(code)


def _hushed() -> None:
    empty = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(empty, stream)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(ROOT))
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp(prefix="mutation-")
    os.environ.pop("PYTEST_ADDOPTS", None)


def finished(children: list[Child]) -> tuple[Child, int | None, float]:
    """Wait for the next child: its exit code (None where its time was up) and how long it took."""
    while True:
        wait_s = max(0.0, min(child.ends_at for child in children) - time.monotonic())
        ready, _, _ = select.select([child.pipe for child in children], [], [], wait_s)
        for child in children:
            if child.pipe in ready:
                more = os.read(child.pipe, 1 << 20)
                child.said += more
                if not more:
                    return _ended(child, children, in_time=True)
            elif time.monotonic() >= child.ends_at:
                return _ended(child, children, in_time=False)


def _ended(child: Child, children: list[Child], *, in_time: bool) -> tuple[Child, int | None, float]:
    children.remove(child)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process, signal.SIGKILL)
    _, status = os.waitpid(child.process, 0)
    os.close(child.pipe)
    took_s = time.monotonic() - child.started_at
    return child, (os.waitstatus_to_exitcode(status) if in_time else None), took_s


def base_of(test_file: str, sources: Sequence[Source]) -> Callable[[], tuple[int, Any]]:
    """Run one test file without a mutant, and say which functions of the modules it runs."""

    def work() -> tuple[int, Any]:
        lines: dict[str, set[int]] = {str(source.path): set() for source in sources}

        def enter(frame: Any, event: str, argument: Any) -> Any:
            seen = lines.get(frame.f_code.co_filename)
            if seen is not None:
                seen.add(frame.f_code.co_firstlineno)

        threading.settrace(enter)
        sys.settrace(enter)
        code = int(pytest.main([*QUIET, *MARKS, test_file]))
        sys.settrace(None)
        return code, {path: sorted(seen) for path, seen in lines.items()}

    return work


def against(source: Source, index: int, test_files: Sequence[str]) -> Callable[[], tuple[int, Any]]:
    """Run test files against one mutant; 0 where they do not notice."""

    def work() -> tuple[int, Any]:
        tree = mutated(source.path.read_text(encoding="utf-8"), index)
        sys.meta_path.insert(0, _Instead(source, tree))
        try:
            importlib.import_module(source.name)  # before pytest's own hook finds it
        except Exception:
            return 1, None
        return int(pytest.main([*QUIET, *MARKS, *test_files])), None

    return work
