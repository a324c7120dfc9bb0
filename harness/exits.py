"""The one filter before whatever a pytest run shows: reports, log records, warnings, prints, its own errors.

What the cases' own code says is redacted where it is made. This is for everything else that may hold a
secret of the run: the text of a library's exception, a third party's log record, a print in a step of the
project's own.
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

import pytest

from harness.errors import HarnessError
from harness.redact import Redactor

if TYPE_CHECKING:
    import warnings

_PARTS: Final = "_pytest._code"
_FORMATTER: Final = logging.Formatter()

NO_LOCALS: Final = HarnessError(
    "U010",
    "--showlocals (-l) prints the variables of whatever fails, live credentials too: leave it out (also of "
    "addopts and PYTEST_ADDOPTS, or add --no-showlocals). A failed case is told without a traceback; what "
    "went over the wire is in its picture, and all of it with --allure-attachments all",
)


class Exits:
    """Hooks that redact with all that one redactor knows. `kind` is the class of the items that are ours.

    Ours are redacted by value, place and pattern; another test that stands in the same run only by value:
    no secret of ours leaves through it, and else it is as its author wrote it.
    """

    def __init__(self, config: pytest.Config, redactor: Redactor, kind: type[pytest.Item]) -> None:
        self._config = config
        self._redactor = redactor
        self._kind = kind

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse to show locals of a run that holds live credentials. Raises UsageError U010."""
        config = session.config
        if not config.getoption("showlocals") or config.getoption("collectonly"):
            return
        if not any(isinstance(item, self._kind) for item in session.items):
            return
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(str(NO_LOCALS))
        config.option.showlocals = False  # a worker of xdist: its controller says why, and ends the run

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """The same where xdist's workers collect, and the controller sees names only."""
        if self._config.getoption("showlocals") and any(is_ours(each) for each in ids):
            pytest.exit(str(NO_LOCALS), returncode=pytest.ExitCode.USAGE_ERROR)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """While an item of ours runs, log records are redacted when they are made, before any handler."""
        if not isinstance(item, self._kind):
            return (yield)
        with redacted_records(self._redactor.redact):
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Redact a report before any other plugin (Allure, JUnit, xdist's channel) reads it."""
        report = yield
        ours = isinstance(item, self._kind)
        clean_report(report, self._redactor.redact if ours else self._redactor.redact_known)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Redact a warning before it is listed or sent to xdist's controller."""
        told = warning_message.message
        text = str(told)
        clean = self._redactor.redact_known(text)
        if clean != text:
            warning_message.message = _warning_like(told, clean)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: object) -> None:
        """Redact what pytest prints of an error in a plugin."""
        _clean_parts(excrepr, self._redactor.redact_known)


def is_ours(node: str) -> bool:
    """Whether the id of an item names a case: a YAML file below a folder `cases`."""
    *folders, name = node.partition("::")[0].split("/")
    return "cases" in folders and name.endswith((".yaml", ".yml"))


def clean_report(report: pytest.TestReport, redact: Callable[[str], str]) -> None:
    """Redact every text of a report in place; a traceback that holds a secret becomes plain text."""
    told: Any = report.longrepr
    if isinstance(told, tuple):
        report.longrepr = cast("Any", tuple(redact(each) if isinstance(each, str) else each for each in told))
    elif told is not None:
        text = str(told)
        clean = redact(text)
        if clean != text:
            report.longrepr = clean
    report.sections = [(redact(name), redact(text)) for name, text in report.sections]
    report.user_properties = [
        (name, redact(value) if isinstance(value, str) else value) for name, value in report.user_properties
    ]


@contextmanager
def redacted_records(redact: Callable[[str], str]) -> Iterator[None]:
    """Every log record made inside is redacted when it is made: message, traceback and stack, whole.

    A handler's filter would come too late for a handler that somebody adds, and a logger's filter does not
    see what its children log.
    """
    make = logging.getLogRecordFactory()

    def redacted(*arguments: Any, **named: Any) -> logging.LogRecord:
        return _clean_record(make(*arguments, **named), redact)

    logging.setLogRecordFactory(redacted)
    try:
        yield
    finally:
        logging.setLogRecordFactory(make)


@contextmanager
def redacted_prints(redact: Callable[[str], str]) -> Iterator[None]:
    """What is printed inside, to stdout or stderr, goes on line by line and redacted."""
    out, err = Lines(sys.stdout, redact), Lines(sys.stderr, redact)
    with redirect_stdout(cast("TextIO", out)), redirect_stderr(cast("TextIO", err)):
        try:
            yield
        finally:
            out.finish()
            err.finish()


class Lines(io.TextIOBase):
    """A text stream that passes whole lines on, redacted; the end of the last one with `finish`."""

    def __init__(self, to: TextIO, redact: Callable[[str], str]) -> None:
        self._to = to
        self._redact = redact
        self._held = ""

    def write(self, text: str) -> int:
        """Take some text; as many characters as it has."""
        whole, end, rest = (self._held + text).rpartition("\n")
        self._held = rest
        if end:
            self._to.write(self._redact(whole + end))
        return len(text)

    def flush(self) -> None:
        """Pass whole lines on; an unfinished one waits for its end."""
        self._to.flush()

    def finish(self) -> None:
        """Pass everything on."""
        if self._held:
            self._to.write(self._redact(self._held))
            self._held = ""
        self._to.flush()

    def writable(self) -> bool:
        """Yes."""
        return True

    def isatty(self) -> bool:
        """Whether the stream behind is a terminal."""
        return self._to.isatty()

    def fileno(self) -> int:
        """The stream behind's descriptor, for a child process."""
        return self._to.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override] # read only
        """The stream behind's."""
        return self._to.encoding


def _clean_record(record: logging.LogRecord, redact: Callable[[str], str]) -> logging.LogRecord:
    try:
        text = record.getMessage()
    except Exception:  # arguments that do not fit: logging would print them itself
        text = f"{record.msg} (with {record.args!r}, which do not fit)"
    record.msg, record.args = redact(text), None
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = redact(_FORMATTER.formatException(record.exc_info))
        record.exc_info = None
    if record.stack_info:
        record.stack_info = redact(record.stack_info)
    return record


def _warning_like(told: Warning | str, text: str) -> Warning | str:
    """The warning with another text; a class that takes no text alone becomes a plain one."""
    if isinstance(told, str):
        return text
    try:
        again = type(told)(text)
    except Exception:
        again = UserWarning(text)
    return again if str(again) == text else UserWarning(text)


def _clean_parts(value: Any, redact: Callable[[str], str]) -> Any:
    """Redact the texts inside the parts of a traceback's representation, in place."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list | tuple):
        return type(value)(_clean_parts(each, redact) for each in value)
    if type(value).__module__.startswith(_PARTS):
        held: Mapping[str, Any] = vars(value)
        for name, each in list(held.items()):
            setattr(value, name, _clean_parts(each, redact))
    return value
