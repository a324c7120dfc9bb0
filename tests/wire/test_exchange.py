"""One HTTP exchange without a socket: what is read, and where reading stops."""

from __future__ import annotations

import gzip
import zlib

import pytest

from harness import limits
from harness.wire.exchange import BrokenError

from .answers import CONVERSATIONS, OK, PAGE, SIZED, TE, chunked, exchange, read, sized


@pytest.mark.parametrize("name", sorted(CONVERSATIONS))
@pytest.mark.parametrize("size", [1, 7, 65_536])
def test_an_answer_is_the_same_however_it_is_cut_into_pieces(name: str, size: int) -> None:
    """A whole answer is read from single bytes as from one piece, and its connection may be used again."""
    method, data, body = CONVERSATIONS[name]

    answer = read(data, method, size)

    assert answer is not None
    assert answer.body == body


@pytest.mark.parametrize("name", sorted(CONVERSATIONS))
def test_an_answer_that_ends_anywhere_is_none(name: str) -> None:
    """After every byte but the last the end is a broken connection, and it is known after how many bytes."""
    method, data, _ = CONVERSATIONS[name]
    for cut in range(len(data)):
        asked = exchange(method)
        assert not cut or asked.receive(data[:cut]) is None

        with pytest.raises(BrokenError, match="the other side closed the connection") as caught:
            asked.receive(b"")

        assert (caught.value.code, asked.came_bytes) == ("T013", cut)


def test_the_phase_of_a_reading() -> None:
    """It is told whether nothing, a part of the head or a part of the body has come."""
    asked, seen = exchange(), []
    for piece in (b"", OK, b"Content-Length: 2\r\n\r\n", b"x"):
        seen.append(asked.phase)
        if piece:
            asked.receive(piece)

    assert seen == [
        "waiting for the answer",
        "waiting for the answer",
        "reading the head",
        "reading the body",
    ]


@pytest.mark.parametrize("kind", sorted(SIZED))
def test_limits_are_real(kind: str) -> None:
    """What is as large as its limit is read; what is larger by one is refused by the limit's code."""
    name, build = SIZED[kind]
    limit = getattr(limits, name)

    answer = read(build(limit))
    with pytest.raises(BrokenError) as caught:
        read(build(limit + 1))

    assert answer is not None
    assert answer.status == 200
    assert caught.value.code == "T015"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "conflicting Content-Length"),
        (OK + b"Content-Length: -1\r\n\r\n", "bad Content-Length"),
        (OK + b"Content-Length: 1_0\r\n\r\n", "bad Content-Length"),
        (OK + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", "bad Content-Length"),
        (OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "both a Content-Length and"),
        (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "Only Transfer-Encoding: chunked"),
        (OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "multiple Transfer-Enc"),
        (b"HTTP/1.1 two hundred\r\n\r\n", "illegal status line"),
        (b"HTTP/2 200\r\n\r\n", "illegal status line"),
        (b"HTTP/1.1 1000 OK\r\n\r\n", "illegal status line"),
        (b"HTTP/1.1 99 OK\r\n\r\n", "illegal status line"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "illegal status line"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "illegal"),
        (OK + b"X: a\0b\r\n\r\n", "illegal header line"),
        (OK + b"no colon\r\n\r\n", "illegal header line"),
        (OK + b"X : y\r\n\r\n", "illegal header line"),
        (OK + b" folded: first\r\n\r\n", "continuation line at start of headers"),
        (TE + b"zz\r\n", "illegal chunk header"),
        (TE + b"-1\r\n", "illegal chunk header"),
        (TE + b"1" + b"0" * 20 + b"\r\n", "illegal chunk header"),
        (TE + b"1\r\nxy\r\n", "malformed chunk footer"),
        (TE + b"1\r\nx\r\n0\r\nno trailer\r\n\r\n", "illegal header line"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "without a pending proposal"),
    ],
)
def test_what_is_no_http_is_refused(data: bytes, told: str) -> None:
    """An answer that breaks the protocol, or that two readers would read differently, is none."""
    with pytest.raises(BrokenError, match=told) as caught:
        read(data)

    assert caught.value.code == "T014"


def test_a_header_s_value_is_not_told() -> None:
    """What is wrong with a header line is told without the line: it may hold anybody's secret."""
    with pytest.raises(BrokenError) as caught:
        read(OK + b"Set-Cookie: hunter2\0\r\n\r\n")

    assert caught.value.text == "illegal header line"


def test_a_folded_header_is_read_as_one_line() -> None:
    """A header over two lines is one with a space (RFC 9112 section 5.2)."""
    answer = read(sized(b"x", OK + b"X: one\r\n\t two\r\n"))

    assert answer is not None
    assert answer.header("x") == "one two"


