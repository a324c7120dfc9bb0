"""The project around a case, outside of pytest: its root, and what its conftest adds to the language."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from harness.case.additions import NOTHING_ADDED, Additions
from harness.errors import CaseError, HarnessError
from harness.own import added_by
from harness.shim import is_root


def root_of(path: Path) -> Path | None:
    """The nearest folder around a path that has `harness.toml` or `[tool.harness]`; None where none has."""
    return next((folder for folder in path.resolve().parents if is_root(folder)), None)


def additions_of(root: Path | None) -> Additions:
    """What the root's conftest adds, imported as pytest does it: its folder is on `sys.path`.

    Raises HarnessError U009 where it cannot be imported, CaseError where what it adds is wrong (both the
    project's fault).
    """
    path = None if root is None else root / "conftest.py"
    if path is None or not path.is_file():
        return NOTHING_ADDED
    return added_by(_imported(path))


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("conftest", path)
    if spec is None or spec.loader is None:
        raise HarnessError("U009", f"{path} cannot be imported: it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except CaseError:
        raise
    except (Exception, SystemExit) as error:
        text = f"{path} cannot be imported: {type(error).__name__}: {error}"
        raise HarnessError("U009", f"{text}. Mend it: it may add steps and checks") from error
    finally:
        sys.path.remove(str(path.parent))
    return module
