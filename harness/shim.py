"""The entry point for pytest: loads the plugin only in a root of ours; a foreign run never notices it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker  # pytest's own marker; who only asks for the root does not load pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    import pytest

_CODE = "U032"
_ASTRAY = "U033"
_OPTIONS = ("--target", "--build", "--record", "--verdicts", "--resume", "--shard", "--explore")
_FILES = ("--verdicts", "--alluredir")
"""What takes a path that may well lie outside of the project."""


@HookimplMarker("pytest")(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Load the plugin where the root has `harness.toml` or `[tool.harness]`; elsewhere, once everybody's
    conftests have told their options, see whether one that nobody has is meant for us.
    """
    if (word := misleading(early_config, args)) is not None:
        import pytest

        option, value = word
        raise pytest.UsageError(
            f"{_CODE} pytest takes the word after {option} for a path of tests, and looks for its "
            f"configuration there and not in this project: write {option}={value}"
        )
    loaded = early_config.pluginmanager.has_plugin("harness.plugin")
    if not loaded and is_root(early_config.rootpath):
        try:
            early_config.pluginmanager.import_plugin("harness.plugin")
        except KeyboardInterrupt:  # pytest has no session yet, and would show where in Python it came
            from harness.stopping import NOT_BEGUN, ended

            raise ended(NOT_BEGUN) from None
    came = yield
    if (said := astray(early_config, parser, args)) is not None:
        import pytest

        raise pytest.UsageError(
            f"{_ASTRAY} {said} is an option of the escalation harness, and {early_config.rootpath} is no "
            "project of it: it has neither a harness.toml nor a [tool.harness] in its pyproject.toml. Go to "
            "the project's folder, or write a harness.toml (docs/targets.md)"
        )
    return came


def misleading(config: Any, args: Sequence[str]) -> tuple[str, str] | None:
    """The option and its path that lead pytest, or its workers to come, to another root than this project.

    pytest looks for its root before any plugin can say which of its options take a value: a word that names
    what is there is then a path of tests. A worker of xdist looks anew, when a run has begun what it writes.
    """
    known, here = config.known_args_namespace, config.invocation_params.dir
    home = next((each for each in (here, *here.parents) if is_root(each)), None)
    if home is None or known.rootdir or known.inifilename:
        return None
    pairs = [pair for pair in pairwise(args) if pair[0] in _FILES]
    out = [(option, value) for option, value in pairs if not (here / value).resolve().is_relative_to(home)]
    if not is_root(config.rootpath):
        return next((pair for pair in out if (here / pair[1]).exists()), None)
    works = getattr(known, "numprocesses", None) or getattr(known, "tx", None)
    inside = (here / str(word).partition("::")[0] for word in known.file_or_dir)
    if not works or any(place.exists() and place.resolve().is_relative_to(home) for place in inside):
        return None
    return next(iter(out), None)


def astray(config: Any, parser: pytest.Parser, args: Sequence[str]) -> str | None:
    """The option of ours that is said where there are cases, and no project of ours; else None.

    One that somebody else's plugin or conftest has, too, is theirs.
    """
    if is_root(config.rootpath) or not (config.invocation_params.dir / "cases").is_dir():
        return None
    said = [name for each in args if (name := each.partition("=")[0]) in _OPTIONS]
    unknown = parser.parse_known_and_unknown_args(args)[1] if said else []
    nobodys = {each.partition("=")[0] for each in unknown}
    return next((name for name in said if name in nobodys), None)


def is_root(folder: Path) -> bool:
    """Whether a folder is a root of ours."""
    if (folder / "harness.toml").is_file():
        return True
    pyproject = folder / "pyproject.toml"
    if not pyproject.is_file():
        return False
    return "[tool.harness" in pyproject.read_text(encoding="utf-8", errors="replace")
