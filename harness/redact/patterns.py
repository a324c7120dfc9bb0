"""The one maintained set of patterns: what looks like a secret wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from harness.redact.forms import small_letters
from harness.redact.named import Named
from harness.redact.placeholder import is_placeholder
from harness.redact.words import Mnemonic


def _always(match: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Pattern:
    """One look of a secret: `regex` has the group `secret`; tried where one of `signs` is in the text."""

    label: str
    signs: tuple[str, ...]
    regex: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] = _always

    def spans(self, text: str, lowered: str) -> list[tuple[int, int]]:
        """Start and end of every secret of this look in the text; `lowered` is the text in lower case."""
        if not any(sign in (lowered if sign.islower() else text) for sign in self.signs):
            return []
        return [
            match.span("secret")
            for match in self.regex.finditer(text)
            if not is_placeholder(match["secret"]) and self.holds(match)
        ]


def _pattern(label: str, signs: str, regex: str, holds: Callable[[re.Match[str]], bool] = _always) -> Pattern:
    """`signs` are parted by spaces; `&` stands for one. One with a capital is looked for as it is."""
    return Pattern(label, tuple(sign.replace("&", " ") for sign in signs.split()), re.compile(regex), holds)


def _token(label: str, signs: str, regex: str) -> Pattern:
    """A token that its own beginning tells."""
    return _pattern(label, signs, rf"(?<![A-Za-z0-9_])(?P<secret>{regex})(?![A-Za-z0-9])")


class Signature:
    """The look of an ECDSA signature: 65 bytes in hex, the last of them a recovery id.

    Hashes stand everywhere and signatures nearly nowhere, so the text is looked at in steps first.
    """

    label = "signature"
    _step = 64
    _regex = re.compile(
        r"(?<![0-9a-zA-Z])(?P<secret>(?:0[xX])?[0-9a-fA-F]{128}(?:0[01]|1[bBcCfF]|20))(?![0-9a-zA-Z])"
    )

    def spans(self, text: str, small: str) -> list[tuple[int, int]]:
        """Start and end of every signature."""
        found: dict[int, int] = {}
        for at in range(0, len(text), self._step):
            if text[at : at + self._step].isalnum():
                near = self._regex.finditer(text, max(0, at - 2 * self._step - 4), at + 4 * self._step)
                found |= {match.start(): match.end() for match in near if match.start() <= at}
        return sorted(found.items())


class Look(Protocol):
    """One way to know a secret that nobody registered."""

    @property
    def label(self) -> str:
        """What a report may call it."""

    def spans(self, text: str, small: str) -> list[tuple[int, int]]:
        """Start and end of every secret of this look; `small` is the text in small letters."""


PATTERNS: Final[Sequence[Look]] = (
    Named(),
    Mnemonic(),
    _pattern(
        "pem",
        "-----BEGIN",
        r"(?P<secret>-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?s:.*?)"
        r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|\Z))",
    ),
    _pattern("jwt", "eyj", r"(?<![\w-])(?P<secret>eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,})"),
    _pattern(
        "credentials",
        "bearer basic",
        r"(?i)\b(?:bearer|basic)(?:\s|%20|\+)+(?P<secret>(?=[^\s\"',]*[0-9=])[A-Za-z0-9._~+/=-]{8,})",
    ),
    _pattern("userinfo", "://", r"(?i)\b[a-z][a-z0-9+.-]{1,20}://(?P<secret>[^\s/?#@\"'«]*:[^\s/?#@\"'«]+)@"),
    _pattern(
        "rpcKey",  # https://mainnet.infura.io/v3/<key>
        "/v",
        r"(?i)\b(?:https?|wss?)://[^\s/?#\"'\\]+/v[1-9]/(?:[a-z]{1,12}/)?"
        r"(?P<secret>(?!0x)(?=[a-z0-9_-]*[0-9])(?=[a-z0-9_-]*[a-z])[a-z0-9_-]{20,64})(?=[/?#\s\"'`)<,;\\]|\Z)",
    ),
    _pattern(
        "rpcKey",  # https://some-name.quiknode.pro/<key>/
        "infura alchemy quiknode quicknode ankr chainstack blastapi getblock drpc tenderly nodereal",
        r"(?i)\b(?:https?|wss?)://[^\s/?#\"'\\]*(?:infura|alchemy|quiknode|quicknode|ankr|chainstack|blastapi"
        r"|getblock|drpc|tenderly|nodereal)[^\s/?#\"'\\]*/(?:[a-z0-9_-]{1,19}/)*"
        r"(?P<secret>[a-z0-9_-]{20,128})(?=[/?#\s\"'`)<,;\\]|\Z)",
    ),
    _pattern(
        "privateKey",
        "private&key private_key private-key privatekey secret&key secret_key secret-key secretkey key&is"
        " key&was wallet( accounts",
        r"(?i)(?:(?:private|secret)[ _-]?key\w{0,12}(?: for 0x[0-9a-f]{40})?"
        r"|\bkey (?:is|was)|wallet\(|\baccounts)"
        r"(?:\W{0,6}|\W{0,3}b[\"'])"
        r"(?P<secret>(?:0x)?[0-9a-f]{64})(?![0-9a-f])",
    ),
    _token("awsKey", "AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    _token("googleKey", "AIza GOCSPX- ya29.", r"AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w-]{20,}"),
    _token("slackToken", "xox xapp-", r"(?:xox[abeoprs]|xapp-\d)-[A-Za-z0-9-]{10,}"),
    _pattern(
        "slackHook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/(?P<secret>[\w+/]{30,})"
    ),
    _token(
        "githubToken",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,}",
    ),
    _token("gitlabToken", "glpat- glrt- gldt- glptt- glcbt-", r"gl(?:pat|rt|dt|ptt|cbt)-[\w-]{20,}"),
    _token(
        "stripeKey", "_live_ _test_ whsec_", r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,}"
    ),
    _pattern("twilioKey", "SK", r"(?P<secret>SK[0-9a-f]{32})(?![A-Za-z0-9])"),
    _token("sendgridKey", "SG.", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    _token("mailKey", "key- -us", r"key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}"),
    _token("packageToken", "npm_ pypi-", r"npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}"),
    _token("telegramToken", ":AA", r"\d{8,10}:AA[\w-]{32,33}"),
    _pattern("discordHook", "/webhooks/", r"/api/webhooks/\d+/(?P<secret>[\w-]{40,})"),
    _token("aiKey", "sk- hf_", r"sk-[A-Za-z0-9][\w-]{30,}|hf_[A-Za-z]{30,}"),
    _token("vaultToken", "hvs. hvb.", r"hv[sb]\.[\w-]{20,}"),
    _token("ageKey", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    _token("cloudToken", "dop_v1_ doo_v1_ dor_v1_ dapi", r"do[opr]_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}"),
    _pattern(
        "azureKey",
        "accountkey= sharedaccesskey=",
        r"(?i)(?:account|sharedaccess)key=(?P<secret>[a-z0-9+/]{40,}={0,2})",
    ),
    _pattern(
        "pgp",
        "-----BEGIN&PGP",
        r"(?P<secret>-----BEGIN PGP PRIVATE KEY BLOCK-----(?s:.*?)(?:-----END[ A-Z]*-----|\Z))",
    ),
    Signature(),
    _pattern("password", "password", r"(?:PASSWORD|password)[ \t]+'(?P<secret>[^'\n]{4,128})'"),
    _pattern(
        "password",
        "curl",
        r"\bcurl\b[^\n]{0,400}?\s(?:-u|--user)[ =]['\"]?(?P<secret>[^\s:'\"«]+:[^\s'\"«]+)",
    ),
    _pattern(
        "password",
        "docker&login",
        r"\bdocker login\b[^\n]{0,200}?\s(?:-p|--password)[ =](?P<secret>[^\s«]+)",
    ),
    _pattern(
        "rawTransaction",
        "0x01f 0x02f 0x03f 0x04f",
        r"(?<![0-9a-zA-Z])(?P<secret>0x0[1-4]f[89a-fA-F][0-9a-fA-F]{160,})",
    ),
    _pattern(
        "fix",
        "554= 925= 96= 89= 1402= 1404=",
        r"(?:^|[|\x01\n;>][ ]?|\\u0001|\^A|\\x01)(?:554|925|96|89|1402|1404)="
        r"(?P<secret>[^|\x01\n;^<«\"\\]*[^|\x01\n;^<«\"\\ ])",
    ),
)


@lru_cache(maxsize=8_192)
def is_plain(text: str) -> bool:
    """Whether no look finds anything in a text; for short ones.

    The same names and values of headers come with every answer: looking at them again and again took most of
    the time that a step of a live run needs.
    """
    small = small_letters(text)
    return not any(pattern.spans(text, small) for pattern in PATTERNS)
