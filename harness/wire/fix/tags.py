"""Tag numbers and message types that framing and the session layer need (FIX 4.4 volume 2, FIXT 1.1)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

BEGIN_SEQ_NO: Final = 7
BEGIN_STRING: Final = 8
BODY_LENGTH: Final = 9
CHECK_SUM: Final = 10
END_SEQ_NO: Final = 16
MSG_SEQ_NUM: Final = 34
MSG_TYPE: Final = 35
NEW_SEQ_NO: Final = 36
POSS_DUP_FLAG: Final = 43
REF_SEQ_NUM: Final = 45
SENDER_COMP_ID: Final = 49
SENDING_TIME: Final = 52
TARGET_COMP_ID: Final = 56
TEXT: Final = 58
RAW_DATA_LENGTH: Final = 95
RAW_DATA: Final = 96
ENCRYPT_METHOD: Final = 98
HEART_BT_INT: Final = 108
TEST_REQ_ID: Final = 112
ORIG_SENDING_TIME: Final = 122
GAP_FILL_FLAG: Final = 123
RESET_SEQ_NUM_FLAG: Final = 141
REF_TAG_ID: Final = 371
REF_MSG_TYPE: Final = 372
SESSION_REJECT_REASON: Final = 373
USERNAME: Final = 553
PASSWORD: Final = 554
DEFAULT_APPL_VER_ID: Final = 1137

HEARTBEAT: Final = "0"
TEST_REQUEST: Final = "1"
RESEND_REQUEST: Final = "2"
REJECT: Final = "3"
SEQUENCE_RESET: Final = "4"
LOGOUT: Final = "5"
LOGON: Final = "A"

ADMIN: Final = frozenset({HEARTBEAT, TEST_REQUEST, RESEND_REQUEST, REJECT, SEQUENCE_RESET, LOGOUT, LOGON})
"""Session messages: never resent, gap-filled instead (FIX 4.4 volume 2, "Message recovery")."""

DATA_OF_LENGTH: Final = MappingProxyType(
    {
        90: 91,  # SecureDataLen
        93: 89,  # SignatureLength
        95: 96,  # RawDataLength
        212: 213,  # XmlDataLen
        348: 349,  # EncodedIssuerLen
        350: 351,  # EncodedSecurityDescLen
        352: 353,  # EncodedListExecInstLen
        354: 355,  # EncodedTextLen
        356: 357,  # EncodedSubjectLen
        358: 359,  # EncodedHeadlineLen
        360: 361,  # EncodedAllocTextLen
        362: 363,  # EncodedUnderlyingIssuerLen
        364: 365,  # EncodedUnderlyingSecurityDescLen
        445: 446,  # EncodedListStatusTextLen
        618: 619,  # EncodedLegIssuerLen
        621: 622,  # EncodedLegSecurityDescLen
        1184: 1185,  # SecurityXMLLen
        1397: 1398,  # EncodedMktSegmDescLen
        1401: 1402,  # EncryptedPasswordLen
        1403: 1404,  # EncryptedNewPasswordLen
    }
)
"""A length field to the data field that must follow it: the data may hold any byte, SOH too."""

LENGTH_OF_DATA: Final = MappingProxyType({data: length for length, data in DATA_OF_LENGTH.items()})

HEADER: Final = (
    *(BEGIN_STRING, BODY_LENGTH, MSG_TYPE, 1128, 1129, SENDER_COMP_ID, TARGET_COMP_ID, 115, 128),
    *(90, 91, MSG_SEQ_NUM, 50, 142, 57, 143, 116, 144, 129, 145, POSS_DUP_FLAG, 97, SENDING_TIME),
    *(ORIG_SENDING_TIME, 212, 213, 347, 369, 627, 628, 629, 630),
)
"""The standard header's tags in the order in which we write them."""

HEADER_TAGS: Final = frozenset(HEADER)
TRAILER_TAGS: Final = frozenset({93, 89, CHECK_SUM})

ONCE: Final = frozenset({BEGIN_STRING, BODY_LENGTH, MSG_TYPE, MSG_SEQ_NUM, SENDER_COMP_ID, TARGET_COMP_ID})
ONCE_TAGS: Final = ONCE | {SENDING_TIME, CHECK_SUM, POSS_DUP_FLAG, ORIG_SENDING_TIME}
"""Tags that stand in no repeating group of any message: twice is wrong whatever the dictionary says."""
