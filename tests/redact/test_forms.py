"""The forms of one secret, where they are looked for, and that looking for fewer texts finds as much."""

from __future__ import annotations

import base64
import gzip
import zlib

import pytest

from harness.redact.escapes import hides_letters, kind_of, readings
from harness.redact.forms import Known, forms, needles, small_letters
from harness.redact.index import Index
from harness.redact.looking import Stretch, has_packed, stretches

SECRET = "Ab1-Cd2_Ef3.Gh4~Ij5+Kl6/Mn7=Op8"


def open_all(text: str) -> list[tuple[int, int]]:
    return [(0, len(text))]


def looked(text: str, *secrets: str) -> list[tuple[int, int, str, str]]:
    known = [Known.of(f"s{place}", secret) for place, secret in enumerate(secrets)]
    return [(each.start, each.end, each.label, each.form) for each in stretches(text, known, open_all)]


def texts(value: str, name: str) -> set[str]:
    return {form.text for form in forms(value) if form.name == name}


def test_the_forms_of_a_short_secret() -> None:
    """Raw, hex, both alphabets of base64 with and without padding and at three offsets; longest first."""
    told = [(form.name, form.text, form.any_case) for form in forms("hunter??")]
    assert told == [
        ("hex", "68756e7465723f3f", True),
        ("base64", "aHVudGVyPz8=", False),
        ("base64", "aHVudGVyPz8", False),
        ("base64", "aHVudGVyPz", False),
        ("base64", "h1bnRlcj8/", False),
        ("base64", "h1bnRlcj8_", False),
        ("base64", "odW50ZXI/P", False),
        ("base64", "odW50ZXI_P", False),
        ("raw", "hunter??", True),
    ]


def test_case_counts_only_in_short_secrets_and_others_letters() -> None:
    """Of eight characters of ASCII a secret is known in any case, of seven only as it is."""
    assert [(form.text, form.any_case) for form in forms("HUNTER22") if form.name == "raw"] == [
        ("hunter22", True)
    ]
    assert [(form.text, form.any_case) for form in forms("HUNTER2") if form.name == "raw"] == [
        ("HUNTER2", False)
    ]
    assert [(form.text, form.any_case) for form in forms("HÜNTER22") if form.name == "raw"] == [
        ("HÜNTER22", False)
    ]


def test_spaces_lines_and_bytes_are_forms() -> None:
    """A space may be a plus, each long line of several counts, and a key in hex or base64 is its bytes."""
    assert texts("pass word", "url") == {"pass+word"}
    assert texts("password", "url") == set()
    assert texts("-----BEGIN LONG LINE\n" + "a" * 15 + "\n  " + "B" * 16 + "  \n", "line") == {"b" * 16}
    assert texts("a" * 20, "line") == set()
    assert base64.b64encode(b"\x5a" * 16).decode() in texts("5a" * 16, "base64")
    assert base64.b64encode(b"\x5a" * 16).decode() in texts("0X" + "5A" * 16, "base64")
    assert base64.b64encode(b"\x5a" * 15).decode() not in texts("5a" * 15, "base64")
    assert "5a" * 16 in texts(base64.b64encode(b"\x5a" * 16).decode(), "hex")
    assert "fb" * 17 in texts(base64.urlsafe_b64encode(b"\xfb" * 17).decode().rstrip("="), "hex")
    assert (b"\x5a" * 17 + b"W").hex() in texts(base64.b64encode(b"\x5a" * 17 + b"W").decode(), "hex")
    assert "fbefbe" * 6 in texts("+" * 24, "hex")
    assert "aHVudGV" not in texts("hunteW", "base64")
    assert [form.name for form in forms("pass word") if len(form.text) == 9][:2] == ["raw", "url"]
    assert "5a" * 15 not in texts("Wlpa" * 5 + "a", "hex")
    assert len(forms("a" * 25)) == len({form.text for form in forms("a" * 25)})


def test_the_fewest_texts_to_look_for() -> None:
    """The longest run that no encoder escapes, of six characters at least; one for those that hold it."""
    assert needles(["abcdef"]) == ("abcdef",)
    assert needles(["ab/abcdefg/abcdef"]) == ("abcdefg",)
    assert needles(["abcde/fghij"]) == ("abcde/fghij",)
    assert needles(["xxabcdefxx", "abcdef"]) == ("abcdef",)
    assert needles(["abcdef", "ghijkl"]) == ("abcdef", "ghijkl")
    assert needles(["a+bcdefgh", "bcdefg"]) == ("bcdefg",)
    assert needles([]) == ()


