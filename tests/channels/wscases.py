"""WebSocket's rules as server bytes and what a client must make of them: the sections 1 to 7 of Autobahn's
fuzzing server, re-expressed with its numbers, and the section of RFC 6455 that decides."""

from __future__ import annotations

from dataclasses import dataclass

from .hostile import closing, frame, text

HELLO = "Hello, world!"
GREEK = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"
ODD = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
MIX = "Hello-µ@ßöäüàá-UTF-8!!".encode()
BAD = GREEK + b"\xed\xa0\x80" + b"edited"


@dataclass(frozen=True, slots=True)
class Row:
    """One case: what the server writes, and the messages, pongs and close that it must come to.

    `closes`: the close codes that the client may write. `chops`: written a byte at a time, too.
    """

    number: str
    section: str
    wrote: bytes
    came: tuple[str, ...] = ()
    pongs: tuple[bytes, ...] = ()
    closes: tuple[int | None, ...] = (1000,)
    chops: bool = False

    @property
    def in_all(self) -> bytes:
        """What the server writes in all: a case that is in order, and about no close, ends with one."""
        in_order = self.closes == (1000,) and not self.number.startswith("7.")
        return self.wrote + (closing(1000) if in_order else b"")


def fragments(opcode: int, parts: list[bytes]) -> bytes:
    """A message in fragments."""
    last = len(parts) - 1
    return b"".join(frame(0 if n else opcode, part, fin=n == last) for n, part in enumerate(parts))


def octets(data: bytes) -> bytes:
    """A text in fragments of one byte."""
    return fragments(1, [data[at : at + 1] for at in range(len(data))])


def _framing() -> list[Row]:
    rows = [
        Row(f"1.1.{n}", "5.6", text("*" * size), ("*" * size,))
        for n, size in enumerate((0, 125, 126, 127, 128, 65_535, 65_536), 1)
    ]
    rows += [
        Row(f"1.2.{n}", "5.6", frame(2, b"\xfe" * size), ("\\xfe" * size,))
        for n, size in enumerate((0, 125, 126, 127, 128, 65_535, 65_536), 1)
    ]
    return rows


def _pings() -> list[Row]:
    ten = [f"payload-{n}".encode() for n in range(10)]
    return [
        Row("2.1", "5.5.2", frame(9), pongs=(b"",)),
        Row("2.2", "5.5.2", frame(9, HELLO.encode()), pongs=(HELLO.encode(),)),
        Row("2.3", "5.5.2", frame(9, ODD), pongs=(ODD,)),
        Row("2.4", "5.5", frame(9, b"\xfe" * 125), pongs=(b"\xfe" * 125,), chops=True),  # and 2.6
        Row("2.5", "5.5", frame(9, b"\xfe" * 126), closes=(1002,)),
        Row("2.7", "5.5.3", frame(10)),
        Row("2.8", "5.5.3", frame(10, b"unsolicited pong payload")),
        Row("2.9", "5.5.3", frame(10, b"unsolicited") + frame(9, b"ping payload"), pongs=(b"ping payload",)),
        Row(
            "2.10", "5.5.2", b"".join(frame(9, each) for each in ten), pongs=tuple(ten), chops=True
        ),  # and 2.11
    ]


def _reserved() -> list[Row]:
    hello = text(HELLO)
    then = {2: text, 3: text, 4: text}
    rows = [Row("3.1", "5.2", frame(1, HELLO.encode(), rsv=1), closes=(1002,))]
    rows += [
        Row(
            f"3.{rsv}",
            "5.2",
            hello + frame(1, HELLO.encode(), rsv=rsv) + frame(9),
            (HELLO,),
            closes=(1002,),
            chops=True,
        )
        for rsv in then
    ]
    rows += [
        Row("3.5", "5.2", frame(2, ODD, rsv=5), closes=(1002,)),
        Row("3.6", "5.2", frame(9, HELLO.encode(), rsv=6), closes=(1002,)),
        Row("3.7", "5.2", frame(8, rsv=7), closes=(1002,)),
    ]
    for kind, opcodes in ((1, range(3, 8)), (2, range(11, 16))):
        for n, opcode in enumerate(opcodes, 1):
            bad = frame(opcode, b"" if n % 2 else b"reserved opcode payload")
            wrote = bad if n < 3 else hello + bad + frame(9)
            rows.append(
                Row(f"4.{kind}.{n}", "5.2", wrote, (HELLO,) if n > 2 else (), closes=(1002,), chops=n > 2)
            )
    return rows


