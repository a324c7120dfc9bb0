"""A value that its name tells: where it begins and ends, and what after a name is none."""

from __future__ import annotations

import pytest

from harness.redact.named import Named

from .samples import UUID

CHANCE = "Zx81kq0Lmv7Ty6Rw"
TOLD = [
    ("?password=", "V4lu", "&n=1"),
    ("password = ", "V4lu", ";"),
    ("password=>", "V4lu", ""),
    ("password := ", "V4lu", ""),
    ("password+=", "V4lu", ""),
    ("x.password: ", "V4lu", " and"),
    ("the password: ", "hunter2", " is"),
    ("password:", "hunter", ""),
    ("password: ", "hunter", "\nmore"),
    ("a: 1\n  - password: ", "hunter", "  \\nmore"),
    ("password='", "abc", "'"),
    ('"password": "', "abc def", '"'),
    ('"password": "', "abc\\\\", '"'),
    ('\\"password\\": \\"', "a\\b", '\\", \\"n\\"'),
    ('"password": "', "x${a}", '"'),
    ("`password`=`", "abcd", "`"),
    ("password: `", CHANCE, "`"),
    ("(password) password=", "12345678", ""),
    ("set('password', '", "abcd", "')"),
    ("set('password', b'", "abcd", "')"),
    ("['password', '", CHANCE, "']"),
    ('{"name": "password", "value": "', "abcd", '"}'),
    ("name='password' value='", "abcd", "'"),
    ("<password>", "V4lu", "</password>"),
    ("<password>\n   ", "V4lu", "\n</password>"),
    ("password\n\n", "V4lu", ""),
    ("password\r\n\r\n", "V4lu", ""),
    ("password: |\n  ", "V4lu", ""),
    ("password: >-\\n  ", "V4lu", ""),
    ("const secret: string = '", "abc", "'"),
    ("password string= '", "abc", "'"),
    ("run --password ", "V4lu", " -x"),
    ("run --password=", "V4lu", " -x"),
    ("run --api-key ", CHANCE, " -x"),
    ("password ", CHANCE, " x"),
    ("apikey=", CHANCE, "&"),
    ("my_token=", UUID, "&"),
    ("token=", CHANCE, "&"),
    ("GET /\nCookie: ", "a=b; c=d", "\r\nHost: x"),
    ("< Cookie:", "a=b; c=d", "\n"),
    ("   <Cookie : ", "a=b c", "\n"),
    ("-H 'Authorization: ", "two words", "' x"),
    ("(b'Cookie: ", "two words", "')"),
    ("x\\nCookie: ", "two words", "\\nHost: x"),
    ("x \\totp=", "V4lu", ""),
    ("x\\r\\notp=", "V4lu", ""),
    ("x" * 60 + "\nCookie: ", "two words", "\nHost"),
    ("p" * 30 + "_" * 20 + "password=", "V4lu", ""),
    ("key: none, password=", "V4lu", ""),
    ("xCookie: ", "V4lu;"[:4], "; two"),
]
NONE = [
    *(
        "password",
        "password ",
        "password=",
        "password=abc",
        "password: wrong and more",
        "the password was wrong",
    ),
    *(
        "password: wrong. and",
        "see password: hunter",
        "see\nthe password: hunter\nx",
        "password: 12345678",
        "password: null",
        "password:true,",
        "password: -1.5e+3",
    ),
    *(
        "password=$SECRET",
        "password=process.env.X",
        "password=%PASS_A%",
        "password=get_it(x)",
        "password=a[0]",
    ),
    *('password="${a}"', 'password="${}"', "«password: V4lu»", "${password: V4lu}", "password=«V4lu»"),
    *('password="«V4lu»"', "password: `word`", "['password', 'abcd']", "password hunter2", f"key {CHANCE}"),
    *("apikey=abcdefghijklmnop", f"apikey={UUID}", f"pagetoken={CHANCE}", "apikey=", f"apikey='{UUID}'"),
    *("token=USDC", "token=7132104567925221259462", "token=Zx81kq0Lmv7Ty6R", "order: V4lu", "Cookie: $c"),
    *("Cookie: «a»", "Cookie: <b>", "see Cookie: a b c d and", "signature_type=V4lu", "eventSignature=V4lu"),
    *("apikey=" + CHANCE * 33, "password-less=V4lu", "keys: V4lu"),
]


def spans(text: str) -> list[tuple[int, int]]:
    return Named().spans(text, text.lower())


@pytest.mark.parametrize(("before", "value", "after"), TOLD)
def test_a_name_tells_its_value(before: str, value: str, after: str) -> None:
    """The value is taken whole and nothing around it, also where another one follows."""
    text = before + value + after
    start = len(before)
    assert spans(text) == [(start, start + len(value))]
    again = f"{text}\n;n=1; pwd=V4lu"
    assert spans(again)[-1] == (len(again) - 4, len(again))
    assert Named().label == "field"


@pytest.mark.parametrize("text", NONE)
def test_what_stands_after_a_name_and_is_no_secret(text: str) -> None:
    """Prose, code, numbers of JSON, references, placeholders, ids: left as they are."""
    assert spans(text) == []


def test_a_name_in_a_value_is_no_name() -> None:
    """What was taken is not looked at again, nor is the value of a name that was looked at."""
    assert spans("password=key=V4lu=x") == [(9, 19)]
    assert spans("password=secret(pwd=V4lu") == [(20, 24)]
    assert spans("password=$secret:V4lu") == []


def test_several_names_are_told_in_their_order() -> None:
    """Each has its own value; those without one do not end the search."""
    text = "key; password=V4lu; token; «secret: x» pwd='abc'"
    assert [text[start:end] for start, end in spans(text)] == ["V4lu", "abc"]
