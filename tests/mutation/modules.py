"""Which modules are tested by mutants, and by which test files: each module's own twins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Group:
    """Modules that are told together, the test files that may notice, and the bar in percent."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    at_least: int = 85

    def paths(self) -> list[Path]:
        """The modules' files."""
        return sorted({path for each in self.modules for path in ROOT.glob(each)})

    def test_files(self) -> list[str]:
        """The test files, by their paths below the root."""
        return sorted({path.relative_to(ROOT).as_posix() for each in self.tests for path in ROOT.glob(each)})


GROUPS = {
    "checks": Group(
        ("harness/checks/*.py",),
        ("tests/spine/test_checks_*.py", "tests/spine/test_owners.py", "tests/spine/test_told_again.py"),
    ),
    # The quick twins only: long texts, the repository's own files and the canaries take most of the time.
    "redact": Group(
        ("harness/redact/*.py",),
        (
            *("tests/redact/test_[efhnp]*.py", "tests/redact/test_la*.py", "tests/redact/test_lo[ow]*.py"),
            *("tests/redact/test_reg*.py", "tests/redact/test_tables.py", "tests/redact/test_m*.py"),
        ),
    ),
    "cassette": Group(
        ("harness/cassette.py", "harness/seal.py", "harness/lines.py", "harness/files.py"),
        ("tests/cassette/test_*.py", "tests/files/test_*.py"),
        80,  # a sample was at 83 %
    ),
    "guard": Group(("harness/guard/*.py",), ("tests/guard/test_*.py",)),
    "strictyaml": Group(
        ("harness/strictyaml.py", "harness/yaml*.py"),
        ("tests/test_strictyaml*.py",),
    ),
    "strength": Group(("harness/strength/*.py",), ("tests/spine/test_strength*.py",)),
}
