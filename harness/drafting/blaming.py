"""Whether the streams of a ticket fail a check where no step of it went wrong by itself."""

from __future__ import annotations

from dataclasses import replace

from harness.attesting import attest
from harness.case.read import parse_case
from harness.drafting.draft import Draft, suspected
from harness.drafting.sealed import header_of
from harness.drafting.suspects import shown_by, within
from harness.errors import CaseError, CassetteStale
from harness.evidence.ticket.alignment import Aligned
from harness.seal import Cassette


def blamed(case_id: str, aligned: Aligned) -> Draft | None:
    """The draft whose symptom is the first check that its streams fail; None where they hold every one.

    Nothing of it leaves the process: what is written is made of it again, without secrets.
    Raises EvidenceError I032 where nothing is told that a case could do.
    """
    made = suspected(case_id, aligned)
    if made is None:
        return None
    try:
        case = parse_case(made.text({}, str), f"{case_id}.yaml")
        findings = attest(case, Cassette(header_of(made, case_id, {}), made.events)).run.findings
    except (CaseError, CassetteStale):
        return None  # a session that a case cannot say or do again: nothing is known of its checks
    for suspect in made.suspects:
        finding = findings.get(suspect.id)
        shows = shown_by(suspect, finding) if finding is not None else None
        if finding is not None and shows is not None:
            within_ms = within(suspect, finding, made.acted_us)
            return replace(made, suspects=(replace(suspect, shows=shows, within_ms=within_ms),))
    return None
