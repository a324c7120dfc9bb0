"""The Allure report: the only module that imports allure, and only when its results are asked for.

Steps must carry the run's own times, and allure-pytest's public calls stamp them with the wall clock. So a
result is completed where allure-python-commons lets plug-ins see it before it is written: the hook
`report_result` of its plug-in manager, on the values of its own model. Nothing private is touched, and what
allure-pytest decided (status, history id, suites) stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import allure_commons
from allure_commons import model2
from attr import fields, has

from harness import exactjson
from harness.files import write_atomically
from harness.outcome import Outcome
from harness.report import attachments
from harness.report.picture import beside, picture
from harness.report.telling import Part, Telling, telling

_ENDINGS: Final = {attachments.SVG: "svg", attachments.PLAIN: "txt"}
_CHANGES: Final = frozenset({"build"})
"""Parameters that change from run to run and must not part a case from its history."""
CATEGORIES: Final[Sequence[Mapping[str, Any]]] = (
    {"name": "Product: regressed", "matchedStatuses": ["failed"], "messageRegex": "(?s)^regressed: .*"},
    {"name": "Product: changed", "matchedStatuses": ["failed"], "messageRegex": "(?s)^changed: .*"},
    {"name": "Unproven", "matchedStatuses": ["failed"], "messageRegex": "(?s)^unproven: .*"},
    {"name": "Invalid: the case or its cassette", "messageRegex": "(?s)^invalid: .*"},
    {"name": "Inconclusive: the environment", "messageRegex": "(?s)^inconclusive: .*"},
    {"name": "Still broken: known", "messageRegex": "(?s)^still-broken: .*"},
)
"""By verdict, for readers of `categories.json`; `allurerc.mjs` says the same for Allure 3."""


class Keep(StrEnum):
    """Which items keep what went over the wire, and their picture (`--allure-attachments`)."""

    FAILED = "failed"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class _Taken:
    told: Telling
    started_wall_us: int | None
    known: bool


class Reporter:
    """Completes the results of our items, and keeps every result of the run writable.

    One a pytest process; `close` ends it. Items run one after the other, so that the next result after
    `take` is its item's.
    """

    def __init__(self, folder: Path, keep: Keep, redact: Callable[[str], str] = str) -> None:
        """`redact` is what every text goes through, others' results and attachments too."""
        self._folder = folder
        self._keep = keep
        self._redact = redact
        self._taken: _Taken | None = None
        allure_commons.plugin_manager.register(self)
        self._unwatch = allure_commons.plugin_manager.add_hookcall_monitoring(self._clean_data, _nothing)

    def close(self) -> None:
        """Leave Allure's plug-in manager; may be called twice."""
        if allure_commons.plugin_manager.is_registered(self):
            allure_commons.plugin_manager.unregister(self)
            self._unwatch()

    def _clean_data(self, hook: str, _: object, given: MutableMapping[str, Any]) -> None:
        """Redact what is attached (by a step of the project's own, say) before Allure's logger writes it."""
        if hook != "report_attached_data":
            return
        body = given["body"]
        text = body if isinstance(body, str) else bytes(body).decode("utf-8", "surrogateescape")
        clean = self._redact(text)
        if clean != text:
            given["body"] = clean.encode("utf-8", "surrogateescape")

    def take(self, outcome: Outcome, *, passed: bool, started_wall_us: int | None, cassettes: Path) -> None:
        """Take the outcome of the item that runs now. `started_wall_us` is the wall time at which its
        timeline begins (unix microseconds; in a replay, of the recording); None: as if it began now."""
        keep = self._keep is Keep.ALL or (self._keep is Keep.FAILED and not passed)
        drawn = picture(beside(outcome, cassettes)) if keep and outcome.timeline else ""
        known = str(outcome.judgement.word) == "still-broken"
        self._taken = _Taken(telling(outcome, keep=keep, pictured=drawn), started_wall_us, known)

    @allure_commons.hookimpl(tryfirst=True)
    def report_result(self, result: Any) -> None:
        """Allure's hook: a test's result is about to be written."""
        taken, self._taken = self._taken, None
        if taken is not None:
            _complete(result, taken)
        _writable(result, self._redact)

    @allure_commons.hookimpl(tryfirst=True)
    def report_container(self, container: Any) -> None:
        """Allure's hook: the fixtures around tests are about to be written."""
        _writable(container, self._redact)

    def finish(self, environment: Mapping[str, str]) -> None:
        """Write what is said once a run: its environment and the categories. Raises FileError."""
        lines = [f"{_property(name)}={_property(value)}" for name, value in environment.items()]
        write_atomically(self._folder / "environment.properties", ("\n".join(lines) + "\n").encode())
        write_atomically(self._folder / "categories.json", exactjson.dumps(CATEGORIES).encode())


def _complete(result: Any, taken: _Taken) -> None:
    told = taken.told
    base_ms = result.start if taken.started_wall_us is None else taken.started_wall_us // 1000
    result.name = told.title
    result.description, result.descriptionHtml = None, told.story_html or None
    result.labels.extend(model2.Label(name, value) for name, value in told.labels)
    result.links.extend(model2.Link(kind, url, name) for kind, url, name in told.links)
    result.parameters.extend(
        model2.Parameter(name, value, excluded=name in _CHANGES or None) for name, value in told.parameters
    )
    trace = None if result.status == model2.Status.PASSED else told.trace
    result.statusDetails = model2.StatusDetails(known=taken.known or None, message=told.message, trace=trace)
    result.steps[:0] = [_step(part, base_ms) for part in told.parts]
    result.attachments.extend(_written(told.attachments))


def _step(part: Part, base_ms: int) -> Any:
    step = model2.TestStepResult(name=part.name, status=part.status)
    if part.span is not None:
        step.start, step.stop = (base_ms + at_us // 1000 for at_us in part.span)
    if part.message:
        step.statusDetails = model2.StatusDetails(message=part.message)
    step.parameters = [model2.Parameter(name, value) for name, value in part.parameters]
    step.steps = [_step(inner, base_ms) for inner in part.parts]
    step.attachments = _written(part.attachments)
    return step


def _written(files: Sequence[attachments.Attachment]) -> list[Any]:
    found = []
    for each in files:
        name = f"{uuid4()}-attachment.{_ENDINGS[each.media]}"
        allure_commons.plugin_manager.hook.report_attached_data(body=each.body.encode(), file_name=name)
        found.append(model2.Attachment(name=each.name, source=name, type=each.media))
    return found


def _writable(value: Any, redact: Callable[[str], str]) -> Any:
    """The value, every text in it redacted and such that UTF-8 can hold it: one lone surrogate would end
    the run."""
    if isinstance(value, str):
        return redact(value).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        value[:] = [_writable(each, redact) for each in value]
    elif has(type(value)):
        for each in fields(type(value)):
            setattr(value, each.name, _writable(getattr(value, each.name), redact))
    return value


def _nothing(*_: object) -> None:
    """Nothing is done after a hook."""


def _property(text: str) -> str:
    """A key or value of a Java properties file: ASCII, with escapes."""
    units = text.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    plain = [chr(code) if 0x20 < code < 0x7F and chr(code) not in "\\=:#!" else None for code in codes]
    return "".join(char or f"\\u{code:04x}" for char, code in zip(plain, codes, strict=True))
