"""What a profile asks of a Logon before the acceptor sees it, and what a Logon asks of the session.

A signed Logon carries in RawData (96) the base64 RSA-PSS signature (SHA-256, salt as long as the digest) over
SendingTime, MsgType, MsgSeqNum, SenderCompID and TargetCompID, with SOH between them (Kalshi's FIX pages,
authentication).
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pss

from harness.venue.engine import Now
from harness.venue.faults import RefusalError
from harness.venue.fix.reports import timestamp
from harness.venue.fix.sessions import FixSession
from harness.venue.fix.speech import Options
from harness.venue.profiles import FixProfile
from harness.wire.fix.codec import Parser, encode
from harness.wire.fix.message import Message

LOGON: Final = "A"
_SIGNED: Final = (52, 35, 34, 49, 56)
_LEAST_BITS: Final = 2048
_WANTED: Final = "this profile signs its Logons: send public_key, an RSA key of 2048 bits or more as PEM"


def key_of(given: object) -> str:
    """A public key that Logons can be signed with. Raises RefusalError 400."""
    try:
        key = RSA.import_key(given) if isinstance(given, str) else None
    except (ValueError, IndexError, TypeError):
        key = None
    if key is None or key.has_private() or key.size_in_bits() < _LEAST_BITS:
        raise RefusalError(400, _WANTED)
    return str(given)


def wrong(profile: FixProfile, session: FixSession, first: bytes) -> str:
    """Why a caller's first message opens no session; empty where it does, or where the acceptor says it."""
    fields = _fields(first)
    if not profile.signed_logon or fields.get(35) != LOGON:
        return ""
    if not fields.get(108, "").isdigit() or int(fields[108]) <= profile.least_heartbeat_s:
        return f"HeartBtInt (108) must be more than {profile.least_heartbeat_s}"
    if not _is_signed(session.public_key, fields):
        return "RawData (96) is not this key's signature"
    return ""


def options(profile: FixProfile, first: bytes, opened_with: Options) -> Options:
    """What the session's Logon asks for, beside what it was opened with."""
    fields = _fields(first)
    return Options(
        dollars=fields.get(profile.dollars_tag) == "Y",
        cancels=opened_with.cancels or fields.get(profile.cancel_tag) == "Y",
    )


def refusal(session: FixSession, text: str, now: Now) -> bytes:
    """The Logout that answers a Logon that is refused."""
    head = ((35, "5"), (34, "1"), (49, session.target), (52, timestamp(now.ms)), (56, session.sender))
    return encode((*head, (58, text)), session.begin_string)


def _fields(first: bytes) -> dict[int, str]:
    for frame in Parser().feed(first):
        return dict(frame.fields) if isinstance(frame, Message) else {}
    return {}


def _is_signed(public_key: str, fields: dict[int, str]) -> bool:
    said = "\x01".join(fields.get(tag, "") for tag in _SIGNED)
    try:
        signature = base64.b64decode(fields.get(96, ""), validate=True)
        digest = SHA256.new(said.encode("latin-1"))
        pss.new(RSA.import_key(public_key)).verify(digest, signature)
    except (ValueError, binascii.Error):
        return False
    return True
