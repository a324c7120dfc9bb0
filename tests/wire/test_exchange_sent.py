"""HTTP requests as they are written: what everybody sends, lengths, targets, and what is never sent."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.exchange import NoRequestError, escaped, request_of


def test_what_everybody_sends() -> None:
    """Host, what is accepted, who asks and the length; a given header replaces ours, None leaves it out."""
    plain = request_of("post", "h:1", "/x", {"X-A": "1"}, b"{}")
    other = request_of("GET", "h", "/x", {"host": "elsewhere", "User-Agent": None, "accept": "text/html"})

    assert (plain.method, plain.headers) == (
        "POST",
        (
            ("Host", "h:1"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "gzip, deflate"),
            ("User-Agent", "escalation-harness"),
            ("X-A", "1"),
            ("Content-Length", "2"),
        ),
    )
    assert other.headers == (
        ("Accept-Encoding", "gzip, deflate"),
        ("host", "elsewhere"),
        ("accept", "text/html"),
    )


@pytest.mark.parametrize(
    ("method", "headers", "length"),
    [("POST", {}, "0"), ("GET", {}, None), ("PUT", {"content-length": "7"}, "7"), ("DELETE", {}, None)],
)
def test_lengths_that_are_sent(method: str, headers: dict[str, str | None], length: str | None) -> None:
    """A length is sent with every body, and without one where a body is usual; the case's own goes first."""
    sent = {name.lower(): value for name, value in request_of(method, "h", "/", headers).headers}

    assert sent.get("content-length") == length


@pytest.mark.parametrize("target", ["/a\nb", "/a?b=\x00", "/\x7f"])
def test_control_characters_are_not_sent(target: str) -> None:
    """Nobody means a control character in a path."""
    with pytest.raises(NoRequestError, match="holds a control character"):
        escaped(target)


CLIENT = httpx.Client(base_url="http://exchange.test", verify=False)
TARGETS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map("/x".__add__)


@given(TARGETS.filter(lambda text: "#" not in text and "/." not in text))
def test_targets_are_escaped_as_the_customers_client_does(target: str) -> None:
    """Paths and queries are escaped as httpx escapes them, what is escaped already stays."""
    assert escaped(target).encode() == CLIENT.build_request("GET", target).url.raw_path


def test_what_httpx_would_drop_is_sent() -> None:
    """A fragment's mark is escaped, and dots stay: what the case wrote arrives."""
    assert escaped("/a/../b#c?d=#") == "/a/../b%23c?d=%23"
