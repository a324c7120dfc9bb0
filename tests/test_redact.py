"""No registered secret passes in any form, places are denied by default, and all else stays as it was."""

from __future__ import annotations

import base64
import json
import random
import re
import string
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.redact import MIN_SECRET_CHARS, Hit, Redactor, Secret, alike

API_SECRET = "q3Ffx7-Tz9_kWmN2bVd8sLpR4yHjUcXe6GaQoI1uE0M="
PASSWORD = 'pa"ss/wörd &+\\=1'
KEY = "0x8f2a559490d4f7b8c1e6a3d2b5c4f7e8a9d0c1b2e3f4a5b6c7d8e9f0a1b2c3d4"
UUID = "3c1f7a52-9d0e-4b7f-8a6c-0d2e4f6a8b1c"
SIGNATURE = "0x" + "ab" * 64 + "1b"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


def knowing(**secrets: str) -> Redactor:
    redactor = Redactor()
    for label, value in secrets.items():
        redactor.register(label.replace("_", "."), value)
    return redactor


def base64_at(offset: int, alphabet: Callable[[bytes], bytes]) -> Callable[[str], str]:
    """The secret in base64 when so many bytes stand before it, as in `user:secret`; what follows
    has no bit of it."""
    return lambda value: alphabet(b"\0" * offset + value.encode()).decode()


FORMS = {
    "raw": lambda value: value,
    "url": lambda value: quote(value, safe=""),
    "url, slashes kept": quote,
    "url, lower case": lambda value: re.sub("%..", lambda escape: escape[0].lower(), quote(value, safe="")),
    "form": quote_plus,
    "json": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "json, ASCII": lambda value: json.dumps(value)[1:-1],
    "json, slashes escaped": lambda value: json.dumps(value)[1:-1].replace("/", "\\/"),
    "json in json": lambda value: json.dumps(json.dumps(value)[1:-1])[1:-1],
    "base64": base64_at(0, base64.b64encode),
    "base64, 1 before": base64_at(1, base64.b64encode),
    "base64, 2 before": base64_at(2, base64.b64encode),
    "base64url": base64_at(0, base64.urlsafe_b64encode),
    "base64url, 1 before": base64_at(1, base64.urlsafe_b64encode),
    "base64url, 2 before": base64_at(2, base64.urlsafe_b64encode),
    "base64url, no padding": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
    "0xhex": lambda value: "0x" + value.encode().hex(),
}


@pytest.mark.parametrize("value", [API_SECRET, PASSWORD, KEY, UUID, "hunter", "日本語のパスワード"])
@pytest.mark.parametrize("form", FORMS)
def test_a_registered_secret_is_replaced_in_every_form(form: str, value: str) -> None:
    """Whatever form a registered secret takes, it is found, replaced by as many characters, and
    then not found."""
    written = FORMS[form](value)
    text = f"before {written} after"
    redactor = knowing(alice_secret=value)
    assert redactor.find(text)
    clean = redactor.redact(text)
    assert len(clean) == len(text)
    assert value not in clean
    assert "«alic" in clean
    assert redactor.find(clean) == []
    assert redactor.redact(clean) == clean


@pytest.mark.parametrize(
    "written",
    [
        KEY[2:],
        KEY[2:].upper(),
        base64.b64encode(bytes.fromhex(KEY[2:])).decode(),
        base64.urlsafe_b64encode(b"\1" + bytes.fromhex(KEY[2:])).decode(),
    ],
)
def test_a_key_given_in_hex_is_known_by_its_bytes(written: str) -> None:
    """A key registered with 0x is also found without it, in the other case, and in base64 of its bytes."""
    redactor = knowing(alice_key=KEY)
    clean = redactor.redact(f"<{written}>")
    assert "«alice.key" in clean
    assert redactor.find(clean) == []


def test_a_secret_given_in_base64_is_known_by_its_bytes() -> None:
    """A secret registered in one base64 alphabet is also found in the other one and in hex of its bytes."""
    redactor = knowing(alice_secret=API_SECRET)
    data = base64.urlsafe_b64decode(API_SECRET)
    assert redactor.redact(base64.b64encode(data).decode()) == "«alice.secret:base64·······················»"
    assert redactor.redact(data.hex()).startswith("«alice.secret:hex·")


