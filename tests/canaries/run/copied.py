"""A proven case and one of its cassettes in a folder of their own, to be broken there and proven again."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.case.read import read_case
from harness.cassette import cassette_path, reseal_edited
from harness.proving import prove

REPO = Path(__file__).parents[3]
_SHIFTING = (
    (re.compile(r"[0-9]+\.[0-9]{3} s"), "… s"),
    (re.compile(r"0x[0-9a-fA-F]{16,}"), "0x…"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}"), "…"),
    (re.compile(r"\b[0-9a-f]{12}…"), "…"),
    (re.compile(r"\b[0-9]{13,}\b"), "…"),
    (re.compile(r"\b[0-9]{8}…"), "…"),
    (re.compile(r"\b(event|head|in) [0-9]+\b(?!\.)"), r"\1 …"),
    (re.compile(r"→ [0-9]+\b"), "→ …"),
    (re.compile(r"u[0-9a-f]{19}"), "…"),
)
"""What another recording of the same case says otherwise: times, hashes, numbers of events."""

Message = dict[str, Any]


def steady(text: str) -> str:
    """A text on one line, without what another recording would change."""
    line = " | ".join(" ".join(each.split()) for each in text.splitlines())
    for shifting, instead in _SHIFTING:
        line = shifting.sub(instead, line)
    return line


class Copy:
    """Case and cassette, as text and as lines; `prove` writes them down, sealed, and proves the case."""

    def __init__(self, root: Path, case_id: str, name: str = "fixed", row: str = "") -> None:
        self.root, self.case_id, self.name, self.row = root, case_id, name, row
        self.path = root / next((REPO / "cases").glob(f"{case_id}-*.yaml")).name
        self.text = (REPO / "cases" / self.path.name).read_text()
        self.lines = self.of(case_id, name, row)
        self.damage: Callable[[bytes], bytes | None] | None = None

    @property
    def header(self) -> Message:
        """The cassette's first line."""
        return self.lines[0]

    @staticmethod
    def of(case_id: str, name: str, row: str = "") -> list[Message]:
        """The lines of a recorded cassette, without its seal."""
        text = cassette_path(REPO / "cassettes", case_id, name, row).read_text()
        return [json.loads(line) for line in text.splitlines()[:-1]]

    def case(self, old: str, new: str) -> None:
        """Replace a text of the case that stands in it once or more: the first."""
        assert old in self.text, f"{self.case_id} no longer says {old!r}"
        self.text = self.text.replace(old, new, 1)

    def check(self, *said: str) -> None:
        """Put a check in place of those of the case; the symptom's are kept out of the way by `step`."""
        before, _, after = self.text.partition("\nsymptom:")
        head, _, last = before.partition("\nfinally:")
        head = head.partition("\nchecks:")[0]
        body = "\n".join(("checks:", "  - id: canary", *(f"    {line}" for line in said)))
        ending = f"\nfinally:{last}" if last else ""
        step = re.findall(r"\n  - id: ([a-z-]+)", head.partition("\nsteps:")[2])[-1]
        assert after, "a case has a symptom"
        self.text = f"{head}\n{body}\n{ending}\nsymptom:\n  step: {step}\n  shows: {{status: 599}}\n"

    def events(self, kind: str, on: str, step: str = "", actor: str = "") -> list[Message]:
        """The events of a kind on a channel, of one step or actor if named."""
        found = [
            each
            for each in self.lines[1:]
            if (each["kind"], each["on"]) == (kind, on)
            and step in ("", each.get("step"))
            and actor in ("", each.get("as"))
        ]
        assert found, f"{self.case_id} has no {kind} on {on} {step}"
        return found

    def frames(self, on: str, actor: str = "", **said: Any) -> Iterator[tuple[Message, Message]]:
        """Every pushed frame that is one JSON message which says this, with the message."""
        for event in self.events("push", on, actor=actor):
            text = event["data"]["wire"]["text"]
            message = json.loads(text) if text.startswith(("{", "[")) else None
            message = message[0] if isinstance(message, list) and message else message
            if isinstance(message, dict) and all(message.get(name) == each for name, each in said.items()):
                yield event, message

    def frame(self, on: str, actor: str = "", **said: Any) -> tuple[Message, Message]:
        """The first of `frames`."""
        found = next(self.frames(on, actor, **said), None)
        assert found is not None, f"{self.case_id} has no such frame on {on}: {said}"
        return found

    def say(self, event: Message, message: Message) -> None:
        """Let a frame say this instead."""
        event["data"]["wire"]["text"] = json.dumps(message, separators=(",", ":"))

    def body(self, event: Message) -> Any:
        """The JSON of a REST answer."""
        return json.loads(event["data"]["wire"]["body"])

    def answer(self, event: Message, body: Any) -> None:
        """Let a REST answer say this instead."""
        event["data"]["wire"]["body"] = json.dumps(body, separators=(",", ":"))

    def fix(self, on: str, msg_type: str, *more: str) -> Message:
        """The first pushed FIX message of a type that holds these fields, such as `150=0`."""
        for event in self.events("push", on):
            raw = event["data"]["wire"]["raw"]
            if f"|35={msg_type}|" in raw and all(f"|{each}|" in raw for each in more):
                return event
        raise AssertionError(f"{self.case_id} has no FIX message {msg_type} {more} on {on}")

    def field(self, event: Message, tag: int, value: str | None) -> None:
        """Let a FIX message hold another value, or not hold the field; its 9 and 10 are made right again."""
        raw: str = event["data"]["wire"]["raw"]
        new = "|" if value is None else f"|{tag}={value}|"
        raw, count = re.subn(rf"\|{tag}=[^|]*\|", new, raw, count=1)
        assert count == 1, f"no field {tag}"
        body = re.sub(r"^(8=[^|]*)\|9=[0-9]+\|(.*)\|10=[0-9]{3}\|$", r"\2|", raw)
        start = f"{raw.partition('|')[0]}|9={len(body)}|{body}"
        total = sum(start.replace("|", "\x01").encode()) % 256
        event["data"]["wire"]["raw"] = f"{start}10={total:03d}|"

    def drop(self, *events: Message) -> None:
        """Take events out of the timeline."""
        self.lines = [each for each in self.lines if not any(each is event for event in events)]

    def again(self, event: Message, later_us: int = 1) -> Message:
        """Put the same event in once more, so much later."""
        copied = copy.deepcopy(event)
        copied["at_us"] += later_us
        self.lines.append(copied)
        return copied

    def shorten(self, check: str, old: str, cause: str) -> None:
        """Let a check's window, `old` until now, end with the last answer that was recorded for it.

        A shorter window may change freely; one that reaches beyond the recording is invalid, and says so.
        """
        start = next(e["at_us"] for e in self.lines[1:] if (e["kind"], e.get("step")) == ("step", cause))
        lane = f"check:{check}"
        answers = [e for e in self.lines[1:] if e["kind"] == "answer" and e.get("step") == lane]
        last = min({each["on"]: each["at_us"] for each in answers}.values())
        head, _, tail = self.text.partition(f"  - id: {check}")
        assert old in tail, f"{check} no longer says {old!r}"
        self.text = f"{head}  - id: {check}{tail.replace(old, f'within: {(last - start) / 1e6:.6f}s', 1)}"

    def swap(self, one: Message, other: Message) -> None:
        """Let two events say what the other said."""
        one["data"], other["data"] = other["data"], one["data"]

    def file(self) -> Path:
        """Where the cassette of this copy stands."""
        return cassette_path(self.root / "cassettes", self.case_id, self.name, self.row)

    def prove(self) -> tuple[str, str]:
        """Write case and cassette, sealed by the harness itself, and prove: the word, and why in a line."""
        self.path.write_text(self.text)
        path = self.file()
        path.parent.mkdir(parents=True)
        header, *events = self.lines
        events.sort(key=lambda each: each["at_us"])
        numbered = [header, *({**each, "n": number} for number, each in enumerate(events))]
        lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in numbered)
        path.write_text("".join(f"{line}\n" for line in lines))
        reseal_edited(path, "2026-11-22T00:00:00Z")
        if self.damage is not None:
            damaged = self.damage(path.read_bytes())
            path.unlink()
            if damaged is not None:
                path.write_bytes(damaged)
        case = read_case(self.path, self.path.name)
        row = next((each for each in case.rows if each.name == self.row), None)
        judgement = prove(case, self.name, self.root / "cassettes", row=row).judgement
        why, finding = judgement.why.replace(f"{self.root}/", ""), judgement.finding
        if finding is not None and "\n" in finding.text:
            why += "\n" + finding.text.partition("\n")[2]
        elif finding is not None and finding.differences and why.endswith("differs"):
            why += f"\n{finding.differences[0]}"
        return str(judgement.word), steady(why)
