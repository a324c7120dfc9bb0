"""A registered secret passes in no form, and shows itself nowhere."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.redact import MIN_SECRET_CHARS, Hit, Redactor, Secret

from .samples import API_SECRET, FORMS, JWT, KEY, PASSWORD, UUID, knowing


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


def test_a_secret_split_over_two_texts_is_found_across_them() -> None:
    """It begins in one and ends in the next; one that is whole in either is not across."""
    redactor = knowing(a_key="hunter22", long="k7" * 32)
    assert redactor.across("x hunt", "er22 y") == "a.key"
    assert redactor.across("h", "unter22") == "a.key"
    assert redactor.across("hunter2", "2") == "a.key"
    assert redactor.across("hunter22", "x") == ""
    assert redactor.across("x", "hunter22") == ""
    assert redactor.across("", "hunter22") == ""
    assert redactor.across("." * 500 + "k7" * 20, "k7" * 12 + "." * 500) == "long"
    assert Redactor().across("hunt", "er22") == ""


def test_one_redactor_tells_another() -> None:
    """What an item registers, the one of the whole process knows as well."""
    whole = Redactor()
    Redactor(tells=whole).register("a.key", Secret("hunter22"))
    assert whole.redact("hunter22") == "«a.key·»"


def test_known_secrets_alone_can_be_replaced() -> None:
    """What only looks like one stays, and so does what nobody registered."""
    redactor = knowing(a="hunter22")
    assert redactor.redact_known(f"hunter22 {JWT}") == f"«a·····» {JWT}"
    assert redactor.redact_known(f"x {JWT}") == f"x {JWT}"
    assert Redactor().redact_known("hunter22") == "hunter22"


def test_a_text_is_withheld_as_a_whole() -> None:
    """Whatever it says; a placeholder and nothing stay."""
    redactor = Redactor()
    assert redactor.withhold("body", "anything") == "«body··»"
    assert redactor.withhold("body", "«else»") == "«else»"
    assert redactor.withhold("body", "") == ""
    assert redactor.manifest("«body··» «else»") == {"body": 1}


@pytest.mark.parametrize("label", ["a" * 65, "-a", ".a", "a\n", "a/b"])
def test_a_label_is_short_and_begins_with_a_letter_or_digit(label: str) -> None:
    """Sixty-four characters at most; a mark stands behind the first."""
    with pytest.raises(ValueError, match="a secret's label is letters"):
        Redactor().register(label, "hunter22")
    for fine in ("a" * 64, "7", "a_.:#-"):
        Redactor().register(fine, "hunter22")


def test_hits_are_counted_in_characters_and_lines() -> None:
    """The first line is one, the first character nought; the registered one is named before the look."""
    redactor = knowing(a="hunter22")
    assert redactor.find("hunter22\n\nhunter22 hunter22\n") == [
        *(Hit(0, 1, "a", "raw"), Hit(10, 3, "a", "raw"), Hit(19, 3, "a", "raw"))
    ]
    assert redactor.find("password=hunter22") == [Hit(9, 1, "a", "raw")]
    assert redactor.find("password=hunter23") == [Hit(9, 1, "field", "pattern")]
    for start, line in ((-1, 1), (0, 0)):
        with pytest.raises(ValueError, match="a hit stands at a character from 0 and a line from 1"):
            Hit(start, line, "a", "raw")
    assert Hit(0, 1, "a", "raw") < Hit(1, 1, "a", "raw")


def test_a_secret_of_odd_letters_is_known() -> None:
    """A lone surrogate, as a broken JSON escape leaves it, is no reason to fail."""
    redactor = knowing(a="hunter\ud800")
    assert redactor.redact("x hunter\ud800") == "x «a····»"


def test_a_text_that_was_redacted_is_looked_at_again_once_more_is_known() -> None:
    """The same text comes again when another secret was registered meanwhile, and does not leave with it."""
    redactor = knowing(a="hunter22")
    text = "hunter22 and swordfish"
    assert redactor.redact(text) == redactor.redact(text) == "«a·····» and swordfish"
    redactor.register("b", "swordfish")
    assert redactor.redact(text) == redactor.redact(text) == "«a·····» and «b······»"
