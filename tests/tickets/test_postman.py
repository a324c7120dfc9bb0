"""Postman collections of version 2.1."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.errors import EvidenceError
from harness.evidence.ticket import postman
from harness.evidence.ticket.clues import Reading
from harness.model import Kind

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def text_of(*items: Any, schema: str = SCHEMA) -> str:
    """A collection of these items, with one variable."""
    variables = [{"key": "host", "value": "https://clob.example.com"}]
    return json.dumps({"info": {"name": "c", "schema": schema}, "item": list(items), "variable": variables})


def read(*items: Any) -> Reading:
    """What is read of a collection of these items."""
    return postman.read(text_of(*items), "c.json")


def item(**request: Any) -> dict[str, Any]:
    """An item whose request is a POST of JSON."""
    body = {"mode": "raw", "raw": '{"price":0.10}'}
    return {"name": "place", "request": {"method": "POST", "url": "{{host}}/order", "body": body, **request}}


def test_a_request_with_its_saved_answers() -> None:
    """Each answer that was saved is an exchange, with the request that it was saved for."""
    saved = {"code": 400, "header": [{"key": "X-A", "value": "1"}], "body": '{"error":"no"}'}
    one = {**item(), "response": [saved, {**saved, "code": 200}]}
    found = read(one)
    assert [clue.kind for clue in found.clues] == [Kind.SEND, Kind.ANSWER] * 2
    assert found.clues[0].data["wire"]["base"] == "https://clob.example.com"
    assert found.clues[0].data["wire"]["body"] == '{"price":0.10}'
    assert [found.clues[at].data["wire"]["status"] for at in (1, 3)] == [400, 200]


def test_folders_and_scripts() -> None:
    """Folders are opened; a script is not run, and that is told."""
    inner = {**item(), "event": [{"listen": "prerequest", "script": {"exec": ["pm.environment.set()"]}}]}
    found = read({"name": "orders", "item": [inner]})
    assert len(found.clues) == 1
    assert [each.what for each in found.unread] == ["prerequest script of 'orders/place'"]


def test_variables_without_a_value() -> None:
    """A variable that only an environment has stays as it is written, and is told."""
    found = read(item(url="{{host}}/data/order/{{order_id}}"))
    assert found.clues[0].data["wire"]["target"] == "/data/order/{{order_id}}"
    assert [each.what for each in found.unread] == ["{{order_id}} in 'place'"]


def auth(kind: str, **values: str) -> dict[str, Any]:
    """An item's own authorisation, as Postman writes it."""
    return {"type": kind, kind: [{"key": key, "value": value} for key, value in values.items()]}


@pytest.mark.parametrize(
    ("said", "header"),
    [
        (auth("bearer", token="t"), {"Authorization": "Bearer t"}),
        (auth("basic", username="a", password="b"), {"Authorization": "Basic YTpi"}),
        (auth("apikey", key="X", value="v"), {"X": "v"}),
        (auth("noauth"), {}),
    ],
)
def test_authorisation(said: dict[str, Any], header: dict[str, str]) -> None:
    """A request's own authorisation is the header that Postman makes of it."""
    assert read(item(auth=said)).clues[0].data["wire"]["headers"] == header


@pytest.mark.parametrize(
    ("body", "sent", "untold"),
    [
        ({"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "b c"}]}, "a=b+c", 0),
        ({"mode": "formdata", "formdata": []}, None, 1),
        ({"mode": "graphql", "graphql": {}}, None, 1),
        ({"mode": "raw", "raw": "x", "disabled": True}, None, 0),
    ],
)
def test_bodies(body: dict[str, Any], sent: str | None, untold: int) -> None:
    """A body is read where its bytes are known, and else told of."""
    found = read(item(body=body))
    assert found.clues[0].data["wire"].get("body") == sent
    assert len(found.unread) == untold


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (text_of(item(), schema=SCHEMA.replace("v2.1.0", "v2.0.0")), "its version is v2.0.0"),
        (text_of(), "holds no request"),
        (text_of(item())[:-4], "cannot be read"),
    ],
)
def test_refused(text: str, told: str) -> None:
    """Another version, an empty collection and a damaged one are refused, each with its reason."""
    with pytest.raises(EvidenceError, match="I030") as refused:
        postman.read(text, "c.json")
    assert told in refused.value.text
