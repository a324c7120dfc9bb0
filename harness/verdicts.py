"""The records of a pytest run: gathered from wherever items ran, kept as they come, written at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from harness import exactjson
from harness.aside import say
from harness.clock import exact_utc
from harness.errors import HarnessError
from harness.exits import is_ours
from harness.files import FileError
from harness.items import RECORD, CaseItem

if TYPE_CHECKING:
    from harness.report.ledger import Ledger
    from harness.session import Session

JUDGED: Final = "harness-judged"
STOPPED: Final = "harness-stopped"
NOT_WRITTEN: Final = 4
"""The exit code of a run whose verdicts could not be written: nobody may take its silence for a green."""


class Verdicts:
    """Hooks that keep a record an item, and write them where `--verdicts` says (the controller only)."""

    def __init__(self, config: pytest.Config, session: Session, path: Path | None, *, resume: bool) -> None:
        """Raises HarnessError U031 where there is nothing that could be resumed (the caller's fault)."""
        self.records: dict[str, Mapping[str, Any]] = {}
        self.trouble: list[str] = []
        self.shard: Mapping[str, Any] | None = None
        """The part of a run that this is, with the cases of all parts."""
        self._config = config
        self._session = session
        self._path = path
        self._selected: list[str] = []
        self._ledger: Ledger | None = None
        self._judged: dict[str, Mapping[str, Any]] = {}
        self._last: object = None
        """The record that came last, as it came."""
        self._is_controller = not hasattr(config, "workerinput")
        self._tried: Mapping[str, Any] = {}
        """What the run before left, where this one tries some of its cases again (`--lf`)."""
        if resume:
            self._judged = self._of_earlier()
        elif self._is_controller and config.getoption("lf", default=False):
            self._tried = self._of_first_try()

    def _of_earlier(self) -> dict[str, Mapping[str, Any]]:
        if self._path is None or self._session.record is not None:
            text = "--resume goes on with a run that was killed: name its --verdicts FILE"
            raise HarnessError("U031", f"{text}, and leave out --record")
        if not self._is_controller:
            held: dict[str, Mapping[str, Any]] = exactjson.loads(self._config.workerinput[JUDGED])  # type: ignore[attr-defined] # xdist's
            return held
        from harness.report.ledger import judged_before

        held = judged_before(self._path)
        for record in held.values():
            if not self._is_here(record):
                text = f"the run that left {self._path} was on {_where(record)}, and this one is on "
                text += f"{self._session.where}: "
                raise HarnessError("U031", f"{text}ask for the same, or run it anew without --resume")
        return held

    def _of_first_try(self) -> Mapping[str, Any]:
        """A verdicts file of a run on the same target and build, whose failures are run again into it."""
        if self._path is None or self._session.record is not None or not self._path.exists():
            return {}
        from harness.report.ledger import verdicts

        held = verdicts(self._path)
        return held if all(self._is_here(each) for each in held["records"]) else {}

    def _is_here(self, record: Mapping[str, Any]) -> bool:
        ran = str(record["target"]) if self._session.build is None else _where(record)
        return ran == self._session.where

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell xdist's workers, who collect, what was judged before."""
        node.workerinput[JUDGED] = exactjson.dumps(self._judged)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what was judged before, unless its case or cassettes were changed since."""
        if not self._judged:
            return
        again = [item for item in items if not self._is_judged(item)]
        left_out = [item for item in items if self._is_judged(item)]
        self.records |= {item.name: self._judged[item.name] for item in left_out}
        self._selected = list(self.records)
        config.hook.pytest_deselected(items=left_out)
        items[:] = again

    def _is_judged(self, item: pytest.Item) -> bool:
        record = self._judged.get(item.name) if isinstance(item, CaseItem) else None
        if record is None or record["started_at"] is None or record.get("interrupted"):
            return False
        return self._is_as_it_was(record, item.path)

    def _is_as_it_was(self, record: Mapping[str, Any], *case: Path) -> bool:
        """Whether neither the case nor its cassettes were changed since a record was made."""
        files = [*case, *(self._session.cassettes / record["id"]).rglob("*.jsonl")]
        return all(_changed_at(path) < record["started_at"] for path in files)

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what was selected."""
        ours = [item.name for item in session.items if isinstance(item, CaseItem)]
        if ours or self.records:
            self._planned([*self._selected, *ours])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """The same where xdist's workers collect; all of them collect alike, and the first is believed."""
        if self._selected or self._ledger is not None:
            return
        ours = [each.partition("::")[2] for each in ids if is_ours(each)]
        self.records |= {item: record for item, record in self._judged.items() if item not in ours}
        self._planned([*self.records, *ours])

    def _planned(self, items: list[str]) -> None:
        if self._tried:
            before = [each for each in self._tried["plan"]["items"] if each not in items]
            self.shard = self.shard or self._tried["plan"].get("shard")
            self.records |= {each["item"]: each for each in self._tried["records"]}
            items = [*before, *items]
        self._selected = items
        if self._path is None or not self._is_controller or self._config.getoption("collectonly"):
            return
        from harness.report.ledger import Ledger

        try:
            self._ledger = Ledger(self._path, items, self.records.values(), self.shard)
        except FileError as error:
            pytest.exit(str(error), returncode=NOT_WRITTEN)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the record of an item, wherever it ran; what came with the report for us is no property of it
        that JUnit's schema knows.
        """
        held = [value for name, value in report.user_properties if name == RECORD]
        for value in held:
            if value != self._last:  # each phase's report brings the same
                self._last = value
                self.keep(exactjson.loads(str(value)))
        if held and self._is_controller:
            report.user_properties = [each for each in report.user_properties if each[0] != RECORD]

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Make an error, and a record, of an item whose worker died; the other workers go on."""
        if not is_ours(crashitem):
            return
        from harness.report.records import lost

        item = crashitem.partition("::")[2]
        session = self._session
        why = "the process that ran it died: killed, or out of memory, or a crash in native code"
        report.when = "setup"
        report.location = (*report.location[:2], item)
        report.longrepr = f"{item}: inconclusive: {why}\n\nagain: pytest -k {item.partition('[')[0]}"
        self.keep(lost(item, session.name, session.build, why))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Keep what a worker of xdist was interrupted in: no report of it comes."""
        for record in exactjson.loads(getattr(node, "workeroutput", {}).get(STOPPED, "[]")):
            self.keep(record)

    def stopped(self, record: dict[str, Any]) -> None:
        """Keep the record of an item that was interrupted; a worker hands it on at its end."""
        if self._is_controller:
            self.keep(record)
        else:
            self._config.workeroutput[STOPPED] = exactjson.dumps([record])  # type: ignore[attr-defined] # xdist's
            self._tell_at_once(record)

    def _tell_at_once(self, record: Mapping[str, Any]) -> None:
        """Say what became of it on the terminal: an interrupted controller may not wait for its workers."""
        from harness.report.terminal import leftovers

        placed = len(record.get("placed", ()))
        nothing = f"{record['item']}: of {placed} orders and sessions nothing is left"
        say(self._config, leftovers([record]) or [nothing])

    def keep(self, record: dict[str, Any]) -> None:
        """Keep the record of an item: the first of a run, and of two runs the worse, with both told."""
        from harness.report.retries import combined, is_told

        before = self.records.get(record["item"])
        if before is not None:
            if is_told(record, before):
                return  # a report of another phase
            if not self._counts(before):
                before = None  # it was mended, or never judged: what was before says nothing of it
            record = record if before is None else combined(before, record)
        self.records[record["item"]] = record
        if self._ledger is None:
            return
        try:
            self._ledger.add(record)
        except FileError as error:  # the verdicts file may still be written, and is what counts
            self.trouble.append(str(error))
            self._ledger.close()
            self._ledger = None

    def _counts(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is a judgement of the case as it is now."""
        if record["started_at"] is None or record.get("interrupted"):
            return False
        cases = (self._session.root / "cases").rglob(f"{record['id']}*.y*ml")
        return self._is_as_it_was(record, *cases)

    def write(self, session: pytest.Session) -> None:
        """Write the verdicts file; where that cannot be, the run's exit code says so."""
        if self._path is None or not self._is_controller:
            return
        from harness.report import records
        from harness.report.words import is_red

        selected = self._selected or list(self.records)
        try:
            records.write(self._path, records.document(self.records.values(), selected, self.shard))
            self.trouble.clear()
            if self._ledger is not None:
                self._ledger.discard()
        except FileError as error:
            self.trouble.append(str(error))
            session.exitstatus = NOT_WRITTEN
            return
        finally:
            if self._ledger is not None:
                self._ledger.close()
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.shard and self.shard["cases"]:
            session.exitstatus = pytest.ExitCode.OK  # it is for the merged verdicts to say that nothing ran
        again = self._judged or self._tried
        if session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and again:
            red = any(is_red(record) for record in self.records.values())
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if red else pytest.ExitCode.OK

    @property
    def left(self) -> list[str]:
        """What live runs left behind on the target, or may have."""
        from harness.report.terminal import leftovers

        return leftovers(self.records[item] for item in sorted(self.records))

    def told(self) -> Iterator[str]:
        """The table at the end of a run, and what else is to be said of its verdicts."""
        from harness.options import QUARANTINE
        from harness.report.closing import closing

        records = [self.records[item] for item in sorted(self.records)]
        whole = self._config.get_verbosity() > 0
        if records:
            yield from closing(records, self._session.root / QUARANTINE, whole=whole)
        if self._judged:
            before = sum(item in self._judged for item in self.records)
            yield f"resumed: {before} of {len(self.records)} were judged before"
        for text in self.trouble:
            yield f"verdicts not written: {text}"


def _where(record: Mapping[str, Any]) -> str:
    target = str(record["target"])
    return target if target == "replay" else f"{target} {record['build'] or ''}".rstrip()


def _changed_at(path: Path) -> str:
    return exact_utc(path.stat().st_mtime_ns // 1_000)
