"""A field that is named like a secret loses its value, parsed or as text, and all else stays as it was."""

from __future__ import annotations

import json
import string
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.redact import Redactor

from .samples import UUID, knowing


@pytest.mark.parametrize(
    "name",
    [
        "secret",
        "apiSecret",
        "API_SECRET",
        "client-secret",
        "passphrase",
        "password",
        "Pass_Word",
        "privateKey",
        "PRIVATE-KEY",
        "mnemonic",
        "signature",
        "orderSignature",
        "sig",
        "cookie",
        "Set-Cookie",
        "authorization",
        "rawTransaction",
        "access_token",
        "POLY_PASSPHRASE",
    ],
)
def test_a_field_named_like_a_secret_is_replaced(name: str) -> None:
    """Whatever the case and separators, a field whose name says secret loses its value, parsed or as text."""
    clean = Redactor().redact_json({name: "value-1", "other": "value-1"})
    assert clean["other"] == "value-1"
    assert clean[name] != "value-1"
    assert len(clean[name]) == 7
    text = Redactor().redact(json.dumps({name: "value-1", "other": "value-1"}))
    assert json.loads(text) == clean


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_id", "71321045679252212594626385532706912750332728571942532289631379312455583992563"),
        ("token", "71321045679252212594626385532706912750332728571942532289631379312455583992563"),
        ("token", "0x2791bca1f2de4661ed88a30c99a7a9449aa84174"),
        ("token", "USDC"),
        ("apiKey", UUID),
        ("signatureType", "2"),
        ("orderHash", "0x" + "5a" * 32),
        ("seed", "17"),
        ("password", None),
        ("signature", True),
        ("signature", ""),
        ("signature", "«signed»"),
    ],
)
def test_a_field_that_only_sounds_secret_stays(name: str, value: Any) -> None:
    """Token ids, API key ids, hashes and placeholders stay, as do null, true and nothing."""
    assert Redactor().redact_json({name: value}) == {name: value}
    text = json.dumps({name: value}, ensure_ascii=False)
    assert Redactor().redact(text) == text


def test_a_bearer_token_field_is_a_secret() -> None:
    """A field `token` with a long value that names no traded token is replaced, parsed or as text."""
    value = "Zx81kq0Lmv7Ty6Rw"
    assert Redactor().redact_json({"token": value}) == {"token": "«token·········»"}
    assert Redactor().redact(f'{{"token":"{value}"}}') == '{"token":"«token·········»"}'


def test_everything_below_a_secret_field_is_secret() -> None:
    """Texts and numbers inside an object or list under a secret name are replaced, parsed or as text."""
    value = {"signature": {"r": "0xaaaaaaaa", "v": 27, "s": ["0xbbbbbbbb", None, True]}, "n": 27}
    clean = Redactor().redact_json(value)
    assert clean["n"] == 27
    inner = {"r": "«signatur»", "v": "«»", "s": ["«signat~2»", None, True]}
    assert clean["signature"] == inner
    assert json.loads(Redactor().redact(json.dumps(value))) == clean


def test_a_json_text_keeps_every_other_byte() -> None:
    """Inside a JSON text only the secret values change: spaces, order, doubles, escapes and numbers stay."""
    text = '{ "a" : 1.50, "a":1e3,\n "secret" : "hunter22" ,"u":"\\u00e9\\/x" , "password":12345678}'
    clean = '{ "a" : 1.50, "a":1e3,\n "secret" : "«secret»" ,"u":"\\u00e9\\/x" , "password":"«passwo»"}'
    redactor = Redactor()
    assert redactor.redact(text) == clean
    assert redactor.redact(redactor.redact(text)) == redactor.redact(text)


def test_a_broken_json_text_is_redacted_as_far_as_it_goes() -> None:
    """A frame that was cut off, even inside the secret, still loses it."""
    redactor = Redactor()
    for text in (
        '{"secret":"hunter22',
        '[{"password":"hunter22"',
        '{"secret":"hunter22"}}]',
        '{"secret" "hunter22":',
    ):
        assert len(redactor.redact(text)) == len(text)
    assert redactor.redact('{"secret":"hunter22') == '{"secret":"«secret»'
    assert redactor.redact('[{"password":"hunter22"') == '[{"password":"«passwo»"'


