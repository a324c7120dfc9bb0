"""Conftests of a project, as modules made from their text."""

from __future__ import annotations

from types import ModuleType

from harness.case.additions import Additions
from harness.own import added_by

IMPORT = "from harness.own import check, step\n"


def conftest(source: str) -> ModuleType:
    """The text as pytest would import it; the decorators stand from line 2 on."""
    module = ModuleType("conftest")
    exec(compile(IMPORT + source, "conftest.py", "exec"), module.__dict__)
    return module


def added(source: str) -> Additions:
    """What a conftest of this text adds."""
    return added_by(conftest(source))