def _fragments() -> list[Row]:
    one, two = b"fragment1", b"fragment2"
    joined = (one + two).decode()
    ping = frame(9, b"ping payload")
    begun, ended = frame(1, one, fin=False), frame(0, two)
    five = [f"fragment{n}".encode() for n in range(1, 6)]
    mixed = (
        frame(1, five[0], fin=False)
        + frame(0, five[1], fin=False)
        + frame(9, b"pongme 1!")
        + frame(0, five[2], fin=False)
        + frame(0, five[3], fin=False)
        + frame(9, b"pongme 2!")
        + frame(0, five[4])
    )
    return [
        Row("5.1", "5.4", frame(9, one, fin=False) + ended, closes=(1002,)),
        Row("5.2", "5.4", frame(10, one, fin=False) + ended, closes=(1002,)),
        Row("5.3", "5.4", begun + ended, (joined,), chops=True),  # and 5.4, 5.5
        Row("5.6", "5.4", begun + ping + ended, (joined,), (b"ping payload",), chops=True),  # and 5.7, 5.8
        Row("5.9", "5.4", frame(0, b"nothing") + text(HELLO), closes=(1002,), chops=True),  # and 5.10, 5.11
        Row(
            "5.12", "5.4", frame(0, b"nothing", fin=False) + text(HELLO), closes=(1002,), chops=True
        ),  # to 5.14
        Row("5.15", "5.4", begun + ended + frame(0, b"x", fin=False) + text("y"), (joined,), closes=(1002,)),
        Row("5.16", "5.4", (frame(0, one, fin=False) + frame(1, two, fin=False) + ended) * 2, closes=(1002,)),
        Row("5.17", "5.4", (frame(0, one) + frame(1, two, fin=False) + ended) * 2, closes=(1002,)),
        Row("5.18", "5.4", begun + text("fragment2"), closes=(1002,)),
        Row(
            "5.19", "5.4", mixed, (b"".join(five).decode(),), (b"pongme 1!", b"pongme 2!"), chops=True
        ),  # and 5.20
    ]


def _texts() -> list[Row]:
    rows = [
        Row("6.1.1", "5.6", text(""), ("",)),
        Row("6.1.2", "5.6", fragments(1, [b"", b"", b""]), ("",)),
        Row("6.1.3", "5.6", fragments(1, [b"", b"middle", b""]), ("middle",)),
        Row("6.2.1", "8.1", text(MIX), (MIX.decode(),)),
        Row("6.2.2", "8.1", fragments(1, [MIX[:14], MIX[14:]]), (MIX.decode(),)),
        Row("6.2.3", "8.1", octets(MIX), (MIX.decode(),), chops=True),
        Row("6.2.4", "8.1", octets(GREEK), (GREEK.decode(),)),
        Row("6.3.1", "8.1", text(BAD), closes=(1007,)),
        Row("6.3.2", "8.1", octets(BAD), closes=(1007,)),
        # 6.4.1 and 6.4.2, fail fast: the message is not finished, and refused all the same
        Row("6.4.1", "8.1", fragments(1, [GREEK, b"\xf4\x90\x80\x80", b""])[:-2], closes=(1007,), chops=True),
        Row("6.4.2", "8.1", fragments(1, [GREEK + b"\xf4", b"\x90", b""])[:-2], closes=(1007,), chops=True),
    ]
    for section, (right, sequences) in enumerate(SEQUENCES, 5):
        for n, sequence in enumerate(sequences, 1):
            came = (sequence.decode(),) if right else ()
            closes = (1000,) if right else (1007,)
            rows.append(Row(f"6.{section}.{n}", "8.1", text(sequence), came, closes=closes))
    return rows


def _nonchars() -> list[bytes]:
    ends = [plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)]
    return [chr(code).encode() for code in ends]


