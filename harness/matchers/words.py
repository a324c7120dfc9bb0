"""The words of expectations as data: for the JSON Schema and the reference page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from harness.matchers.marks import LOST, NOTHING, REFUSED, Closed, Differs, Extra, Late

PLAIN_KEY: Final = r"^(?:[^$]|$|\$\$?\{)"
"""A key that is no matcher: it begins otherwise than with `$`, or is a reference."""
ARRIVED_US: Final = 1_772_452_802_000_000
"""When the values below came, for `$age`: 2026-03-02T12:00:02Z."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One matcher: what it holds for (a sentence), what it takes, and an expectation that shows it.

    `example` is a whole expectation as YAML; it holds for the value `good` and fails for `bad`, which are
    JSON values or what stands instead of an event.
    """

    word: str
    group: str
    holds: str
    takes: str
    example: str
    good: Any
    bad: Any


_HASH: Final = "0x" + "5e" * 32
_WALLET: Final = "0x" + "a1" * 20
_NO: Final = "no argument"
_NUMBER: Final = "a number, without quotes"

MATCHERS: Final = (
    Matcher("$present", "presence", "Any value, null too.", _NO, "{id: {$present}}", {"id": None}, {}),
    Matcher(
        "$absent", "presence", "The key is not there.", _NO, "{error: {$absent}}", {}, {"error": "no balance"}
    ),
    Matcher(
        "$in",
        "choice",
        "One of these values.",
        "a list of plain values, or a reference to one",
        "{status: {$in: [live, matched]}}",
        {"status": "live"},
        {"status": "delayed"},
    ),
    Matcher(
        "$not",
        "choice",
        "Anything that is not like this.",
        "an expectation",
        "{status: {$not: FAILED}}",
        {"status": "MINED"},
        {"status": "FAILED"},
    ),
    Matcher(
        "$either",
        "choice",
        "What is like one of these.",
        "a list of two expectations or more",
        "{$either: [{status: 200}, {status: 400, body: {error: {$present}}}]}",
        {"status": 400, "body": {"error": "too late"}},
        {"status": 500, "body": {}},
    ),
    Matcher(
        "$contains",
        "text",
        "Text that holds this text; upper and lower case differ.",
        "text",
        "{error: {$contains: not enough balance}}",
        {"error": "not enough balance / allowance"},
        {"error": "Not enough balance"},
    ),
    Matcher(
        "$matches",
        "text",
        "Text in which this pattern is found; `^` and `$` stand for its ends.",
        "a regular expression (RE2's, in quotes), without references",
        '{id: {$matches: "^[0-9]{3}-[a-z]+$"}}',
        {"id": "123-abc"},
        {"id": "123-ABC"},
    ),
    Matcher(
        "$length",
        "text",
        "Text of so many characters, a list of so many items, a mapping of so many keys.",
        "a whole number, or bounds such as `{$gte: 2}`",
        "{trades: {$length: 2}}",
        {"trades": ["a", "b"]},
        {"trades": ["a"]},
    ),
    Matcher(
        "$uuid",
        "text",
        "A UUID, as text.",
        _NO,
        "{id: {$uuid}}",
        {"id": "0f8fad5b-d9cb-469f-a165-70867728950e"},
        {"id": "0f8fad5b"},
    ),
    Matcher(
        "$hex",
        "text",
        "`0x` and bytes in hex; with a number, so many bytes.",
        "no argument, or a number of bytes",
        "{orderID: {$hex: 32}}",
        {"orderID": _HASH},
        {"orderID": "0x5e5e"},
    ),
    Matcher(
        "$address",
        "text",
        "An address: `0x` and 20 bytes in hex.",
        _NO,
        "{maker: {$address}}",
        {"maker": _WALLET},
        {"maker": "alice"},
    ),
    Matcher("$gt", "numbers", "A number over this one.", _NUMBER, "{fee: {$gt: 0}}", {"fee": 1}, {"fee": 0}),
    Matcher("$gte", "numbers", "A number of at least this.", _NUMBER, "{n: {$gte: 5}}", {"n": 5}, {"n": 4}),
    Matcher("$lt", "numbers", "A number under this one.", _NUMBER, "{n: {$lt: 5}}", {"n": 4}, {"n": 5}),
    Matcher("$lte", "numbers", "A number of at most this.", _NUMBER, "{n: {$lte: 5}}", {"n": 5}, {"n": "5"}),
    Matcher(
        "$between",
        "numbers",
        "A number between these two, the bounds too.",
        "two numbers, the smaller first",
        "{n: {$between: [1, 5]}}",
        {"n": 5},
        {"n": 6},
    ),
    Matcher(
        "$decimal",
        "numbers",
        "A number, whether written as a number or as text; with an argument, this number, or one within "
        "these bounds.",
        "no argument, a number, or bounds such as `{$gte: 0.5}`",
        "{price: {$decimal: 0.52}}",
        {"price": "0.520"},
        {"price": "0.53"},
    ),
    Matcher(
        "$only",
        "lists and mappings",
        "A mapping with exactly these keys, or a list of exactly these items; over a mapping, a list is of "
        "its keys.",
        "a mapping, or a list",
        "{$only: {bids: [], asks: []}}",
        {"bids": [], "asks": []},
        {"bids": [], "asks": [], "hash": "0x5e"},
    ),
    Matcher(
        "$unordered",
        "lists and mappings",
        "A list of just these items, in any order.",
        "a list of expectations",
        "{sides: {$unordered: [BUY, SELL]}}",
        {"sides": ["SELL", "BUY"]},
        {"sides": ["SELL", "SELL"]},
    ),
    Matcher(
        "$sorted",
        "lists and mappings",
        "A list of numbers (or of texts) in this order.",
        "asc (the least first) or desc (the greatest first)",
        "{times: {$sorted: asc}}",
        {"times": [1, 2, 2]},
        {"times": [2, 1]},
    ),
    Matcher(
        "$each",
        "lists and mappings",
        "A list whose every item is like this; an empty one fails, unless `$length` beside it allows it.",
        "an expectation",
        "{trades: {$each: {side: BUY}}}",
        {"trades": [{"side": "BUY", "size": "5"}]},
        {"trades": []},
    ),
    Matcher(
        "$some",
        "lists and mappings",
        "A list in which at least one item is like this.",
        "an expectation",
        "{trades: {$some: {side: BUY}}}",
        {"trades": [{"side": "SELL"}, {"side": "BUY"}]},
        {"trades": [{"side": "SELL"}]},
    ),
    Matcher(
        "$time",
        "time",
        "A timestamp: unix time (its digits tell its unit), ISO 8601 or FIX's; with bounds, within them.",
        'no argument, or bounds that are timestamps, such as `{$gte: "${now:ms}"}`',
        '{timestamp: {$time: {$gte: "2026-03-02T12:00:00Z"}}}',
        {"timestamp": "1772452801000"},
        {"timestamp": "1772452799000"},
    ),
    Matcher(
        "$age",
        "time",
        "A timestamp that was so old when its message came.",
        "bounds that are times, such as `{$lte: 2s}`",
        "{timestamp: {$age: {$lte: 2s}}}",
        {"timestamp": "1772452801000"},
        {"timestamp": "1772452799000"},
    ),
    Matcher(
        "$nothing",
        "instead of an event",
        "Nothing came in the whole window.",
        _NO,
        "{$nothing}",
        NOTHING,
        {"a": 1},
    ),
    Matcher(
        "$lost",
        "instead of an event",
        "No answer came: the connection broke, or the time for it ran out.",
        _NO,
        "{$lost}",
        LOST,
        {"status": 200},
    ),
    Matcher(
        "$closed",
        "instead of an event",
        "The stream was closed; with `code` or `reason`, with these.",
        "no argument, or `code`, `reason` or both",
        "{$closed: {code: 1008}}",
        Closed(1008, "not allowed"),
        Closed(1006),
    ),
    Matcher(
        "$refused",
        "instead of an event",
        "The subscription, logon or message was refused.",
        _NO,
        "{$refused}",
        REFUSED,
        {"event_type": "book"},
    ),
    Matcher(
        "$late",
        "instead of an event",
        "In a symptom: it came, but after the deadline; with bounds, by so much.",
        "no argument, or bounds that are times, such as `{$gte: 30s}`",
        "{$late: {$gte: 30s}}",
        Late(31_000_000),
        Late(1_000_000),
    ),
    Matcher(
        "$extra",
        "instead of an event",
        "In a symptom: more came than should; with a number, so many more.",
        "no argument, a number, or bounds such as `{$gte: 2}`",
        "{$extra: 2}",
        Extra(2),
        Extra(1),
    ),
    Matcher(
        "$differs",
        "instead of an event",
        "In a symptom: sources that should agree do not; with names of sources, what each told.",
        "no argument, or an expectation for each source",
        "{$differs: {rest: {size: 5}, chain: {$nothing}}}",
        Differs({"rest": {"size": 5}, "chain": NOTHING}),
        Differs({"rest": {"size": 5}, "chain": {"size": 5}}),
    ),
)
"""Every matcher, in the order in which they are told."""
