"""Values that their name tells: `password=…`, `"client_secret": "…"`, `Authorization: …`, `<apiToken>…`."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

from harness.redact.placeholder import is_placeholder
from harness.redact.places import is_key_name, is_secret_field, is_secret_name

SIGNS: Final = (
    *("secret", "pass", "pwd", "mnemonic", "phrase", "sig", "cookie", "jwt", "token", "key", "auth", "otp"),
    *("credential", "session", "rawt", "rawd", "raw_", "raw-"),
)
"""Each name that tells a secret holds one of these."""
HEADERS: Final = frozenset(
    {"authorization", "proxyauthorization", "cookie", "setcookie", "xapikey", "xapisecret"}
    | {"polysignature", "polypassphrase", "polysecret"}
)
"""Headers whose value is secret to the end of its line."""

_SEPARATORS: Final = str.maketrans("", "", "-_ .")
_NAME_CHARS: Final = 50
_SIGN: Final = re.compile("|".join(SIGNS))
_BEFORE: Final = re.compile(r"[A-Za-z0-9_.\-]{0,50}\Z")
_REST: Final = re.compile(r"[A-Za-z0-9_.\-]{0,50}")
_LINE_START: Final = re.compile(r"(?:^|[\n'\"]|\\n|\(b['\"])[<>*| \t]{0,4}\Z")
_BREAK: Final = r"(?:\\r)?(?:\\n|\r?\n)"
_JOINT: Final = re.compile(
    r"(?:\\{0,6}[\"'`])?[ \t]{0,3}"
    r"(?P<joint>,\s{0,12}\\{0,6}\"value\\{0,6}\"\s?:|\s{1,12}value\s?=|=>|:{1,3}=|[+?.]=|=|:"
    r"|,(?P<bytes>[ \t]?b(?=[\"']))?(?=[ \t]?[\"'A-Za-z0-9])"
    rf"|>(?:{_BREAK}[ \t]{{1,12}})?|{_BREAK}{_BREAK})[ \t]{{0,5}}"
    rf"(?:[|>]-?[ \t]*{_BREAK}[ \t]{{1,12}})?(?:[bf](?=[\"']))?"
)
_OPTION: Final = re.compile(r"(?P<joint>[ \t]+)")
_CODE: Final = re.compile(r"\$|process\.env|%[A-Z_]+%|[A-Za-z_][\w.]*(?=[\[(])")
_TYPED: Final = re.compile(r":?[ \t]+(?:string|str|&str|String)(?=[ \t]*=)")
_QUOTED: Final = re.compile(r"(\\{0,6})([\"'`])(?P<secret>(?:(?!\1\2)(?:\\.|[^\n«]))+?)\1\2", re.DOTALL)
_BARE: Final = re.compile(r"(?P<secret>[^\s\"'`<>;,&«»\\)(\[\]{}|]+)")
_SHORT: Final = re.compile(_BARE.pattern.replace("+)", "{1,520})"))
"""What is looked at of a value that must be made by chance: a longer one is none."""
_LINE: Final = re.compile(r"(?P<secret>(?![A-Za-z]*[ \t]*[$<{])[^\s'\"«\\][^'\"\r\n«\\]*)")
_COLON: Final = re.compile(r"[ \t]*:[ \t]*")
_OWN_LINE: Final = re.compile(r"(?:^|\n|\\n)[ \t-]*\Z")
_LINE_END: Final = re.compile(r"[ \t]*(?:\n|\\n|\Z)")
_PROSE: Final = re.compile(r"[A-Za-z]+[.:!?]?")
_REFERENCE: Final = re.compile(r"\$\{[^{}]*\}")
_ESCAPED_BREAKS: Final = ("\\n", "\\r", "\\t")
_NUMBER: Final = re.compile(r"-?[0-9][0-9.eE+-]*|true|false|null|None|NaN|-?Infinity")
_RANDOM: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/=_.~:%!@$^*-]{16,512}")
_PUBLIC: Final = re.compile(r"0[xX][0-9a-fA-F]+|[0-9.]+")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_MIN_BARE_CHARS: Final = 4
_BITS: Final = 3.0
"""Shannon entropy a character under which a value of a weak name is a word or a number (of hex: 3.6)."""


class Named:
    """The look of a value whose name says that it is secret."""

    label = "field"

    def spans(self, text: str, small: str) -> list[tuple[int, int]]:
        """Start and end of every such value; `small` is the text in small letters."""
        found: list[tuple[int, int]] = []
        done = 0
        for sign in _SIGN.finditer(small):
            if sign.start() < done:
                continue
            before = _BEFORE.search(text, max(0, sign.start() - _NAME_CHARS), sign.start())
            rest = _REST.match(text, sign.end())
            start = max(done, before.start() if before else sign.start())
            if start < sign.start() and text[start - 1 : start + 1] in _ESCAPED_BREAKS:
                start += 1  # the letter is the escape's
            done = rest.end() if rest else sign.end()
            if text.endswith(("«", "${"), 0, start):  # of a placeholder, or a reference
                continue
            span, fits = _value_of(text, start, done)
            if fits:
                found.append(span)
            done = max(done, span[1])  # what was looked at is not looked at again: a name in it is no name
        return found


def _value_of(text: str, start: int, end: int) -> tuple[tuple[int, int], bool]:
    """The value after the name that ends at `end`, and whether it is secret; nothing where there is none."""
    nothing = (end, end), False
    name = text[start:end].strip(".")
    plain = name.lower().translate(_SEPARATORS)
    strong, weak = is_secret_name(name), is_key_name(name)
    if not (strong or weak):
        return nothing
    if plain in HEADERS and (line_value := _header_line(text, start, end)):
        return line_value, True
    typed = _TYPED.match(text, end)
    joint = _JOINT.match(text, typed.end() if typed else end)
    if joint is None and (strong or text.startswith("--", start)):
        joint = _OPTION.match(text, end)
    if joint is None:
        return nothing
    value = _QUOTED.match(text, joint.end()) or (_BARE if strong else _SHORT).match(text, joint.end())
    if value is None or is_placeholder(value["secret"]):
        return nothing
    if joint["joint"].endswith(":") and value.re is not _QUOTED and _NUMBER.fullmatch(value["secret"]):
        return nothing  # JSON's own: a placeholder there would not be JSON
    line = _OWN_LINE.search(text, max(0, start - 40), start) and _LINE_END.match(text, value.end("secret"))
    if _fits(value, name, start, strong=strong, joint=joint["joint"], whole_line=bool(line)):
        return value.span("secret"), True
    return value.span("secret") if strong and value.re is _BARE else nothing[0], False


def _header_line(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The value of a header that stands on a line of its own, or is an argument of a command."""
    if not _LINE_START.search(text, max(0, start - 12), start):
        return None
    colon = _COLON.match(text, end)
    value = _LINE.match(text, colon.end()) if colon else None
    return value.span("secret") if value and not is_placeholder(value["secret"]) else None