def test_what_is_known_of_a_secret() -> None:
    """Ends of long tokens are looked for; what is escaped everywhere may stand anywhere."""
    long = Known.of("a", "A" * 8 + "b" * 9)
    assert long.token == "a" * 8 + "b" * 9
    assert Known.of("a", "a" * 16).token == ""
    assert Known.of("a", "with spaces in a long text").token == ""
    assert Known.of("a", SECRET).token == SECRET.lower()
    assert Known.of("a", "password").always is False
    assert Known.of("a", "пароль").always is True
    assert Known.of("a", "a b c d").always is True
    assert Known.of("a", "пароль").may_stand_in("", "") is True
    assert Known.of("a", "password").may_stand_in("x", "x") is False
    assert Known.of("a", "password").may_stand_in("PASSWORD", "password") is True
    assert Known.of("a", "passwor").may_stand_in("passwor", "") is True


def test_small_letters_stay_where_they_were() -> None:
    """A letter whose small form is longer stays as it is, all others become small."""
    assert small_letters("ABİCD") == "abİcd"
    assert small_letters("ABC") == "abc"


@pytest.mark.parametrize("offset", range(19))
def test_the_index_finds_a_secret_wherever_it_stands(offset: int) -> None:
    """Long needles and short ones, in any case, at every place of the text; no other secret is suspected."""
    index = Index()
    mine, other, short = (Known.of("a", text) for text in ("Q" * 4 + SECRET[:12], "z" * 20, "hunter"))
    for known in (mine, other, short):
        index.add(known)
    for known, text in ((mine, "Q" * 4 + SECRET[:12]), (short, "hunter")):
        for after in ("", ".", "." * 9):
            whole = "." * offset + text + after
            assert index.suspects(whole, whole.lower()) == [known]
    whole = "." * offset + "hunter" + SECRET[:7]
    assert index.suspects(whole, whole.lower()) == [short]
    assert index.suspects("." * offset, "." * offset) == []


def test_the_index_suspects_in_every_text_what_no_needle_tells() -> None:
    """A secret that every encoder escapes is suspected everywhere, and each one once."""
    index = Index()
    known = Known.of("a", "пароль пароль")
    index.add(known)
    assert index.suspects("", "") == [known]
    assert index.suspects("пароль пароль", "пароль пароль") == [known]


@pytest.mark.parametrize(
    ("text", "kind", "meant"),
    [
        ("a\\u0062c", "json", "abc"),
        ("a\\x62c", "json", "abc"),
        ("\\ud83d\\ude00!", "json", "😀!"),
        ("\\uD801\\uDC37", "json", "𐐷"),
        ("\\\"\\'\\\\\\/", "json", "\"'\\/"),
        ("\\b\\f\\n\\r\\t", "json", "\b\f\n\r\t"),
        ("a%62c", "url", "abc"),
        ("%C3%a9%E2%82%ac", "url", "é€"),
        ("%c3x", "", None),
        ("&amp;&lt;&gt;&quot;&apos;", "xml", "&<>\"'"),
        ("&#98;&#x63;&#X64;", "xml", "bcd"),
        ("&#128512;", "xml", "😀"),
        ("%ff", "", None),
        ("a & b 5 % \\q", "", None),
        ("\\u006", "", None),
        ("", "", None),
    ],
)
def test_an_escape_is_read(text: str, kind: str, meant: str | None) -> None:
    """Each escape of JSON, URLs and XML by itself; what only looks like one is left."""
    assert kind_of(text) == kind
    assert next((reading.text for reading in readings(text)), None) == meant


def test_what_was_read_is_found_in_the_text_before() -> None:
    """Every character's place leads back to where it, or its escape, stands."""
    (reading,) = readings("ab%63d\\n&#101;f")
    assert reading.text == "abcd\nef"
    spans = [(0, 1), (1, 2), (2, 5), (5, 6), (6, 8), (8, 14), (14, 15)]
    assert [reading.before(at, at + 1) for at in range(7)] == spans
    assert reading.before(0, 7) == (0, 15)
    assert reading.before(1, 3) == (1, 5)
    assert reading.before(2, 4) == (2, 6)
    assert reading.before(3, 5) == (5, 8)


def test_escapes_are_undone_four_times_at_most() -> None:
    """A text that is escaped over and over is read so often, and no more."""
    assert [reading.text for reading in readings("%25252541x")] == ["%252541x", "%2541x", "%41x", "Ax"]
    assert len(list(readings("%2525252541x"))) == 4


@pytest.mark.parametrize(
    ("text", "hides"),
    [
        *((text, True) for text in ("\\u0061", "\\u0039", "\\x41", "%41", "%39", "%5a", "%7A", "&#97;")),
        *((text, False) for text in ("\\n", "%20", "%2F", "\\u00e9", "&amp;", "%40", "%5b", "%7B", "u0061")),
    ],
)
def test_letters_are_hidden_by_escapes_that_no_encoder_needs(text: str, hides: bool) -> None:
    """Letters and digits that are escaped, and nothing else."""
    assert hides_letters(f"x{text}y") is hides


