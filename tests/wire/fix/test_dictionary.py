"""Names, types and groups: a message by names and back, and errors that say the nearest right name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.fix.codec import encode, parse
from harness.wire.fix.dictionary import Dictionary, dictionary_for
from harness.wire.fix.layout import Field, Layout, read_fields
from harness.wire.fix.message import Message
from harness.wire.fix.names import DictionaryError
from harness.wire.fix.written import seal

from .corpus import BOOK, LOGON, ORDER, REPORT

OLD = dictionary_for("FIX.4.4")
NEW = dictionary_for("FIXT.1.1")


def message_of(written: str) -> Message:
    """The message that written FIX becomes."""
    frame = parse(seal(written))
    assert isinstance(frame, Message), frame
    return frame


def order_with(fields: str) -> dict[str, Any]:
    """The view of an order with more fields."""
    return OLD.to_view(message_of(f"8=FIX.4.4|35=D|{fields}"))["NewOrderSingle"]


def test_a_report_has_names_types_and_groups() -> None:
    """Codes become names, quantities Decimal, numbers int, groups lists of entries, and groups nest."""
    body = NEW.to_view(message_of(REPORT))["ExecutionReport"]
    assert body["ExecType"] == "TRADE"
    assert body["OrdStatus"] == "PARTIALLY_FILLED"
    assert body["LeavesQty"] == Decimal("3")
    assert type(body["LeavesQty"]) is Decimal
    assert body["MsgSeqNum"] == 2
    assert body["SendingTime"] == "20260301-12:00:00.000"
    assert body["NoPartyIDs"] == [
        {
            "PartyID": "ACME",
            "PartyIDSource": "PROPRIETARY",
            "PartyRole": "EXECUTING_FIRM",
            "NoPartySubIDs": [{"PartySubID": "desk", "PartySubIDType": "PERSON"}],
        },
        {"PartyID": "DESK7", "PartyIDSource": "PROPRIETARY", "PartyRole": "CUSTOMER_ACCOUNT"},
    ]
    assert not {"BeginString", "BodyLength", "MsgType", "CheckSum"} & set(body)


def test_a_book_has_its_entries() -> None:
    """A market data snapshot's entries start with their first field, whatever follows it."""
    body = OLD.to_view(message_of(BOOK))["MarketDataSnapshotFullRefresh"]
    assert body["NoMDEntries"] == [
        {"MDEntryType": "BID", "MDEntryPx": Decimal("0.51"), "MDEntrySize": Decimal(100)},
        {"MDEntryType": "OFFER", "MDEntryPx": Decimal("0.53"), "MDEntrySize": Decimal(7)},
    ]


@pytest.mark.parametrize(("written", "dictionary"), [(ORDER, OLD), (REPORT, NEW), (BOOK, OLD), (LOGON, OLD)])
def test_a_view_becomes_its_message_again(written: str, dictionary: Dictionary) -> None:
    """Writing what was read gives the same bytes."""
    message = message_of(written)
    msg_type, fields = dictionary.from_view(dictionary.to_view(message))
    assert encode([(35, msg_type), *fields], message.begin_string) == message.raw


def test_values_keep_their_digits() -> None:
    """A price keeps the zeros that the sender wrote, and no value is a float."""
    assert str(order_with("44=0.5200|")["Price"]) == "0.5200"
    assert order_with("44=-.5|")["Price"] == Decimal("-0.5")
    assert OLD.from_view({"NewOrderSingle": {"Price": Decimal("1E-7")}}) == ("D", [(44, "0.0000001")])


@pytest.mark.parametrize(
    ("field", "name", "shown"),
    [
        ("38=5e1|", "OrderQty", "5e1"),
        ("38=+5|", "OrderQty", "+5"),
        ("38=NaN|", "OrderQty", "NaN"),
        (f"38={'1' * 100}|", "OrderQty", "1" * 100),
        ("54=?|", "Side", "?"),
        ("43=maybe|", "PossDupFlag", "maybe"),
        ("34=1_0|", "MsgSeqNum", "1_0"),
        ("5001=x|", "5001", "x"),
        ("18=6 G|", "ExecInst", "PARTICIPATE_DONT_INITIATE ALL_OR_NONE"),
        ("43=Y|", "PossDupFlag", True),
        ("7928=me|", "SelfMatchPreventionID", "me"),
    ],
)
def test_what_does_not_fit_stays_text(field: str, name: str, shown: Any) -> None:
    """A value that its type does not have, a code and a tag without a name are given as they came."""
    assert order_with(field)[name] == shown