def test_placeholders_are_equal_where_secrets_are() -> None:
    """Equal secrets have equal placeholders, different ones of equal length and label different ones."""
    redactor = knowing(alice_secret="abcdef-123456", bob_secret="ghijkl-123456")
    redactor.register("alice.secret", "mnopqr-123456")
    text = "abcdef-123456 ghijkl-123456 mnopqr-123456 abcdef-123456"
    assert redactor.redact(text) == "«alice.secre» «bob.secret·» «alice.sec~2» «alice.secre»"
    assert redactor.manifest(redactor.redact(text)) == {"alice.secret": 3, "bob.secret": 1}


def test_many_short_secrets_of_one_label_stay_apart() -> None:
    """Thousands of secrets under one label have thousands of placeholders, even of six characters."""
    redactor = Redactor()
    values = [f"{number:06x}" for number in range(0x100000, 0x100000 + 1500)]
    clean = {redactor.redact_json({"password": value})["password"] for value in values}
    assert len(clean) == len(values)
    assert {len(text) for text in clean} == {6}


def test_the_longest_secret_is_replaced_first() -> None:
    """Where one secret holds another, the whole longer one is replaced, by its own placeholder."""
    redactor = knowing(short="abcdef", long="abcdefghijkl")
    assert redactor.redact("abcdefghijkl abcdef") == "«long······» «shor»"


def test_a_placeholder_is_no_secret_even_where_it_spells_one() -> None:
    """A label that spells a registered secret does not make its placeholders secret."""
    redactor = knowing(bob_password="x7Kq09Lm22", alice_x="password")
    clean = redactor.redact("x7Kq09Lm22 password")
    assert clean == "«bob.pass» «alice.»"
    assert redactor.find(clean) == []
    assert redactor.redact(clean) == clean


@pytest.mark.parametrize(
    ("label", "value", "text"),
    [
        ("a", "12345", "the secret a is shorter than 6 characters: use a longer one"),
        ("a", "  12345  ", "the secret a is shorter than 6 characters: use a longer one"),
        ("a", "«secret»", "the secret a is a placeholder already"),
        ("a b", "123456", "a secret's label is letters, digits and _.:#-, at most 64: 'a b'"),
        ("", "123456", "a secret's label is letters, digits and _.:#-, at most 64: ''"),
        ("«a»", "123456", "a secret's label is letters, digits and _.:#-, at most 64: '«a»'"),
    ],
)
def test_what_cannot_be_replaced_safely_is_refused(label: str, value: str, text: str) -> None:
    """Short values, placeholders and labels that could break a text are refused, and the value is
    not shown."""
    with pytest.raises(ValueError, match=r".") as raised:
        Redactor().register(label, value)
    assert str(raised.value) == text
    assert MIN_SECRET_CHARS == 6


def test_a_secret_does_not_show_itself() -> None:
    """A Secret prints, formats and reprs as «secret», compares by value, and is registered as it is."""
    secret = Secret("hunter22")
    assert [str(secret), repr(secret), f"{secret:>20}", f"{[secret]}"] == ["«secret»"] * 3 + ["[«secret»]"]
    assert secret.reveal() == "hunter22"
    assert secret == Secret("hunter22")
    assert secret != Secret("hunter23")
    assert secret != "hunter22"
    assert len({secret, Secret("hunter22")}) == 1
    redactor = Redactor()
    redactor.register("bob.password", secret)
    redactor.register("later.label", "hunter22")
    assert redactor.redact("hunter22") == "«bob.pa»"


