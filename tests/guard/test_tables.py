"""What the guard knows by heart: reads, writes, names that lead elsewhere, limits; written down again."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from harness import guard
from harness.errors import GuardError
from harness.guard import (
    LIMITS,
    Address,
    Caps,
    CompIDs,
    Effect,
    Identity,
    Kind,
    Limits,
    Mode,
    Operation,
    Origin,
    Spent,
    address_of,
    is_relief,
    spent_by,
)
from harness.guard.addresses import host_of
from harness.guard.effects import of_intent, of_rest, reroutes

from .plans import ELSEWHERE, HERE, PROOFS, RESOLVED, plan

words = str.split

READS = {
    "clob": words("""
    / /ok /time /version /book /midpoint /price /spread /last-trade-price /tick-size /tick-size/1 /neg-risk
    /fee-rate /fee-rate/1 /prices-history /markets /simplified-markets /sampling-markets
    /sampling-simplified-markets /markets/0xab /markets-by-token/1 /clob-markets/a_b-C
    /markets/live-activity/1 /auth/api-keys /auth/derive-api-key /auth/ban-status/closed-only /data/order/0xab
    /data/orders /data/pre-migration-orders /data/trades /builder/trades /fees/builder-fees/1 /order-scoring
    /notifications /balance-allowance /rewards/user /rewards/user/total /rewards/user/percentages
    /rewards/user/markets /rewards/markets/current /rewards/markets/1
    """),
    "data": words("/ /positions /closed-positions /trades /activity /holders /value /oi /live-volume"),
    "gamma": words("""
    /status /markets /markets/1 /markets/slug/a-b /events /events/1 /events/slug/a-b /tags /tags/1 /series
    /series/1 /comments /public-search /sports /teams
    """),
}
POSTED_READS = words(
    "/books /midpoints /prices /spreads /last-trades-prices /batch-prices-history /orders-scoring"
)
WRITES = [
    ("GET", "/balance-allowance/update"),
    *(
        ("POST", path)
        for path in words(
            "/order /orders /auth/api-key /auth/readonly-api-key /auth/builder-api-key /v1/heartbeats"
        )
    ),
    *(
        ("DELETE", path)
        for path in words("""
        /order /orders /cancel-all /cancel-market-orders /auth/api-key /auth/readonly-api-key
        /auth/builder-api-key /notifications
        """)
    ),
]
RPC = words("""
eth_blockNumber eth_call eth_chainId eth_getBalance eth_getBlockByHash eth_getBlockByNumber eth_getCode
eth_getLogs eth_getTransactionByHash eth_getTransactionReceipt
""")
LEADING = words("""
host forwarded x-forwarded-host x-forwarded-server x-host x-original-host x-original-url x-rewrite-url
""")
WRITE = "write scheme://host:port/path with letters, digits, '.', '_' and '-'"
QUERY = "a query stands in it; a secret belongs into an environment variable"
OVERRIDING = words("x-http-method x-http-method-override x-method-override")


@pytest.mark.parametrize(("host", "path"), [(host, path) for host, paths in READS.items() for path in paths])
def test_each_read_is_known(host: str, path: str) -> None:
    """By GET and HEAD, with a query and without a body; on the hosts that have it only."""
    assert of_rest("GET", path, host) is Effect.READ
    assert of_rest("HEAD", f"{path}?x=1", host) is Effect.READ
    assert of_rest("GET", path, host, has_body=True) is Effect.UNKNOWN
    assert of_rest("GET", path, "relayer") is Effect.UNKNOWN
    assert of_rest("GET", "/x" + path, host) is Effect.UNKNOWN


@pytest.mark.parametrize("path", POSTED_READS)
def test_each_read_with_a_body_is_known(path: str) -> None:
    """By POST, on the exchange's own host."""
    assert of_rest("POST", path, has_body=True) is Effect.READ
    assert of_rest("PUT", path) is Effect.UNKNOWN
    assert of_rest("POST", path, "data") is Effect.UNKNOWN


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_each_write_is_known(method: str, path: str) -> None:
    """By its method, on the exchange's own host; elsewhere nobody knows."""
    assert of_rest(method, path) is Effect.WRITE
    assert of_rest(method, path, "data") is Effect.UNKNOWN


