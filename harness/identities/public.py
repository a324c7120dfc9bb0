"""What is not an identity, and why: the table that a cassette's facts are added to.

Everything else that looks like an address, a hash, a UUID, an email or an IP address is one: deny by default.
"""

from __future__ import annotations

from typing import Final

from eth_hash.auto import keccak

from harness.wire import ctf, wallets

CONTRACTS: Final = (  # CLOB docs (contracts), the official clients' configuration, the contracts' sources
    *(
        "0xE111180000d2663C0091e4f400237545B87B996B",
        "0xe2222d279d744050d28e00520010520000310F59",
    ),  # exchange V2
    *(
        "0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E",
        "0xC5d563A36AE78145C45a50134d48A1215220f80a",
    ),  # exchange V1
    *(
        "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
        "0x9fE6e61422AdB6F610d8597F9684b16912D50C3D",
    ),  # exchange V3
    "0xdFE02Eb6733538f8Ea35D585af8DE5958AD99E40",  # exchange V1, Amoy
    *("0x4D97DCd97eC945f40cF65F87097ACe5EA0476045", "0x69308FB512518e39F9b16112fA8d994F4e2Bf8bB"),  # CTF
    *("0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB", "0x6bBCef9f7ef3B6C592c99e0f206a0DE94Ad0925f"),  # pUSD
    *("0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174", "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359"),  # USDC
    *("0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296", "0x71523d0f655B41E805Cec45b17163f528B59B820"),  # neg-risk
    *("0x78769D50Be1763ed1CA0D5E878D93f05aabff29e", "0x7f67327E88c258932D7d8f72950bE0d46975E11D"),
    *("0x3A3BD7bb9528E159577F7C2e685CC81A765002E2", "0x2F5e3684cb1F318ec51b00Edba38d79Ac2c0aA9d"),
    *("0x93070a847efEf7F70739046A929D47a521F5B8ee", "0x2957922Eb93258b93368531d39fAcCA3B4dC5854"),  # ramps
    "0xebC2459Ec962869ca4c0bd1E06368272732BCb08",
    *("0xAdA100Db00Ca00073811820692005400218FcE1f", "0xadA2005600Dec949baf300f4C6120000bDB6eAab"),  # adapters
    *("0xADa100874d00e3331D00F2007a9c336a65009718", "0xAdA200001000ef00D07553cEE7006808F895c6F1"),
    "0xd36ec33c8bed5a9f7b6630855f1533455b98a418",  # the pool of withdrawals
    "0x58CA52ebe0DadfdF531Cde7062e76746de4Db1eB",  # deposit wallets: the code behind all of them
    *(wallets.DEPOSIT_FACTORY, wallets.DEPOSIT_BEACON, wallets.SAFE_FACTORY),
    *(wallets.PROXY_FACTORY, wallets.PROXY_IMPLEMENTATION),
    *("0x6A9D222616C90FcA5754cd1333cFD9b7fb6a4F74", "0x157Ce2d672854c848c9b79C49a8Cc6cc89176a49"),  # UMA
    "0xCB1822859cEF82Cd2Eb4E6276C7916e692995130",
    *("0x006F54F7f9A22e0000CC2AB60031000000ae9fEF", "0x1000008dD9001B968442c1000017eaE6E0dA00Ba"),  # modules
    *("0x200000900045e3B6259600682756002200028933", "0x30000034706C7d8e12009DAB006Be20000c031A8"),
    *("0xa1200000d0002264C9a1698e001292D00E1b00af", "0x12121212006e4CD160D18e3f00711DA5c3372600"),
)