def test_hits_say_where_and_whose_but_not_what() -> None:
    """A hit names character, line, label and form; a look-alike nobody registered has the form pattern."""
    redactor = knowing(alice_secret=API_SECRET)
    text = f"one\n{API_SECRET.encode().hex()}\n{JWT}\n"
    assert redactor.find(text) == [Hit(4, 2, "alice.secret", "hex"), Hit(93, 3, "jwt", "pattern")]
    with pytest.raises(ValueError, match="a hit stands at a character from 0"):
        Hit(-1, 1, "a", "raw")


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
    assert redactor.redact('{"x":"h\\u0075nter22"}') == '{"x":"«alice.»"}'
    inner = json.dumps({"op": "auth", "password": "0p3nSesame"})
    outer = json.dumps({"frame": inner, "id": 7})
    assert "0p3nSesame" not in redactor.redact(outer)
    assert json.loads(json.loads(redactor.redact(outer))["frame"]) == {"op": "auth", "password": "«password»"}
    assert redactor.redact_json({"frame": inner})["frame"] == '{"op": "auth", "password": "«password»"}'


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


@pytest.mark.parametrize(
    "part", ["eyJ-", "https://", "bearer ", '{"', '\\"', "-----BEGIN PRIVATE KEY-----", "[", "0x"]
)
def test_a_hostile_text_takes_no_more_than_its_time(part: str) -> None:
    """A text made to be slow to search takes time in proportion to its length."""
    redactor = knowing(a="hunter22")
    started_s = time.process_time()
    redactor.redact("[" + part * 30_000)
    assert time.process_time() - started_s < 5


def test_other_values_are_untouched() -> None:
    """Numbers keep their digits, null and booleans stay, keys are searched, tuples become lists."""
    redactor = knowing(a="hunter22")
    value = {"p": Decimal("0.10"), "n": 2**200, "t": True, "z": None, "hunter22": (1, "x")}
    clean = redactor.redact_json(value)
    assert clean == {"p": Decimal("0.10"), "n": 2**200, "t": True, "z": None, "«a·····»": [1, "x"]}
    assert str(clean["p"]) == "0.10"


