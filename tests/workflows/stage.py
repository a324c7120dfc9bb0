"""A checkout with a handful of cases, in which workflows and actions run as on a runner."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .runner import Ended, Runner

ROOT: Final = Path(__file__).resolve().parents[2]
PLAIN: Final = "ESC-1001"
BUG: Final = "ESC-1026"
WITH_BUG: Final = "2026.9.3"
MENDED: Final = "2026.11.2"
PROJECT: Final = """[tool.pytest]
testpaths = ["cases"]
addopts = ["-p", "no:randomly", "-p", "no:cacheprovider"]
[tool.harness.targets.venue]
kind = "venue"
[tool.harness.targets.staging]
kind = "venue"
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A checkout; what runs of it keep (artefacts, caches) stays from one to the next, as at the server."""

    root: Path
    temp: Path

    @classmethod
    def with_cases(cls, root: Path, *cases: str) -> Stage:
        """A checkout that holds these cases alone; what is installed is this checkout's."""
        checkout = root / "checkout"
        for case in cases:
            (checkout / "cases").mkdir(parents=True, exist_ok=True)
            (path,) = (ROOT / "cases").glob(f"{case}-*.yaml")
            shutil.copy(path, checkout / "cases")
            shutil.copytree(ROOT / "cassettes" / case, checkout / "cassettes" / case)
        for name in (".github", "scripts"):
            shutil.copytree(ROOT / name, checkout / name)
        for name in (".venv", "node_modules", "allurerc.mjs"):
            (checkout / name).symlink_to(ROOT / name)
        (checkout / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        (checkout / "Makefile").write_text("setup:\n\t@echo set up\n", encoding="utf-8")
        (root / "temp").mkdir()
        return cls(checkout, root / "temp")

    def edit(self, case: str, before: str, after: str) -> None:
        """Put a text into a case for another that is in it once."""
        (path,) = (self.root / "cases").glob(f"{case}-*.yaml")
        text = path.read_text("utf-8")
        assert text.count(before) == 1, f"{before!r} in {path}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def run(
        self, workflow: str, *, lost: tuple[str, ...] = (), **contexts: Any
    ) -> tuple[Runner, dict[str, Ended]]:
        """Run a workflow as the event in `contexts` has it run."""
        runner = self._runner(frozenset(lost), contexts)
        return runner, runner.workflow(workflow)

    def action(self, name: str, **inputs: Any) -> tuple[Runner, Ended]:
        """Run a composite action of this checkout as a step of somebody's job."""
        runner = self._runner(frozenset(), {})
        machine = runner.temp / "machines" / "theirs"
        shutil.copytree(self.root, machine / "checkout", symlinks=True)
        (machine / "temp").mkdir()
        contexts = {**runner.contexts, "runner": {"temp": str(machine / "temp")}}
        told = {key.replace("_", "-"): value for key, value in inputs.items()}
        return runner, runner.local("theirs", name, told, contexts, {}, machine)

    def _runner(self, lost: frozenset[str], contexts: dict[str, Any]) -> Runner:
        number = sum(1 for _ in self.temp.iterdir())
        temp = self.temp / str(number)
        temp.mkdir()
        cache = self.temp / str(number - 1) / "cache"
        if cache.exists():
            shutil.copytree(cache, temp / "cache")
        held = {
            "github": {"run_id": str(number), "run_attempt": "1"},
            "inputs": {},
            "vars": {},
            "secrets": {},
        }
        return Runner(self.root, temp, {**held, **contexts}, lost)