_LAST_MISSING = [
    *(b"\xc0", b"\xe0\x80", b"\xf0\x80\x80", b"\xf8\x80\x80\x80", b"\xfc\x80\x80\x80\x80"),
    *(b"\xdf", b"\xef\xbf", b"\xf7\xbf\xbf", b"\xfb\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf"),
]
_WHOLE_PREFIXES = [GREEK[:at] for at in (2, 5, 7, 9, 11)]
SEQUENCES: list[tuple[bool, list[bytes]]] = [
    (True, [b"hello\x24world", *(f"hello{c}world".encode() for c in "¢€𤭢"), GREEK]),
    (True, _WHOLE_PREFIXES),
    (False, [GREEK[:at] for at in range(1, len(GREEK)) if GREEK[:at] not in _WHOLE_PREFIXES]),
    (True, [b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"]),
    (False, [b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"]),
    (True, [b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"]),
    (False, [b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf"]),
    (True, [b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf"]),
    (False, [b"\xf4\x90\x80\x80"]),
    (
        False,
        [b"\x80", b"\xbf", *((b"\x80\xbf" * 3)[:size] for size in range(2, 7)), bytes(range(0x80, 0xBF))],
    ),
    (
        False,
        [
            b"".join(bytes([byte]) + b" " for byte in range(first, last))
            for first, last in ((0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7), (0xF8, 0xFB), (0xFC, 0xFD))
        ],
    ),
    (False, _LAST_MISSING),
    (False, [b"".join(_LAST_MISSING)]),
    (False, [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"]),
    (
        False,
        [
            b"\xc0\xaf",
            b"\xe0\x80\xaf",
            b"\xf0\x80\x80\xaf",
            b"\xf8\x80\x80\x80\xaf",
            b"\xfc\x80\x80\x80\x80\xaf",
        ],
    ),
    (
        False,
        [
            b"\xc1\xbf",
            b"\xe0\x9f\xbf",
            b"\xf0\x8f\xbf\xbf",
            b"\xf8\x87\xbf\xbf\xbf",
            b"\xfc\x83\xbf\xbf\xbf\xbf",
        ],
    ),
    (
        False,
        [
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xf0\x80\x80\x80",
            b"\xf8\x80\x80\x80\x80",
            b"\xfc\x80\x80\x80\x80\x80",
        ],
    ),
    (
        False,
        [
            b"\xed" + bytes([high, low])
            for high in (0xA0, 0xAD, 0xAE, 0xAF, 0xB0, 0xBE)
            for low in (0x80, 0xBF)
        ],
    ),
    (
        False,
        [
            bytes([0xED, a, b, 0xED, c, d])
            for a, b in ((0xA0, 0x80), (0xAF, 0xBF))
            for c, d in ((0xB0, 0x80), (0xBF, 0xBF))
        ],
    ),
    (True, _nonchars()),
    (True, [chr(code).encode() for code in range(0xFFF9, 0x10000)]),
]


def _closes() -> list[Row]:
    hello = text("Hello World!")
    normal = closing(1000)
    rows = [
        Row("7.1.1", "5.5.1", hello + normal, ("Hello World!",)),
        Row("7.1.2", "5.5.1", normal + frame(8)),
        Row("7.1.3", "5.5.1", normal + frame(9)),
        Row("7.1.4", "5.5.1", normal + hello),
        Row("7.1.5", "5.4", frame(1, b"fragment1", fin=False) + normal + frame(0, b"fragment2")),
        Row(
            "7.1.6",
            "5.5.1",
            text("BAsd7&jh23" * 26_214) + hello + normal + frame(9),
            ("BAsd7&jh23" * 26_214, "Hello World!"),
        ),
        Row("7.3.1", "7.1.5", closing(None), closes=(None,)),
        Row("7.3.2", "5.5.1", frame(8, b"a"), closes=(1002,)),
        Row("7.3.3", "5.5.1", normal),
        Row("7.3.4", "7.1.6", closing(1000, b"Hello World!")),
        Row("7.3.5", "5.5", closing(1000, b"*" * 123)),
        Row("7.3.6", "5.5", closing(1000, b"*" * 124), closes=(1002,)),
        Row("7.5.1", "5.5.1", closing(1000, BAD), closes=(1007, 1002)),
    ]
    good = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    rows += [Row(f"7.7.{n}", "7.4", closing(code), closes=(code,)) for n, code in enumerate(good, 1)]
    bad = (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999)
    rows += [Row(f"7.9.{n}", "7.4", closing(code), closes=(1002,)) for n, code in enumerate(bad, 1)]
    # 7.13: undefined by the RFC; we take a code that nobody may use for a broken rule
    rows += [
        Row(f"7.13.{n}", "7.4", closing(code), closes=(1002,)) for n, code in enumerate((5000, 65_535), 1)
    ]
    return rows


ROWS = [*_framing(), *_pings(), *_reserved(), *_fragments(), *_texts(), *_closes()]
