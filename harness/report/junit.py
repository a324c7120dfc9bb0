"""Verdicts as JUnit XML, for what reads nothing else: a test an item, in pytest's own sense of the word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree

from harness.report.plain import plain_text
from harness.report.records import never_ran
from harness.verdict import Proof, Verdict

_FAILURES: Final = frozenset({str(Verdict.REGRESSED), str(Verdict.CHANGED), str(Proof.UNPROVEN)})
_ERRORS: Final = frozenset({str(Verdict.INVALID), str(Verdict.INCONCLUSIVE)})
NEVER_RAN: Final = "never ran: the run ended before it"


def junit(held: Mapping[str, Any]) -> bytes:
    """The whole file; what was planned and never ran is an error in it, so that nobody takes it for green."""
    suite = ElementTree.Element("testsuite", name="harness")
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    told: list[tuple[str, str, Any, str]] = [
        (each["item"], each["word"], each.get("took_ms"), each.get("why") or "") for each in held["records"]
    ]
    told += [(item, str(Verdict.INCONCLUSIVE), None, NEVER_RAN) for item in never_ran([held])]
    for item, word, took_ms, why in sorted(told, key=lambda each: each[0]):
        name = plain_text(item)
        case = ElementTree.SubElement(suite, "testcase", classname=name.partition("[")[0], name=name)
        if took_ms is not None:
            case.set("time", f"{took_ms // 1000}.{took_ms % 1000:03d}")
        counts["tests"] += 1
        kind = _kind(word)
        if kind is not None:
            counts[f"{kind}s" if kind != "skipped" else kind] += 1
            ElementTree.SubElement(case, kind, type=plain_text(word), message=plain_text(why))
    for name, count in counts.items():
        suite.set(name, str(count))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    text: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _kind(word: str) -> str | None:
    if word == str(Verdict.STILL_BROKEN):
        return "skipped"
    if word in _ERRORS:
        return "error"
    return "failure" if word in _FAILURES else None