def test_text_is_read_as_utf8_where_it_is() -> None:
    """A name in UTF-8 reads as people wrote it; other bytes over 127 are one character each."""
    assert order_with(r"58=caf\xc3\xa9|")["Text"] == "café"
    assert order_with(r"58=caf\xe9|")["Text"] == "café"
    assert OLD.from_view({"Logout": {"Text": "café"}}) == ("5", [(58, "cafÃ©")])


def test_a_message_without_a_name_is_its_type() -> None:
    """A MsgType that the dictionary lacks is written 35=UMS, and its fields still have names."""
    view = NEW.to_view(message_of("8=FIXT.1.1|35=UMS|55=YES-2027|20105=7|"))
    assert view == {"35=UMS": {"Symbol": "YES-2027", "20105": "7"}}
    assert NEW.from_view(view) == ("UMS", [(55, "YES-2027"), (20105, "7")])


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"Side": "BUY"}, [(54, "1")]),
        ({"Side": "1"}, [(54, "1")]),
        ({"Side": 1}, [(54, "1")]),
        ({"Side": Decimal(1)}, [(54, "1")]),
        ({"OrderQty": 5}, [(38, "5")]),
        ({"OrderQty": "5"}, [(38, "5")]),
        ({"Price": Decimal("0.520")}, [(44, "0.520")]),
        ({"ClOrdID": 17}, [(11, "17")]),
        ({"PossResend": True}, [(97, "Y")]),
        ({"ExecInst": "PARTICIPATE_DONT_INITIATE G"}, [(18, "6 G")]),
        ({"5001": "x", "38": "five"}, [(5001, "x"), (38, "five")]),
        ({"EncodedText": "ab"}, [(354, "2"), (355, "ab")]),
        ({"NoPartyIDs": []}, [(453, "0")]),
        (
            {"NoPartyIDs": [{"PartyRole": 3, "PartyID": "me", "5001": "x"}]},
            [(453, "1"), (448, "me"), (452, "3"), (5001, "x")],
        ),
    ],
)
def test_names_codes_and_numbers_are_taken(given: dict[str, Any], fields: list[tuple[int, str]]) -> None:
    """A case may write a code or its name, a number or its text, or a tag by its number."""
    assert OLD.from_view({"NewOrderSingle": given}) == ("D", fields)