@pytest.mark.parametrize("method", RPC)
def test_each_look_at_the_chain_is_known(method: str) -> None:
    """By its name, and not one with more letters."""
    assert of_intent("chain", {"rpc": [[method, []]]}) is Effect.READ
    assert of_intent("chain", {"rpc": [[method + "s", []]]}) is Effect.UNKNOWN


@pytest.mark.parametrize("name", [*LEADING, *OVERRIDING])
def test_a_header_that_changes_what_is_asked(name: str) -> None:
    """It makes any request unknown, in any case; one that leads to another host is told."""
    assert of_rest("GET", "/time", headers=[name.upper()]) is Effect.UNKNOWN
    assert of_rest("POST", "/order", headers=["accept", name]) is Effect.UNKNOWN
    assert reroutes(["Accept", name.upper()]) == ((name,) if name in LEADING else ())
    assert of_rest("GET", "/time", headers=["accept"]) is Effect.READ


def test_the_headers_that_lead_elsewhere_are_told_in_order() -> None:
    """Sorted, each once."""
    assert reroutes(["X-Host", "HOST", "host", "accept"]) == ("host", "x-host")


def test_what_else_an_intent_does() -> None:
    """Faults of the wire, bodies as they are, and the host that is asked."""
    assert of_intent("rest", {"method": "GET", "path": "/positions"}, host="data") is Effect.READ
    assert of_intent("rest", {"method": "GET", "path": "/time", "raw": ""}) is Effect.UNKNOWN
    assert of_intent("rest", {"method": "GET", "path": "/time", "headers": None}) is Effect.READ
    assert of_intent("rest", {"method": "GET", "path": "/time", "fault": None}) is Effect.READ
    assert of_intent("ws", {"send": {}}) is Effect.UNKNOWN
    assert of_intent("chain", {"rpc": None}) is Effect.READ
    assert of_intent("own", {}) is Effect.UNKNOWN
    assert (Effect.READ.is_read, Effect.WRITE.is_read, Effect.UNKNOWN.is_read) == (True, False, False)
    assert [str(each) for each in Effect] == ["read", "write", "unknown"]


def test_what_may_be_spent_where_nothing_is_configured() -> None:
    """On this machine only a loop that has run away is stopped; production is read only, and slowly."""
    here = Limits(Caps(10_000, None, 2_000, 100_000), Caps(None, None, None, None), None, 30)
    staging = Limits(Caps(100, Decimal(1_000), 20, 2_000), Caps(2_000, Decimal(20_000), 400, 40_000), 20, 180)
    production = Limits(Caps(0, Decimal(0), 0, 1_000), Caps(0, Decimal(0), 0, 20_000), 10, 180)
    assert dict(LIMITS) == {
        Kind.VENUE: here,
        Kind.LOCAL: here,
        Kind.STAGING: staging,
        Kind.PRODUCTION: production,
    }


def test_caps_are_reached_and_then_passed() -> None:
    """The cap itself may be spent; the first that is passed is told, with what was spent."""
    caps = Caps(2, Decimal("1.5"), 3, 4)
    assert caps.over(Spent(2, Decimal("1.5"), 3, 4)) is None
    assert caps.over(Spent(orders=3, requests=5)) == ("orders", 3, 2)
    assert caps.over(Spent(notional=Decimal("1.51"))) == ("notional", Decimal("1.51"), Decimal("1.5"))
    assert caps.over(Spent(transactions=4)) == ("transactions", 4, 3)
    assert caps.over(Spent(requests=5)) == ("requests", 5, 4)
    assert Caps().over(Spent(9, Decimal(9), 9, 9)) is None
    assert Caps(orders=0).over(Spent(orders=1)) == ("orders", 1, 0)
    assert Spent() == Spent(0, Decimal(0), 0, 0)
    assert Spent(1, Decimal(2), 3, 4) + Spent(10, Decimal(20), 30, 40) == Spent(11, Decimal(22), 33, 44)


def order(side: Any, gives: Any = "2000000", gets: Any = "5000000") -> dict[str, Any]:
    return {"order": {"side": side, "makerAmount": gives, "takerAmount": gets}}


def rest(body: Any, **more: Any) -> dict[str, Any]:
    return {"method": "POST", "path": "/order", "json": body, **more}


def fix(text: str) -> dict[str, Any]:
    return {"fix": "raw", "text": text}


