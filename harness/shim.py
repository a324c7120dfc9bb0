"""The entry point for pytest: loads the plugin only in a root of ours; a foreign run never notices it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Load the plugin where the root has `harness.toml` or `[tool.harness]`."""
    root = early_config.rootpath
    pyproject = root / "pyproject.toml"
    ours = (root / "harness.toml").is_file()
    if not ours and pyproject.is_file():
        ours = "[tool.harness" in pyproject.read_text(encoding="utf-8", errors="replace")
    if ours and not early_config.pluginmanager.has_plugin("harness.plugin"):
        early_config.pluginmanager.import_plugin("harness.plugin")
