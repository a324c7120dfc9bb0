"""The cases that a command is asked about, by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness.case.read import read_case
from harness.case.values import Case
from harness.errors import HarnessError
from harness.matchers import nearest
from harness.project import additions_of


def chosen_cases(root: Path, ids: Sequence[str], *, every: bool, command: str) -> Iterator[Case]:
    """The cases below a project's `cases/` that were asked for; all of them, by id, with `every`.

    Raises HarnessError U023 where none was named or there is none of that id (the caller's fault), and what
    reading a case raises.
    """
    files = {_id_of(path): path for path in sorted((root / "cases").rglob("*-*.y*ml"))}
    if not ids and not every:
        raise HarnessError("U023", f"name a case, such as harness {command} ESC-1118, or say --all")
    unknown = [each for each in ids if each not in files]
    if unknown or not files:
        text = f"there is no case {', '.join(unknown) or 'at all'} below {root / 'cases'}"
        raise HarnessError(
            "U023", text + (meant(unknown[0], files) if unknown else ": harness new drafts one")
        )
    added = additions_of(root)
    for name in sorted(files) if every else ids:
        yield read_case(files[name], str(files[name].relative_to(root)), added)


def meant(word: str, ids: Iterable[str]) -> str:
    """The id that somebody may have meant, as the end of a sentence; "" where none is near."""
    close = nearest(word, ids)
    return f": did you mean {close}?" if close else ""


def _id_of(path: Path) -> str:
    return "-".join(path.stem.split("-")[:2])
