"""The pytest plugin: declares options, hooks and reports; the work is done elsewhere."""

from __future__ import annotations

import os
import types
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from harness import __version__
from harness.aside import say
from harness.collecting import Collecting
from harness.errors import HarnessError
from harness.exits import Exits
from harness.files import FileError
from harness.items import CASES, CaseItem
from harness.options import EXPLORING, OPTIONS
from harness.stopping import INTERRUPTED, NOT_BEGUN, exit_code, has_a_line, hear_sigterm
from harness.verdicts import Verdicts

if TYPE_CHECKING:
    from harness.case.additions import Additions
    from harness.guard import Origin
    from harness.outcome import Outcome
    from harness.report.allure import Reporter
    from harness.session import Session
    from harness.sharding import Shard
    from harness.vary import Plan

COLLECTING: Final = "harness-collecting"
EXITS: Final = "harness-exits"
SHARED: Final = "harness-shared"
VERDICTS: Final = "harness-verdicts"
PICTURES: Final = "pictures"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("harness", "escalation cases")
    for name, option in OPTIONS.items():
        group.addoption(name, **option)


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that contradict each other, before anything runs; Ctrl-C in here ends it in a line."""
    try:
        _begin(config)
    except KeyboardInterrupt:
        pytest.exit(NOT_BEGUN, INTERRUPTED)


def _begin(config: pytest.Config) -> None:
    from harness.session import Session

    try:
        session = Session.of(
            config.rootpath,
            target=config.getoption("--target"),
            build=config.getoption("--build"),
            record=config.getoption("--record"),
            explore=_plan(config),
            additions=_additions(config),
            index=_index(config),
            named_by=_named_by(config),
            shared=_shared(config),
            in_ci=os.environ.get("CI", "").lower() not in ("", "0", "false"),
        )
        path = config.getoption("--verdicts")
        resume = config.getoption("--resume")
        shard = _shard(config)
        if shard is not None:
            session.share(shard.number, shard.of)
        verdicts = Verdicts(config, session, Path(path) if path else None, resume=resume)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    cases = Cases(session, verdicts)
    if config.pluginmanager.register(cases, CASES) is not None:  # nothing is collected where it is blocked
        config.pluginmanager.register(Collecting(config, session, verdicts, shard), COLLECTING)
    if session.site is not None:
        config.add_cleanup(hear_sigterm())
        session.site.tell = lambda text: say(config, [text])
    config.pluginmanager.register(verdicts, VERDICTS)
    config.pluginmanager.register(Exits(config, session.redactor, CaseItem), EXITS)
    folder = config.getoption("allure_report_dir", default=None)
    if folder:
        from harness.report.allure import Keep, Reporter

        kept = Keep(config.getoption("--allure-attachments"))
        cases.reporter = Reporter(Path(folder), kept, session.redactor.redact)
        config.add_cleanup(cases.reporter.close)


def _named_by(config: pytest.Config) -> Origin:
    """Who named the target: a refusal tells, as an option in the configuration is easily forgotten."""
    from harness.guard import Origin

    def names(said: Iterable[str]) -> bool:
        return any(each.partition("=")[0] == "--target" for each in said)

    if names(config.invocation_params.args):
        return Origin.FLAG
    return Origin.ENVIRONMENT if names(os.environ.get("PYTEST_ADDOPTS", "").split()) else Origin.CONFIGURATION


def _shared(config: pytest.Config) -> Path | None:
    """The file in which the processes of the job count what they spend; None where there is only one."""
    given = getattr(config, "workerinput", {}).get(SHARED)
    return None if given is None else Path(given)


def _shard(config: pytest.Config) -> Shard | None:
    """The part of the run that this machine takes."""
    said = config.getoption("--shard")
    if said is None:
        return None
    from harness.options import DURATIONS
    from harness.sharding import Shard, read_durations

    if config.getoption("--record"):
        raise HarnessError(
            "U080", "--shard parts a run of many cases, and --record is for one: leave one out"
        )
    return Shard.parse(said, read_durations(config.rootpath / DURATIONS))


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


def _index(config: pytest.Config) -> Path | None:
    """Where sound cases are remembered: in pytest's cache, where there is one."""
    cache: pytest.Cache | None = getattr(config, "cache", None)
    try:
        return None if cache is None else cache.mkdir("harness") / "cases.json"
    except OSError:
        return None  # it only costs time


class Cases:
    """The plugin's state for one pytest run: the session, and the records of its items."""

    def __init__(self, session: Session, verdicts: Verdicts) -> None:
        self.session = session
        self.verdicts = verdicts
        self.reporter: Reporter | None = None
        self.stop: BaseException | None = None

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
            drawn = picture.beside(outcome, self.session.cassettes)
            try:
                picture.write(drawn, self.session.root / path)
                outcome.picture = path
            except FileError as error:  # a red stays what it is without its picture
                outcome.advice = (*outcome.advice, f"note:  no picture: {error}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell xdist's workers, those that replace a dead one too, where the job counts what it spends."""
        if self.session.site is not None:
            node.workerinput[SHARED] = str(self.session.site.share())

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
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the verdict table."""
        held = self.verdicts.records
        if not held and not self.verdicts.trouble:
            return
        terminalreporter.section(self.session.title)
        for line in self.verdicts.told():
            terminalreporter.write_line(line)
        if self.verdicts.left:
            terminalreporter.section("left on the target")
            for line in self.verdicts.left:
                terminalreporter.write_line(line)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note what ended the run."""
        excinfo.traceback = excinfo.traceback.filter(has_a_line)
        self.stop = excinfo.value

    @pytest.hookimpl
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the verdicts (the controller only) and end what the session started.

        A live run that a signal ended exits as one; one that left something behind is not green.
        """
        self.session.close()
        self.verdicts.write(session)
        live, code = self.session.site is not None, None if self.stop is None else exit_code(self.stop)
        if live and code is not None:
            session.exitstatus = code
        elif session.exitstatus == pytest.ExitCode.OK and self.verdicts.left:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self.reporter is not None and not hasattr(session.config, "workerinput"):
            self.reporter.finish({**self.session.environment, "harness": __version__})