@pytest.mark.parametrize(
    ("view", "code", "text"),
    [
        ({"NewOrderSngle": {}}, "unknown_message", "did you mean NewOrderSingle?"),
        ({"NewOrderSingle": {"ClOrderID": "x"}}, "unknown_field", "did you mean ClOrdID?"),
        ({"NewOrderSingle": {"Side": "BYU"}}, "unknown_code", "did you mean BUY?"),
        ({"NewOrderSingle": {"Side": True}}, "unknown_code", "cannot be True"),
        ({"NewOrderSingle": {"TimeInForce": "GTC"}}, "unknown_code", "it is one of DAY, GOOD_TILL_CANCEL"),
        ({"NewOrderSingle": {"OrderQty": "five"}}, "wrong_type", r"OrderQty (QTY) cannot be 'five'"),
        ({"NewOrderSingle": {"OrderQty": None}}, "wrong_type", "cannot be None"),
        ({"NewOrderSingle": {"OrderQty": 0.5}}, "wrong_type", "cannot be 0.5"),
        ({"NewOrderSingle": {"ClOrdID": ""}}, "wrong_type", "cannot be ''"),
        ({"NewOrderSingle": {"TransactTime": "now"}}, "wrong_type", "UTCTIMESTAMP"),
        ({"NewOrderSingle": {"5001": None}}, "wrong_type", "cannot be None"),
        ({"NewOrderSingle": {"Price": Decimal("NaN")}}, "wrong_type", "cannot be Decimal"),
        ({"NewOrderSingle": {"NoPartyIDs": {}}}, "wrong_type", "a list of entries"),
        (
            {"NewOrderSingle": {"NoPartyIDs": [{"PartyIDs": "x"}]}},
            "unknown_field",
            "did you mean PartyID?",
        ),
        ({"NewOrderSingle": {"NoPartyIDs": [{"Side": "BUY"}]}}, "not_in_message", "has no field Side"),
        ({"NewOrderSingle": {"NoMDEntries": []}}, "not_in_message", "has no group NoMDEntries"),
        ({"NewOrderSingle": "x"}, "wrong_type", "a mapping of fields"),
        ({"A": {}, "B": {}}, "wrong_type", "one name with its fields"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(view: dict[str, Any], code: str, text: str) -> None:
    """What cannot be written is an error of the author's with a code, and the word that was meant."""
    with pytest.raises(DictionaryError) as caught:
        OLD.from_view(view)
    assert caught.value.code == code
    assert text in str(caught.value)


def test_an_expectation_is_put_into_the_words_of_views() -> None:
    """Codes, names and numbers become what a view has; matchers stay and are put right inside."""
    given = {
        "ExecutionReport": {
            "ExecType": "0",
            "OrdStatus": {"$in": ["NEW", 1]},
            "Side": {"$not": "2"},
            "LeavesQty": "5",
            "CumQty": {"$gte": 0, "$lte": "5"},
            "AvgPx": {"$present": True},
            "NoPartyIDs": [{"PartyRole": "3"}],
            "5001": "x",
        }
    }
    assert OLD.canonical(given) == {
        "ExecutionReport": {
            "ExecType": "NEW",
            "OrdStatus": {"$in": ["NEW", "PARTIALLY_FILLED"]},
            "Side": {"$not": "SELL"},
            "LeavesQty": Decimal(5),
            "CumQty": {"$gte": Decimal(0), "$lte": Decimal(5)},
            "AvgPx": {"$present": True},
            "NoPartyIDs": [{"PartyRole": "CLIENT_ID"}],
            "5001": "x",
        }
    }
    either = {"$either": [{"ExecutionReport": {"ExecType": "8"}}, {"OrderCancelReject": {"$present": True}}]}
    assert OLD.canonical(either)["$either"][0] == {"ExecutionReport": {"ExecType": "REJECTED"}}
    parties = {"NewOrderSingle": {"NoPartyIDs": {"$some": {"PartyRole": 3}}}}
    assert OLD.canonical(parties) == {"NewOrderSingle": {"NoPartyIDs": {"$some": {"PartyRole": "CLIENT_ID"}}}}
    assert OLD.canonical("$nothing") == "$nothing"
    with pytest.raises(DictionaryError, match="did you mean ExecType"):
        OLD.canonical({"ExecutionReport": {"ExcType": {"$present": True}}})


def test_names_and_numbers_lead_to_each_other() -> None:
    """A tag has a name and a name a tag; what has none is its number."""
    assert (OLD.field_tag("ClOrdID"), OLD.field_name(11)) == (11, "ClOrdID")
    assert (OLD.field_tag("5001"), OLD.field_name(5001)) == (5001, "5001")
    assert (OLD.msg_type("ExecutionReport"), OLD.message_name("8"), OLD.message_name("ZZ")) == (
        "8",
        "ExecutionReport",
        "ZZ",
    )
    assert OLD.value("5001", "x") == "x"
    with pytest.raises(ValueError, match=r"no dictionary for 'FIX\.4\.2'"):
        dictionary_for("FIX.4.2")


def test_a_dictionary_takes_custom_fields() -> None:
    """A venue's own fields get names and codes; a tag or name that is taken is refused."""
    venue = OLD.extended("5001 VenueNote CHAR A=FIRST B=SECOND")
    assert venue.from_view({"NewOrderSingle": {"VenueNote": "SECOND"}}) == ("D", [(5001, "B")])
    assert venue.to_view(message_of("8=FIX.4.4|35=D|5001=A|")) == {"NewOrderSingle": {"VenueNote": "FIRST"}}
    for line in ("11 Mine STRING", "6001 ClOrdID STRING"):
        with pytest.raises(ValueError, match="already"):
            OLD.extended(line)
    for line in ("x", "5001 VenueNote", "5001 VenueNote NONSENSE", "5001 VenueNote CHAR A=X B=X"):
        with pytest.raises(ValueError, match=r"."):
            read_fields(line)


def test_layouts_check_themselves() -> None:
    """What a layout requires is a member of it, and a field has a tag."""
    with pytest.raises(ValueError, match="is a member"):
        Layout("X", 0, "X", (1,), frozenset({2}), {})
    with pytest.raises(ValueError, match="no field"):
        Field(0, "X", "STRING")


VALUES = {
    "ClOrdID": st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1),
    "Side": st.sampled_from(["BUY", "SELL", "CROSS"]),
    "OrderQty": st.decimals(0, 10**12, places=6),
    "Price": st.decimals(-1000, 1000, places=8),
    "AccountType": st.sampled_from(["HOUSE_TRADER"]),
    "MsgSeqNum": st.integers(1, 10**9),
    "PossResend": st.booleans(),
    "NoPartyIDs": st.lists(
        st.fixed_dictionaries(
            {"PartyID": st.text("ABC", min_size=1), "PartyRole": st.sampled_from(["CLIENT_ID"])}
        )
    ),
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_written_is_read(body: dict[str, Any]) -> None:
    """A view that goes out as bytes comes back as the same view."""
    msg_type, fields = OLD.from_view({"NewOrderSingle": body})
    message = parse(encode([(35, msg_type), *fields], "FIX.4.4"))
    assert isinstance(message, Message)
    assert OLD.to_view(message) == {"NewOrderSingle": body}
    assert OLD.canonical({"NewOrderSingle": body}) == {"NewOrderSingle": body}
