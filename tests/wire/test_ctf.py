"""Ids and events against published vectors, eth_abi and eth_utils."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak, to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from harness.wire import ctf
from harness.wire.ctf import CONTRACTS_137

from .oracles import judges

CONDITION = "0x311d0c4b6671ab54af4970c06fcf58662516f5168997bdda209ec3db5aa6b0c1"
uint256 = st.integers(0, 2**256 - 1)
address = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
VALUES = {
    "uint256": uint256,
    "uint8": st.integers(0, 255),
    "bool": st.booleans(),
    "address": address,
    "bytes32": st.binary(min_size=32, max_size=32),
    "uint256[]": st.lists(uint256, max_size=5),
}
# name, (type, indexed, argument)…, published topic0
EVENTS = {
    "OrderFilled": (
        "bytes32* orderHash,address* maker,address* taker,uint8 side,uint256 tokenId,"
        "uint256 makerAmountFilled,uint256 takerAmountFilled,uint256 fee,bytes32 builder,bytes32 metadata",
        "0xd543adfd945773f1a62f74f0ee55a5e3b9b1a28262980ba90b1a89f2ea84d8ee",
    ),
    "OrdersMatched": (
        "bytes32* takerOrderHash,address* takerOrderMaker,uint8 side,uint256 tokenId,"
        "uint256 makerAmountFilled,uint256 takerAmountFilled",
        "0x174b3811690657c217184f89418266767c87e4805d09680c39fc9c031c0cab7c",
    ),
    "FeeCharged": (
        "address* receiver,uint256 amount",
        "0x55bb3cade9d43b798a4fe5ffdd05024b2d7870df53920673bfc7e68047cd0ab1",
    ),
    "Transfer": (
        "address* from,address* to,uint256 value",
        "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
    ),
    "Approval": (
        "address* owner,address* spender,uint256 value",
        "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925",
    ),
    "TransferSingle": (
        "address* operator,address* from,address* to,uint256 id,uint256 value",
        "0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62",
    ),
    "TransferBatch": (
        "address* operator,address* from,address* to,uint256[] ids,uint256[] values",
        "0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb",
    ),
    "ApprovalForAll": (
        "address* owner,address* operator,bool approved",
        "0x17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31",
    ),
    "ConditionPreparation": (
        "bytes32* conditionId,address* oracle,bytes32* questionId,uint256 outcomeSlotCount",
        "0xab3760c3bd2bb38b5bcf54dc79802ed67338b4cf29f3054ded67ed24661e4177",
    ),
    "ConditionResolution": (
        "bytes32* conditionId,address* oracle,bytes32* questionId,uint256 outcomeSlotCount,"
        "uint256[] payoutNumerators",
        "0xb44d84d3289691f71497564b85d4233648d9dbae8cbdbb4329f301c3a0185894",
    ),
    "PositionSplit": (
        "address* stakeholder,address collateralToken,bytes32* parentCollectionId,bytes32* conditionId,"
        "uint256[] partition,uint256 amount",
        "0x2e6bb91f8cbcda0c93623c54d0403a43514fabc40084ec96b6d5379a74786298",
    ),
    "PositionsMerge": (
        "address* stakeholder,address collateralToken,bytes32* parentCollectionId,bytes32* conditionId,"
        "uint256[] partition,uint256 amount",
        "0x6f13ca62553fcc2bcd2372180a43949c1e4cebba603901ede2f4e14f36b282ca",
    ),
    "PayoutRedemption": (
        "address* redeemer,address* collateralToken,bytes32* parentCollectionId,bytes32 conditionId,"
        "uint256[] indexSets,uint256 payout",
        "0x2682012a4a4f1973119f1c9b90745d1bd91fa2bab387344f044cb3586864d18d",
    ),
}


def fields(name: str) -> list[tuple[str, bool, str]]:
    pairs = (argument.split(" ") for argument in EVENTS[name][0].split(","))
    return [(kind.rstrip("*"), kind.endswith("*"), argument) for kind, argument in pairs]


def expected(kind: str, value: Any) -> Any:
    if kind == "address":
        return to_checksum_address(value)
    return "0x" + value.hex() if kind == "bytes32" else value


@judges("ctf", "topic0", oracle="published vectors and eth_utils' keccak")
@pytest.mark.parametrize("name", sorted(EVENTS))
def test_topic0_is_the_published_one(name: str) -> None:
    """Each event's first topic is the published hash, and the hash of its signature."""
    assert ctf.topic0(name) == EVENTS[name][1]
    signature = f"{name}({','.join(kind for kind, _, _ in fields(name))})"
    assert ctf.topic0(name) == "0x" + keccak(text=signature).hex()


def test_an_event_we_do_not_know_has_no_topic() -> None:
    """An unknown name is the caller's fault."""
    with pytest.raises(KeyError):
        ctf.topic0("Nothing")


@judges("ctf", "arguments_of", oracle="the published declarations")
@pytest.mark.parametrize("name", sorted(EVENTS))
def test_arguments_are_the_published_ones(name: str) -> None:
    """An event's arguments have the names of its declaration, in order."""
    assert ctf.arguments_of(name) == tuple(argument for _, _, argument in fields(name))


