"""`harness capture --from-vcr`: vcrpy's cassettes become evidence, and what was not understood is listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import vcr

from harness.cassette import read
from harness.errors import EvidenceError
from harness.evidence.imported import import_vcr
from harness.evidence.keeping import Clean
from harness.evidence.vcrpy import register
from harness.model import Kind

from .httpserver import Served
from .programs import ended, harness


def imported(folder: Path, interactions: list[Any], **top: Any) -> tuple[Any, list[str]]:
    """A cassette of these interactions as evidence, and what was not read of it."""
    (folder / "c.json").write_text(json.dumps({"version": 1, "interactions": interactions, **top}))
    _, not_read = import_vcr(folder / "c.json", folder / "evidence.jsonl", Clean())
    return read(folder / "evidence.jsonl"), not_read


def asked(**changed: Any) -> dict[str, Any]:
    return {"method": "GET", "uri": "http://h:8/a?b=c", "body": None, "headers": {"A": ["b"]}, **changed}


def told(**changed: Any) -> dict[str, Any]:
    return {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "x"}, **changed}


@pytest.mark.parametrize("serializer", ["yaml", "json"])
def test_a_real_cassette_comes_in_whole(serializer: str, served: Served, tmp_path: Path) -> None:
    """What vcrpy recorded is sealed, in order, without secrets, and can be replayed from there."""
    source, path = tmp_path / f"order.{serializer}", tmp_path / "evidence" / "order.jsonl"
    with vcr.VCR(serializer=serializer).use_cassette(source):
        for number in range(3):
            requests.post(f"{served.url}/poll", json={"n": number, "secret": "0123456789abcdef"}, timeout=5)
        requests.get(f"{served.url}/login", timeout=5)
    ran = ended(harness("capture", "--from-vcr", str(source), cwd=tmp_path), path)

    assert ran.code == 0, ran.err
    assert "4 exchanges; vcrpy keeps no times" in ran.err
    assert ran.urls == ["/poll"] * 3 + ["/login"]
    assert [event.at_us for event in ran.evidence.events] == [0] * 9
    assert ran.evidence.events[-1].kind is Kind.HORIZON
    assert ran.evidence.header.inputs["evidence"] == {
        "from": source.name,
        "times": "order only",
        "not_read": [],
    }
    for secret in ("0123456789abcdef", "c2VjcmV0IG9mIGxvZ2lu", "cookie-of-the-login"):
        assert secret not in ran.text
    tape = vcr.VCR()
    register(tape)
    with tape.use_cassette(path):
        for number in range(3):
            assert f'\\"n\\": {number}' in requests.post(f"{served.url}/poll", timeout=5).text
    shown = ended(harness("show", "--cassette", str(path), cwd=tmp_path), path)
    assert f"POST {served.url}/poll" in shown.out


def test_what_was_not_understood_is_listed(tmp_path: Path) -> None:
    """Keys and interactions that are not read are named one by one, in the answer and in the evidence."""
    evidence, not_read = imported(
        tmp_path,
        [
            {"request": asked(), "response": told(elapsed=1), "recorded_at": "now"},
            {"request": asked(uri=None), "response": told()},
            {"request": asked(body={"price": 0.10}), "response": told(status={"message": "?"})},
            {"request": asked(body={"price": 1}), "response": told(body={"string": "y", "encoding": "x"})},
        ],
        metadata={"uuid": 1},
    )

    assert not_read == [
        "the cassette's 'metadata'",
        "interaction 1: the response's 'elapsed'",
        "interaction 1: 'recorded_at'",
        "interaction 2, left out: its request has no method and uri",
        "interaction 3, left out: its response has no status code",
        "interaction 4: the request's body stands there as a value: written as JSON, not as the bytes sent",
        "interaction 4: the response body's 'encoding'",
    ]
    assert evidence.header.inputs["evidence"]["not_read"] == not_read
    assert [event.kind for event in evidence.events].count(Kind.SEND) == 2
    assert evidence.events[2].data["wire"]["body"] == '{"price":1}'


def test_old_forms_of_httpx_are_read(tmp_path: Path) -> None:
    """vcrpy before 6.0 wrote httpx's responses otherwise."""
    old = {"http_version": "HTTP/1.1", "status_code": 404, "headers": {"a": ["b"]}, "content": "gone"}
    evidence, not_read = imported(tmp_path, [{"request": asked(), "response": old}])

    assert not_read == []
    assert evidence.events[1].data["wire"] == {"status": 404, "headers": {"a": "·"}, "body": "gone"}


WRONG = {
    "nothing in it": ({"interactions": []}, "it holds no interaction"),
    "no interactions": ({"version": 1}, "no cassette of vcrpy"),
    "Ruby's": ({"http_interactions": []}, "Ruby's VCR"),
    "old": ([{"request": {}, "response": {}}], "before 1.0"),
    "newer": ({"version": 2, "interactions": []}, "version 2"),
    "no pairs": ({"interactions": [{"request": {}}]}, "a request and a response"),
    "nothing usable": ({"interactions": [{"request": {}, "response": {}}]}, "no method and uri"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_is_no_cassette_is_said(name: str, form: str, tmp_path: Path) -> None:
    """A file that is something else is refused with what it is, and leaves nothing behind."""
    import yaml

    value, text = WRONG[name]
    source = tmp_path / f"c.{form}"
    source.write_text(json.dumps(value) if form == "json" else yaml.safe_dump(value))
    path = tmp_path / "evidence.jsonl"

    with pytest.raises(EvidenceError, match=text) as caught:
        import_vcr(source, path, Clean())

    assert caught.value.code == "I001"
    assert str(source) in str(caught.value)
    assert list(tmp_path.iterdir()) == [source]


def test_an_import_never_writes_over_evidence(tmp_path: Path) -> None:
    """The name is taken: it is refused, and the file stays."""
    imported(tmp_path, [{"request": asked(), "response": told()}])
    before = (tmp_path / "evidence.jsonl").read_bytes()

    with pytest.raises(EvidenceError, match="I011"):
        imported(tmp_path, [{"request": asked(uri="http://h/other"), "response": told()}])

    assert (tmp_path / "evidence.jsonl").read_bytes() == before
