"""Evidence on the disk: redacted before it gets there, sealed like a cassette, never written over.

`Clean` is the one place where evidence is redacted: everything that becomes evidence goes through it. It has
two passes, because what is learnt from a late message is taken out of the early ones too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from harness import exactjson
from harness.cassette import Cassette, Header, journal_path, salvage
from harness.errors import CassetteMissing, EvidenceError
from harness.files import Journal, remove, write_atomically
from harness.identities import Identities
from harness.model import Event
from harness.pseudonyms import learn, pseudonymised, renamed
from harness.redact import MIN_SECRET_CHARS, LeakError, Redactor
from harness.redact.placeholder import is_placeholder
from harness.redact.places import is_secret_field, is_secret_name
from harness.redacting import redacted_event
from harness.seal import EVIDENCE, event_line, header_line
from harness.sealing import redacted_header, sealed_clean

_LEARNED_CHARS: Final = 12
"""What stood in a secret's place is looked for elsewhere if it is as long: shorter ones are words."""
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.:#-]")
_PLACEHOLDER: Final = re.compile(r"«([A-Za-z0-9_.:#-]+?)(?:~[0-9a-z]+)?·*»")


class Clean:
    """Redacts one file of evidence: its secrets, and who is named in it.

    What stands in a secret's place in one message is looked for in all others too.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        """`secrets`: values by label. Raises ValueError (the caller's fault) for one that is too short."""
        self.redactor = Redactor()
        self._at_once = Identities()  # a map of its own: one that replaces before all is learnt may err
        for label, value in (secrets or {}).items():
            self.redactor.register(label, value)

    def event(self, event: Event) -> Event:
        """The event without secrets, but with the names in it; what it teaches is known from here on."""
        self.learn(event)
        return redacted_event(event, self.redactor)

    def at_once(self, event: Event) -> Event:
        """An event of `event` as a journal may hold it: nobody is named, as far as is known by now."""
        learn({}, [event], self._at_once)
        return renamed([event], self._at_once)[0]

    def whole(
        self, path: Path, header: Header, events: Sequence[Event], identities: Identities | None = None
    ) -> tuple[bytes, Cassette]:
        """The sealed bytes of all events of `event`, and the cassette as it will be read.

        `identities` is the map to replace by, where something beside it must say the same. A body that still
        names somebody, in an encoding in which nobody can be replaced, is left out and told of. Raises
        LeakError R001 or R020 where something else does.
        """
        again = [redacted_event(event, self.redactor) for event in events]
        identities = Identities() if identities is None else identities
        header, mapped = pseudonymised(redacted_header(header, self.redactor), again, identities)
        lines = [event_line(event) for event in mapped]
        for number in {hit.line - 1 for hit in identities.find(b"".join(lines).decode())}:
            lines[number] = event_line(_without_body(mapped[number]))
        return sealed_clean(path, header, lines, self.redactor, identities)

    def learn(self, event: Event) -> None:
        """Register the secrets that an event shows by their place: credentials in headers and fields."""
        wire = event.data.get("wire")
        for name, value in _in_secret_places(wire) if isinstance(wire, Mapping) else ():
            if len(value.strip()) >= max(_LEARNED_CHARS, MIN_SECRET_CHARS) and not is_placeholder(value):
                self.redactor.register(_UNFIT.sub("_", name)[:64].lstrip("_.:#-") or "secret", value)


class EvidenceRecorder:
    """A timeline's listener that journals evidence event by event, redacted, and seals it at the end.

    The sealed file is made of what was seen, not of the journal: there the names are replaced by a map that
    had not seen everything yet. The journal is for a capture that is killed.
    """

    def __init__(self, path: Path, header: Header, clean: Clean) -> None:
        """Raises EvidenceError I011 or I012 where evidence stands there already, FileError."""
        refuse_to_replace(path)
        self._path = path
        self._header = header
        self._clean = clean
        self._events: list[Event] = []
        self._journal = Journal(journal_path(path))
        self._journal.append(header_line(redacted_header(header, clean.redactor)))

    def __call__(self, event: Event) -> None:
        """Keep one event, durably; raises FileError where the disk refuses it. One thread at a time."""
        event = self._clean.event(event)
        self._journal.append(event_line(self._clean.at_once(event)))
        self._events.append(event)

    def seal(self, inputs: Mapping[str, Any]) -> Cassette:
        """Write the evidence, with what is known of it at the end, and return it as it will be read.

        Raises LeakError R001 or R020: the recording is then destroyed. FileError: the journal stays.
        """
        try:
            header = replace(self._header, inputs=inputs)
            data, cassette = self._clean.whole(self._path, header, self._events)
        except LeakError:
            self._journal.discard()
            raise
        write_atomically(self._path, data, private=True)
        self._journal.discard()
        return cassette

    def close(self) -> None:
        """End without a decision: the journal stays."""
        self._journal.close()

    def discard(self) -> None:
        """End and forget what was kept."""
        self._journal.discard()


def evidence_header(path: Path, by: str, recorded_at: str, started_wall_us: int, **about: Any) -> Header:
    """The header of evidence: named by its file, made by `by`, with what is known about it."""
    return Header(
        case=path.stem or EVIDENCE,
        name=EVIDENCE,
        origin=EVIDENCE,
        target=by,
        recorded_at=recorded_at,
        started_wall_us=started_wall_us,
        seed=0,
        inputs={EVIDENCE: about},
    )


def evidence_bytes(path: Path, header: Header, events: Iterable[Event], clean: Clean) -> bytes:
    """Events as a sealed evidence file. Raises LeakError R001 or R020 where something is left in it."""
    return clean.whole(path, header, [clean.event(event) for event in events])[0]


def write_evidence(path: Path, header: Header, events: Iterable[Event], clean: Clean) -> None:
    """Seal events as an evidence file of its own. Raises EvidenceError I011 or I012, LeakError, FileError."""
    refuse_to_replace(path)
    write_atomically(path, evidence_bytes(path, header, events, clean), private=True)


def refuse_to_replace(path: Path) -> None:
    """Evidence is never written over. Raises EvidenceError I011 (there is some), I012 (unfinished)."""
    if path.exists():
        raise EvidenceError("I011", f"{path} stands there already: move it away, or name another file")
    journal = journal_path(path)
    if journal.exists():
        text = f"{journal} is an unfinished capture: if it is not running any more, keep what it holds with "
        raise EvidenceError("I012", f"{text}harness capture --unfinished {path}, or remove it")


def finish(path: Path) -> Cassette:
    """Seal what a killed capture left in its journal; the journal is then gone.

    Raises EvidenceError I011 (there is evidence of that name), I013 (nothing was left), CassetteDamaged,
    LeakError, FileError.
    """
    if path.exists():
        raise EvidenceError("I011", f"{path} stands there already: move it away first")
    try:
        left = salvage(path)
    except CassetteMissing:
        raise EvidenceError("I013", f"{path}: no unfinished capture is beside it") from None
    about = {**left.header.inputs.get(EVIDENCE, {}), "ended": "unknown: the capture was killed"}
    lines = [event_line(event) for event in left.events]
    counted: dict[str, int] = {}
    for label in _PLACEHOLDER.findall(b"".join(lines).decode()):
        counted[label] = counted.get(label, 0) + 1
    header = replace(left.header, inputs={**left.header.inputs, EVIDENCE: about})
    data, cassette = sealed_clean(path, header, lines, Redactor())
    write_atomically(path, data, private=True)
    remove(journal_path(path))
    return cassette


def _without_body(event: Event) -> Event:
    """The event without its body, in which somebody is still named."""
    wire = event.data.get("wire")
    if not isinstance(wire, Mapping):
        return event
    kept = {key: value for key, value in wire.items() if key not in ("body", "body_base64")}
    omitted = {"body_omitted": "somebody is named in it, in an encoding in which nobody can be replaced"}
    return replace(event, data={**event.data, "wire": {**kept, **omitted}})


def _in_secret_places(wire: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in (wire.get("headers") or {}).items():
        if is_secret_name(name):
            yield from _in_header(name, str(value))
    text = wire.get("body", "")
    if text[:1] in ("{", "["):
        try:
            yield from _in_json("", exactjson.loads(text))
        except ValueError:
            return


def _in_header(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The value of a secret header whole, the token behind its scheme, and each cookie's value."""
    yield name, value
    scheme, blank, token = value.partition(" ")
    if blank and scheme.isalpha():
        yield name, token
    if "cookie" in name.lower():
        for cookie in value.split(";"):
            yield name, cookie.partition("=")[2].strip()


def _in_json(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if name and is_secret_field(name, value):
            yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _in_json(key, item)
    elif isinstance(value, list):
        for item in value:
            yield from _in_json(name, item)
