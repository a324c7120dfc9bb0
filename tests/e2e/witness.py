"""A witness for live runs in a bench: each is judged once more, from its events without secrets and names.

Nothing is recorded and nothing else is run: the events of the run that just was are redacted in memory,
every identity replaced though the venue's accounts are nobody's, and replayed. It must come to the judgement
of the run itself, and to the findings of a replay of the same events with all that was in them, up to the
map. (A run may see less than its replay: it does not wait for a check that is not the symptom.)
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

_PLACEHOLDER: Final = re.compile("«[^«»]*»")
TESTS: Final = Path(__file__).resolve().parents[1]
CONFTEST: Final = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from e2e.witness import install
install(Path(__file__).with_name("witnessed.txt"))
"""
"""What a bench needs as its conftest.py."""


def install(told: Path) -> None:
    """Let every live run of this process be judged again before it is shown, and note in a file what came."""
    import harness.carrying as carrying
    import harness.judging as judging

    show, judge, runner = judging._show, judging.verdict_of, carrying.Runner
    seen: dict[str, Any] = {}

    def run(case: Any, world: Any, facts: Any, *rest: Any) -> Any:
        seen["seed"] = facts.seed
        return runner(case, world, facts, *rest)

    def verdict(case: Any, run: Any, **known: Any) -> Any:
        seen["known"] = known
        return judge(case, run, **known)

    def shown(outcome: Any, done: Any) -> None:
        try:
            _judge_again(outcome, done, judge, **seen)
            line = f"{outcome.item} alike"
        except Exception as error:  # told in the file: pytest would take it for the run's own
            line = f"{outcome.item} differs: {error!r}"
        with told.open("a", encoding="utf-8") as file:
            file.write(line.replace("\n", " ") + "\n")
        show(outcome, done)

    carrying.Runner, judging.verdict_of, judging._show = run, verdict, shown  # type: ignore[assignment,misc]


def _judge_again(outcome: Any, done: Any, judge: Any, seed: int, known: dict[str, Any]) -> None:
    from dataclasses import replace

    from harness.clock import iso_utc
    from harness.identities import Identities
    from harness.proving import replay
    from harness.pseudonyms import Nameless, literals, pseudonymised
    from harness.redacted import redacted_run
    from harness.redacting import redacted_events
    from harness.seal import Cassette, Header

    case, redactor = outcome.case, done.redactor
    row = next((row for row in case.rows if row.name == outcome.row), None)
    identities = Identities(literals(case))
    header = Header(
        case=case.id,
        name="fixed",
        origin="live",
        target="witness",
        recorded_at=iso_utc(done.started_wall_us),
        started_wall_us=done.started_wall_us,
        seed=seed,
        inputs=redactor.redact_json(done.inputs),
    )
    raw = replay(case, Cassette(replace(header, inputs=done.inputs), tuple(done.events)), None, row)
    clean = Cassette(*pseudonymised(header, redacted_events(done.events, redactor), identities))
    again = replay(case, clean, None, row)
    word = judge(case, again.run, **known).word
    assert word is outcome.judgement.word, f"{word} and not {outcome.judgement.word}"
    with_names = _told(redacted_run(raw.run, Nameless(redactor, identities)))
    without = _told(redacted_run(again.run, identities))
    assert without == with_names, [
        pair for pair in zip(with_names, without, strict=False) if pair[0] != pair[1]
    ]


def _told(run: Any) -> list[str]:
    """All that a run came to, in order; a placeholder says where a secret was found, and that may differ."""
    parts = (*run.findings.items(), run.not_reached, run.trouble, run.failed_step, run.leftovers)
    return [_PLACEHOLDER.sub("«»", repr(part)) for part in parts]