@pytest.mark.parametrize("length", [limits.HTTP_BODY_BYTES + 1, 10**19])
def test_a_length_that_is_too_large_is_refused_by_the_head(length: int) -> None:
    """Nobody waits for a body that will be refused."""
    with pytest.raises(BrokenError, match=f"the body has {length} bytes") as caught:
        read(OK + b"Content-Length: %d\r\n\r\n" % length)

    assert caught.value.code == "T015"


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 304), ("DELETE", 204)])
def test_an_answer_that_has_no_body_may_say_any_length(method: str, status: int) -> None:
    """Lengths and encodings of a body that does not come are headers like others."""
    head = b"HTTP/1.1 %d X\r\nContent-Length: 99999999999\r\nContent-Encoding: br\r\n\r\n"
    answer = read(head % status, method)

    assert answer is not None
    assert (answer.status, answer.body) == (status, b"")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("X-GZIP", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:9]) + gzip.compress(b"") + gzip.compress(PAGE[9:])),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)[2:-4]),
        ("identity", PAGE),
        ("", PAGE),
        ("gzip, identity", gzip.compress(PAGE)),
    ],
)
@pytest.mark.parametrize("size", [1, 65_536])
def test_a_body_is_decoded(coding: str, body: bytes, size: int) -> None:
    """Gzip of one or several members, deflate with its head or without, and nothing at all."""
    answer = read(sized(body, OK + b"Content-Encoding: " + coding.encode() + b"\r\n"), size=size)

    assert answer is not None
    assert answer.body == PAGE


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_an_empty_body_is_none_in_any_coding(coding: str) -> None:
    """A body without a byte is not decoded."""
    answer = read(sized(b"", OK + b"Content-Encoding: " + coding.encode() + b"\r\n"))

    assert answer is not None
    assert answer.body == b""


@pytest.mark.parametrize(
    ("coding", "body", "told"),
    [
        ("br", b"x", "content-encoding is 'br', and 'gzip, deflate' or nothing was asked for"),
        ("zstd", b"x", "content-encoding is 'zstd'"),
        ("gzip, gzip", b"x", "content-encoding is 'gzip, gzip'"),
        ("gzip", PAGE, "the body is no gzip"),
        ("gzip", gzip.compress(PAGE)[:-1], "the body ends within its gzip"),
        ("gzip", gzip.compress(PAGE)[:-1] + b"x", "the body is no gzip"),
        ("gzip", gzip.compress(PAGE) + b"rest", "the body is no gzip"),
        ("deflate", b"x", "the body ends within its deflate"),
        ("deflate", zlib.compress(PAGE)[:-1] + b"x", "the body is no deflate"),
        ("deflate", zlib.compress(PAGE) + b"rest", "4 bytes follow the end"),
    ],
)
def test_a_body_that_cannot_be_decoded_is_refused(coding: str, body: bytes, told: str) -> None:
    """Bytes in which nobody could look for secrets are not kept."""
    with pytest.raises(BrokenError, match=told) as caught:
        read(sized(body, OK + b"Content-Encoding: " + coding.encode() + b"\r\n"))

    assert caught.value.code == "T016"


@pytest.mark.parametrize("wbits", [16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS])
def test_a_bomb_is_refused_after_a_mebibyte(wbits: int) -> None:
    """What inflates a thousandfold is given up before it is large, in pieces as in one."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    bomb = packer.compress(bytes(50_000_000)) + packer.flush()
    coding = b"gzip" if wbits > zlib.MAX_WBITS else b"deflate"
    for size in (1_000, 65_536):
        with pytest.raises(BrokenError, match=r"decode to more than 200 times|larger than 8388608 bytes"):
            read(sized(bomb, OK + b"Content-Encoding: " + coding + b"\r\n"), size=size)


@pytest.mark.parametrize(
    ("data", "reusable"),
    [
        (sized(b"x"), True),
        (sized(b"x") + b"more", False),
        (sized(b"x", OK + b"Connection: close\r\n"), False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", False),
        (TE + chunked(b"x"), True),
    ],
)
def test_whether_a_connection_may_be_used_again(data: bytes, reusable: bool) -> None:
    """Only where both are done with each other and nothing is left over."""
    asked = exchange()
    answer = asked.receive(data)

    assert answer is not None
    assert answer.body == b"x"
    assert asked.is_reusable is reusable


def test_a_body_that_ends_with_the_connection() -> None:
    """Without a length the end of the connection is the end of the body."""
    asked = exchange()
    asked.receive(OK + b"\r\nabc")
    answer = asked.receive(b"")

    assert answer is not None
    assert (answer.body, asked.is_reusable) == (b"abc", False)


def test_an_upgrade_that_a_case_asks_for_is_an_answer() -> None:
    """A case may ask for another protocol; the answer is the status, and the connection is over."""
    asked = exchange(Upgrade="websocket", Connection="upgrade")
    answer = asked.receive(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00")

    assert answer is not None
    assert (answer.status, asked.is_reusable) == (101, False)


@pytest.mark.parametrize(
    ("value", "text"), [("é".encode(), "é"), ("é".encode("latin-1"), "é"), (b"plain", "plain")]
)
def test_headers_are_text(value: bytes, text: str) -> None:
    """Headers are UTF-8, and where they are not, Latin-1."""
    answer = read(sized(b"", OK + b"X: " + value + b"\r\n"))

    assert answer is not None
    assert answer.header("x") == text


def test_every_limit_of_an_answer_is_tried() -> None:
    """A new limit gets its answer above; those of time and of connections are tried over sockets."""
    of_sockets = {"HTTP_EXCHANGE_S", "HTTP_IDLE_US", "HTTP_IDLE_CONNECTIONS"}

    assert {name for name in vars(limits) if name.startswith("HTTP_")} == of_sockets | {
        name for name, _ in SIZED.values()
    }
