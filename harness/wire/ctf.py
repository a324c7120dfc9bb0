"""The chain's side of the wire: Conditional Tokens ids and event logs, computed by us.

Sources: Gnosis Conditional Tokens `CTHelpers.sol` (ids), the Solidity ABI (event encoding), EIP-55
(checksummed addresses). Values in, values out: nothing here asks a node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from eth_hash.auto import keccak

_FIELD_PRIME = 21888242871839275222246405745257275088696311157297823662689037894645226208583
_WORD_BYTES = 32
_UINT256_LIMIT = 1 << 256

ArgValue = int | str | bool | list[int]


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    kind: str
    indexed: bool


@dataclass(frozen=True, slots=True)
class _Event:
    name: str
    fields: tuple[_Field, ...]
    topic0: str


@dataclass(frozen=True, slots=True)
class DecodedEvent:
    """One decoded log: the event's name and its arguments by name.

    Whole numbers are `int`, flags `bool`, hashes lower-case 0x text of 32 bytes, addresses EIP-55 text,
    arrays of numbers lists of `int`.
    """

    name: str
    args: dict[str, ArgValue]


# One line an event: `*` marks an indexed argument. Same name twice: told apart by topic0 or by the number of
# topics. Sources: the V2 exchange's Trading.sol, ConditionalTokens.sol, EIP-20, EIP-1155.
_DECLARATIONS = (
    "OrderFilled(bytes32* orderHash,address* maker,address* taker,uint8 side,uint256 tokenId,"
    "uint256 makerAmountFilled,uint256 takerAmountFilled,uint256 fee,bytes32 builder,bytes32 metadata)",
    "OrdersMatched(bytes32* takerOrderHash,address* takerOrderMaker,uint8 side,uint256 tokenId,"
    "uint256 makerAmountFilled,uint256 takerAmountFilled)",
    "FeeCharged(address* receiver,uint256 amount)",
    "Transfer(address* from,address* to,uint256 value)",
    "Approval(address* owner,address* spender,uint256 value)",
    "TransferSingle(address* operator,address* from,address* to,uint256 id,uint256 value)",
    "TransferBatch(address* operator,address* from,address* to,uint256[] ids,uint256[] values)",
    "ApprovalForAll(address* owner,address* operator,bool approved)",
    "ConditionPreparation(bytes32* conditionId,address* oracle,bytes32* questionId,uint256 outcomeSlotCount)",
    "ConditionResolution(bytes32* conditionId,address* oracle,bytes32* questionId,uint256 outcomeSlotCount,"
    "uint256[] payoutNumerators)",
    "PositionSplit(address* stakeholder,address collateralToken,bytes32* parentCollectionId,"
    "bytes32* conditionId,uint256[] partition,uint256 amount)",
    "PositionsMerge(address* stakeholder,address collateralToken,bytes32* parentCollectionId,"
    "bytes32* conditionId,uint256[] partition,uint256 amount)",
    "PayoutRedemption(address* redeemer,address* collateralToken,bytes32* parentCollectionId,"
    "bytes32 conditionId,uint256[] indexSets,uint256 payout)",
)


def _event(declaration: str) -> _Event:
    name, _, rest = declaration.partition("(")
    fields = []
    for argument in rest.rstrip(")").split(","):
        kind, _, field = argument.partition(" ")
        fields.append(_Field(field, kind.rstrip("*"), kind.endswith("*")))
    signature = f"{name}({','.join(field.kind for field in fields)})"
    return _Event(name, tuple(fields), "0x" + keccak(signature.encode()).hex())


_EVENTS = tuple(_event(declaration) for declaration in _DECLARATIONS)
_BY_NAME = MappingProxyType({event.name: event for event in _EVENTS})
_BY_TOPIC0 = MappingProxyType({event.topic0: event for event in _EVENTS})
EVENT_NAMES = tuple(_BY_NAME)
"""Every event that can be decoded."""


def _unhex(text: str, length_bytes: int, what: str) -> bytes:
    try:
        if not text.startswith(("0x", "0X")):
            raise ValueError
        raw = bytes.fromhex(text[2:])
    except ValueError:
        raise ValueError(f"{what} must be 0x and hex digits, not {text!r}") from None
    if len(raw) != length_bytes:
        raise ValueError(f"{what} must have {length_bytes} bytes, not {len(raw)}: {text!r}")
    return raw


@lru_cache(maxsize=1_024)  # a run knows few addresses, and a look at its logs shows them hundreds of times
def checksum_address(address: str) -> str:
    """Write a 20-byte address in EIP-55's mixed case.

    Raises ValueError where the text is not an address (the caller's fault).
    """
    plain = _unhex(address, 20, "an address").hex()
    digest = keccak(plain.encode()).hex()
    marked = zip(plain, digest, strict=False)
    return "0x" + "".join(c.upper() if int(nibble, 16) >= 8 else c for c, nibble in marked)


@dataclass(frozen=True, slots=True)
class Contracts:
    """Where the exchange's contracts stand, as EIP-55 text; those of chain id 137 unless told.

    Trades pay in `collateral` (pUSD), that `onramp` and `offramp` change for `usdce` (bridged USDC) or `usdc`
    and back. Positions are backed by `usdce`, those of neg-risk markets by `wrapped`; the two adapters of
    collateral split, merge and redeem them for pUSD (CLOB docs, contracts; the contracts' sources).
    """

    exchange: str = "0xE111180000d2663C0091e4f400237545B87B996B"
    ctf: str = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"
    collateral: str = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
    usdce: str = "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"
    usdc: str = "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359"
    onramp: str = "0x93070a847efEf7F70739046A929D47a521F5B8ee"
    offramp: str = "0x2957922Eb93258b93368531d39fAcCA3B4dC5854"
    adapter: str = "0xAdA100Db00Ca00073811820692005400218FcE1f"
    neg_risk_exchange: str = "0xe2222d279d744050d28e00520010520000310F59"
    neg_risk_adapter: str = "0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296"
    neg_risk_collateral_adapter: str = "0xadA2005600Dec949baf300f4C6120000bDB6eAab"
    wrapped: str = "0x3A3BD7bb9528E159577F7C2e685CC81A765002E2"

    def __post_init__(self) -> None:
        for field in fields(self):
            address = getattr(self, field.name)
            if checksum_address(address) != address:
                raise ValueError(f"{address!r} is not in EIP-55's mixed case")


CONTRACTS_137: Final = Contracts()
CONTRACTS_80002: Final = Contracts(ctf="0x69308FB512518e39F9b16112fA8d994F4e2Bf8bB")  # Amoy, CLOB docs


def condition_id(oracle: str, question_id: str, outcomes: int = 2) -> str:
    """The id of a condition: keccak of the packed oracle, question id and number of outcomes.

    Raises ValueError for a malformed address, question id or count (the caller's fault).
    """
    if not 0 <= outcomes < _UINT256_LIMIT:
        raise ValueError(f"the number of outcomes must be a uint256, not {outcomes}")
    packed = _unhex(oracle, 20, "an oracle") + _unhex(question_id, 32, "a question id")
    return "0x" + keccak(packed + outcomes.to_bytes(32, "big")).hex()


def neg_risk_market_id(oracle: str, fee_bips: int, metadata: bytes) -> str:
    """The id of a neg-risk market: its oracle, fee and metadata hashed, with a last byte of zero.

    Raises ValueError for a malformed oracle or fee (the caller's fault).
    """
    if not 0 <= fee_bips < _UINT256_LIMIT:
        raise ValueError(f"a fee must be a uint256, not {fee_bips}")
    head = _unhex(oracle, 20, "an oracle").rjust(32, b"\0") + fee_bips.to_bytes(32, "big")
    head += (3 * _WORD_BYTES).to_bytes(32, "big") + len(metadata).to_bytes(32, "big")
    padded = metadata + bytes(-len(metadata) % _WORD_BYTES)
    return "0x" + keccak(head + padded)[:-1].hex() + "00"


def neg_risk_question_id(market: str, index: int) -> str:
    """The id of a neg-risk market's question: the market's, whose last byte counts the questions from 0.

    Raises ValueError for a malformed market id or index (the caller's fault).
    """
    raw = _unhex(market, 32, "a neg-risk market id")
    if raw[-1] or not 0 <= index < 256:
        raise ValueError(
            f"a neg-risk market id ends with 00 and has 256 questions at most: {market}, {index}"
        )
    return "0x" + raw[:-1].hex() + f"{index:02x}"


def collection_id(condition: str, index_set: int) -> str:
    """The collection of one outcome of a condition at the root: a point on alt_bn128, compressed.

    `index_set` is a bit mask of outcomes: 1 is the first (Yes), 2 the second (No).
    Raises ValueError for a malformed condition or index set (the caller's fault).
    """
    if not 0 < index_set < _UINT256_LIMIT:
        raise ValueError(f"an index set must be a positive uint256, not {index_set}")
    digest = keccak(_unhex(condition, 32, "a condition id") + index_set.to_bytes(32, "big"))
    x = int.from_bytes(digest, "big")
    odd = bool(x >> 255)
    while True:
        x = (x + 1) % _FIELD_PRIME
        square = (pow(x, 3, _FIELD_PRIME) + 3) % _FIELD_PRIME
        y = pow(square, (_FIELD_PRIME + 1) // 4, _FIELD_PRIME)
        if y * y % _FIELD_PRIME == square:
            break
    if odd != bool(y % 2):
        y = _FIELD_PRIME - y
    if y % 2:
        x ^= 1 << 254
    return "0x" + x.to_bytes(32, "big").hex()


def position_id(collateral: str, collection: str) -> int:
    """The ERC-1155 id (the exchange's token id) of a collection held in one collateral token.

    Raises ValueError for a malformed address or collection id (the caller's fault).
    """
    packed = _unhex(collateral, 20, "a collateral token") + _unhex(collection, 32, "a collection id")
    return int.from_bytes(keccak(packed), "big")


def topic0(name: str) -> str:
    """The first topic of an event we know by name. Raises KeyError for another name (the caller's fault)."""
    return _BY_NAME[name].topic0


def arguments_of(name: str) -> tuple[str, ...]:
    """The names of an event's arguments. Raises KeyError for an event we do not know (the caller's fault)."""
    return tuple(field.name for field in _BY_NAME[name].fields)


def data_arguments(topic: str) -> tuple[tuple[str, str], ...]:
    """Name and type of each argument in the data of an event's log. Raises KeyError where it is not ours."""
    return tuple((each.name, each.kind) for each in _BY_TOPIC0[topic.lower()].fields if not each.indexed)


def decode_log(topics: Sequence[str], data: str) -> DecodedEvent | None:
    """Decode one log; None where the event is not ours: another topic0, or another set of indexed fields.

    `topics` are 0x texts of 32 bytes, `data` is 0x text. Raises ValueError where the log claims to be an
    event we know and its data does not fit the event (the fault of whoever wrote the log).
    """
    if not topics or (event := _BY_TOPIC0.get(topics[0].lower())) is None:
        return None
    if len(topics) != 1 + sum(field.indexed for field in event.fields):
        return None
    words = iter(_unhex(topic, 32, f"a topic of {event.name}") for topic in topics[1:])
    body = _Body(event.name, data)
    args: dict[str, ArgValue] = {}
    for field in event.fields:
        word = next(words) if field.indexed else body.next_word()
        args[field.name] = (
            body.array(word) if field.kind == "uint256[]" else _value(event.name, field.kind, word)
        )
    return DecodedEvent(event.name, args)


def _value(event: str, kind: str, word: bytes) -> ArgValue:
    number = int.from_bytes(word, "big")
    match kind:
        case "uint256":
            return number
        case "bytes32":
            return "0x" + word.hex()
        case "address" if number < 1 << 160:
            return checksum_address("0x" + word[12:].hex())
        case "uint8" if number < 1 << 8:
            return number
        case "bool" if number < 2:
            return bool(number)
    raise ValueError(f"{event}: 0x{word.hex()} is not a {kind}")


class _Body:
    """The unindexed part of a log, read word by word."""

    def __init__(self, event: str, data: str) -> None:
        self._event = event
        try:
            self._raw = bytes.fromhex(data.removeprefix("0x"))
        except ValueError:
            raise ValueError(f"{event}: its data is not hex: {data[:80]!r}") from None
        self._at = 0

    def next_word(self) -> bytes:
        word = self._word(self._at)
        self._at += _WORD_BYTES
        return word

    def array(self, offset_word: bytes) -> list[int]:
        at = int.from_bytes(offset_word, "big")
        count = int.from_bytes(self._word(at), "big")
        if count > len(self._raw) // _WORD_BYTES:
            raise ValueError(f"{self._event}: an array of {count} does not fit {len(self._raw)} bytes")
        first = at + _WORD_BYTES
        return [int.from_bytes(self._word(first + _WORD_BYTES * i), "big") for i in range(count)]

    def _word(self, at: int) -> bytes:
        if at + _WORD_BYTES > len(self._raw):
            raise ValueError(
                f"{self._event}: its data ends after {len(self._raw)} bytes, before byte {at + 32}"
            )
        return self._raw[at : at + _WORD_BYTES]
