"""A header's value is denied unless its name is on the allow-list."""

from __future__ import annotations

from typing import Any

import pytest

from harness.redact import Redactor

from .samples import knowing


def test_header_values_are_denied_by_default() -> None:
    """Only headers on the allow-list keep their values; cased and separated as they like."""
    headers = {
        "Content-Type": "application/json",
        "RateLimit-Remaining": "12",
        "retry_after": "3",
        "X-Surprise": "something",
        "Cookie": "session=1234567",
        "POLY_SIGNATURE": "c2lnbmF0dXJl",
        "POLY_ADDRESS": "0x2791bca1f2de4661ed88a30c99a7a9449aa84174",
        "Authorization": "",
    }
    clean = Redactor().redact_headers(headers)
    assert list(clean) == list(headers)
    kept = {name for name in headers if clean[name] == headers[name]}
    assert kept == {"Content-Type", "RateLimit-Remaining", "retry_after", "POLY_ADDRESS", "Authorization"}
    assert clean["X-Surprise"] == "«dropped»"
    assert clean["Cookie"] == "«dropped······»"
    assert Redactor(allow_headers=["x_surprise"]).redact_headers(headers)["X-Surprise"] == "something"


def test_an_allowed_header_is_still_searched() -> None:
    """A registered secret inside an allowed header is replaced."""
    assert knowing(a="hunter22").redact_headers({"User-Agent": "me hunter22"}) == {
        "User-Agent": "me «a·····»"
    }


@pytest.mark.parametrize(
    ("headers", "clean"),
    [
        ({"X-A": "something"}, {"X-A": "«dropped»"}),
        ({"X-A": ["something", "something"]}, {"X-A": ["«dropped»", "«dropped»"]}),
        ([["X-A", "something"], ["Accept", "*/*"]], [["X-A", "«dropped»"], ["Accept", "*/*"]]),
        ([{"name": "X-A", "value": "something"}], [{"name": "X-A", "value": "«dropped»"}]),
        (["something"], ["«dropped»"]),
        ({"X-A": 7}, {"X-A": 7}),
    ],
)
def test_headers_in_an_event_are_headers(headers: Any, clean: Any) -> None:
    """A field `headers` is treated by the allow-list, as mapping, pairs or HAR entries."""
    assert Redactor().redact_json({"wire": {"Headers": headers}}) == {"wire": {"Headers": clean}}
    if isinstance(headers, list) and isinstance(headers[0], list):
        assert Redactor().redact_headers(headers) == clean
