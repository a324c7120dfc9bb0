"""Where names of customers stand: JSON fields and FIX tags that say so, whatever the value looks like."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from harness.identities.public import BOOK_HASH_PLACE, HASH_PLACES, MARKET_PLACES

NAME_PLACES: Final = frozenset(
    [
        "account",
        "accountid",
        "accountname",
        "allocaccount",
        "clearingaccount",
        "clearingfirm",
        "clientid",
        "customer",
        "customerid",
        "delivertocompid",
        "delivertosubid",
        "displayname",
        "execbroker",
        "firm",
        "firmid",
        "firstname",
        "fullname",
        "lastname",
        "login",
        "nestedpartyid",
        "nickname",
        "onbehalfofcompid",
        "onbehalfofsubid",
        "orderowner",
        "owner",
        "partyid",
        "partysubid",
        "phone",
        "pseudonym",
        "sendercompid",
        "sendersubid",
        "targetcompid",
        "targetsubid",
        "tradeowner",
        "user",
        "userid",
        "username",
    ]
)
NAME_TAGS: Final = frozenset(
    {
        1,  # Account
        49,  # SenderCompID: names the firm
        50,  # SenderSubID: the user
        56,  # TargetCompID
        57,  # TargetSubID
        76,  # ExecBroker
        79,  # AllocAccount
        109,  # ClientID
        *(115, 116, 128, 129),  # OnBehalfOf… and DeliverTo…
        *(142, 143, 144, 145),  # …LocationID
        *(439, 440),  # ClearingFirm, ClearingAccount
        *(448, 523, 524, 545),  # PartyID, PartySubID, NestedPartyID, NestedPartySubID
        *(525, 757, 949),  # further parties
        553,  # Username
    }
)
BYTES_PLACES: Final = frozenset({"logsbloom", "bloom", "r", "s", "publickey", "pubkey"})
"""Hex fields of any length that lead to an account: a bloom by its bits, a signature's halves by the key."""

PUBLIC_TAGS: Final = frozenset({48, 55, 107})  # SecurityID, Symbol, SecurityDesc

MIN_NAME_CHARS: Final = 6
"""Shorter names are replaced where they stand in a field of a name, and not inside other text."""

_SEPARATORS: Final = str.maketrans("", "", "-_ .")


@lru_cache(maxsize=4096)
def place(field: str) -> str:
    """What a field holds: `name`, `bytes`, `market`, `hash`, `book` (a book's hash, or any), or ""."""
    plain = field.lower().translate(_SEPARATORS)
    if plain in NAME_PLACES:
        return "name"
    if plain in BYTES_PLACES:
        return "bytes"
    if plain in MARKET_PLACES:
        return "market"
    if plain in HASH_PLACES:
        return "hash"
    return "book" if plain == BOOK_HASH_PLACE else ""


def is_telling(name: str) -> bool:
    """Whether a name is replaced inside other text too: long enough, no word of a protocol, no amount."""
    return len(name) >= MIN_NAME_CHARS and not name.isdecimal() and not (name.isalpha() and name.isupper())