LOOKS = {
    "a signature": (f"signed {SIGNATURE}.", SIGNATURE),
    "a signature without 0x": (f"signed {SIGNATURE[2:]}.", SIGNATURE[2:]),
    "a JWT": (f"got {JWT} back", JWT),
    "a PEM key": (
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
    ),
    "a bearer": ("curl -H 'X: Bearer abc123def456'", "abc123def456"),
    "basic": ("sent Basic dXNlcjpwYXNzMQ== once", "dXNlcjpwYXNzMQ=="),
    "a header line": ("GET / HTTP/1.1\r\nCookie: a=b; c=d\r\n\r\n", "a=b; c=d"),
    "a header in a command": ("curl -H 'POLY_PASSPHRASE: letmein' https://x", "letmein"),
    "userinfo": ("wss://user:hunter2@node.example/ws", "user:hunter2"),
    "infura": (
        "https://mainnet.infura.io/v3/9aa3d95b3bc440fa88ea12eaa4456161",
        "9aa3d95b3bc440fa88ea12eaa4456161",
    ),
    "alchemy": (
        "see https://polygon-mainnet.g.alchemy.com/v2/Ab3-dEfGh1jKlMn0pQrStUvWxYz12345 now",
        "Ab3-dEfGh1jKlMn0pQrStUvWxYz12345",
    ),
    "quicknode": ("https://a-b.matic.quiknode.pro/f00dfeedf00dfeedf00dfeed/", "f00dfeedf00dfeedf00dfeed"),
    "a key in a query": ("https://rpc.example/?apikey=A1b2C3d4E5f6G7h8I9j0K", "A1b2C3d4E5f6G7h8I9j0K"),
    "a form": ("grant=x&password=hunter2&n=1", "hunter2"),
    "a field in prose": ('curl -d \'{"passphrase": "letmein"}\'', "letmein"),
    "a private key in prose": (f"private key: {KEY}", KEY),
    "a raw transaction": ("tx 0x02f8" + "b1" * 100, "0x02f8" + "b1" * 100),
    "a FIX password": ("8=FIXT.1.1|35=A|553=me|554=hunter2|10=000|", "hunter2"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_looks_like_a_secret_is_replaced(look: str) -> None:
    """A secret that nobody registered is known by its look; what stands around it stays."""
    text, secret = LOOKS[look]
    redactor = Redactor()
    clean = redactor.redact(text)
    before, after = text.split(secret)
    assert clean.startswith(before)
    assert clean.endswith(after)
    assert len(clean) == len(text)
    assert secret not in clean
    assert [hit.form for hit in redactor.find(text)] == ["pattern"]
    assert redactor.find(clean) == []
    assert redactor.redact(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "0x" + "5a" * 32,
        '{"transactionHash":"0x' + "5a" * 32 + '","logIndex":3}',
        "0x2791bca1f2de4661ed88a30c99a7a9449aa84174",
        "https://clob.example/orders/3c1f7a52-9d0e-4b7f-8a6c-0d2e4f6a8b1c?token_id=713210456792522125946263",
        "https://clob.example/v1/markets/0x" + "5a" * 32,
        "https://clob.example/v2/71321045679252212594626385532706912750332728571",
        "0x" + "5a" * 200,
        f"https://clob.example/?apikey={UUID}",
        "a basic rule, a bearer of news: the signature is not valid",
        "order not found: key=value",
        "8=FIX.4.4|35=8|55=YES|54=1|10=123|",
        "the password was wrong",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    """Hashes, addresses, calldata, token ids, URLs of markets and prose stay as they are, and
    nothing is found."""
    assert Redactor().redact(text) == text
    assert Redactor().find(text) == []


@given(
    st.text(min_size=6, max_size=40).filter(
        lambda text: len(text.strip()) >= 6 and not set(text) & set("«»·")
    ),
    st.text(max_size=60),
    st.text(max_size=60),
    st.sampled_from(["raw", "url", "json", "json, ASCII", "base64", "hex"]),
)
def test_any_secret_in_any_text_is_gone(secret: str, before: str, after: str, form: str) -> None:
    """For any secret and any text around it: found before, as long after, not found after, and stable."""
    redactor = knowing(a=secret)
    text = before + FORMS[form](secret) + after
    assert redactor.find(text)
    clean = redactor.redact(text)
    assert secret not in clean
    assert not [hit for hit in redactor.find(clean) if hit.form != "pattern"]
    assert redactor.redact(clean) == clean


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
def test_redacting_twice_is_redacting_once(value: Any) -> None:
    """Redacting a redacted value, parsed or as text, changes nothing, and the text stays JSON."""
    redactor = Redactor()
    clean = redactor.redact_json(value)
    assert redactor.redact_json(clean) == clean
    text = redactor.redact(json.dumps(value))
    assert redactor.redact(text) == text
    json.loads(text)


@pytest.mark.parametrize(
    ("recorded", "built", "is_alike"),
    [
        ("a «secret» b", "a hunter22 b", True),
        ("a «secret» b", "a hunter2 b", False),
        ("a «secret» b", "a hunter22 c", False),
        ("x", "x", True),
        ("x", "y", False),
        ({"a": ["«·»", 1]}, {"a": ["abc", 1]}, True),
        ({"a": ["«·»", 1]}, {"a": ["abc", 2]}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": True}, False),
        ([1], [1, 2], False),
        ([1, 2], (1, 2), True),
    ],
)
def test_a_placeholder_is_alike_any_text_as_long(recorded: Any, built: Any, is_alike: bool) -> None:
    """Values are alike when equal, where a placeholder in what was recorded stands for any text of
    its length."""
    assert alike(recorded, built) is is_alike


def test_fifty_secrets_are_looked_for_in_ten_megabytes_in_seconds() -> None:
    """Fifty secrets in all their forms, and every pattern, are looked for in 10 MB in a few seconds."""
    dice = random.Random(7)
    redactor = Redactor()
    for number in range(50):
        data = dice.randbytes(32)
        redactor.register(f"a{number}", base64.b64encode(data).decode() if number % 2 else "0x" + data.hex())
    levels = [{"price": f"0.{level}", "size": "100.5"} for level in range(30)]
    book = {"asset_id": str(dice.getrandbits(255)), "market": "0x" + dice.randbytes(32).hex(), "bids": levels}
    text = (json.dumps(book) + "\n") * 8000
    assert len(text) > 10_000_000
    started_s = time.process_time()
    assert redactor.find(text) == []
    assert time.process_time() - started_s < 10
