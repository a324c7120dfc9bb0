"""Fixtures of the report tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .bench import Browser, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path / "project")


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)