SPENT = [
    ("rest", rest(order(1)), 1, "5"),
    ("rest", rest(order(0)), 1, "2"),
    ("rest", rest(order("SELL")), 1, "5"),
    ("rest", rest(order("BUY", True)), 1, "0"),
    ("rest", rest(order("BUY", 7_000_000)), 1, "7"),
    ("rest", rest(order("BUY", "Infinity")), 1, "0"),
    ("rest", rest(order("BUY", None)), 1, "0"),
    ("rest", rest(order("?", "6000000")), 1, "6"),
    ("rest", rest(order("BUY"), tamper=[1]), 1, "2"),
    ("rest", rest(order("BUY"), tamper={"side": "SELL"}), 1, "5"),
    ("rest", rest((order("BUY"), order("BUY"))), 2, "4"),
    ("rest", rest([]), 0, "0"),
    ("rest", rest({"order": []}), 1, "0"),
    ("rest", rest([[1]]), 1, "0"),
    ("rest", {"method": "POST", "path": "/order"}, 1, "0"),
    ("rest", {**rest(order("BUY")), "raw": "{}"}, 1, "2"),
    ("rest", {**rest(order("BUY")), "path": "/order/x"}, 0, "0"),
    ("ws", rest(order("BUY")), 0, "0"),
    *(("fix.oe", fix(f"8=F|35={kind}|38=3|44=0.5|"), 1, "1.5") for kind in ("D", "G", "E", "AB")),
    ("fix.oe", fix("35=D"), 1, "0"),
    ("fix.oe", fix("35=D|38=3"), 1, "3"),
    ("fix.oe", fix("38=3|44=2|35=D"), 1, "6"),
    ("fix.oe", fix("35=D|152=4|38=3|44=1|"), 1, "4"),
    ("fix.oe", fix("35=D|138=3|"), 1, "0"),
    ("fix.oe", fix("35=DX|38=3|"), 0, "0"),
    ("fix.oe", fix("135=D|38=3|"), 0, "0"),
    ("fix.oe", fix("35=D|38=|"), 1, "0"),
    ("fix.oe", {"fix": "raw"}, 0, "0"),
    ("fix.oe", {"fix": "send", "message": {"NewOrderSingle": None}}, 0, "0"),
    ("fix.oe", {"fix": "send", "message": None}, 0, "0"),
    ("fix", {"message": {"NewOrderSingle": {"OrderQty": 5, "Price": 2, "CashOrderQty": 11}}}, 1, "11"),
]


@pytest.mark.parametrize(("channel", "intent", "orders", "notional"), SPENT)
def test_what_a_message_spends(channel: str, intent: dict[str, Any], orders: int, notional: str) -> None:
    """Orders and their worth by side, by quantity and price, or in cash; the larger where it is open."""
    assert spent_by(channel, intent) == Spent(orders, Decimal(notional), 0, 1)


