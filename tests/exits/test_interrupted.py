"""An interrupt is told of wherever it came."""

from __future__ import annotations

import sys
from types import SimpleNamespace, TracebackType
from typing import Any

import pytest

from harness.plugin import Cases

FAR = 10**6
"""An instruction behind the end of any function here: it stands on no line."""


def test_an_interrupt_that_came_on_no_line_is_told() -> None:
    """CPython has no line for some instructions at which a signal comes; pytest tells of the interrupt all
    the same, with those entries left out."""
    frame = sys._getframe()
    nowhere = TracebackType(None, frame, FAR, -1)
    assert nowhere.tb_lineno is None
    stop = KeyboardInterrupt().with_traceback(TracebackType(nowhere, frame, frame.f_lasti, frame.f_lineno))
    excinfo = pytest.ExceptionInfo.from_exception(stop)
    with pytest.raises(TypeError):
        excinfo.getrepr(funcargs=True)

    cases: Any = SimpleNamespace(stop=None)
    Cases.pytest_keyboard_interrupt(cases, excinfo)

    assert cases.stop is stop
    assert "KeyboardInterrupt" in str(excinfo.getrepr(funcargs=True))
    assert len(excinfo.traceback) == 1
