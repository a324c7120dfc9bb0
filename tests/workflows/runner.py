"""A runner of workflows that is as small as ours allow: jobs in order, a matrix, `run` steps, local actions.

Steps are run by the shell that they name with the environment that they declare. Of actions that are not ours
only artefacts and caches are played; those that check out or install do nothing. An expression or an action
that it does not know ends the test: nothing of a workflow is passed over in silence.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import yaml

from .expressions import filled, shown

SHELLS: Final = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}
NOTHING: Final = ("actions/checkout", "actions/setup-python", "actions/setup-node")
LIMIT_S: Final = 240
ENDS: Final = frozenset({"success", "failure", "skipped"})


@dataclass(slots=True)
class Ended:
    """How a job or a step ended: its result, its exit code, what it printed, its outputs."""

    result: str
    code: int = 0
    out: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Runner:
    """One run of one workflow in one checkout. `lost` names jobs whose machine dies before it begins."""

    checkout: Path
    temp: Path
    contexts: dict[str, Any]
    lost: frozenset[str] = frozenset()
    steps: dict[str, Ended] = field(default_factory=dict)
    summary: str = ""

    def workflow(self, name: str) -> dict[str, Ended]:
        """Run a workflow's jobs; how each ended (a matrix: how all of it did) by name."""
        told = yaml.safe_load((self.checkout / ".github" / "workflows" / name).read_text("utf-8"))
        shell = told.get("defaults", {}).get("run", {}).get("shell", "")
        jobs: dict[str, Ended] = {}
        for key, job in told["jobs"].items():
            needs = {need: jobs[need] for need in _list(job.get("needs", []))}
            jobs[key] = self._job(key, job, needs, {**told.get("env", {}), **job.get("env", {})}, shell)
        return jobs

    def _job(
        self, key: str, job: Mapping[str, Any], needs: Mapping[str, Ended], env: Mapping[str, Any], shell: str
    ) -> Ended:
        contexts = {
            **self.contexts,
            "needs": {name: {"result": one.result, "outputs": one.outputs} for name, one in needs.items()},
        }
        before = all(one.result == "success" for one in needs.values())
        if not self._wanted(job.get("if"), contexts, before):
            return Ended("skipped")
        matrix = job.get("strategy", {}).get("matrix", {})
        axes = {name: self._filled(values, contexts, before) for name, values in matrix.items()}
        ends = []
        for values in itertools.product(*axes.values()):
            at = dict(zip(axes, values, strict=True))
            name = " ".join([key, *map(str, values)])
            ends.append(
                Ended("failure")
                if name in self.lost
                else self._steps(name, job, {**contexts, "matrix": at}, env, shell)
            )
        failed = [one for one in ends if one.result != "success"]
        end = failed[0] if failed else ends[-1]
        return Ended(end.result, end.code, "".join(one.out for one in ends), ends[-1].outputs)

    def _steps(
        self, name: str, job: Mapping[str, Any], contexts: dict[str, Any], env: Mapping[str, Any], shell: str
    ) -> Ended:
        machine = self.temp / "machines" / name.replace(" ", "-")
        machine.mkdir(parents=True)
        shutil.copytree(self.checkout, machine / "checkout", symlinks=True)
        contexts["runner"] = {"temp": str(machine / "temp")}
        (machine / "temp").mkdir()
        ended, held = self._sequence(name, job["steps"], contexts, env, shell, machine)
        outputs = {
            key: shown(filled(text, {**contexts, "steps": held}, {}))
            for key, text in job.get("outputs", {}).items()
        }
        return Ended(ended.result, ended.code, ended.out, outputs)

    def _sequence(
        self,
        name: str,
        steps: list[Mapping[str, Any]],
        contexts: Mapping[str, Any],
        env: Mapping[str, Any],
        shell: str,
        machine: Path,
    ) -> tuple[Ended, dict[str, Any]]:
        so_far, held = Ended("success"), dict[str, Any]()
        for number, step in enumerate(steps):
            here = {**contexts, "steps": held}
            good = so_far.result == "success"
            if not self._wanted(step.get("if"), here, good):
                continue
            title = f"{name}: {step.get('name', step.get('uses', number))}"
            given = {
                key: shown(self._filled(value, here, good))
                for key, value in {**env, **step.get("env", {})}.items()
            }
            if "run" in step:
                assert "${{" not in step["run"], f"{title}: an expression in a shell's text"
                one = self._shell(step["run"], step.get("shell", shell), given, machine)
            else:
                told = {key: self._filled(value, here, good) for key, value in step.get("with", {}).items()}
                one = self._action(title, step["uses"], told, here, given, machine)
            self.steps[title] = one
            held[step.get("id", title)] = {"outputs": one.outputs, "outcome": one.result}
            so_far.out += one.out
            if one.result == "failure" and so_far.result == "success" and not step.get("continue-on-error"):
                so_far.result, so_far.code = "failure", one.code
        return so_far, held

    def _shell(self, text: str, shell: str, given: Mapping[str, str], machine: Path) -> Ended:
        files = {name: machine / "temp" / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("", encoding="utf-8")
        script = machine / "temp" / "step.sh"
        script.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [*SHELLS[shell], str(script)],
            cwd=machine / "checkout",
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.environ.get("HOME", "/"),
                "CI": "true",
                **{name: str(path) for name, path in files.items()},
                **given,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
        lines = files["GITHUB_OUTPUT"].read_text("utf-8").splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        return Ended("failure" if done.returncode else "success", done.returncode, done.stdout, outputs)

    def _action(
        self,
        title: str,
        uses: str,
        told: Mapping[str, Any],
        contexts: Mapping[str, Any],
        env: Mapping[str, str],
        machine: Path,
    ) -> Ended:
        name = uses.partition("@")[0]
        if name in NOTHING:
            return Ended("success")
        if name.startswith("./"):
            return self.local(title, name, told, contexts, env, machine)
        play = getattr(self, "_" + name.removeprefix("actions/").replace("-", "_").replace("/", "_"), None)
        assert play is not None, f"{title}: this runner does not know {uses}"
        end = play(told, machine)
        assert isinstance(end, Ended)
        return end

    def local(
        self,
        title: str,
        name: str,
        told: Mapping[str, Any],
        contexts: Mapping[str, Any],
        env: Mapping[str, str],
        machine: Path,
    ) -> Ended:
        """Run one of our own composite actions."""
        folder = machine / "checkout" / name
        action = yaml.safe_load((folder / "action.yml").read_text("utf-8"))
        declared = action.get("inputs", {})
        assert set(told) <= set(declared), f"{title}: {set(told) - set(declared)} is no input"
        missing = [key for key, one in declared.items() if one.get("required") and key not in told]
        assert not missing, f"{title}: {missing} must be told"
        inputs = {key: told.get(key, one.get("default", "")) for key, one in declared.items()}
        github = {**contexts["github"], "action_path": str(folder)}
        inside = {**contexts, "inputs": inputs, "github": github}
        ended, held = self._sequence(title, action["runs"]["steps"], inside, env, "", machine)
        ended.outputs = {
            key: shown(filled(one["value"], {**inside, "steps": held}, {}))
            for key, one in action.get("outputs", {}).items()
        }
        return ended

    def _upload_artifact(self, told: Mapping[str, Any], machine: Path) -> Ended:
        source, kept = machine / "checkout" / told["path"], self.temp / "artefacts" / told["name"]
        if not source.exists() or not any(source.iterdir()):
            return Ended("failure" if told.get("if-no-files-found") == "error" else "success")
        assert not kept.exists(), f"an artefact {told['name']} is there already"
        shutil.copytree(source, kept)
        return Ended("success")

    def _download_artifact(self, told: Mapping[str, Any], machine: Path) -> Ended:
        found = [
            each
            for each in sorted((self.temp / "artefacts").glob("*"))
            if fnmatch(each.name, told["pattern"])
        ]
        into = machine / "checkout" / told["path"]
        for kept in found:  # one alone goes into no folder of its own
            folder = into if told.get("merge-multiple") or len(found) == 1 else into / kept.name
            shutil.copytree(kept, folder, dirs_exist_ok=True)
        return Ended("success")

    def _cache_restore(self, told: Mapping[str, Any], machine: Path) -> Ended:
        kept = self.temp / "cache"
        if kept.exists():
            shutil.copytree(kept, machine / "checkout" / told["path"], dirs_exist_ok=True)
        return Ended("success")

    def _cache_save(self, told: Mapping[str, Any], machine: Path) -> Ended:
        shutil.copytree(machine / "checkout" / told["path"], self.temp / "cache", dirs_exist_ok=True)
        return Ended("success")

    def _upload_pages_artifact(self, told: Mapping[str, Any], machine: Path) -> Ended:
        shutil.copytree(machine / "checkout" / told["path"], self.temp / "pages")
        return Ended("success")

    def _deploy_pages(self, told: Mapping[str, Any], machine: Path) -> Ended:
        assert not told, told
        return Ended("success" if (self.temp / "pages").exists() else "failure")

    def _filled(self, value: Any, contexts: Mapping[str, Any], good: bool) -> Any:
        return filled(value, contexts, _functions(good)) if isinstance(value, str) else value

    def _wanted(self, told: str | None, contexts: Mapping[str, Any], good: bool) -> bool:
        if told is None:
            return good
        text = told if told.strip().startswith("${{") else f"${{{{ {told} }}}}"
        asks = any(f"{name}(" in text for name in ("success", "failure", "always", "cancelled"))
        return bool(filled(text, contexts, _functions(good))) and (asks or good)


def _functions(good: bool) -> dict[str, Callable[..., Any]]:
    return {
        "success": lambda: good,
        "failure": lambda: not good,
        "always": lambda: True,
        "cancelled": lambda: False,
    }


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
