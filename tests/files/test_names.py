"""A name that leads out of its folder is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.files import FileError, join_inside


@pytest.mark.parametrize(
    "parts", [("ESC-1", "broken.jsonl"), ("a/b",), ("a", "..", "b"), (".",), ("link-in", "x")]
)
def test_names_inside_a_folder_are_joined(tmp_path: Path, parts: tuple[str, ...]) -> None:
    """Names that stay in the folder give a resolved path in it, also through a link that stays in it."""
    (tmp_path / "target").mkdir()
    (tmp_path / "link-in").symlink_to("target")
    assert join_inside(tmp_path, *parts).is_relative_to(tmp_path.resolve())


@pytest.mark.parametrize(
    "parts",
    [("..",), ("a", "../../b"), ("/etc/passwd",), ("a", "/etc"), ("a\0b",), ("link-out", "x"), ("loop", "x")],
)
def test_names_that_lead_out_are_refused(tmp_path: Path, parts: tuple[str, ...]) -> None:
    """Names that leave the folder, by dots, by a root, by a NUL or by a link, are F004."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "link-out").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    with pytest.raises(FileError) as raised:
        join_inside(root, *parts)
    named = "/".join(parts)
    assert str(raised.value) == f"F004 {named!r} leads out of {root}: use a name inside that folder"