@pytest.mark.parametrize(
    ("channel", "intent", "relief"),
    [
        ("rest", {"method": "DELETE", "path": "/order?x=1"}, True),
        ("rest", {"method": "DELETE", "path": "/notifications"}, False),
        ("rest", {"method": "DELETE"}, False),
        ("rest.x", {"method": "DELETE", "path": "/order"}, True),
        ("fix", {"message": {"OrderMassCancelRequest": {}}}, True),
        ("fix", {"message": {"OrderCancelReplaceRequest": {}}}, False),
        ("fix", {"fix": "logout", "message": None}, True),
        ("fix", {}, False),
        ("ws", {"fix": "logout"}, False),
    ],
)
def test_what_takes_orders_back(channel: str, intent: dict[str, Any], relief: bool) -> None:
    """Cancels and a logout, on their own channel."""
    assert is_relief(channel, intent) is relief


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://a:1", "a", 1),
        ("http://a:65535/", "a", 65535),
        ("http://a_b-c.d/x/y.z~_-/", "a_b-c.d", 80),
        ("http://" + "a" * 63 + ".b", "a" * 63 + ".b", 80),
        ("http://" + "a." * 126 + "b", "a." * 126 + "b", 80),
        ("http://0xg", "0xg", 80),
        ("http://1a", "1a", 80),
        ("http://[2001:1::1]", "2001:1::1", 80),
        ("http://[fe80::1]:5", "fe80::1", 5),
    ],
)
def test_what_has_one_reading_is_an_address(url: str, host: str, port: int) -> None:
    """The longest labels and names, the first and the last port, letters behind digits."""
    assert address_of(url) == Address(host, port)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://0x", "'0x' is a number in another form: write IPv4 as four decimal numbers"),
        ("http://a.0x", "'a.0x' is a number in another form: write IPv4 as four decimal numbers"),
        ("http://" + "a." * 126 + "bc", f"{'a.' * 126 + 'bc'!r} is no host's name"),
        ("http://a-.b", "'a-.b' is no host's name"),
        ("http://-", "'-' is no host's name"),
        ("http://[2001::1]", "'2001::1' wraps an IPv4 address: write that"),
        ("http://[2001:0:1::1]", "'2001:0:1::1' wraps an IPv4 address: write that"),
        ("http://[::2]", "'::2' wraps an IPv4 address: write that"),
        ("http://[ff02::1]", "'ff02::1' is no address of one machine: name the one that is meant"),
        (
            "http://a:123456",
            "'http://a:123456' is no address: " + WRITE,
        ),
        ("tcp://a", "'tcp://a' names no port: write host:port"),
        (
            "x:" + "y" * 50,
            f"'x:{'y' * 38}' is no address: it begins with one of http://, https://, ws://, wss://, tcp://",
        ),
        (
            "http://" + "%" * 130 + "/secret",
            f"'http://{'%' * 112} is no address: " + WRITE,
        ),
        (
            "http://a/b?c/d@e",
            "'http://a' is no address: a query stands in it; a secret belongs into an environment variable",
        ),
        (
            "http://u:p@a/b@c",
            "'http://a' is no address: a user or a password stands in it; name an environment variable that "
            "holds the whole URL",
        ),
        ("http://a:0", "a has the port 0, which is none"),
        ("http://a?s3cret", "'http://a' is no address: " + QUERY),
        ("http://a#s3cret?", "'http://a' is no address: " + QUERY),
        ("http://a.", "'a.' ends in a dot: leave it out, it is the same host"),
        ("http://a%/b@c", "'http://a%' is no address: " + WRITE),
        ("x/y@z", "'x/y@z' is no address: it begins with one of http://, https://, ws://, wss://, tcp://"),
    ],
)
def test_a_refusal_in_its_words(url: str, text: str) -> None:
    """What was found, without what may be secret, and what to write."""
    with pytest.raises(GuardError) as refused:
        address_of(url)
    assert (refused.value.code, refused.value.text) == ("G008", text)


def test_an_address_that_is_made_by_hand() -> None:
    """Its port is a number from 1 to 65535, its host is spelt as the guard spells it."""
    assert (Address("a", 1).port, Address("a", 65535).port) == (1, 65535)
    assert Address("::1", 1).is_numeric is True
    assert Address("a", 1).is_numeric is False
    assert (str(Address("::1", 1)), str(Address("1.2.3.4", 5))) == ("[::1]:1", "1.2.3.4:5")
    port: Any
    for port in (0, 65536, True, "80"):
        with pytest.raises(GuardError, match="which is none"):
            Address("a", port)
    with pytest.raises(GuardError, match="'A' is spelt 'a'"):
        Address("A", 1)
    assert host_of("0:0::1") == "::1"


SESSIONS = [
    (CompIDs("{FIRM}_OE", "X_{FIRM}"), "A" * 32 + "_OE1234", "X_" + "A" * 32 + "1234", True),
    (CompIDs("{FIRM}_OE", "X_{FIRM}"), "A" * 33 + "_OE", "X_" + "A" * 33, False),
    (CompIDs("{FIRM}_OE", "X_{FIRM}"), "A_OE12345", "X_A12345", False),
    (CompIDs("{FIRM}_OE", "X_{FIRM}"), "_OE", "X_", False),
    (CompIDs("{FIRM}.OE", "X"), "AXOE", "X", False),
    (CompIDs("A.B", "X"), "A.B", "X", True),
    (CompIDs("A.B", "X"), "AxB", "X", False),
    (CompIDs("A", "X"), "A7", "X7", True),
    (CompIDs("A", "X"), "A7", "X", False),
]


