"""Which files are collected: those that hold cases, and of them those that the run is about."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.items import ID, CaseFile

if TYPE_CHECKING:
    from harness.session import Session
    from harness.sharding import Shard
    from harness.verdicts import Verdicts


class Collecting:
    """The hooks that collect a run's cases."""

    def __init__(
        self, config: pytest.Config, session: Session, verdicts: Verdicts, shard: Shard | None
    ) -> None:
        self.config = config
        self.session = session
        self.verdicts = verdicts
        self.shard = shard

    @pytest.hookimpl
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Where one id is asked for, look at a folder of cases by its files' names."""
        if self.wanted is None or "cases" not in path.parts or (path / "__init__.py").exists():
            return None
        return CaseFolder.from_parent(parent, path=path, wanted=self.wanted)

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect every YAML file below a folder `cases`; none is passed over in silence."""
        if not self._is_wanted(file_path) or not self._is_ours(file_path):
            return None
        return CaseFile.from_parent(parent, path=file_path, session_of_cases=self.session)

    @pytest.hookimpl
    def pytest_sessionstart(self) -> None:
        """Read every case once before many workers do, each of which collects all of them."""
        if self.shard is not None and not hasattr(self.config, "workerinput"):
            self._plan_shard(self.shard)
        if not self.config.pluginmanager.has_plugin("dsession"):  # xdist's; it starts the workers last
            return
        folder = self.config.invocation_params.dir
        places = [folder / argument.partition("::")[0] for argument in self.config.args]
        held = [place if "cases" in place.parts else place / "cases" for place in places]
        files = [each for place in held for each in ([place] if place.is_file() else place.rglob("*.y*ml"))]
        self.session.foresee(sorted(filter(self._is_ours, filter(self._is_wanted, files))))

    @pytest.hookimpl
    def pytest_collection_finish(self) -> None:
        """What was collected lives to the end: the garbage collector need not look at it again and again."""
        gc.freeze()

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """Where one id is asked for and no case has it, say so: pytest says only that it ran nothing."""
        if self.wanted is None or exitstatus != pytest.ExitCode.NO_TESTS_COLLECTED:
            return
        from harness.choosing import meant
        from harness.sharding import case_files, case_id_of

        folder = self.config.invocation_params.dir
        places = [folder / argument.partition("::")[0] for argument in self.config.args]
        known = {case_id_of(path) for path in case_files(places, self.config.getini("norecursedirs"))}
        shown = ", ".join(self.config.args)
        hint = meant(self.wanted, known) or ": the names of the files below cases/ begin with their ids"
        terminalreporter.write_line(f"there is no case {self.wanted} in {shown}{hint}")

    @property
    def wanted(self) -> str | None:
        """The bare id that `-k` asks for; None where it asks for something else."""
        asked = self.config.getoption("keyword")
        return asked if asked and ID.fullmatch(asked) else None

    def _is_wanted(self, path: Path) -> bool:
        """Whether a file holds a case; a bare id in `-k` is answered before files are touched."""
        if path.suffix not in (".yaml", ".yml") or "cases" not in path.parts:
            return False
        return self.wanted is None or self.wanted in path.stem

    def _is_ours(self, path: Path) -> bool:
        """Whether a case is of this shard: its file's name says it, so that others' are never read."""
        if self.shard is None:
            return True
        from harness.sharding import case_id_of

        return self.shard.takes(case_id_of(path))

    def _plan_shard(self, shard: Shard) -> None:
        from harness.sharding import case_files, case_id_of

        option, folder = self.config.getoption, self.config.invocation_params.dir
        places = [folder / argument.partition("::")[0] for argument in self.config.args]
        files = case_files(places, self.config.getini("norecursedirs"))
        where = {"target": self.session.name, "build": self.session.build}
        asked = {**where, "k": option("keyword"), "m": option("markexpr")}
        self.verdicts.shard = shard.plan(map(case_id_of, filter(self._is_wanted, files)), asked)


class CaseFolder(pytest.Directory):
    """A folder of cases of which one is asked for: ten thousand other names cost a look at each name.

    Everything but a case's file is collected as pytest's own folders collect it.
    """

    def __init__(self, *, wanted: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wanted = wanted

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """The folders and files of it, but for cases of other ids."""
        with os.scandir(self.path) as entries:
            held = sorted((entry for entry in entries if self._may_hold(entry)), key=lambda each: each.name)
        for entry in held:
            path, is_folder = Path(entry.path), entry.is_dir()
            if not self.session.isinitpath(path, with_parents=is_folder) and self._is_ignored(path):
                continue
            if is_folder:
                folder = self.ihook.pytest_collect_directory(path=path, parent=self)
                if folder is not None:
                    yield folder
            elif entry.is_file():
                yield from self.ihook.pytest_collect_file(file_path=path, parent=self)

    def _is_ignored(self, path: Path) -> bool:
        return bool(self.ihook.pytest_ignore_collect(collection_path=path, config=self.config))

    def _may_hold(self, entry: os.DirEntry[str]) -> bool:
        is_case = entry.name.endswith((".yaml", ".yml"))
        return (not is_case or self.wanted in entry.name) and entry.name != "__pycache__"
