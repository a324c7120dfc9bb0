"""Every word of the tables counts: the names that tell a secret, and those that do not, told again."""

from __future__ import annotations

import pytest

from harness.redact import Redactor
from harness.redact.named import Named
from harness.redact.places import is_allowed_header, is_key_name, is_secret_name

words = str.split

KEPT_HEADERS = words("""
accept accept-encoding accept-language accept-ranges age allow cache-control cf-cache-status cf-ray connection
content-encoding content-language content-length content-type date etag expires host keep-alive last-modified
poly-address poly-api-key poly-nonce poly-timestamp pragma retry-after
sec-websocket-version server strict-transport-security transfer-encoding upgrade user-agent vary
x-content-type-options x-correlation-id x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset x-request-id
ratelimit ratelimit-policy x-ratelimit-used
""")
DROPPED_HEADERS = words("""
authorization proxy-authorization cookie set-cookie x-api-key x-auth-token poly-signature poly-passphrase
location referer x-forwarded-for accepts my-date www-authenticate x-rate-limit sec-websocket-protocol
""")
SECRET_NAMES = words("""
access_token api_sign cb-access-sign kc-api-sign ok-access-sign
raw_data raw-data rawData secret_access_key secret_key_base
auth_token bearer_token cookies csrf_token id_token otp passcode passwd priv_key pwd raw_tx recovery_key
refresh_token secret_key session_id session_token raw-tx rawTx pass_word pass-code
set-cookie sig signed_transaction signed_tx signing_key
session_key totp x-api-key client_secret passphrase password private.key mnemonic
seed_phrase recovery_phrase
signature my_cookie authorization raw_transaction user_jwt my_secret_key my_secret_access_key
their_access_sign their_api_sign my_access_token my_refresh_token
""")
PUBLIC_NAMES = words("event_signature function_signature method_signature secrets signatures order token key")
KEY_NAMES = words("""
token my_token api_key access_key access_key_id auth_key feed_key subscription_key account_key master_key
encryption_key deploy_key license_key credential credentials auth
""")
PAGE_NAMES = words("""
page_token next_token continuation_token cursor_token sync_token idempotency_key_token cache_token key order
""")
RAW_METHODS = words("""
eth_sendRawTransaction eth_sendRawTransactionSync eth_sendRawTransactionConditional eth_sendPrivateTransaction
eth_sendBundle personal_importRawKey personal_unlockAccount personal_sendTransaction
""")
LINE_HEADERS = words("""
Authorization Proxy-Authorization Cookie Set-Cookie X-Api-Key X-Api-Secret Poly-Signature Poly-Passphrase
Poly-Secret
""")


@pytest.mark.parametrize("name", KEPT_HEADERS)
def test_a_header_that_tells_no_secret_is_kept(name: str) -> None:
    """What an engineer needs of an exchange is kept, in any case and with underscores too."""
    assert is_allowed_header(name, frozenset())
    assert Redactor().redact_headers({name.upper().replace("-", "_"): "a value"}) == {
        name.upper().replace("-", "_"): "a value"
    }


@pytest.mark.parametrize("name", DROPPED_HEADERS)
def test_every_other_header_is_dropped(name: str) -> None:
    """A name that only begins or ends as an allowed one is dropped as well."""
    assert is_allowed_header(name, frozenset()) is False
    assert is_allowed_header(name, frozenset({name})) is True


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_name_that_tells_a_secret(name: str) -> None:
    """Its value goes, as a field and in a text, whatever the case and separators."""
    for written in (name, name.upper(), name.replace("_", "").replace("-", "")):
        assert is_secret_name(written) is True
    assert Redactor().redact_json({name: "V4lu-9"}) == {name: Redactor().withhold(name, "V4lu-9")}
    text = f"?{name}=V4lu-9&n=1"
    start = text.index("V4lu-9")
    assert Named().spans(text, text.lower()) == [(start, start + 6)]


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_a_name_that_only_sounds_secret(name: str) -> None:
    """It tells nothing of its value."""
    assert is_secret_name(name) is False


@pytest.mark.parametrize("name", KEY_NAMES)
def test_a_name_of_a_key_tells_a_value_made_by_chance(name: str) -> None:
    """A value of letters and digits in no order is a secret there; a word is one only of `token`."""
    assert is_key_name(name) is True
    assert is_key_name(name.upper()) is True
    chance, word = f"?{name}=Zx81kq0Lmv7Ty6Rw", f"?{name}=abcdefghijklmnop"
    start = len(name) + 2
    assert Named().spans(chance, chance.lower()) == [(start, start + 16)]
    assert Named().spans(word, word.lower()) == ([(start, start + 16)] if name == "token" else [])


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_a_name_of_a_place_in_a_list_is_no_key(name: str) -> None:
    """Cursors, pages and keys of caches are made by chance and are no secrets."""
    assert is_key_name(name) is False


@pytest.mark.parametrize("method", RAW_METHODS)
def test_a_method_whose_parameters_are_secret(method: str) -> None:
    """What it is called with is replaced, as a value and as a text."""
    call = {"method": method, "params": ["0xf86b0185"]}
    assert Redactor().redact_json(call) == {"method": method, "params": ["«rawTrans»"]}
    assert Redactor().redact(f'{{"method":"{method}","params":["0xf86b0185"]}}') == (
        f'{{"method":"{method}","params":["«rawTrans»"]}}'
    )


@pytest.mark.parametrize("name", LINE_HEADERS)
def test_a_header_on_its_own_line_is_secret_to_the_end_of_it(name: str) -> None:
    """All words of the value go, and the line after it stays."""
    text = f"GET / HTTP/1.1\r\n{name}: two words\r\nHost: x"
    start = text.index("two")
    assert Named().spans(text, text.lower()) == [(start, start + 9)]