@pytest.mark.parametrize(("expected", "sender", "target", "fits"), SESSIONS)
def test_the_compids_of_a_session(expected: CompIDs, sender: str, target: str, fits: bool) -> None:
    """One firm of up to 32 letters and digits and a number of up to four, the same on both sides."""
    made = plan(Kind.LOCAL, identity=Identity("staging", 80002, "2026.11.2", {"oe": expected}))
    leave = guard.permit(guard.inquiry(made, RESOLVED), PROOFS)
    if fits:
        leave.session("oe", ("127.0.0.1", 8085), sender, target)
        return
    with pytest.raises(GuardError) as refused:
        leave.session("oe", ("127.0.0.1", 8085), sender, target)
    assert refused.value.text == (
        f"a FIX session of 'there' has the CompIDs {sender} and {target}, "
        f"expected {expected.sender} and {expected.target}"
    )


def test_what_a_session_is_refused_for() -> None:
    """Another gateway, no such kind, none at all: in words."""
    made = plan(Kind.LOCAL, identity=Identity("staging", 80002, "2026.11.2", None))
    leave = guard.permit(guard.inquiry(made, RESOLVED), PROOFS)
    with pytest.raises(GuardError) as refused:
        leave.session("oe", ("127.0.0.1", 8085), "A", "B")
    assert str(refused.value) == (
        "G011 a FIX session of 'there' has the CompIDs A and B, expected none of this kind"
    )
    with pytest.raises(GuardError) as refused:
        leave.session("oe", ("127.0.0.1", 8086), "A", "B")
    assert str(refused.value) == (
        "G003 target 'there' has its FIX gateway at 127.0.0.1:8085, and offers a session at 127.0.0.1:8086"
    )
    asked = guard.inquiry(made, RESOLVED)
    with pytest.raises(GuardError, match=r"G003 127\.0\.0\.1:8085 is no address"):
        asked.session("oe", ("127.0.0.1", 8085), "A", "B")


def test_what_a_permit_keeps() -> None:
    """The build that was proven, and the addresses of ports from 1 to 65535."""
    urls = {"rest": "http://127.0.0.1:65535", "ws": "ws://127.0.0.1:1"}
    made = plan(Kind.LOCAL, urls=urls, identity=Identity())
    asked = guard.inquiry(made, {})
    leave = guard.permit(asked, PROOFS)
    assert leave.build == "2026.11.2"
    assert leave.addresses("127.0.0.1", 65535) == leave.addresses("127.0.0.1", 1) == ("127.0.0.1",)
    with pytest.raises(GuardError) as refused:
        leave.addresses("a..b", 80)
    assert str(refused.value) == (
        "G003 a..b:80 is no address of target 'there': refused (judged are 127.0.0.1:1, 127.0.0.1:65535)"
    )
    odd: Any
    for odd in (7, None, b"127.0.0.1"):
        with pytest.raises(GuardError, match="G003"):
            leave.addresses(odd, 1)
    silent = guard.inquiry(plan(Kind.LOCAL, urls={"ws": "ws://127.0.0.1:1"}, identity=Identity()), {})
    with pytest.raises(GuardError, match=r"refused \(judged are none\)"):
        silent.addresses("127.0.0.1", 1)
    with pytest.raises(GuardError, match="G003"):
        asked.addresses("127.0.0.1", 1)


def refused(kind: Kind = Kind.STAGING, resolved: Any = RESOLVED, **changed: Any) -> str:
    with pytest.raises(GuardError) as caught:
        guard.permit(guard.inquiry(plan(kind, **changed), resolved), PROOFS)
    return str(caught.value)


def test_the_first_five_writes_are_told() -> None:
    """Five are told without more; of six one is more."""
    steps = [Operation(f"s{number}", "w", Effect.WRITE) for number in range(6)]
    five = "; ".join(f"s{number}: w writes" for number in range(5))
    assert f"would: {five}. Run it on another target" in refused(Kind.PRODUCTION, operations=tuple(steps[:5]))
    assert f"would: {five}; and 1 more. Run" in refused(Kind.PRODUCTION, operations=tuple(steps))


