"""Outcomes in which every text is what a hostile customer could have typed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from harness.finding import Finding
from harness.matchers import Difference, Differs
from harness.model import Event, Source
from harness.outcome import Outcome
from harness.verdict import Judgement

from .bench import outcome

NASTY = (
    "]]>", "</script><script>alert(1)</script>", "</text></svg>", "<!--", "&amp;&#0;",
    "\x00\x01\x1b[31m", "\ud800",
    "\udfff\ud800", "\u202e\u2066", "\ufffe\uffff", "\r\n\r\n", "![x](http://evil.example/x.png)",
    "javascript:alert(1)", "http://evil.example/'\"><img src=x onerror=alert(1)>", "=HYPERLINK(1)",
    "::error::x",
    "«", "«»", "«0»", "$(id)`id`", "'; rm -rf / #", "\U0001f600" * 50, "a" * 10_000, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "𝕏" * 300,
)  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    """All of Unicode, lone surrogates too, and what is known to break reports."""
    anything = st.text(st.characters(exclude_categories=()), max_size=60)
    return st.one_of(anything, st.sampled_from(NASTY))


def hostile(text: str, where: str) -> Outcome:
    """The real broken proof, every text of it that a customer or a peer may have written replaced."""
    real = outcome("broken")
    assert real.case is not None
    assert real.run is not None
    case = replace(
        real.case, title=text, story=text, component=text, owner=text, ticket=text, source=text, reported=text
    )
    finding = _finding("agree", text)
    run = replace(
        real.run, findings={name: _finding(name, text) for name in real.run.findings}, leftovers=[finding]
    )
    return replace(
        real,
        judgement=Judgement(real.judgement.word, text, finding),
        case=case,
        run=run,
        build=text,
        target=where,
        origins={text: text},
        unused=(text,),
        timeline=tuple(_event(event, text) for event in real.timeline),
    )


def _finding(subject: str, text: str) -> Finding:
    shown = Differs({"rest": text, text: {text: text}})
    differences = (Difference(text, text, text, text),)
    return Finding(subject, False, 7_096_044, f"{text}\n{text}", shown, text, differences, (27,))


def _event(event: Event, text: str) -> Event:
    source = Source(event.source.channel, text) if event.source.actor else event.source
    return replace(event, source=source, data=_filled(event.data, text))


def _filled(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return text
    if isinstance(value, dict):
        return {key: _filled(inner, text) for key, inner in value.items()}
    return [_filled(inner, text) for inner in value] if isinstance(value, list) else value