_MORE_EVENTS: Final = (  # beside those that ctf decodes; sources: the contracts' sources, as there
    "OrderPreapproved(bytes32)",
    "OrderPreapprovalInvalidated(bytes32)",
    "UserPaused(address,uint256)",
    "UserUnpaused(address)",
    "TradingPaused(address)",
    "TradingUnpaused(address)",
    "OrderFilled(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)",
    "OrdersMatched(bytes32,address,uint256,uint256,uint256,uint256)",
    "OrderCancelled(bytes32)",
    "FeeCharged(address,uint256,uint256)",
    "TokenRegistered(uint256,uint256,bytes32)",
    "PositionSplit(address,bytes32,uint256)",
    "PositionsMerge(address,bytes32,uint256)",
    "PositionsConverted(address,bytes32,uint256,uint256)",
    "PayoutRedemption(address,bytes32,uint256[],uint256)",
    "QuestionResolved(bytes32,int256,uint256[])",
    "Wrapped(address,address,address,uint256)",
    "Unwrapped(address,address,address,uint256)",
    "LogFeeTransfer(address,address,address,uint256,uint256,uint256,uint256,uint256)",
)
_EMPTY: Final = (
    b"",  # the code hash of an account without code
    b"\x80",  # the root of an empty trie: of a block without transactions
    b"\xc0",  # the hash of a block's empty list of uncles
)

PUBLIC_NUMBERS: Final = frozenset(
    {int(address, 16) for address in CONTRACTS}
    | {int(ctf.topic0(name), 16) for name in ctf.EVENT_NAMES}
    | {int.from_bytes(keccak(signature.encode()), "big") for signature in _MORE_EVENTS}
    | {int.from_bytes(keccak(empty), "big") for empty in _EMPTY}
)
"""Contracts that everybody uses, the signatures of events, and what stands for nothing."""

MARKET_PLACES: Final = frozenset(
    [
        "market",
        "markets",
        "condition",
        "conditionid",
        "questionid",
        "question",
        "asset",
        "assets",
        "assetid",
        "assetsids",
        "tokenid",
        "tokenids",
        "clobtokenids",
        "oppositeasset",
        "primarytokenid",
        "secondarytokenid",
        "winningassetid",
        "yes",
        "no",
        "negriskmarketid",
        "negriskrequestid",
        "marketid",
        "parentcollectionid",
        "collectionid",
        "positionid",
        "c",
        "t",
    ]
)
"""Fields whose 32-byte value is a fact of a market: conditions, questions, tokens, positions. Anybody can
list them, and every trader of the market shares them."""

BOOK_HASH_PLACE: Final = "hash"
"""The field of a book's hash: 40 hex digits without 0x, a SHA-1 of public levels that a check recomputes."""

HASH_PLACES: Final = frozenset(
    [
        "orderid",
        "orderids",
        "orderhash",
        "takerorderid",
        "makerorderid",
        "transactionhash",
        "transactionshashes",
        "transactionids",
        "txhash",
        "blockhash",
        "parenthash",
    ]
)
"""Fields whose value leads to a customer: never a market's fact, whatever else it stands for elsewhere."""

LOOPBACK: Final = frozenset({"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "::"})
"""Addresses of no one machine."""

_PRINTABLE: Final = frozenset(range(32, 127))
_MANY_FF: Final = (1 << 64) - 1


def is_random(word: int) -> bool:
    """Whether a 32-byte word can be a hash or a padded address, and no number, flag or text.

    A number is below 2**96; a negative one, or the largest, starts with 8 bytes of FF; short bytes and
    selectors end with 13 bytes of zeros; a text is printable and padded with zeros.
    """
    if word < 1 << 96 or word >> 192 == _MANY_FF or not word & ((1 << 104) - 1):
        return False
    if word < 1 << 160:
        return True
    text = word.to_bytes(32, "big").rstrip(b"\0")
    return not _PRINTABLE.issuperset(text)


def aligned(word: int) -> tuple[int, int]:
    """What a 32-byte word holds, and by how many bits it stands to the left: an address may, as `bytes20`."""
    held = word >> 96
    return (held, 96) if word & ((1 << 96) - 1) == 0 and is_random(held) else (word, 0)