def test_a_secret_is_found_where_it_stands() -> None:
    """As it is, in hex, in base64, in every place, and at none that is no more free."""
    assert looked("x hunter22 HUNTER22", "hunter22") == [(2, 10, "s0", "raw"), (11, 19, "s0", "raw")]
    assert looked("hunter22hunter22", "hunter22") == [(0, 8, "s0", "raw"), (8, 16, "s0", "raw")]
    assert looked("=68756E7465723232=", "hunter22") == [(1, 17, "s0", "hex")]
    assert looked("hunter2 Hunter2", "hunter2") == [(0, 7, "s0", "raw")]
    known = [Known.of("a", "hunter22")]
    assert stretches("hunter22 hunter22", known, lambda text: [(3, 17)]) == [Stretch(9, 17, "a", "raw")]


def test_a_secret_is_found_under_escapes() -> None:
    """Under one or two of them, told by the outermost; what stands around it is not taken."""
    assert looked("ab%68unter22c", "hunter22") == [(2, 12, "s0", "url")]
    assert looked("ab&#104;unter22c", "hunter22") == [(2, 15, "s0", "xml")]
    assert looked("ab%5Cu0068unter22c", "hunter22") == [(2, 17, "s0", "url")]
    assert looked("a%20hunter22", "hunter22") == [(4, 12, "s0", "raw")]
    assert looked("%368756e7465723232", "hunter22") == [(0, 18, "s0", "hex")]


def test_what_overlaps_is_one_stretch_named_as_its_longest() -> None:
    """Three that overlap are one from the first's start to the last's end; neighbours stay two."""
    assert looked("abcdefghijklm", "abcdef", "defghijk", "jklmno"[:4] + "xx") == [(0, 11, "s1", "raw")]
    assert looked("abcdefghijkl", "abcdefg", "efghijkl") == [(0, 12, "s1", "raw")]
    assert looked("abcdefghijkl", "abcdefgh", "efghijkl"[1:]) == [(0, 12, "s0", "raw")]
    assert looked("abcdefghijkl", "abcdef", "ghijkl") == [(0, 6, "s0", "raw"), (6, 12, "s1", "raw")]
    assert looked("abcdefghijklmnop", "abcdefghij", "hijklm", "lmnopqr"[:5] + "x") == [(0, 13, "s0", "raw")]


def test_a_part_of_a_long_secret_is_found() -> None:
    """Its first or last sixteen characters and all that goes on from there; fewer are no part."""
    secret = "abcdefghijklmnopqrstuvwxyz0123"
    assert looked(f"x {secret} x", secret) == [(2, 32, "s0", "raw")]
    assert looked(f"x {secret[:20]}! x", secret) == [(2, 22, "s0", "part")]
    assert looked(f"x {secret[:16]}", secret) == [(2, 18, "s0", "part")]
    assert looked(f"x {secret[:15]}! x", secret) == []
    assert looked(f"x !{secret[-20:]} x", secret) == [(3, 23, "s0", "part")]
    assert looked(f"{secret[-16:].upper()} x", secret) == [(0, 16, "s0", "part")]
    assert looked(f"x !{secret[-15:]} x", secret) == []


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_in_a_packed_text_is_found(pack: object, encode: object) -> None:
    """The packed text is taken as a whole, whatever stands around it and however it is padded."""
    for size in range(20, 26):
        held = pack(("." * size + "hunter22" + "äöü" * size).encode())  # type: ignore[operator]
        written = encode(held).decode()  # type: ignore[operator]
        text = f"body: {written} end"
        assert has_packed(text)
        assert looked(text, "hunter22") == [(6, 6 + len(written), "s0", "packed")]
        assert looked(text, "hunter23") == []


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc"])
def test_a_packed_text_is_found_after_other_bytes(before: bytes) -> None:
    """Its first bytes are known at each offset of base64."""
    written = base64.b64encode(before + gzip.compress(b"hunter22" * 9)).decode()
    ((start, end, label, form),) = looked(written, "hunter22")
    assert (label, form) == ("s0", "packed")
    assert start <= 4
    assert end == len(written)


def test_a_packed_text_that_is_too_large_to_look_at_is_taken() -> None:
    """Of a mebibyte and more nobody knows what it holds; a byte less was looked at."""
    large = base64.b64encode(gzip.compress(bytes(1024 * 1024))).decode()
    assert looked(large, "hunter22") == [(0, len(large), "packed", "packed")]
    assert looked(base64.b64encode(gzip.compress(bytes(1024 * 1024 - 1))).decode(), "hunter22") == []
    assert has_packed("eJxabcdefghijklmnop") is False
    assert has_packed("hunter22") is False
