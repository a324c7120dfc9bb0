"""Which fields stand in which message and group, and in which order a group's fields come.

A word is a field's name; `!` makes it required; `*` makes it a repeating group, whose own line starts with
its name (and `/type` where messages differ); `@4` and `@5` keep a word to FIX 4.4 or to FIXT 1.1 with FIX 5.0
SP2; `+` puts in the words of a block. Sources: FIX 4.4 volumes 2 to 4, FIXT 1.1, FIX 5.0 SP2 volumes 3 and 4.
"""

from __future__ import annotations

from typing import Final

HEADER: Final = """
 BeginString! BodyLength! MsgType! ApplVerID@5 CstmApplVerID@5 SenderCompID! TargetCompID! OnBehalfOfCompID
DeliverToCompID SecureDataLen SecureData MsgSeqNum! SenderSubID SenderLocationID TargetSubID
TargetLocationID OnBehalfOfSubID OnBehalfOfLocationID DeliverToSubID DeliverToLocationID PossDupFlag
PossResend SendingTime! OrigSendingTime XmlDataLen XmlData MessageEncoding LastMsgSeqNumProcessed *NoHops
"""

TRAILER: Final = "SignatureLength Signature CheckSum!"

BLOCKS: Final = {
    "Instrument": """
        SecurityID SecurityIDSource Product CFICode SecurityType MaturityDate SecurityExchange Issuer
        SecurityDesc
    """,
    "Text": "Text EncodedTextLen EncodedText",
    "Order": """
        *NoPartyIDs Account AccountType HandlInst ExecInst MinQty MaxFloor ExDestination Symbol!
        +Instrument Side! TransactTime! OrderQty CashOrderQty OrdType! Price StopPx Currency TimeInForce
        ExpireDate ExpireTime Commission CommType OrderCapacity CustOrderCapacity PositionEffect SettlDate
        TradeDate ManualOrderIndicator@5 SecondaryClOrdID +Text
    """,
}

GROUPS: Final = {
    "NoHops": "HopCompID HopSendingTime HopRefID",
    "NoPartyIDs": "PartyID! PartyIDSource PartyRole *NoPartySubIDs",
    "NoPartySubIDs": "PartySubID! PartySubIDType",
    "NoMiscFees": "MiscFeeAmt! MiscFeeCurr MiscFeeType MiscFeeBasis",
    "NoMDEntryTypes": "MDEntryType!",
    "NoRelatedSym": "Symbol! +Instrument Currency@5 SettlDate@5",
    "NoMDEntries/W": """
        MDEntryType! MDEntryID@5 MDEntryPx Currency MDEntrySize MDEntryDate MDEntryTime TradingSessionID
        QuoteCondition TradeCondition TimeInForce ExpireDate ExpireTime MinQty ExecInst OrderID
        SecondaryOrderID@5 NumberOfOrders MDEntryPositionNo Text MDPriceLevel@5 OrderCapacity@5
    """,
    "NoMDEntries/X": """
        MDUpdateAction! MDEntryType MDEntryID MDEntryRefID Symbol +Instrument MDEntryPx Currency
        MDEntrySize MDEntryDate MDEntryTime TradingSessionID QuoteCondition TradeCondition TimeInForce
        ExpireDate ExpireTime MinQty ExecInst OrderID SecondaryOrderID@5 NumberOfOrders MDEntryPositionNo
        Text MDPriceLevel@5 OrderCapacity@5 TransactTime@5
    """,
}

MESSAGES: Final = {
    "Heartbeat 0": "TestReqID",
    "TestRequest 1": "TestReqID!",
    "ResendRequest 2": "BeginSeqNo! EndSeqNo!",
    "Reject 3": "RefSeqNum! RefTagID RefMsgType SessionRejectReason +Text",
    "SequenceReset 4": "GapFillFlag NewSeqNo!",
    "Logout 5": "+Text",
    "Logon A": """
        EncryptMethod! HeartBtInt! RawDataLength RawData ResetSeqNumFlag NextExpectedMsgSeqNum
        MaxMessageSize TestMessageIndicator Username Password DefaultApplVerID!@5
    """,
    "NewOrderSingle D": "ClOrdID! +Order",
    "OrderCancelRequest F": """
        OrigClOrdID!@4 OrigClOrdID@5 OrderID ClOrdID! SecondaryClOrdID *NoPartyIDs Account AccountType
        Symbol! +Instrument Side! TransactTime! OrderQty CashOrderQty +Text
    """,
    "OrderCancelReplaceRequest G": "OrderID OrigClOrdID!@4 OrigClOrdID@5 ClOrdID! +Order",
    "OrderStatusRequest H": """
        OrderID ClOrdID!@4 ClOrdID@5 SecondaryClOrdID *NoPartyIDs OrdStatusReqID Account Symbol!
        +Instrument Side!
    """,
    "ExecutionReport 8": """
        OrderID! SecondaryOrderID SecondaryClOrdID SecondaryExecID ClOrdID OrigClOrdID OrdStatusReqID
        MassStatusReqID TotNumReports LastRptRequested *NoPartyIDs TrdMatchID@5 ExecID! ExecRefID
        ExecType! OrdStatus! WorkingIndicator OrdRejReason ExecRestatementReason Account AccountType
        SettlDate Symbol! +Instrument Side! OrderQty CashOrderQty OrdType Price StopPx Currency
        TimeInForce ExpireDate ExpireTime ExecInst AggressorIndicator@5 OrderCapacity CustOrderCapacity
        LastQty LastPx LastMkt TradingSessionID LeavesQty! CumQty! AvgPx!@4 AvgPx@5 TradeDate TransactTime
        Commission CommType GrossTradeAmt SettlCurrAmt SettlCurrency HandlInst MinQty MaxFloor
        PositionEffect +Text LastLiquidityInd CopyMsgIndicator *NoMiscFees ManualOrderIndicator@5
    """,
    "OrderCancelReject 9": """
        OrderID! SecondaryOrderID SecondaryClOrdID ClOrdID! OrigClOrdID!@4 OrigClOrdID@5 OrdStatus!
        WorkingIndicator Account AccountType TransactTime CxlRejResponseTo! CxlRejReason +Text
    """,
    "BusinessMessageReject j": """
        RefSeqNum RefMsgType! RefApplVerID@5 BusinessRejectRefID BusinessRejectReason! +Text
    """,
    "MarketDataRequest V": """
        MDReqID! SubscriptionRequestType! MarketDepth! MDUpdateType AggregatedBook *NoMDEntryTypes!
        *NoRelatedSym!
    """,
    "MarketDataSnapshotFullRefresh W": """
        MDReqID MDBookType@5 MDFeedType@5 MarketDepth@5 TotNumReports@5 TradeDate@5 Symbol! +Instrument
        *NoMDEntries!
    """,
    "MarketDataIncrementalRefresh X": "MDReqID MDBookType@5 MDFeedType@5 TradeDate@5 *NoMDEntries!",
    "MarketDataRequestReject Y": "MDReqID! MDReqRejReason +Text",
}
