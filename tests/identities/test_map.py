"""The map: one image a value, no two alike, the same within a cassette, another in every other."""

from __future__ import annotations

import json
import re
import uuid
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.identities import Identities
from harness.wire.ctf import checksum_address

from .samples import ADDRESS, ADDRESSES, EMAIL, HASHES, ORDER_HASH, UUID, address_of, hash_of, mapped

NAMES = st.text("abcxyzABCXYZ019_-. ", min_size=1, max_size=12).filter(lambda name: name.strip(" ._-"))
IPV4 = st.integers(1 << 24, (1 << 32) - 2).map(IPv4Address).filter(lambda ip: not ip.is_loopback)
IPV6 = st.integers(0x2000 << 112, (0x3FFF << 112) - 1).map(IPv6Address)
EMAILS = st.from_regex(r"[a-z][a-z0-9.]{0,20}@[a-z][a-z0-9-]{0,15}\.(com|io|co\.uk)", fullmatch=True)
LEAVES = (
    ADDRESSES.map(address_of) | HASHES.map(hash_of) | EMAILS | IPV4.map(str) | st.uuids().map(str) | NAMES
)
DOCUMENTATION = tuple(map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4")))


@given(st.lists(ADDRESSES.map(address_of) | HASHES.map(hash_of), min_size=1, max_size=30, unique=True))
def test_no_two_identities_share_an_image(values: list[str]) -> None:
    """The map is injective, has no fixed point, and no image is another identity of the cassette."""
    images = mapped(values)
    assert len(set(images)) == len(values)
    assert not set(images) & set(values)


@given(st.lists(st.from_regex("[0-9]{1,2}", fullmatch=True), min_size=1, max_size=60, unique=True))
def test_the_shortest_accounts_stay_apart(accounts: list[str]) -> None:
    """Account numbers of one and two digits stay different even where their own shape holds too few."""
    images = [each["account"] for each in mapped([{"account": account} for account in accounts])]
    assert len(set(images)) == len(accounts)


@given(ADDRESSES.map(address_of) | HASHES.map(hash_of))
def test_a_value_has_one_image_in_a_cassette_and_another_in_the_next(value: str) -> None:
    """The same twice in one cassette, different in two: the key is drawn anew and kept nowhere."""
    first, again = mapped([value, value])
    assert first == again
    assert mapped(value) != first


def test_the_key_alone_makes_the_difference() -> None:
    """With the same key the images are the same, in whatever order the values come."""
    key = b"k" * 32
    assert mapped([ADDRESS, ORDER_HASH], key=key) == mapped([ORDER_HASH, ADDRESS], key=key)[::-1]


@given(
    st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["account", "owner", "note", "body", "to"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_replacing_twice_is_replacing_once(value: object) -> None:
    """An image is known as one, and is not mapped again."""
    identities = Identities()
    identities.learn(value)
    once = identities.redact_json(value)
    assert identities.redact_json(once) == once
    text = identities.redact(json.dumps(value))
    assert identities.redact(text) == text


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["maker", "account", "id", "email", "ip", "data", "size", "note"]),
            LEAVES | st.integers(-5, 10**18) | st.none(),
        ),
        max_size=8,
    )
)
def test_a_value_keeps_its_shape(fields: list[tuple[str, object]]) -> None:
    """Keys, lists, types and numbers are as before, whether the JSON is a value or a text in a text."""
    value = [{name: held} for name, held in fields]
    clean = mapped({"data": value, "body": json.dumps(value)})
    inner = json.loads(clean["body"])
    assert inner == clean["data"]
    for before, after in zip(value, inner, strict=True):
        assert before.keys() == after.keys()
        for name in before:
            assert type(before[name]) is type(after[name])
            if not isinstance(before[name], str) and name != "account":
                assert before[name] == after[name]


def test_a_number_keeps_its_type() -> None:
    """A Decimal beside a name stays a Decimal and an integer an integer, however whole they are."""
    clean = mapped({"to": ADDRESS, "sizes": [Decimal(100), 100, Decimal("0.50")], "ok": True, "none": None})
    assert [repr(size) for size in clean["sizes"]] == ["Decimal('100')", "100", "Decimal('0.50')"]
    assert (clean["ok"], clean["none"]) == (True, None)


