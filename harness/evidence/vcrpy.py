"""vcrpy on our cassettes: it replays the HTTP part of any, and records into evidence, redacted and sealed.

import vcr
from harness.evidence.vcrpy import register

tape = vcr.VCR()
register(tape, base_url="https://clob.example.com")
with tape.use_cassette("cassettes/ESC-1118/broken.jsonl"):
    ...  # requests, httpx, aiohttp: answered from the cassette, nothing else goes out
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import vcr
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.record_mode import RecordMode
from vcr.serialize import deserialize, serialize

from harness import exactjson
from harness.clock import RunClock, iso_utc
from harness.errors import CassetteDamaged
from harness.evidence.exchanges import answered, timeless
from harness.evidence.imported import BY
from harness.evidence.interactions import VERSION, as_interactions, exchanges_of
from harness.evidence.keeping import Clean, evidence_bytes, evidence_header, refuse_to_replace
from harness.evidence.recorded import Recorded
from harness.files import read_whole, write_atomically
from harness.lines import parse
from harness.redact import alike
from harness.seal import unsealed

NAME: Final = "harness"
"""The serializer's name, and the matcher's."""
BODY: Final = "harness_body"
_UNNAMED: Final = Path("cassette")


def register(
    recorder: vcr.VCR,
    base_url: str | Mapping[str, str] = "",
    *,
    secrets: Mapping[str, str] | None = None,
) -> None:
    """Make a `vcr.VCR` read and write our cassettes, and nothing live unless it is asked to record.

    `base_url` is put before the paths of a cassette, which hold no host (a mapping where a cassette speaks to
    several: channel to URL, "" for all others; evidence knows its hosts). `secrets` are values by label, for
    what is recorded. Sets serializer, persister, `match_on` (method and URL, where a placeholder matches any
    text as long; add "harness_body" to compare bodies too) and record mode `none`.
    """
    bases = {"": base_url} if isinstance(base_url, str) else dict(base_url)
    recorder.register_serializer(NAME, Serializer(bases, secrets))
    recorder.register_matcher(NAME, same_request)
    recorder.register_matcher(BODY, same_body)
    recorder.register_persister(Persister)
    recorder.serializer = NAME
    recorder.match_on = (NAME,)
    recorder.record_mode = RecordMode.NONE


class Serializer:
    """A cassette of ours as the dictionary that vcrpy makes its requests and responses of, and back."""

    def __init__(
        self,
        bases: Mapping[str, str],
        secrets: Mapping[str, str] | None = None,
        path: Path = _UNNAMED,
    ) -> None:
        self._bases = bases
        self._secrets = secrets
        self._path = path

    def at(self, path: Path) -> Serializer:
        """The same, for the file that its errors name."""
        return Serializer(self._bases, self._secrets, path)

    def deserialize(self, text: str) -> dict[str, Any]:
        """The HTTP exchanges of a cassette. Raises CassetteDamaged K002, K005, K006, EvidenceError I010.

        Left out is what no HTTP client can be given: frames, FIX, JSON-RPC, answers that were lost.
        """
        content = unsealed(text.encode(), str(self._path))
        exchanges = answered(parse(content, str(self._path)).events)
        return {"version": VERSION, "interactions": as_interactions(exchanges, self._bases)}

    def serialize(self, cassette: Mapping[str, Any]) -> str:
        """What vcrpy recorded as sealed evidence without secrets; all at 0, because vcrpy keeps no times.

        Raises LeakError R001.
        """
        not_read: list[str] = []
        exchanges = list(exchanges_of(Recorded(dict(cassette)), str(self._path), not_read))
        now_us = RunClock().started_wall_us
        about = {"times": "order only", "not_read": not_read}
        header = evidence_header(self._path, BY, iso_utc(now_us), now_us, **about)
        return evidence_bytes(self._path, header, timeless(exchanges), Clean(self._secrets)).decode()


class Persister:
    """Files for vcrpy: whole or not at all, and a damaged one is never taken for a missing one."""

    @staticmethod
    def load_cassette(cassette_path: Any, serializer: Any) -> Any:
        """Read a cassette. Raises vcrpy's CassetteNotFoundError only where there is none; CassetteDamaged
        (K002 for an empty file too), EvidenceError, FileError.
        """
        path = Path(cassette_path)
        try:
            data = read_whole(path)
        except FileNotFoundError:
            raise CassetteNotFoundError from None
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise CassetteDamaged(
                "K002", f"{path}: it is not UTF-8: it was changed. git checkout it"
            ) from None
        if isinstance(serializer, Serializer):
            serializer = serializer.at(path)
        elif not text.strip():
            raise CassetteDamaged("K002", f"{path}: it is empty. git checkout it, or remove it")
        return deserialize(text, serializer)

    @staticmethod
    def save_cassette(cassette_path: Any, cassette_dict: Any, serializer: Any) -> None:
        """Write a cassette whole. Raises EvidenceError I011 where one of ours stands there: it is never
        written over; LeakError, FileError.
        """
        path = Path(cassette_path)
        ours = isinstance(serializer, Serializer)
        if ours:
            refuse_to_replace(path)
            serializer = serializer.at(path)
        write_atomically(path, serialize(cassette_dict, serializer).encode(), private=ours)


def same_request(asked: Any, recorded: Any) -> None:
    """A matcher: method, scheme, host, port, path and query; a placeholder is like any text as long.

    JSON-RPC has one URL for everything: there the calls are compared too, without their ids.
    """
    _must(asked.method == recorded.method, f"{asked.method} is not {recorded.method}")
    one, other = urlsplit(asked.uri), urlsplit(recorded.uri)
    hosts = [(each.scheme, each.host, each.port) for each in (asked, recorded)]
    _must(hosts[0] == hosts[1], f"{one.scheme}://{one.netloc} is not {other.scheme}://{other.netloc}")
    _must(alike(other.path or "/", one.path or "/"), f"{one.path} is not {other.path}")
    _must(_alike_pairs(_pairs(other.query), _pairs(one.query)), f"?{one.query} is not ?{other.query}")
    calls, recorded_calls = _calls(asked.body), _calls(recorded.body)
    _must(alike(recorded_calls, calls), f"{str(calls)[:160]} is not {str(recorded_calls)[:160]}")


def same_body(asked: Any, recorded: Any) -> None:
    """A matcher: bodies equal as JSON values where they are JSON, else as bytes; placeholders as above."""
    one, other = _value(asked.body), _value(recorded.body)
    _must(alike(other, one), f"the body {str(one)[:160]} is not {str(other)[:160]}")


def _must(holds: bool, otherwise: str) -> None:
    """A matcher of vcrpy says no by raising AssertionError with its reason."""
    if not holds:
        raise AssertionError(otherwise)


def _pairs(query: str) -> list[list[str]]:
    return [list(pair) for pair in parse_qsl(query, keep_blank_values=True)]


def _alike_pairs(recorded: list[list[str]], asked: list[list[str]]) -> bool:
    """Whether the parameters are the same, in any order: each recorded one takes one that is like it."""
    if len(recorded) != len(asked):
        return False
    left = list(asked)
    for pair in sorted(recorded, key=lambda pair: "«" in pair[1]):  # what is hidden takes what is left
        found = next((each for each in left if alike(pair, each)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _calls(body: Any) -> list[Any] | None:
    """Method and parameters of each call of a JSON-RPC body, None of any other body."""
    if not body or (b"jsonrpc" if isinstance(body, bytes | bytearray) else "jsonrpc") not in body:
        return None
    value = _value(body)
    calls = value if isinstance(value, list) else [value]
    if not all(isinstance(call, dict) and "jsonrpc" in call for call in calls):
        return None
    return [[call.get("method"), call.get("params")] for call in calls]


def _value(body: Any) -> Any:
    text = body.decode("utf-8", "backslashreplace") if isinstance(body, bytes | bytearray) else body or ""
    try:
        return exactjson.loads(text)
    except (ValueError, TypeError):
        return text if isinstance(text, str) else str(text)
