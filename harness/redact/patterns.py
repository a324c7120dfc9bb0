"""The one maintained set of patterns: what looks like a secret wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from harness.redact.placeholder import is_placeholder
from harness.redact.places import is_secret_field


def _always(match: re.Match[str]) -> bool:
    return True


def _secret_by_name(match: re.Match[str]) -> bool:
    return is_secret_field(match["name"], match["secret"])


@dataclass(frozen=True, slots=True)
class Pattern:
    """One look of a secret: `regex` has the group `secret`; tried where one of `signs` is in the text."""

    label: str
    signs: tuple[str, ...]
    regex: re.Pattern[str]
    holds: Callable[[re.Match[str]], bool] = _always

    def spans(self, text: str, lowered: str) -> list[tuple[int, int]]:
        """Start and end of every secret of this look in the text; `lowered` is the text in lower case."""
        if not any(sign in lowered for sign in self.signs):
            return []
        return [
            match.span("secret")
            for match in self.regex.finditer(text)
            if not is_placeholder(match["secret"]) and self.holds(match)
        ]


def _pattern(label: str, signs: str, regex: str, holds: Callable[[re.Match[str]], bool] = _always) -> Pattern:
    return Pattern(label, tuple(signs.split()), re.compile(regex), holds)


PATTERNS: Final = (
    _pattern(
        "pem",
        "-----begin",
        r"(?P<secret>-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?s:.*?)"
        r"(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|\Z))",
    ),
    _pattern("jwt", "eyj", r"(?<![\w-])(?P<secret>eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,})"),
    _pattern(
        "credentials",
        "bearer basic",
        r"(?i)\b(?:bearer|basic)(?:\s|%20|\+)+(?P<secret>(?=[^\s\"',]*[0-9=])[A-Za-z0-9._~+/=-]{8,})",
    ),
    _pattern(
        "header",
        "authorization cookie poly api",
        r"(?im)(?:^|['\"\n])[<> ]{0,2}(?:(?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-api-secret"
        r"|poly[_-](?:signature|passphrase|secret))[ \t]*:[ \t]*(?P<secret>[^\s'\"«\\][^'\"\r\n«\\]*)",
    ),
    _pattern("userinfo", "://", r"(?i)\b[a-z][a-z0-9+.-]{1,20}://(?P<secret>[^\s/?#@\"'«]+:[^\s/?#@\"'«]+)@"),
    _pattern(
        "rpcKey",  # https://mainnet.infura.io/v3/<key>
        "/v",
        r"(?i)\b(?:https?|wss?)://[^\s/?#\"'\\]+/v[1-9]/(?:[a-z]{1,12}/)?"
        r"(?P<secret>(?!0x)(?=[a-z0-9_-]*[0-9])(?=[a-z0-9_-]*[a-z])[a-z0-9_-]{20,64})(?=[/?#\s\"'\\]|\Z)",
    ),
    _pattern(
        "rpcKey",  # https://some-name.quiknode.pro/<key>/
        "infura alchemy quiknode quicknode ankr chainstack blastapi getblock drpc tenderly nodereal",
        r"(?i)\b(?:https?|wss?)://[^\s/?#\"'\\]*(?:infura|alchemy|quiknode|quicknode|ankr|chainstack|blastapi"
        r"|getblock|drpc|tenderly|nodereal)[^\s/?#\"'\\]*/(?:[a-z0-9_-]{1,19}/)*"
        r"(?P<secret>[a-z0-9_-]{20,128})(?=[/?#\s\"'\\]|\Z)",
    ),
    _pattern(
        "urlKey",
        "key=",
        r"(?i)[?&](?:api[-_]?key|dkey|access[-_]?key)=(?P<secret>[a-z0-9_-]{20,})(?![a-z0-9_-])(?<![0-9a-f]{8}-[0-9a-f]{4}-"
        r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
    ),
    _pattern(
        "form",
        "=",
        r"(?:^|[?&;,\s\"'])(?P<name>[A-Za-z][\w.-]{1,40})=(?P<secret>[^&\s\"'<>;,«\\]+)",
        _secret_by_name,
    ),
    _pattern(
        "field",
        '":',
        r"\"(?P<name>[^\"\\]{2,40})\"\s*:\s*\"(?P<secret>(?:[^\"\\«]|\\.)+)\"",
        _secret_by_name,
    ),
    _pattern(
        "privateKey",
        "private secret",
        r"(?i)(?:private|secret)[\s_-]?key\W{0,6}(?P<secret>(?:0x)?[0-9a-f]{64})(?![0-9a-f])",
    ),
    _pattern(
        "signature",
        "00 01 1b 1c 1f 20",
        r"(?<![0-9a-zA-Z])(?P<secret>(?:0[xX])?[0-9a-fA-F]{128}(?:0[01]|1[bBcCfF]|20))(?![0-9a-zA-Z])",
    ),
    _pattern(
        "rawTransaction",
        "0x01f 0x02f 0x03f 0x04f",
        r"(?<![0-9a-zA-Z])(?P<secret>0x0[1-4]f[89a-fA-F][0-9a-fA-F]{160,})",
    ),
    _pattern("fix", "554= 925= 96= 89=", r"(?:^|[|\x01])(?:554|925|96|89)=(?P<secret>[^|\x01«\"\\]+)"),
)