def test_a_secret_hidden_by_escapes_is_found() -> None:
    """A name or value spelled with JSON escapes, and a JSON text inside a JSON text, hide nothing."""
    redactor = knowing(alice_x="hunter22")
    assert redactor.redact('{"s\\u0065cret":"topsecret"}') == '{"s\\u0065cret":"«secret·»"}'
    assert redactor.redact('{"x":"h\\u0075nter22"}') == '{"x":"«alice.x:jso»"}'
    inner = json.dumps({"op": "auth", "password": "0p3nSesame"})
    outer = json.dumps({"frame": inner, "id": 7})
    assert "0p3nSesame" not in redactor.redact(outer)
    assert json.loads(json.loads(redactor.redact(outer))["frame"]) == {"op": "auth", "password": "«password»"}
    assert redactor.redact_json({"frame": inner})["frame"] == '{"op": "auth", "password": "«password»"}'


def test_a_name_and_value_pair_is_a_field() -> None:
    """A form field written as name and value, as HAR does, is a field of that name."""
    clean = Redactor().redact_json(
        [{"name": "password", "value": "hunter22"}, {"name": "n", "value": "hunter22"}]
    )
    assert clean == [{"name": "password", "value": "«passwo»"}, {"name": "n", "value": "hunter22"}]


def test_a_raw_transaction_is_a_secret() -> None:
    """What eth_sendRawTransaction sends is replaced whatever it looks like, parsed or as text."""
    call = {"method": "eth_sendRawTransaction", "params": ["0xf86b0185"], "id": 1}
    assert Redactor().redact_json(call)["params"] == ["«rawTrans»"]
    assert "f86b" not in str(Redactor().redact_json(call))
    assert json.loads(Redactor().redact(json.dumps(call))) == Redactor().redact_json(call)
    asked = {"method": "eth_getTransactionByHash", "params": ["0x" + "5a" * 32]}
    assert Redactor().redact_json(asked) == asked


def test_a_value_nested_too_deeply_to_walk_is_redacted_too() -> None:
    """A hostile nesting costs nothing but its time: the secret at its bottom is gone, the rest stays."""
    value: Any = {"password": "hunter22", "n": 1}
    for _ in range(900):
        value = [value]
    clean = Redactor().redact_json(value)
    for _ in range(900):
        clean = clean[0]
    assert clean == {"password": "«passwo»", "n": 1}


