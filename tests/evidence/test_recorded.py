"""vcrpy's cassettes as text: what its serializers write is read, what is hostile is refused while parsing."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_strictyaml_hostile import HOSTILE
from vcr.serializers import jsonserializer, yamlserializer

from harness import limits
from harness.errors import EvidenceError
from harness.evidence.interactions import exchanges_of
from harness.evidence.recorded import read_recorded


def tried(text: str | bytes) -> str:
    """The code that a text is refused with, or nothing; anything else that is raised is a bug."""
    try:
        list(exchanges_of(read_recorded(_bytes(text), "c"), "c", []))
    except EvidenceError as error:
        return error.code
    return ""


CODES = ("I001", "I002", "I003")


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


def interaction(body: str = "''", headers: str = "{}", more: str = "") -> str:
    """A cassette of one interaction; its request's body and headers are YAML."""
    return (
        "version: 1\ninteractions:\n"
        f"- request:\n    method: GET\n    uri: http://h/\n    headers: {headers}\n    body: {body}\n"
        "  response:\n    status: {code: 200, message: OK}\n    headers: {}\n    body: {string: ''}\n"
        f"{more}"
    )


PLACES: dict[str, Callable[[str], str]] = {
    "the whole file": lambda text: text,
    "a body": lambda text: interaction(body=text),
    "the headers": lambda text: interaction(headers=text),
    "the metadata": lambda text: interaction(more=f"metadata: {text}"),
    "the interactions": lambda text: f"version: 1\ninteractions: {text}",
    "an interaction": lambda text: f"interactions:\n- {text}",
}
BLOCKS = ("nested by indentation", "alias bomb", "many directives", "many documents")
MORE = {
    "aliases of a long text": "{a: &a " + "x" * 60_000 + ", b: [" + "*a, " * 1_900 + "]}",
    "aliases of aliases": "[&a [x, x], "
    + ", ".join(
        f"&{new} [*{old}, *{old}]" for old, new in zip("abcdefghijklmnopq", "bcdefghijklmnopqr", strict=True)
    )
    + "]",
    "aliases deeper and deeper": "[&a0 [x], " + ", ".join(f"&a{n + 1} [*a{n}]" for n in range(200)) + "]",
    "an alias of itself": "&a [*a]",
    "a merge key": "{a: &a {b: c}, <<: *a}",
    "an object": "!!python/object/apply:os.system ['true']",
    "a name": "!!python/name:os.system",
    "a module": "!!python/module:os",
    "a tag of nobody": "!cat tom",
    "a binary that is none": "!!binary 'no base64 at all!'",
    "a key twice": "{a: 1, a: 2}",
    "keys that are lists": "{[a]: b}",
    "no UTF-8 in quotes": '"\\ud800"',
    "a NUL": "a\0b",
    "bytes of a file that are an object": "!!python/object/new:_io.BytesIO {state: !!python/name:os.system}",
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", [*HOSTILE, *MORE])
def test_a_hostile_cassette_is_refused_in_little_memory(name: str, place: str) -> None:
    """Wherever something hostile stands in a cassette, it is refused or only text, under 20 MiB."""
    text = PLACES[place]({**HOSTILE, **MORE}[name])
    tracemalloc.start()
    try:
        code = tried(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert code in ("", *CODES)  # a long text is a body like any other
    assert peak < 20 * 1024 * 1024


@pytest.mark.parametrize("name", [*MORE, "deep", "python tag"])
def test_what_is_never_right_is_refused_in_a_body(name: str) -> None:
    """Tags, merge keys, bombs and doubled keys are no body: the file is refused, with the place."""
    text = {**MORE, "deep": "[" * 100_000, "python tag": HOSTILE["python tag"]}[name]

    assert tried(interaction(body=text)) in ("I002", "I003")


def test_the_limits_are_real() -> None:
    """At each limit of a recording it is read; one more is refused, and the refusal names the limit."""
    depth = limits.RECORDED_DEPTH - 4  # root, interactions, interaction, request
    assert read_recorded(interaction(body="[" * depth + "]" * depth).encode(), "c")
    assert tried(interaction(body="[" * (depth + 1) + "]" * (depth + 1))) == "I002"

    used = 25  # the values of `interaction` beside its body
    items = limits.RECORDED_PART_NODES - used
    assert read_recorded(interaction(body="[" + "a," * items + "]").encode(), "c")
    assert tried(interaction(body="[" + "a," * (items + 1) + "]")) == "I002"


def test_a_file_over_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text one byte too long is refused by its size, and too many values in all by their number."""
    text = interaction().encode()
    monkeypatch.setattr(limits, "RECORDED_TEXT_BYTES", len(text))
    assert read_recorded(text, "c")
    assert tried(text + b"\n") == "I002"

    monkeypatch.setattr(limits, "RECORDED_TEXT_BYTES", 10_000)
    monkeypatch.setattr(limits, "RECORDED_NODES", 30)
    assert read_recorded(text, "c")
    monkeypatch.setattr(limits, "RECORDED_NODES", 29)
    assert tried(text) == "I002"
    assert tried(b'{"interactions": [' + b"[],".join([b""] * 40) + b"[]]}") == "I002"


def test_aliases_count_as_what_they_stand_for() -> None:
    """PyYAML writes an object that stands twice as an alias: it is read, and bombs of them are not."""
    same = {"Accept": ["*/*"]}
    request = {"method": "GET", "uri": "http://h/", "body": None, "headers": same}
    response = {"status": {"code": 200, "message": "OK"}, "headers": same, "body": {"string": "x"}}
    text = yamlserializer.serialize(
        {"version": 1, "interactions": [{"request": request, "response": response}]}
    )
    assert "*id001" in text

    (sent, came), *_ = exchanges_of(read_recorded(text.encode(), "c"), "c", [])
    assert sent["wire"]["headers"] == {"Accept": "*/*"}
    assert came["wire"]["headers"] == {"accept": "*/*"}


TEXTS = ["", "said", "NO", "12:30:45", "0.10", "null", "~", "true", "1e3", "<<", "*a", "a: b"]
BODIES: list[Any] = [*TEXTS, "naïve ☃ 𝄞", " x\n\ty ", b"\x00\xff\xfe", b"bytes", None]


WRITTEN = [(yamlserializer, body) for body in BODIES]
WRITTEN += [(jsonserializer, body) for body in BODIES if not isinstance(body, bytes)]  # bytes it refuses


@pytest.mark.parametrize(
    ("serializer", "body"), WRITTEN, ids=lambda each: getattr(each, "__name__", repr(each))
)
def test_bodies_come_through_both_serializers(serializer: Any, body: Any) -> None:
    """What vcrpy's own serializers write of a body is read as that body, byte for byte."""
    request = {"method": "POST", "uri": "http://h/x", "body": body, "headers": {"A": ["b"]}}
    response = {"status": {"code": 201, "message": ""}, "headers": {}, "body": {"string": body}}
    text = serializer.serialize({"version": 1, "interactions": [{"request": request, "response": response}]})

    (sent, came), *_ = exchanges_of(read_recorded(text.encode(), "c"), "c", [])

    kept = body if isinstance(body, str) else (body or b"").decode("latin-1")
    for wire in (sent["wire"], came["wire"]):
        assert wire.get("body_base64", wire.get("body", "")) == ("AP/+" if body == b"\x00\xff\xfe" else kept)


def test_files_and_iterators_are_their_content() -> None:
    """An opened file and an iterator, which vcrpy writes as Python objects, are the bytes that they gave."""
    for body in (BytesIO(b"file"), iter([b"fi", b"le"])):
        request = {"method": "POST", "uri": "http://h/x", "body": body, "headers": {}}
        response = {"status": {"code": 201, "message": ""}, "headers": {}, "body": {"string": ""}}
        text = yamlserializer.serialize({"interactions": [{"request": request, "response": response}]})
        assert "!!python/object" in text

        (sent, _), *_ = exchanges_of(read_recorded(text.encode(), "c"), "c", [])
        assert sent["wire"]["body"] == "file"


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes raise anything but an EvidenceError."""
    assert tried(data) in ("", *CODES)


WORDS = "version: 1\n|interactions:\n|- |  |request: |response: |{}|[]|&a |*a|\n|? |!!binary |!x |method: GET"
SIGNS = "uri: 'http://[x'|: |<<: |'|\"|{code: 200}|#|%"
PIECES = st.sampled_from([*WORDS.split("|"), *SIGNS.split("|"), "|\n"])


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_pieces_of_a_cassette_are_read_or_refused(text: str) -> None:
    """Nor does anything that looks like one."""
    assert tried(text) in ("", *CODES)
