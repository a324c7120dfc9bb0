"""FIX for readers: a message's fields with their names, and the message in a few words. It judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SOH: Final = "\x01"

_TAGS: Final[Mapping[str, str]] = {
    "1": "Account", "6": "AvgPx", "7": "BeginSeqNo", "8": "BeginString", "9": "BodyLength",
    "10": "CheckSum", "11": "ClOrdID", "14": "CumQty", "16": "EndSeqNo", "17": "ExecID",
    "20": "ExecTransType", "22": "SecurityIDSource", "31": "LastPx", "32": "LastQty", "34": "MsgSeqNum",
    "35": "MsgType", "36": "NewSeqNo", "37": "OrderID", "38": "OrderQty", "39": "OrdStatus",
    "40": "OrdType", "41": "OrigClOrdID", "43": "PossDupFlag", "44": "Price", "45": "RefSeqNum",
    "48": "SecurityID", "49": "SenderCompID", "50": "SenderSubID", "52": "SendingTime", "54": "Side",
    "55": "Symbol", "56": "TargetCompID", "57": "TargetSubID", "58": "Text", "59": "TimeInForce",
    "60": "TransactTime", "95": "RawDataLength", "96": "RawData", "97": "PossResend", "98": "EncryptMethod",
    "102": "CxlRejReason", "103": "OrdRejReason", "108": "HeartBtInt", "112": "TestReqID",
    "122": "OrigSendingTime", "123": "GapFillFlag", "141": "ResetSeqNumFlag", "150": "ExecType",
    "151": "LeavesQty", "262": "MDReqID", "268": "NoMDEntries", "269": "MDEntryType", "270": "MDEntryPx",
    "271": "MDEntrySize", "371": "RefTagID", "372": "RefMsgType", "373": "SessionRejectReason",
    "380": "BusinessRejectReason", "434": "CxlRejResponseTo", "447": "PartyIDSource", "448": "PartyID",
    "452": "PartyRole", "453": "NoPartyIDs", "553": "Username", "554": "Password", "571": "TradeReportID",
    "789": "NextExpectedMsgSeqNum", "1128": "ApplVerID", "1137": "DefaultApplVerID",
    "1409": "SessionStatus",
}  # fmt: skip
_TYPES: Final[Mapping[str, str]] = {
    "0": "Heartbeat", "1": "TestRequest", "2": "ResendRequest", "3": "Reject", "4": "SequenceReset",
    "5": "Logout", "8": "ExecutionReport", "9": "OrderCancelReject", "A": "Logon", "D": "NewOrderSingle",
    "F": "OrderCancelRequest", "G": "OrderCancelReplaceRequest", "H": "OrderStatusRequest",
    "V": "MarketDataRequest", "W": "MarketDataSnapshot", "X": "MarketDataIncrementalRefresh",
    "AE": "TradeCaptureReport", "j": "BusinessMessageReject",
}  # fmt: skip
_STATES: Final[Mapping[str, str]] = {
    "0": "New", "1": "PartiallyFilled", "2": "Filled", "4": "Canceled", "6": "PendingCancel",
    "8": "Rejected", "A": "PendingNew", "C": "Expired", "E": "PendingReplace",
}  # fmt: skip


def fields(raw: str) -> tuple[tuple[str, str], ...]:
    """Tags and values in order; what is no `tag=value` stands under an empty tag. `|` reads as SOH."""
    parts = raw.replace("|", SOH).split(SOH) if SOH not in raw else raw.split(SOH)
    split = [part.partition("=") for part in parts if part]
    return tuple((tag, value) if joint else ("", tag) for tag, joint, value in split)


def table(raw: str) -> str:
    """One line a field: its name, its tag, its value, and what a message type or state means."""
    lines = []
    for tag, value in fields(raw):
        meaning = {"35": _TYPES, "39": _STATES}.get(tag, {}).get(value)
        told = f"{value} ({meaning})" if meaning else value
        lines.append(f"  {_TAGS.get(tag, '?'):<22} {tag:>5} = {told}")
    return "\n".join(lines)


def gist(raw: str) -> str:
    """The message in a few words: its type, sequence number, order and state."""
    held = dict(reversed(fields(raw)))
    kind = held.get("35", "")
    words = [_TYPES.get(kind, f"35={kind}" if kind else "garbled")]
    if "39" in held:
        words.append(_STATES.get(held["39"], f"39={held['39']}"))
    words += [f"{name} {held[tag]}" for tag, name in (("11", "for"), ("58", "–")) if tag in held]
    return " ".join(words)