@given(ADDRESSES)
def test_an_address_is_checksummed_where_it_was(number: int) -> None:
    """EIP-55's mixed case stays right, and lower stays lower, so that what is spelled alike stays so."""
    right = address_of(number)
    clean = mapped([right, right.lower()])
    assert clean[0] == checksum_address(clean[1])
    assert clean[1] == clean[1].lower()
    assert (clean[0] == clean[1]) == (right == right.lower())


@given(ADDRESSES.map(address_of).filter(lambda right: right.lower() != right != "0x" + right[2:].upper()))
def test_a_wrong_checksum_stays_wrong(right: str) -> None:
    """Upper case stays upper, a mixed case that is no checksum stays none, and four spellings stay four."""
    spelled = [right, right.lower(), "0x" + right[2:].upper(), "0x" + right[2:].swapcase()]
    clean = mapped(spelled)
    assert clean[2][2:] == clean[2][2:].upper()
    assert clean[3] != checksum_address(clean[0])
    assert {each.lower() for each in clean} == {clean[1]}
    assert len({*clean}) == 4


@given(ADDRESSES | HASHES)
def test_a_decimal_keeps_its_digits(number: int) -> None:
    """The number of an address or hash, written in decimal, is as long as before where it is a usual one."""
    hexed = address_of(number) if number >> 160 == 0 else hash_of(number)
    image, decimal = mapped([hexed, number])
    assert int(image, 16) == decimal
    if len(str(number)) in (47, 48, 49, 76, 77, 78):
        assert len(str(decimal)) == len(str(number))


@given(st.uuids(version=4) | st.uuids(version=1))
def test_a_uuid_keeps_version_and_variant(value: uuid.UUID) -> None:
    """A UUID becomes one of the same version, in its own spelling, and the same without hyphens."""
    clean, bare, upper = mapped([str(value), value.hex, str(value).upper()])
    image = uuid.UUID(clean)
    assert (image.version, image.variant) == (value.version, value.variant)
    assert image != value
    assert bare == image.hex
    assert upper == clean.upper()


@given(EMAILS)
def test_an_email_goes_to_a_reserved_domain(email: str) -> None:
    """Its image is in example.com or .test (RFC 2606), as long as it was, and the same in a URL."""
    clean, url = mapped([email, f"/user?mail={email.replace('@', '%40')}"])
    assert re.fullmatch(r"[a-z]+@(example\.com|[a-z]+\.test)", clean)
    assert len(clean) == max(len(email), 8)
    assert url == f"/user?mail={clean.replace('@', '%40')}"


@given(IPV4)
def test_an_ipv4_goes_to_a_reserved_range(address: IPv4Address) -> None:
    """Its image is a documentation address (RFC 5737), or reserved where none is as long."""
    clean = mapped(f"from {address}:443").removeprefix("from ").removesuffix(":443")
    assert any(IPv4Address(clean) in network for network in DOCUMENTATION)
    assert len(clean) == max(len(str(address)), 9)


@given(IPV6)
def test_an_ipv6_goes_to_the_documentation_range(address: IPv6Address) -> None:
    """Its image is in 2001:db8::/32 (RFC 3849); full and short spellings mean the same."""
    short, full = mapped([str(address), address.exploded])
    assert IPv6Address(short) == IPv6Address(full)
    assert IPv6Address(short) in ip_network("2001:db8::/32")
    assert len(full) == len(address.exploded)


def test_more_addresses_than_the_documentation_has() -> None:
    """Two thousand IPv4 addresses keep two thousand images."""
    values = [str(IPv4Address((11 << 24) + 997 * number)) for number in range(2_000)]
    assert len(set(mapped(values))) == 2_000


@pytest.mark.parametrize("value", [ADDRESS, ORDER_HASH, UUID, EMAIL])
def test_neither_key_nor_table_shows(value: str) -> None:
    """The map's own text says nothing of what it holds."""
    identities = Identities(key=b"secret-secret-secret-secret-1234")
    identities.learn([value])
    identities.redact(value)
    assert value not in repr(vars(identities))
    assert "secret" not in repr(vars(identities))