def test_the_guard_s_refusals_in_their_words() -> None:
    """Who, where, and why, for each rule that judges addresses."""
    away = {**HERE, "rest": "http://192.0.2.1:8081"}
    assert refused(Kind.LOCAL, urls=away) == (
        "G009 target 'there' is of kind local, and its rest is at 192.0.2.1:8081: that is not on this "
        "machine, where such a target is"
    )
    named = {**HERE, "rest": "http://x.test:1"}
    assert "which leads to 192.0.2.1, 192.0.2.2: that" in refused(
        Kind.VENUE, {"x.test": ("127.0.0.1", "192.0.2.1", "192.0.2.2")}, urls=named
    )
    assert refused(Kind.UNKNOWN) == (
        "G006 nobody knows what the target 'there' is (named by --target): configure it, with its kind"
    )
    assert refused(urls={**ELSEWHERE, "rest": "https://clob.prod.test"}) == (
        "G010 target 'there' is configured as staging, and its rest is at clob.prod.test:443: "
        "clob.prod.test:443 is production. Nothing is asked of it"
    )
    trick = Operation("a", "b", Effect.READ, ("host", "x-host"))
    assert refused(operations=(trick,)).startswith("G012 a says host, x-host, which can lead")
    assert refused(Kind.PRODUCTION, operations=(trick,), production=()).startswith("G012 a says host, x-host")


def test_an_inquiry_s_words_for_plans() -> None:
    """How kinds, modes and origins are written, and how an operation is told."""
    assert [str(each) for each in Kind] == ["venue", "local", "staging", "production", "unknown"]
    assert [str(each) for each in Mode] == ["live", "record", "replay"]
    assert [str(each) for each in Origin] == [
        *("--target", "PYTEST_ADDOPTS", "addopts of the configuration", "the case")
    ]
    told = [str(Operation("a", "b", effect)) for effect in Effect]
    assert told == ["a: b reads", "a: b writes", "a: b is not known to only read"]


def test_a_leave_is_made_by_nobody_else() -> None:
    """Neither by its class, nor by one that is made of it, nor by a copy."""
    leave = guard.permit(guard.inquiry(plan(), RESOLVED), PROOFS)
    makers: list[Any] = [
        lambda: guard.Permit(object()),
        lambda: guard.Inquiry(None),
        lambda: type("Mine", (guard.Permit,), {}),
        lambda: type("Mine", (guard.Inquiry,), {}),
        lambda: copy.copy(leave),
        lambda: copy.deepcopy(leave),
        lambda: leave.__reduce_ex__(4),
        lambda: setattr(leave, "x", 1),
    ]
    for make in makers:
        with pytest.raises(GuardError, match="G001 leave to connect comes from the guard only"):
            make()


def test_a_target_on_loopback_may_share_the_host_of_production() -> None:
    """Another port of it is another place; by its host alone only other machines are told apart."""
    here = plan(Kind.LOCAL, production=("http://127.0.0.1:9999", "http://localhost.test:1"))
    assert guard.inquiry(here, {"localhost.test": ("127.0.0.1",)})
    assert "main net" not in refused(
        Kind.LOCAL, identity=Identity("staging", 137), production=(HERE["fix"].replace("tcp", "http"),)
    )
    main = replace_chain(137)
    assert guard.inquiry(plan(Kind.LOCAL, identity=main), RESOLVED)
    assert guard.inquiry(plan(Kind.PRODUCTION, identity=main, production=()), RESOLVED)
    without = {name: url for name, url in ELSEWHERE.items() if name != "chain"}
    assert guard.inquiry(plan(identity=main, urls=without), RESOLVED)
    assert refused(identity=main).startswith(
        "G010 target 'there' is configured as staging, and its chain is at rpc.test:8545: chain 137 is the "
        "main net of Polygon, where money is real"
    )
    assert "main net of Ethereum" in refused(identity=replace_chain(1))


def replace_chain(chain_id: int) -> Identity:
    return Identity("staging", chain_id, "2026.11.2")


def test_names_that_lead_to_several_addresses_are_pinned_once_each() -> None:
    """In the order of the look-up, in their one spelling."""
    resolved = {**RESOLVED, "clob.staging.test": ("192.0.2.9", "2001:DB8::5", "192.0.2.9", "2001:db8:0::5")}
    leave = guard.permit(guard.inquiry(plan(), resolved), PROOFS)
    assert leave.addresses("clob.staging.test", 443) == ("192.0.2.9", "2001:db8::5")
    assert leave.plan.elsewhere == {Address("clob.prod.test", 443), Address("ws.prod.test", 443)}
