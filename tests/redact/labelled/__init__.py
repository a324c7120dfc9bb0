"""The labelled set: texts as our channels carry them, in which the secrets are marked.

`first.jsonl` is what the patterns were made with. `second.jsonl` and `third.jsonl` were written after it, and
measured once before anybody looked: other people's ways to write a secret down (the layouts of the samples of
gitleaks' generator, tools' logs, other languages), services without a pattern of their own, and look-alikes.
What a first look taught was then put into the patterns; FIRST_LOOK keeps what it measured.

A line is `{"kind", "channel", "text"}`; in the text each secret stands between ⟦ and ⟧, and `{hex:64}` is a
value that is made when the set is read, of the line's own seed: the files hold no text that a scanner of
repositories would take for a secret.
"""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from uuid import UUID

HERE = Path(__file__).parent
PARTS = ("first", "second", "third")
FIRST_LOOK = {"second": (753, 953), "third": (814, 934)}
"""Recall and precision of a part, in thousandths, when the patterns had not been made with it."""
WORDS = files("eth_account.hdaccount").joinpath("wordlist/english.txt").read_text().split()
_RECIPE = re.compile(r"\{([a-z0-9A-Z]+)(?::(\d+)(?:,([^}]*))?)?\}")
_MARK = re.compile("⟦(.*?)⟧", re.DOTALL)
_CHARS = {
    "hex": "0123456789abcdef",
    "dig": string.digits,
    "an": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "low": string.ascii_lowercase + string.digits,
    "UP": string.ascii_uppercase + string.digits,
    "b32": string.ascii_uppercase + "234567",
    "b64": string.ascii_letters + string.digits + "+/",
    "b64url": string.ascii_letters + string.digits + "-_",
}


@dataclass(frozen=True, slots=True)
class Example:
    """One text, and where the secrets in it stand."""

    kind: str
    channel: str
    text: str
    secrets: tuple[tuple[int, int], ...]


def examples(name: str) -> list[Example]:
    """One part of the set, its values made; the same ones each time."""
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    return [_example(json.loads(line), number) for number, line in enumerate(lines)]


def _example(line: dict[str, str], number: int) -> Example:
    made = _filled(line["text"], random.Random(f"{number} {line['kind']}"))
    spans, pieces, size, done = list[tuple[int, int]](), list[str](), 0, 0
    for mark in _MARK.finditer(made):
        pieces += made[done : mark.start()], mark[1]
        size += mark.start() - done
        spans.append((size, size + len(mark[1])))
        size += len(mark[1])
        done = mark.end()
    return Example(line["kind"], line["channel"], "".join(pieces) + made[done:], tuple(spans))


def _filled(text: str, dice: random.Random) -> str:
    held: dict[str, str] = {}  # equal recipes of one text are different values, but of a UUID

    def fill(found: re.Match[str]) -> str:
        name, count, joint = found[1], int(found[2] or 0), found[3]
        if name == "uuid":
            return held.setdefault(name, str(UUID(int=dice.getrandbits(128), version=4)))
        if name == "words":
            return " ".join(dice.choices(WORDS, k=count))
        if name == "words1":
            return joint.join(dice.choices(WORDS, k=count))
        if name == "numbered":
            words = dice.choices(WORDS, k=count)
            return "\n".join([words[0], *(f"{at}. {word}" for at, word in enumerate(words[1:], start=2))])
        if name not in _CHARS:
            return found[0]
        made = "".join(dice.choices(_CHARS[name], k=count))
        return made if name != "dig" or not made.startswith("0") else f"1{made[1:]}"

    return _RECIPE.sub(fill, text)


@dataclass(frozen=True, slots=True)
class Score:
    """What a redactor did to a part of the set. Only a secret that is gone whole counts as found."""

    examples: int
    secrets: int
    found: int
    taken: int
    taken_wrongly: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def recall(self) -> int:
        """Secrets found, in thousandths."""
        return self.found * 1000 // self.secrets

    @property
    def precision(self) -> int:
        """Stretches taken that hold a secret, in thousandths."""
        return (self.taken - self.taken_wrongly) * 1000 // self.taken


def score(part: list[Example], redact: Callable[[str], str]) -> Score:
    """Redact each text of a part, and compare with its marks."""
    secrets = found = taken = wrongly = 0
    missed, wrong = list[str](), list[str]()
    for example in part:
        clean = redact(example.text)
        assert len(clean) == len(example.text), example
        changed = list(_changed(example.text, clean))
        for start, end in example.secrets:
            secrets += 1
            gone = sum(max(0, min(end, to) - max(start, at)) for at, to in changed)
            if gone >= (end - start) * 9 // 10:  # a placeholder may share a character with what it replaces
                found += 1
            else:
                missed.append(f"{example.kind} ({example.channel}): {example.text[start - 30 : end]!r}")
        for at, to in changed:
            taken += 1
            if not any(start < to and at < end for start, end in example.secrets):
                wrongly += 1
                wrong.append(f"{example.kind} ({example.channel}): {example.text[max(0, at - 30) : to]!r}")
    return Score(len(part), secrets, found, taken, wrongly, tuple(missed), tuple(wrong))


def _changed(before: str, after: str) -> Iterator[tuple[int, int]]:
    """The stretches that differ; those that a few equal characters part are one."""
    start = last = -1
    for at, (one, other) in enumerate(zip(before, after, strict=True)):
        if one == other:
            continue
        if start >= 0 and at - last > 3:
            yield start, last + 1
            start = at
        start = at if start < 0 else start
        last = at
    if start >= 0:
        yield start, last + 1
