"""The entry point for pytest: loads the plugin only in a root of ours; a foreign run never notices it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Load the plugin where the root has `harness.toml` or `[tool.harness]`."""
    loaded = early_config.pluginmanager.has_plugin("harness.plugin")
    if not loaded and is_root(early_config.rootpath):
        try:
            early_config.pluginmanager.import_plugin("harness.plugin")
        except KeyboardInterrupt:  # pytest has no session yet, and would show where in Python it came
            from harness.stopping import NOT_BEGUN, ended

            raise ended(NOT_BEGUN) from None


def is_root(folder: Path) -> bool:
    """Whether a folder is a root of ours."""
    if (folder / "harness.toml").is_file():
        return True
    pyproject = folder / "pyproject.toml"
    if not pyproject.is_file():
        return False
    return "[tool.harness" in pyproject.read_text(encoding="utf-8", errors="replace")
