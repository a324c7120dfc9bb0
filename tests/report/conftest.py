"""Fixtures of the report tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .bench import Browser, Project


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: looks at a report in headless Chromium")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path / "project")


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)
