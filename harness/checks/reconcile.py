"""`reconcile`: the same fact from several sources is equal; on failure, the sources side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.case.rules.values import Reconcile
from harness.case.values import Check
from harness.checks.owners import owner_of
from harness.checks.words import Hearing, Word
from harness.decide import stream_end
from harness.facts import ChainFacts
from harness.finding import Decision, Finding, Pending, Window, seconds
from harness.matchers import LOST, NOTHING, Differs, Late
from harness.model import Kind, Lane, Source
from harness.scope import Look
from harness.wire import jsonrpc
from harness.world import Need, PollNeed, StreamNeed, View


def reconcile_judge(
    check: Check, rule: Reconcile, look: Look, view: View, chain: ChainFacts
) -> ReconcileJudge:
    """The judge of a reconcile. Raises MissingPartError where the order was not reached."""
    order = look.fill(rule.order)
    step = f"check:{check.id}"
    rest, node = Lane(Source("rest", owner_of(order, view.events)), step), Lane(Source("chain"), step)
    needs: list[Need] = []
    streams = tuple(
        sorted({e.source for e in view.events if e.kind is Kind.OPEN and _tells(e.source, rule.sources)})
    )
    if "rest" in rule.sources:
        needs.append(PollNeed(rest, {"method": "GET", "path": "/data/trades"}, check.every_us))
    if "chain" in rule.sources:
        calls = jsonrpc.log_calls(["OrderFilled"], chain.from_block)
        needs.append(PollNeed(node, {"rpc": calls}, check.every_us))
    needs.extend(StreamNeed(source) for source in streams)
    hearing = Hearing(rule.sources, order, rest, node, streams, chain.exchanges)
    return ReconcileJudge(check.id, rule, streams, tuple(needs), hearing)


@dataclass(frozen=True, slots=True)
class ReconcileJudge:
    """The check for one order's fill."""

    subject: str
    rule: Reconcile
    streams: tuple[Source, ...]
    needs: Sequence[Need]
    hearing: Hearing = field(compare=False, repr=False)
    read: list[Word] = field(default_factory=list, compare=False, repr=False)
    """The words that were taken in so far; what each source said last of them is in `latest`."""
    latest: dict[str, Word] = field(default_factory=dict, compare=False, repr=False)

    def decide(self, view: View, window: Window, final: bool) -> Decision:
        """It holds at the first moment when every source has the facts and all of them are equal."""
        looked_us = window.watch_us if final else min(self._looked_us(view), window.watch_us)
        words, latest = self.hearing.words, self.latest
        if self.hearing.listen(view.events) < len(self.read):  # something was said before what was read
            self.read.clear()
            latest.clear()
        for word in words[len(self.read) : self.hearing.until(looked_us)]:
            self.read.append(word)
            if not _keep(latest, word) or not self._agree(latest):
                continue
            if word.at_us <= window.deadline_us:
                text = f"{', '.join(self.rule.sources)} agree after {seconds(word.at_us - window.start_us)}"
                shown = self._shown(words, latest, window)
                return Finding(self.subject, True, word.at_us, text, shown, events=_numbers(latest))
            by_us = word.at_us - window.deadline_us
            text = f"the sources agree only {seconds(by_us)} after the deadline"
            return Finding(self.subject, False, word.at_us, text, Late(by_us), events=_numbers(latest))
        enough_us = window.deadline_us if final else window.watch_us
        horizon_us = min(self._horizons(view))
        told = all(name in latest and latest[name].facts is not None for name in self.rule.sources)
        if horizon_us < enough_us and not (final and told):
            so_far = f": {self._so_far(latest)}" if final else ""  # nobody hears it before
            return Pending(f"the sources were read until {seconds(horizon_us)}{so_far}")
        heard = replace(self, streams=self._still_open(view, window))
        return heard._disagree(words[: self.hearing.until(window.deadline_us)], window)

    def _so_far(self, latest: Mapping[str, Word]) -> str:
        """What each source says, in a line."""
        told = []
        for name in self.rule.sources:
            facts = latest[name].facts if name in latest else None
            said = "nothing" if name in latest else "not a word"
            if facts is not None:
                said = " ".join(format(facts[each], "f") for each in self.rule.fields)
            told.append(f"{name} told {said}")
        return "; ".join(told)

    def _still_open(self, view: View, window: Window) -> tuple[Source, ...]:
        """The streams that were open up to the deadline: a closed one's silence shows nothing."""
        ends = {
            source: stream_end([e for e in view.events if e.source == source], window.cause_number)
            for source in self.streams
        }
        return tuple(s for s, end in ends.items() if end is None or end.at_us > window.deadline_us)

    def _looked_us(self, view: View) -> int:
        """Up to when all that was said is known: the last read's answer, as reads are made one at a time."""
        reads = [need.lane for need in self.needs if isinstance(need, PollNeed)]
        return max(map(view.horizon_us, reads or self.streams), default=0)

    def _agree(self, latest: Mapping[str, Word]) -> bool:
        facts = [latest[name].facts if name in latest else None for name in self.rule.sources]
        first = facts[0]
        if first is None:
            return False
        return all(
            each is not None and all(each[name] == first[name] for name in self.rule.fields) for each in facts
        )

    def _horizons(self, view: View) -> Iterator[int]:
        for need in self.needs:
            yield view.horizon_us(need.lane if isinstance(need, PollNeed) else need.source)

    def _shown(self, words: Sequence[Word], latest: Mapping[str, Word], window: Window) -> Differs:
        shown: dict[str, Any] = {}
        for name in self.rule.sources:
            word = latest.get(name)
            if word is not None and word.facts is not None:
                shown[name] = {each: word.facts[each] for each in self.rule.fields}
            else:
                silent = word is None or word.trouble is None
                shown[name] = NOTHING if silent and self._alive(name, words, window) else LOST
        return Differs(shown)

    def _alive(self, name: str, words: Sequence[Word], window: Window) -> bool:
        """Whether a source that has nothing to tell did tell that: absence needs a sign of life."""
        if name in ("ws", "fix"):
            return any(_tells(source, (name,)) for source in self.streams)
        spoke = [
            word
            for word in words
            if word.source == name and not word.trouble and word.at_us >= window.start_us
        ]
        if name == "chain":
            return bool(spoke) and (spoke[-1].alive or 0) > (spoke[0].alive or 0)
        return bool(spoke)

    def _disagree(self, words: Sequence[Word], window: Window) -> Finding:
        """Who said what up to the deadline; what came after it tells late from never, and no more."""
        latest: dict[str, Word] = {}
        for said in words:
            _keep(latest, said)
        shown = self._shown(words, latest, window)
        within = seconds(window.deadline_us - window.start_us)
        lines = [f"the sources do not agree within {within}:", _row("source", *self.rule.fields, "since")]
        for name in self.rule.sources:
            word: Word | None = latest.get(name)
            if word is not None and word.facts is not None:
                told = [format(word.facts[each], "f") for each in self.rule.fields]
                lines.append(_row(name, *told, seconds(word.at_us)))
            else:
                told_nothing = self._nothing(name, words, window)
                trouble = None if word is None else word.trouble
                lines.append(_row(name, *["–"] * len(self.rule.fields), trouble or told_nothing))
        text = "\n".join(lines)
        return Finding(self.subject, False, window.deadline_us, text, shown, events=_numbers(latest))

    def _nothing(self, name: str, words: Sequence[Word], window: Window) -> str:
        reads = [word for word in words if word.source == name]
        if name == "chain" and reads:
            told = f"nothing in {len(reads)} looks, head {reads[0].alive} → {reads[-1].alive}"
            alive = self._alive(name, words, window)
            return told if alive else f"{told}: the chain stood still, so absence is not shown"
        if name in ("ws", "fix"):
            return (
                "nothing" if self._alive(name, words, window) else "no channel was open: absence is not shown"
            )
        return f"nothing in {len(reads)} reads" if reads else "no read was answered"


def _keep(latest: dict[str, Word], word: Word) -> bool:
    """Keep a word if it is news, and say so: `since` is when a source first said what it still says."""
    before = latest.get(word.source)
    is_news = before is None or (before.facts, before.trouble) != (word.facts, word.trouble)
    if is_news:
        latest[word.source] = word
    return is_news


def _numbers(latest: Mapping[str, Word]) -> tuple[int, ...]:
    return tuple(sorted(word.number for word in latest.values()))


def _row(*cells: str) -> str:
    first, *rest = cells
    return "  " + first.ljust(8) + "".join(f"{cell:<11} " for cell in rest[:-1]) + rest[-1]


def _tells(source: Source, sources: Sequence[str]) -> bool:
    """Whether a stream is one of the sources: a user channel for `ws`, any FIX session for `fix`."""
    return (source.channel == "ws.user" and "ws" in sources) or (
        source.channel.startswith("fix.") and "fix" in sources
    )