def _fits(found: re.Match[str], name: str, start: int, *, strong: bool, joint: str, whole_line: bool) -> bool:
    """Whether the value after a name is the secret, and not the next word of a sentence about it."""
    value = found["secret"]
    if name.lower() == "token":
        return is_secret_field(name, value)
    if not joint.strip(" \t") and not name.startswith("-"):
        return is_random(value)
    called = found.re is _QUOTED and found.string.endswith(("('", '("'), 0, start)
    if not strong or (joint == "," and not called):
        return is_random(value, but_uuid=name.lower().endswith("token"))
    if found.re is _QUOTED:
        in_prose = found[2] == "`" and joint == ":"  # a word of Markdown
        return is_random(value) if in_prose else not _REFERENCE.fullmatch(value)
    if len(value) < _MIN_BARE_CHARS or _CODE.match(found.string, found.start("secret")):
        return False
    if joint == ":":
        return whole_line or not _PROSE.fullmatch(value)
    return True


def is_random(value: str, *, but_uuid: bool = False) -> bool:
    """Whether a text is made by chance: letters and digits in no order, and no address or number; no UUID
    either, which names orders and API keys, unless `but_uuid`."""
    if not _RANDOM.fullmatch(value) or _PUBLIC.fullmatch(value) or (_UUID.fullmatch(value) and not but_uuid):
        return False
    counted, size = Counter(value), len(value)
    return -sum(each / size * math.log2(each / size) for each in counted.values()) >= _BITS
