"""Text that nobody obeys: no terminal, no XML parser, no CI server."""

from __future__ import annotations

import pytest

from harness.report.plain import plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error file=x::boom", r"\u003a:error file=x::boom"),
        ("one\n  ::add-mask::x", "one\n" + r"  \u003a:add-mask::x"),
        ("see ##[error]x", r"see \u0023#[error]x"),
        ("##vso[task.complete]", r"\u0023#vso[task.complete]"),
        ("##teamcity[x]", r"\u0023#teamcity[x]"),
        ("\x1b[31m", r"\u001b[31m"),
        ("a\u202eb\x00c\ud800", r"a\u202eb\u0000c\ud800"),
        ("Foo::bar, a ## heading, 10::1", "Foo::bar, a ## heading, 10::1"),
    ],
)
def test_what_would_be_obeyed_is_shown_as_its_code_point(text: str, shown: str) -> None:
    """Control characters and the commands of CI servers are written out; all else stays."""
    assert plain_text(text) == shown
    assert plain_text(shown) == shown