def test_other_values_are_untouched() -> None:
    """Numbers keep their digits, null and booleans stay, keys are searched, tuples become lists."""
    redactor = knowing(a="hunter22")
    value = {"p": Decimal("0.10"), "n": 2**200, "t": True, "z": None, "hunter22": (1, "x")}
    clean = redactor.redact_json(value)
    assert clean == {"p": Decimal("0.10"), "n": 2**200, "t": True, "z": None, "«a·····»": [1, "x"]}
    assert str(clean["p"]) == "0.10"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(alphabet=string.printable + "é«»", max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["secret", "a", "token", "headers", "name", "value", "params"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
@example({"a": "SECRET", "value": None})
@example([{"name": "SECRET", "value": 1}, {"name": "SECRET", "value": True}])
def test_redacting_twice_is_redacting_once(value: Any) -> None:
    """Redacting a redacted value, parsed or as text, changes nothing, and the text stays JSON."""
    redactor = Redactor()
    clean = redactor.redact_json(value)
    assert redactor.redact_json(clean) == clean
    text = redactor.redact(json.dumps(value))
    assert redactor.redact(text) == text
    json.loads(text)


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ({"name": "password", "value": 12345}, {"name": "password", "value": "«pas»"}),
        ({"name": 7, "value": "hunter22"}, {"name": 7, "value": "hunter22"}),
        ({"name": "password", "other": "hunter22"}, {"name": "password", "other": "hunter22"}),
        ({"name": "password", "value": "a", "n": "b"}, {"name": "password", "value": "·", "n": "b"}),
        ({"password": 12345}, {"password": "«pas»"}),
        ({"password": [False, None, 1]}, {"password": [False, None, "·"]}),
        ({"password": "«x»", "b": ["«x»"]}, {"password": "«x»", "b": ["«x»"]}),
        ({"password": {"name": "n", "value": 1}}, {"password": {"name": "·", "value": "·"}}),
        ({"method": "eth_call", "params": ["0x1"]}, {"method": "eth_call", "params": ["0x1"]}),
        ({"method": "eth_sendBundle", "x": ["0x1"]}, {"method": "eth_sendBundle", "x": ["0x1"]}),
        ({"token": "Zx81kq0Lmv7Ty6R"}, {"token": "Zx81kq0Lmv7Ty6R"}),
        ({"TOKEN": "Zx81kq0Lmv7Ty6Rw"}, {"TOKEN": "«TOKEN·········»"}),
        ({"token": "0xz1kq0Lmv7Ty6Rw"}, {"token": "«token·········»"}),
        ({"headers": {"X-A": ["ab", {"q": 1}]}}, {"headers": {"X-A": ["«»", {"q": 1}]}}),
        ({"headers": "X-A: abcdef"}, {"headers": "X-A: abcdef"}),
    ],
)
def test_a_value_is_walked_to_its_ends(value: Any, clean: Any) -> None:
    """Numbers, lists and pairs under a secret name go; booleans, nothing and placeholders stay."""
    found = Redactor().redact_json(value)
    assert found == clean
    assert Redactor().redact_json(found) == found


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"Content-Encoding": "gzip"}, False),
        ({"content-encoding": " BR "}, False),
        ({"content-encoding": " Identity "}, True),
        ({"content-encoding": ""}, True),
        ({"content-type": "gzip"}, True),
        (None, True),
        ([["content-encoding", "gzip"]], True),
    ],
)
def test_a_body_that_was_not_unpacked_is_withheld(headers: Any, kept: bool) -> None:
    """Nobody could look into it; the body of another field, and one that is not packed, are kept."""
    clean = Redactor().redact_json({"headers": headers, "body_base64": "YWJjZGVm", "body": "abc"})
    assert (clean["body_base64"], clean["body"]) == ("YWJjZGVm" if kept else "«undeco»", "abc")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('{"password":1234}', '{"password":"«pa»"}'),
        ('{"password":[true,false,null,1e5]}', '{"password":[true,false,null,"«p»"]}'),
        ('{"a":{"password":"abcdef"},"b":"abcdef"}', '{"a":{"password":"«pass»"},"b":"abcdef"}'),
        ('{"password":{"a":"abcdef"},"b":"abcdef"}', '{"password":{"a":"«pass»"},"b":"abcdef"}'),
        ('["password","abcdef"]', '["password","abcdef"]'),
        ('{"a":["password","abcdef"],"pwd":"abcdef"}', '{"a":["password","abcdef"],"pwd":"«pwd·»"}'),
        ('{"password":"abcdef","n":"password"}', '{"password":"«pass»","n":"password"}'),
        (']}{"password":"abcdef"}', ']}{"password":"«fiel»"}'),
        (' [{"password":"abcdef"}]', ' [{"password":"«pass»"}]'),
        ('{"password":""}', '{"password":""}'),
        ('{"pass\\u0077ord":"abcdef"}', '{"pass\\u0077ord":"«pass»"}'),
        ('{"x\t_pass\\u0077ord":"abcdef"}', '{"x\t_pass\\u0077ord":"«x__p»"}'),
        ('{"a":"\\q","password":"abcdef"}', '{"a":"\\q","password":"«pass»"}'),
        ('{"token":"Zx81kq0Lmv7Ty6Rw","n":[1]}', '{"token":"«token·········»","n":[1]}'),
    ],
)
def test_a_json_text_is_scanned_to_its_end(text: str, clean: str) -> None:
    """What is a name and what a value, at every depth, in broken texts as well."""
    found = Redactor().redact(text)
    assert found == clean
    assert Redactor().redact(found) == found
