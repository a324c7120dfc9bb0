"""The pytest plugin: declares options, items and reports; the work is done elsewhere.

Items are `pytest.Function`s of a `pytest.Module`, so that fixtures, marks, xdist and reports work on them. A
scenario runs in an item's setup (trouble there is an error) and is judged in its call.
"""

from __future__ import annotations

import re
import types
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from harness import __version__, exactjson
from harness.errors import CaseError, HarnessError, InternalError, Place, Problem
from harness.options import EXPLORING, OPTIONS

if TYPE_CHECKING:
    from harness.case.additions import Additions
    from harness.case.values import Case
    from harness.outcome import Outcome
    from harness.report.allure import Reporter
    from harness.session import Session, Which
    from harness.stage import Observer
    from harness.vary import Plan

ID: Final = re.compile(r"[A-Z]{2,8}-[0-9]{1,7}")
RECORD: Final = "harness-record"
CASES: Final = "harness-cases"
PICTURES: Final = "pictures"


class CaseFailedError(AssertionError):
    """A proof or verdict is red: the product's or the proof's, and not an error of ours."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("harness", "escalation cases")
    for name, option in OPTIONS.items():
        group.addoption(name, **option)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that contradict each other, before anything runs."""
    from harness.session import Session

    try:
        session = Session.of(
            config.rootpath,
            target=config.getoption("--target"),
            build=config.getoption("--build"),
            record=config.getoption("--record"),
            explore=_plan(config),
            additions=_additions(config),
        )
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    cases = Cases(config, session)
    config.pluginmanager.register(cases, CASES)
    folder = config.getoption("allure_report_dir", default=None)
    if folder:
        from harness.report.allure import Keep, Reporter

        cases.reporter = Reporter(Path(folder), Keep(config.getoption("--allure-attachments")))
        config.add_cleanup(cases.reporter.close)


def _plan(config: pytest.Config) -> Plan | None:
    """How to explore; Hypothesis and what drives it are loaded only where somebody does."""
    said = [config.getoption(option) for option in EXPLORING]
    if all(each is None for each in said):
        return None
    from harness.vary import Plan

    return Plan.of(*said)


def _additions(config: pytest.Config) -> Additions:
    """What the root's conftest adds to the language; pytest has imported it."""
    from harness.case.additions import NOTHING_ADDED

    path = str(config.rootpath / "conftest.py")
    for plugin in config.pluginmanager.get_plugins():
        if isinstance(plugin, types.ModuleType) and getattr(plugin, "__file__", None) == path:
            from harness.own import added_by

            return added_by(plugin)
    return NOTHING_ADDED


