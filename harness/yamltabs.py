"""Tabs in a YAML text: nobody sees them, so they stand only in quotes, in block texts and in remarks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

# Begin and end of a text, each as line and column from 0.
Span: TypeAlias = tuple[tuple[int, int], tuple[int, int]]

TAB_INDENT: Final = "a tab indents this line: use blanks"
STRAY_TAB: Final = "a tab stands outside quotes: use blanks, or quote the text that it belongs to"

LINE_END: Final = re.compile("\r\n|\n|\r")
_REMARK: Final = re.compile(r"(?:^|[ \t])#")


def tab_indents(text: str) -> Iterator[int]:
    """Give the numbers (from 1) of the lines that begin with blanks and a tab."""
    for number, line in enumerate(LINE_END.split(text), 1):
        if "\t" in line[: len(line) - len(line.lstrip(" \t"))]:
            yield number


def stray_tabs(
    text: str, texts: Iterable[Span], end: tuple[int, int] | None
) -> Iterator[tuple[int, int, str]]:
    """Give line, column (from 1) and a text for the first tab of each line that stands where none may.

    `texts` are the quoted and block texts in the file's order; behind `end` (if any) nothing was read.
    """
    lines = LINE_END.split(text)
    shown = {number: line for number, line in enumerate(lines) if "\t" in line}
    for (first, begins), (last, ends) in texts:
        for number in range(first, min(last, len(lines) - 1) + 1):
            line = shown.get(number)
            if line is None:
                continue
            begin = begins if number == first else 0
            close = ends if number == last else len(line)
            shown[number] = line[:begin] + "x" * (close - begin) + line[close:]
    for number, line in shown.items():
        remark = _REMARK.search(line)
        tab = line.find("\t", 0, remark.start() + 1 if remark else len(line))
        if tab < 0:
            continue
        if end is not None and (number, tab) >= end:
            return
        indents = not line[:tab].strip(" ")
        yield number + 1, 1 if indents else tab + 1, TAB_INDENT if indents else STRAY_TAB
