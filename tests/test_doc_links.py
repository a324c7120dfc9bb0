"""The pages lead where they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    told = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in told}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a place in the repository names a file that is there, and a heading that it has."""
    lost = []
    for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        place, _, anchor = link.partition("#")
        if ":" in place:
            continue
        file = (page.parent / place).resolve() if place else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            lost.append(link)
    assert lost == []


def test_every_page_is_linked_from_the_first() -> None:
    """Each page of docs/ can be reached from README.md, directly or by one page between."""
    reached, wave = set[Path](), {ROOT / "README.md"}
    for _ in range(2):
        found = {
            (page.parent / link.partition("#")[0]).resolve()
            for page in wave
            for link in LINK.findall(page.read_text(encoding="utf-8"))
            if ":" not in link and link.partition("#")[0].endswith(".md")
        }
        wave = {page for page in found if page.exists()} - reached
        reached |= wave
    assert [page.name for page in (ROOT / "docs").glob("*.md") if page not in reached] == []
