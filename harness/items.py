"""What pytest collects: a file of cases as a module, and each proof or live run in it as an item.

Items are `pytest.Function`s of a `pytest.Module`, so that fixtures, marks, xdist and reports work on them. A
scenario runs in an item's setup (trouble there is an error) and is judged in its call.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from harness import exactjson
from harness.errors import CaseError, HarnessError, InternalError
from harness.exits import redacted_prints

if TYPE_CHECKING:
    from harness.index import Listed
    from harness.outcome import Outcome
    from harness.session import Session, Which
    from harness.stage import Observer

ID: Final = re.compile(r"[A-Z]{2,8}-[0-9]{1,7}")
RECORD: Final = "harness-record"
CASES: Final = "harness-cases"


class CaseFailedError(AssertionError):
    """A proof or verdict is red: the product's or the proof's, and not an error of ours."""


class CaseFile(pytest.Module):
    """One file of cases, as a module without code."""

    def __init__(self, *, session_of_cases: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cases = session_of_cases
        self.obj = types.ModuleType(f"case_{self.path.stem}")

    def collect(self) -> Iterator[pytest.Item]:
        """An item a proof in replay, one a case on a live target; a broken file is one item that says so."""
        from harness.session import Which

        try:
            listed = self.cases.listed(self.path, self.shown)
        except CaseError as error:
            name = found[0] if (found := ID.match(self.path.stem)) else self.path.stem
            yield CaseItem.make(self, name, error, Which())
            return
        for name, which in self.cases.items(listed):
            yield CaseItem.make(self, name, listed, which)

    @property
    def shown(self) -> str:
        """The file as the author knows it, from where pytest was called."""
        try:
            return self.path.relative_to(self.config.invocation_params.dir).as_posix()
        except ValueError:
            return str(self.path)


class CaseItem(pytest.Function):
    """One proof or one live run."""

    collected: Listed | CaseError
    which: Which
    outcome: Outcome | None = None

    @classmethod
    def make(cls, parent: CaseFile, name: str, collected: Listed | CaseError, which: Which) -> CaseItem:
        """Make the item of a sound case, or of a wrong one; its function judges what setup found."""
        item: CaseItem = cls.from_parent(parent, name=name, callobj=lambda: item.judge())
        item.collected, item.which = collected, which
        return item

    def setup(self) -> None:
        """Run the scenario. Raises what makes it an error: the case, the cassette, the environment.

        It runs once: to a plugin that runs failures again it says the same again, so that no retry turns a
        red into a green.
        """
        super().setup()
        if self.outcome is None:
            self.outcome = self._carried_out()
        if self.outcome.error is not None:
            raise self.outcome.error

    def _carried_out(self) -> Outcome:
        from harness.session import pytest_outcome

        assert isinstance(self.parent, CaseFile)
        cases, shown = self.parent.cases, self.parent.shown
        try:
            with redacted_prints(cases.redactor.redact):
                outcome, record = cases.carry_out(
                    self.name, shown, self.collected, self.which, self._progress()
                )
        except HarnessError:
            raise
        except Exception as error:
            text = f"{type(error).__name__}: {error}. This is a bug of the harness; please report it"
            raise InternalError("E001", text) from error
        self.user_properties.append((RECORD, exactjson.dumps(record)))
        told: Any = self.config.pluginmanager.get_plugin(CASES)
        told.told(outcome)
        if outcome.stopped is not None:
            told.verdicts.stopped(record)
            raise outcome.stopped
        if pytest_outcome(outcome) == "passed":  # nobody asks for these any more, and items live to the end
            outcome.run, outcome.timeline = None, ()
        return outcome

    def _progress(self) -> Observer | None:
        """Tell each step as it goes, where somebody asked with -v and is looking at a live run."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        capture = self.config.pluginmanager.get_plugin("capturemanager")
        if not reporter or not capture or self.which.proof or self.config.get_verbosity() < 1:
            return None

        from harness.report.plain import one_line

        def tell(subject: str, text: str) -> None:
            with capture.global_and_fixture_disabled():
                reporter.ensure_newline()
                reporter.write_line(one_line(f"  {subject:<16} {text.partition(chr(10))[0]}"))

        return tell

    def judge(self) -> None:
        """Turn the judgement into pytest's own outcome."""
        from harness.session import pytest_outcome

        assert self.outcome is not None  # setup ran
        told = pytest_outcome(self.outcome)
        if told == "xfailed":
            pytest.xfail(self.outcome.judgement.why)
        if told == "failed":
            raise CaseFailedError

    def explained(self, error: BaseException) -> str | None:
        """A failure in one screen, without a traceback; None where it is not ours to tell."""
        from harness.report.plain import plain_text
        from harness.report.terminal import explain

        ours = isinstance(error, HarnessError | CaseFailedError) and not isinstance(error, InternalError)
        if not ours or self.outcome is None:
            return None
        if isinstance(error, CaseError) and not self.outcome.case:
            return plain_text(str(error))
        return explain(self.outcome)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case stands: the YAML file and its line."""
        line = 1 if isinstance(self.collected, CaseError) else self.collected.line
        return self.path, line - 1, self.name
