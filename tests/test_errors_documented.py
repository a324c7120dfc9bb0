"""docs/errors.md and the code know the same codes."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = re.compile(r'"([CWYRMKFITGUVE][0-9]{3})"')


def test_every_code_has_its_paragraph() -> None:
    """Each code that the harness can say is explained in docs/errors.md, and no other."""
    used = {
        code
        for path in (ROOT / "harness").rglob("*.py")
        if "venue" not in path.relative_to(ROOT).parts  # whatever the folder is called that it stands in
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    explained = re.findall(r"^### (\S+)$", (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"), re.M)

    assert sorted(used) == sorted(explained)
