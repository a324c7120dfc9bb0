"""Each look of a service's secret: the shortest that is one, and the next shorter, which is none."""

from __future__ import annotations

import pytest

from harness.redact import Redactor
from harness.redact.named import is_random
from harness.redact.patterns import PATTERNS, Signature

HEX64, HEX40 = "5a" * 32, "5a" * 20
TOKENS = [
    *(("awsKey", start, "Q", 16) for start in ("AKIA", "ASIA", "ABIA", "ACCA")),
    ("googleKey", "AIza", "q", 35),
    ("googleKey", "GOCSPX-", "q", 28),
    ("googleKey", "ya29.", "q", 20),
    *(("slackToken", f"xox{kind}-", "q", 10) for kind in "abeoprs"),
    ("slackToken", "xapp-1-", "q", 10),
    *(("githubToken", f"gh{kind}_", "q", 36) for kind in "pousr"),
    ("githubToken", "github_pat_", "q", 50),
    *(("gitlabToken", f"gl{kind}-", "q", 20) for kind in ("pat", "rt", "dt", "ptt", "cbt")),
    *(("stripeKey", f"{kind}_", "q", 16) for kind in ("sk_live", "rk_live", "sk_test", "rk_test")),
    ("stripeKey", "whsec_", "+", 24),
    ("twilioKey", "SK", "a", 32),
    ("sendgridKey", "SG." + "q" * 16 + ".", "q", 16),
    ("mailKey", "key-", "a", 32),
    ("packageToken", "npm_", "q", 36),
    ("packageToken", "pypi-", "q", 50),
    ("telegramToken", "12345678:AA", "q", 32),
    ("aiKey", "sk-q", "q", 30),
    ("aiKey", "hf_", "q", 30),
    ("vaultToken", "hvs.", "q", 20),
    ("vaultToken", "hvb.", "q", 20),
    ("ageKey", "AGE-SECRET-KEY-1", "Q", 58),
    *(("cloudToken", f"do{kind}_v1_", "a", 64) for kind in "opr"),
    ("cloudToken", "dapi", "a", 32),
    *(("rawTransaction", f"0x0{kind}f8", "a", 160) for kind in "1234"),
]
PLACED = [
    ("pem", "", "-----BEGIN PRIVATE KEY-----\nMHc\n-----END PRIVATE KEY-----", "\nmore"),
    ("pem", "x ", "-----BEGIN EC PRIVATE KEY-----\nMHc and more", ""),
    ("pgp", "", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nMHc\n-----END PGP-----", "\nmore"),
    ("pgp", "", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nMHc\n-----END-----", "\nmore"),
    ("pgp", "", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nMHc and more", ""),
    ("jwt", "=", "eyJaaaaa.bbbbb.ccccc", " x"),
    ("credentials", "Bearer ", "1+cdefgh", ","),
    ("credentials", "basic%20", "abcdefg=", ""),
    ("credentials", "BEARER++", "abcdefg1", ""),
    ("userinfo", "at ws://", "u:p", "@host"),
    ("userinfo", "at a+b://", "u:p", "@host"),
    ("userinfo", "redis://", ":p", "@host"),
    *(("rpcKey", f"{scheme}://h/v1/", "1" + "a" * 19, ")") for scheme in ("http", "https", "ws", "wss")),
    ("rpcKey", "https://h/v9/x/", "a" + "1" * 19, ""),
    *(
        ("rpcKey", f"{scheme}://{service}/", "a" * 20, "/")
        for scheme in ("http", "https", "ws", "wss")
        for service in ("infura", "alchemy", "quiknode", "quicknode", "ankr", "chainstack", "blastapi")
    ),
    *(
        ("rpcKey", f"https://a.{service}.io/x/y-1/", "a" * 20, "")
        for service in ("getblock", "drpc", "tenderly", "nodereal")
    ),
    *(
        ("privateKey", f"{words}", HEX64, " then")
        for words in (
            *("private key: ", "private_key=", "privatekey ", "private-key ", "secret key: "),
            *("secret-key ", "secret_key ", "secretkey ", "PRIVATE KEYS ", f"private key for 0x{HEX40}: "),
            *("the key is ", "the key was ", "Wallet(", "wallet(b'", "accounts: ['"),
        )
    ),
    ("privateKey", "Wallet('", "0x" + HEX64, "')"),
    ("slackHook", "https://hooks.slack.com/services/", "T/+" + "q" * 27, ""),
    ("slackHook", "https://hooks.slack.com/workflows/", "q" * 30, "?"),
    ("mailKey", "=", "a" * 32 + "-us1", ""),
    ("telegramToken", "=", "1234567890:AA" + "q" * 33, ""),
    ("discordHook", "https://x/api/webhooks/12/", "q" * 40, ""),
    ("azureKey", "AccountKey=", "+" * 40, ";"),
    ("azureKey", "SharedAccessKey=", "q" * 40 + "==", ";"),
    ("signature", "", "0x" + "ab" * 64 + "1b", ""),
    *(("signature", "is ", "ab" * 64 + end, ".") for end in ("00", "01", "1b", "1B", "1c", "1f", "20")),
    ("password", "ALTER USER x PASSWORD  '", "abcd", "'"),
    ("password", "with password\t'", "abcd", "'"),
    ("password", "curl -u ", "u:p", " https://x"),
    ("password", "curl -X GET --user='", "me:pass", "' x"),
    ("password", "docker login -p ", "p", " x"),
    ("password", "docker login -u me --password=", "p4ss", " x"),
    *(("fix", f"35=A|{tag}=", "a", "|10=000|") for tag in (554, 925, 96, 89, 1402, 1404)),
    *(("fix", f"{before}554=", "a b", "|") for before in ("", "|", "| ", "\x01", "\n", "; ", ">")),
    *(("fix", f"A{before}554=", "a", "\x01") for before in ("\\u0001", "^A", "\\x01")),
]
NONE = [
    *(
        "eyJaaaa.bbbbb.ccccc",
        "eyJaaaaa.bbbb.ccccc",
        "eyJaaaaa.bbbbb.cccc",
        "Bearer 1+cdefg",
        "bearerabcdefg1",
    ),
    *("Bearer abcdefghi", "forbearer abcdefg1", "ws://u:@host", "ws://u/p:q@host"),
    *("https://h/v1/1" + "a" * 18, "https://h/v1/1" + "a" * 64, "https://h/v0/1" + "a" * 19),
    *("https://h/v1/" + "a" * 20, "https://h/v1/" + "1" * 20, "https://h/v1/0x" + "1a" * 9),
    *("https://ankr/" + "a" * 19, "https://ankr/" + "a" * 129, "https://other/" + "a" * 20),
    *(f"private key: {HEX64[:-1]}", f"private key: {HEX64}a", f"monkey is {HEX64}", f"hash {HEX64}"),
    *("https://hooks.slack.com/services/" + "q" * 29, "x/api/webhooks//" + "q" * 40),
    *("x/api/webhooks/1/" + "q" * 39, "AccountKey=" + "q" * 39, "a" * 31 + "-us1"),
    *("SG." + "q" * 15 + "." + "q" * 16, "1234567:AA" + "q" * 32, "SK" + "a" * 32 + "q", "npm_" + "q" * 37),
    *(
        "ab" * 64 + "02",
        "ab" * 65,
        "ab" * 64 + "1d",
        "ab" * 64 + "1b1",
        "0" + "ab" * 64 + "1b",
        "ab" * 63 + "1b",
    ),
    *(
        "password'abcd'",
        "password 'abc'",
        "curling -u u:p x",
        "acurl -u u:p x",
        "curl -u u x",
        "curl -u :p x",
    ),
    *("curl -u u: x", "adocker login -p p", "docker logins -p p", "docker login -p «p»"),
    *("35=A|x554=a|", "1554=a|", "554=|", "554= |", "554=«a»"),
]


def looks(text: str) -> list[tuple[str, str]]:
    """What each pattern takes of a text, but for those that go by names."""
    return [
        (look.label, text[start:end])
        for look in PATTERNS
        if look.label != "field"
        for start, end in look.spans(text, text.lower())
    ]


@pytest.mark.parametrize(("label", "start", "char", "fewest"), TOKENS)
def test_a_token_is_known_by_its_beginning_and_its_length(
    label: str, start: str, char: str, fewest: int
) -> None:
    """The shortest that the service gives is a secret; one shorter, or in the middle of a word, is none."""
    token = start + char * fewest
    assert (label, token) in looks(f"say {token} and")
    assert (label, token) in looks(token)
    assert label not in {found for found, _ in looks(f"say {token[:-1]} and")}
    if label != "twilioKey":
        assert (label, token) not in looks(f"Q{token}")


@pytest.mark.parametrize(("label", "before", "secret", "after"), PLACED)
def test_a_secret_is_known_by_what_stands_around_it(label: str, before: str, secret: str, after: str) -> None:
    """It is taken whole, what stands around it is not, and a text without secrets is left."""
    text = before + secret + after
    assert (label, secret) in looks(text)
    assert secret not in Redactor().redact(text) or len(secret) < 3


@pytest.mark.parametrize("text", NONE)
def test_what_is_nearly_a_secret_is_none(text: str) -> None:
    """One character too few or too many, another number, another word: no look takes it."""
    assert looks(text) == []


@pytest.mark.parametrize("offset", [0, 1, 2, 60, 61, 62, 63, 64, 65, 127, 128, 200])
def test_a_signature_is_found_wherever_it_begins(offset: int) -> None:
    """The text is looked at in steps, and none of them is too long for a signature; two are two."""
    one, other = "0x" + "ab" * 64 + "1b", "cd" * 64 + "1c"
    text = "." * offset + one + " " + other + "."
    at, next_at = offset, offset + len(one) + 1
    assert Signature().spans(text, text) == [(at, at + len(one)), (next_at, next_at + len(other))]
    assert looks(text) == [("signature", one), ("signature", other)]


@pytest.mark.parametrize(
    ("value", "random"),
    [
        ("Zx81kq0Lmv7Ty6Rw", True),
        ("1Zxkqoaeyuiwvbnm", True),
        ("Z1234567890+/=_.", True),
        ("Zx81kq0Lmv7Ty6R", False),
        ("Zxabkqolmvtydfrw", False),
        ("1122334455667788", False),
        ("0x81c0a37f256ab4", False),
        ("0x" + "5a" * 20, False),
        ("aaaaaaaa11111111", False),
        ("a1b2c3d4" * 64, True),
        ("a1b2c3d4" * 64 + "a", False),
        ("Zx81*kq$0L^mv+7T", True),
        ("Zx81 kq0Lmv7Ty6Rw", False),
        ("3c1f7a52-9d0e-4b7f-8a6c-0d2e4f6a8b1c", False),
        ("3c1f7a52-9d0e-4b7f-8a6c-0d2e4f6a8b1c9", True),
        ("a0b1c2d3a0b1c2d3", True),
    ],
)
def test_a_value_made_by_chance(value: str, random: bool) -> None:
    """Sixteen characters or more, letters and digits, three bits each at least; no number, hash or UUID."""
    assert is_random(value) is random
    assert is_random("3c1f7a52-9d0e-4b7f-8a6c-0d2e4f6a8b1c", but_uuid=True) is True