@judges("ctf", "data_arguments", oracle="the published declarations")
@pytest.mark.parametrize("name", sorted(EVENTS))
def test_arguments_in_data_are_those_that_are_not_indexed(name: str) -> None:
    """The data of a log holds an event's arguments that are not indexed, in the order of its declaration."""
    declared = tuple((argument, kind) for kind, indexed, argument in fields(name) if not indexed)
    assert ctf.data_arguments(EVENTS[name][1]) == declared


@judges("ctf", "decode_log", oracle="eth_abi's encoding")
@pytest.mark.parametrize("name", sorted(EVENTS))
@given(data=st.data())
def test_logs_that_eth_abi_encodes_are_decoded(name: str, data: st.DataObject) -> None:
    """For any arguments, the log that eth_abi writes is read back whole."""
    values = [(kind, indexed, argument, data.draw(VALUES[kind])) for kind, indexed, argument in fields(name)]
    topics = [EVENTS[name][1].upper().replace("0X", "0x")]
    topics += ["0x" + encode([kind], [value]).hex() for kind, indexed, _, value in values if indexed]
    body = [(kind, value) for kind, indexed, _, value in values if not indexed]
    raw = encode([kind for kind, _ in body], [value for _, value in body])
    event = ctf.decode_log(topics, "0x" + raw.hex())
    assert event is not None
    assert event.name == name
    assert event.args == {argument: expected(kind, value) for kind, _, argument, value in values}


@judges("ctf", "decode_log", oracle="the rule that a foreign log is none")
def test_a_foreign_log_is_none() -> None:
    """A log without topics, of another event, or with other indexed fields is not ours."""
    word = "0x" + "00" * 32
    assert ctf.decode_log([], "0x") is None
    assert ctf.decode_log([word], "0x") is None
    assert ctf.decode_log([EVENTS["Transfer"][1], word, word, word], "0x") is None


@pytest.mark.parametrize(
    ("name", "topics", "data"),
    [
        ("FeeCharged", ["0x" + "00" * 32], "0x"),
        ("FeeCharged", ["0x" + "ff" * 32], "0x" + "00" * 32),
        ("FeeCharged", ["0x00"], "0x" + "00" * 32),
        ("FeeCharged", ["0x" + "00" * 32], "0xzz"),
        ("ApprovalForAll", ["0x" + "00" * 32] * 2, "0x" + "00" * 31 + "02"),
        ("TransferBatch", ["0x" + "00" * 32] * 3, "0x" + "ff" * 64),
        ("TransferBatch", ["0x" + "00" * 32] * 3, "0x" + ("00" * 31 + "20") + "ff" * 32),
    ],
)
def test_a_damaged_log_is_refused(name: str, topics: list[str], data: str) -> None:
    """A log that claims to be an event we know and does not fit it is a ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        ctf.decode_log([EVENTS[name][1], *topics], data)


@judges("ctf", "checksum_address", oracle="eth_utils")
@given(address)
def test_checksummed_addresses_are_eth_utils(plain: str) -> None:
    """EIP-55 case is what eth_utils writes."""
    assert ctf.checksum_address(plain) == to_checksum_address(plain)


@pytest.mark.parametrize(
    "text", ["", "0x", "0x12", "19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "0x" + "zz" * 20]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """A malformed address is a ValueError."""
    with pytest.raises(ValueError, match="address"):
        ctf.checksum_address(text)


@judges("ctf", "collection_id", "position_id", oracle="published vectors")
@pytest.mark.parametrize(
    ("index_set", "collection", "token"),
    [
        (
            1,
            "0x5831b05d4025b5560c598746c434c7bfa92928da0d874afab8971fb735766ed7",
            76043073756653678226373981964075571318267289248134717369284518995922789326425,
        ),
        (
            2,
            "0x5ffa490b3dfd231f239ac0acb69d1236274673ac0acb083314973647641299df",
            31690934263385727664202099278545688007799199447969475608906331829650099442770,
        ),
    ],
)
def test_the_ids_of_the_published_market(index_set: int, collection: str, token: int) -> None:
    """A real market's collections and token ids come out, with bridged USDC as their collateral."""
    assert ctf.collection_id(CONDITION, index_set) == collection
    assert ctf.position_id(CONTRACTS_137.usdce, collection) == token


def test_malformed_ids_are_refused() -> None:
    """Ids of other lengths and numbers out of range are ValueErrors."""
    with pytest.raises(ValueError, match="condition id"):
        ctf.collection_id("0x12", 1)
    with pytest.raises(ValueError, match="index set"):
        ctf.collection_id(CONDITION, 0)
    with pytest.raises(ValueError, match="outcomes"):
        ctf.condition_id(CONTRACTS_137.ctf, CONDITION, -1)
    with pytest.raises(ValueError, match="EIP-55"):
        ctf.Contracts(*[CONTRACTS_137.ctf.lower()] * 4)