class Cases:
    """The plugin's state for one pytest run: the session, and the records of its items."""

    def __init__(self, config: pytest.Config, session: Session) -> None:
        self.config = config
        self.session = session
        self.records: dict[str, dict[str, Any]] = {}
        self.selected: list[str] = []
        self.reporter: Reporter | None = None

    def told(self, outcome: Outcome) -> None:
        """Give an item's outcome to the reports: Allure where it is asked for, a picture of what is red."""
        from harness.session import pytest_outcome

        passed = pytest_outcome(outcome) == "passed"
        if self.reporter is not None:
            self.reporter.take(
                outcome,
                passed=passed,
                started_wall_us=outcome.started_wall_us,
                cassettes=self.session.cassettes,
            )
        if not passed and outcome.timeline:
            from harness.report import picture

            path = Path(PICTURES) / f"{outcome.item}.svg"
            picture.write(picture.beside(outcome, self.session.cassettes), self.session.root / path)
            outcome.picture = path

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect every YAML file below a folder `cases`; none is passed over in silence."""
        if file_path.suffix not in (".yaml", ".yml") or "cases" not in file_path.parts:
            return None
        wanted = self.config.getoption("keyword")
        if wanted and ID.fullmatch(wanted) and wanted not in file_path.stem:
            return None  # a bare id is answered before files are touched
        return CaseFile.from_parent(parent, path=file_path, session_of_cases=self.session)

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what was selected."""
        self.selected = [item.name for item in session.items if isinstance(item, CaseItem)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let our items' failures be told in their own words, errors of setup too."""
        report = yield
        if isinstance(item, CaseItem) and call.excinfo is not None and report.outcome == "failed":
            report.longrepr = item.explained(call.excinfo.value) or report.longrepr
        return report

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the record of an item, wherever it ran."""
        for name, value in report.user_properties:
            if name == RECORD:
                held = exactjson.loads(str(value))
                self.records[held["item"]] = held

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the verdict table."""
        if not self.records:
            return
        from harness.report.terminal import table

        terminalreporter.section(self.session.title)
        for line in table([self.records[item] for item in sorted(self.records)]):
            terminalreporter.write_line(line)

    @pytest.hookimpl
    def pytest_sessionfinish(self) -> None:
        """Write the verdicts (the controller only) and end what the session started."""
        self.session.close()
        path = self.config.getoption("--verdicts")
        if hasattr(self.config, "workerinput"):
            return
        if self.reporter is not None:
            self.reporter.finish({**self.session.environment, "harness": __version__})
        if path is None:
            return
        from harness.report import records

        selected = self.selected or list(self.records)
        records.write(Path(path), records.document(self.records.values(), selected))


class CaseFile(pytest.Module):
    """One file of cases, as a module without code."""

    def __init__(self, *, session_of_cases: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cases = session_of_cases
        self.obj = types.ModuleType(f"case_{self.path.stem}")

    def collect(self) -> Iterator[pytest.Item]:
        """An item a proof in replay, one a case on a live target; a broken file is one item that says so."""
        from harness.session import Which

        shown = self._shown_path()
        try:
            case = self.cases.read(self.path, shown)
        except CaseError as error:
            name = found[0] if (found := ID.match(self.path.stem)) else self.path.stem
            yield CaseItem.make(self, name, None, Which(), error)
            return
        for which in self.cases.items(case):
            yield CaseItem.make(self, which.name(case), case, which, None)

    def _shown_path(self) -> str:
        try:
            return self.path.relative_to(self.config.invocation_params.dir).as_posix()
        except ValueError:
            return str(self.path)


class CaseItem(pytest.Function):
    """One proof or one live run."""

    case: Case | None
    which: Which
    wrong: CaseError | None
    outcome: Outcome | None = None

    @classmethod
    def make(
        cls, parent: CaseFile, name: str, case: Case | None, which: Which, wrong: CaseError | None
    ) -> CaseItem:
        """Make the item; its function judges what setup found."""
        item: CaseItem = cls.from_parent(parent, name=name, callobj=lambda: item.judge())
        item.case, item.which, item.wrong = case, which, wrong
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
        assert isinstance(self.parent, CaseFile)
        cases = self.parent.cases
        try:
            outcome, record = cases.carry_out(self.name, self.case, self.which, self.wrong, self._progress())
        except HarnessError:
            raise
        except Exception as error:
            text = f"{type(error).__name__}: {error}. This is a bug of the harness; please report it"
            raise InternalError("E001", text) from error
        self.user_properties.append((RECORD, exactjson.dumps(record)))
        told = self.config.pluginmanager.get_plugin(CASES)
        assert isinstance(told, Cases)
        told.told(outcome)
        return outcome

    def _progress(self) -> Observer | None:
        """Tell each step as it goes, where somebody asked with -v and is looking at a live run."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        capture = self.config.pluginmanager.get_plugin("capturemanager")
        if not reporter or not capture or self.which.proof or self.config.get_verbosity() < 1:
            return None

        def tell(subject: str, text: str) -> None:
            with capture.global_and_fixture_disabled():
                reporter.ensure_newline()
                reporter.write_line(f"  {subject:<16} {text.partition(chr(10))[0]}")

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
        from harness.report.terminal import explain

        ours = isinstance(error, HarnessError | CaseFailedError) and not isinstance(error, InternalError)
        if not ours or self.outcome is None:
            return None
        return str(error) if error is self.wrong else explain(self.outcome)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case stands: the YAML file and its line."""
        return self.path, (self.case.line - 1 if self.case else 0), self.name


__all__ = ["CaseFailedError", "CaseFile", "CaseItem", "Cases", "Place", "Problem"]
