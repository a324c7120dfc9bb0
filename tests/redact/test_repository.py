"""The repository stays clean: nothing that is committed for readers and replays looks like a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.redact import Redactor

ROOT = Path(__file__).resolve().parents[2]
LOOKED_AT = ("cases", "cassettes", "docs", "benchmarks", "scripts", ".github", "README.md", "CHANGELOG.md")
KNOWN = {
    (
        "cases/ESC-1004-now-and-then-401.yaml",
        "field",
    ): "a passphrase that is wrong on purpose: the case's own",
    ("benchmarks/venue_orders.py", "field"): "credentials of a test account, by the names of their variables",
    ("benchmarks/peers/requirements.txt", "field"): "a hash of a package, behind a colon",
    ("docs/venue.md", "field"): "a private key shown as 0x…",
    ("docs/targets.md", "field"): "keys of lent accounts, by the names of their variables",
}
"""What looks like a secret and is none: by file and label, with the reason."""


def committed() -> list[Path]:
    """The files that a reader or a replay reads; what git ignores lies elsewhere."""
    found = []
    for name in LOOKED_AT:
        path = ROOT / name
        found += [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    return [path for path in found if path.suffix not in (".pyc", ".journal")]


@pytest.mark.parametrize("folder", LOOKED_AT)
def test_nothing_that_is_committed_looks_like_a_secret(folder: str) -> None:
    """Cases, cassettes and documents hold no secret; an exception is named, with its reason."""
    redactor = Redactor()
    hits = [
        f"{path.relative_to(ROOT)}:{hit.line} {hit.label}"
        for path in committed()
        if path.is_relative_to(ROOT / folder)
        for hit in redactor.find(path.read_text(encoding="utf-8"))
        if (path.relative_to(ROOT).as_posix(), hit.label) not in KNOWN
    ]
    assert hits == [], "rotate what this is, then take it out (docs/secrets.md)"


def test_every_exception_is_still_one() -> None:
    """What is excepted is there and looks like a secret still: no exception outlives its reason."""
    redactor = Redactor()
    for (name, label), reason in KNOWN.items():
        labels = {hit.label for hit in redactor.find((ROOT / name).read_text(encoding="utf-8"))}
        assert label in labels, reason
