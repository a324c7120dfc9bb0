"""The rows of `documented.SAID` that an order gets, and those that a whole exchange in trouble gives."""

from __future__ import annotations

import time

from harness.wire.clob import Side

from .bench import eventually
from .desk import signed_body
from .documented import BALANCE, Answer, Desk, asking, says

ORDER, ORDERS = "POST /order", "POST /orders"

asking("POST", "/order", 400, "Invalid order payload", "{")
asking("POST", "/orders", 400, "Invalid order payload", [])


@says(ORDERS, 400, "Too many orders in payload: 16, max allowed: 15")
def _(desk: Desk) -> Answer:
    return desk.ask("POST", "/orders", [signed_body(desk.alice, desk.order())] * 16)


@says(ORDER, 400, "Invalid token id")
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(token_id=5))


# whose order it is


@says(ORDER, 400, "the order owner has to be the owner of the API KEY")
def _(desk: Desk) -> Answer:
    return desk.post(owner=desk.bench.customer().client.creds.api_key)


@says(ORDER, 400, "the order signer address has to be the address of the API KEY")
def _(desk: Desk) -> Answer:
    somebody = desk.bench.customer().address
    return desk.post(desk.order(maker=somebody, signer=somebody))


@says(ORDER, 400, "maker address not allowed, please use the deposit wallet flow")
def _(desk: Desk) -> Answer:
    desk.verb("account", address=desk.alice.address, state="deposit_only")
    return desk.post()


@says(ORDER, 400, "'{address}' address banned")
def _(desk: Desk) -> Answer:
    desk.names["address"] = desk.alice.address
    desk.verb("account", address=desk.alice.address, state="banned")
    return desk.post()


@says(ORDER, 400, "'{address}' address in closed only mode")
def _(desk: Desk) -> Answer:
    desk.names["address"] = desk.alice.address
    desk.verb("account", address=desk.alice.address, state="closed_only")
    return desk.post()


@says(ORDER, 400, "invalid signature")
def _(desk: Desk) -> Answer:
    return desk.post(key=desk.bench.customer().key)


@says(ORDER, 400, "invalid order version, please use the latest clob-client")
def _(desk: Desk) -> Answer:
    return desk.ask("POST", "/order", desk.first_version())


@says(ORDER, 400, "order_version_mismatch")
def _(desk: Desk) -> Answer:
    desk.verb("words", of="version")
    return desk.ask("POST", "/order", desk.first_version())


# what it says


@says(ORDER, 400, "order {id} is invalid. Price (0.405) breaks minimum tick size rule: 0.01")
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(price="0.405", size="10"))


@says(ORDER, 400, "order {id} is invalid. Size (4.99) lower than the minimum: 5")
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(size="4.99"))


@says(ORDER, 400, "order {id} is invalid. Duplicated.")
def _(desk: Desk) -> Answer:
    order = desk.order()
    assert desk.post(order)[0] == 200
    return desk.post(order)


@says(ORDER, 400, "invalid expiration")
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(expiration_s=int(time.time()) + 170), "GTD")


_AMOUNTS = "invalid amounts, the {} orders maker amount supports a max accuracy of {} decimals, taker amount "


@says(ORDER, 400, _AMOUNTS.format("market buy", 2) + "a max of 4 decimals")
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(price="0.33", size="5.55"), "FAK")


@says(ORDER, 400, _AMOUNTS.format("buy", 4) + "a max of 2 decimals")
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(size="5.005"))


@says(
    ORDER,
    400,
    "invalid amounts, the taker amount for a $0.22 order of size 9.69 should be '2.1318' but the value "
    "submited is '2.13'. Please check if you are using the latest version of the 'clob-client' library",
)
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(Side.SELL, "0.22", "9.69", taker_amount=2_130_000))


# what the account has


@says(ORDER, 400, BALANCE + "10000000, order amount: 40000000")
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(size="100"))


@says(ORDER, 400, BALANCE + "10000000, sum of active orders: 8000000, order amount (inc. fees): 4000000")
def _(desk: Desk) -> Answer:
    assert desk.post(desk.order(size="20"))[0] == 200
    return desk.post(desk.order(size="10"))


def _matched(desk: Desk) -> None:
    """Three of ten dollars are matched, and do not settle for a while."""
    desk.offered()
    desk.verb("delay", of="settlement", for_ms=60_000)
    assert desk.post(desk.order(price="0.5", size="6"))[1]["status"] == "matched"


@says(ORDER, 400, BALANCE + "10000000, sum of matched orders: 3000000, order amount (inc. fees): 8000000")
def _(desk: Desk) -> Answer:
    _matched(desk)
    return desk.post(desk.order(size="20"))


@says(
    ORDER,
    400,
    BALANCE + "10000000, sum of active orders: 2000000, sum of matched orders: 3000000, "
    "order amount (inc. fees): 8000000",
)
def _(desk: Desk) -> Answer:
    _matched(desk)
    assert desk.post(desk.order(size="5"))[0] == 200
    return desk.post(desk.order(size="20"))


@says(
    ORDER,
    400,
    "not enough balance / allowance: the allowance is not enough -> spender: {spender}, allowance: 0, "
    "order amount: 2000000",
)
def _(desk: Desk) -> Answer:
    desk.alice = desk.bench.customer(collateral="10", approve=False)
    desk.names["spender"] = desk.bench.ready["contracts"]["exchange"]
    return desk.post()


@says(ORDER, 400, "not enough balance / allowance")
def _(desk: Desk) -> Answer:
    desk.verb("words", of="balance")
    return desk.post(desk.order(size="100"))


# what it meets


@says(ORDER, 400, "invalid post-only order: only GTC and GTD order types are allowed")
def _(desk: Desk) -> Answer:
    return desk.post(kind="FOK", postOnly=True)


@says(ORDER, 400, "invalid post-only order: order crosses book")
def _(desk: Desk) -> Answer:
    desk.offered()
    return desk.post(desk.order(price="0.5"), postOnly=True)


@says(ORDER, 400, "order {id} crosses the book")
def _(desk: Desk) -> Answer:
    desk.offered()
    desk.verb("words", of="crossing")
    return desk.post(desk.order(price="0.5"), postOnly=True)


@says(ORDER, 400, "invalid amount for a marketable BUY order ($0.2), min size: $1")
def _(desk: Desk) -> Answer:
    return desk.post(desk.order(price="0.01", size="20"), "FOK")


@says(ORDER, 400, "order couldn't be fully filled. FOK orders are fully filled or killed.")
def _(desk: Desk) -> Answer:
    return desk.post(kind="FOK")


@says(
    ORDER,
    400,
    "no orders found to match with FAK order. "
    "FAK orders are partially filled or killed if no match is found.",
)
def _(desk: Desk) -> Answer:
    return desk.post(kind="FAK")


@says(ORDER, 400, "the market is not yet ready to process new orders")
def _(desk: Desk) -> Answer:
    desk.verb("unready", market=desk.market["condition"])
    return desk.post()


@says(ORDER, 400, "the orderbook {token} does not exist")
def _(desk: Desk) -> Answer:
    desk.names["token"] = desk.market["yes"]
    desk.verb("resolve", market=desk.market["condition"], outcome="yes")
    return desk.post()


def _delayed(error: str) -> None:
    """A row that an order gets which would wait for its match."""

    @says(ORDER, 400, error)
    def _(desk: Desk) -> Answer:
        desk.market = desk.bench.market(taker_delay_ms=60_000)
        desk.offered()
        desk.alice = desk.bench.customer(desk.market, collateral="10")
        desk.fails(error)
        assert desk.post()[1]["status"] == "live"  # it would not wait
        return desk.post(desk.order(price="0.5"))


_delayed("order match delayed due to market conditions")
_delayed("error delaying the order")

# what the exchange has on its own


def _trouble(status: int, error: str) -> None:
    @says(ORDER, status, error)
    def _(desk: Desk) -> Answer:
        desk.fails(error)
        return desk.post()


_trouble(400, "invalid nonce")
_trouble(400, "order canceled in the CTF exchange contract")
for _error in (
    "order timed out",
    "could not insert order",
    "could not run the execution",
    "there are no matching orders",
    "FOK orders are filled or killed",
    "the trade contains rounding issues",
    "the price of the taker's order has a discrepancy greater than allowed with the worst maker order",
    "Internal server error",
):
    _trouble(500, _error)


@says(ORDER, 200, "order {id} is invalid. Size (1) lower than the minimum: 5")
def _(desk: Desk) -> Answer:
    desk.verb("words", of="reply")
    status, reply = desk.post(desk.order(size="1"))
    assert reply == {"success": False, "errorMsg": reply["errorMsg"], "orderID": "", "status": ""}
    return status, reply


@says(ORDERS, 200, "order {id} is invalid. Size (1) lower than the minimum: 5")
def _(desk: Desk) -> Answer:
    status, (reply,) = desk.batch(desk.order(size="1"))
    empty = {"orderID": "", "takingAmount": "", "makingAmount": "", "status": ""}
    assert reply == {"success": True, "errorMsg": reply["errorMsg"], **empty}
    return status, reply


@says(ORDERS, 200, "Rate limit exceeded for tokenId: {token}")
def _(desk: Desk) -> Answer:
    desk.names["token"] = desk.market["yes"]
    desk.verb("limits", of="token", orders=1)
    status, (placed, reply) = desk.batch(desk.order(), desk.order())
    assert (placed["status"], placed["success"]) == ("live", True)
    said = {"success": False, "orderID": "", "status": "delayed"}
    assert reply == {**said, "errorMsg": reply["errorMsg"]}
    return status, reply


@says(ORDERS, 429, "Too Many Requests")
def _(desk: Desk) -> Answer:
    desk.verb("limits", scale="0.001", mode="enforce")  # a bucket of one: two never fit
    return desk.batch(desk.order(), desk.order())


@says(
    ORDER,
    403,
    "Trading restricted in your region, please refer to available regions - "
    "https://docs.polymarket.com/developers/CLOB/geoblock",
)
def _(desk: Desk) -> Answer:
    desk.verb("region")
    return desk.plainly("POST", "/order")


for _text in ("Attention Required! | Cloudflare", "Sorry, you have been blocked"):

    @says(ORDER, 403, _text)
    def _(desk: Desk) -> Answer:
        desk.verb("region", mode="waf")
        return desk.plainly("POST", "/order")


def _restart(at: str, text: str) -> None:
    @says(at, 425, text)
    def _(desk: Desk) -> Answer:
        desk.verb("restart", of="matcher", for_ms=60_000, says=text)
        return desk.plainly(*at.split())


for _at in (ORDER, ORDERS, "DELETE /order", "DELETE /orders", "DELETE /cancel-all"):
    for _text in ("service not ready", "order manager not ready, please retry", ""):
        _restart(_at, _text)

POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"


@says(ORDER, 503, POST_ONLY)
def _(desk: Desk) -> Answer:
    desk.verb("restart", of="matcher", for_ms=1, post_only_ms=60_000)
    order = desk.order()
    status, reply = eventually(lambda: row if (row := desk.post(order))[0] != 425 else None)
    assert (reply["code"], 0 < reply["retry_after_seconds"] <= 60) == ("post_only_mode", True)
    return status, reply


@says(ORDERS, 200, POST_ONLY)
def _(desk: Desk) -> Answer:
    desk.verb("restart", of="matcher", for_ms=1, post_only_ms=60_000)
    order = desk.order()
    status, rows = eventually(lambda: row if (row := desk.batch(order))[0] != 425 else None)
    assert rows[0]["success"] is True
    return status, rows[0]


@says(ORDER, 503, "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.")
def _(desk: Desk) -> Answer:
    desk.verb("pause", for_ms=60_000)
    return desk.post()


DISABLED = "Trading is currently disabled. Check polymarket.com for updates"


def _disabled(at: str) -> None:
    @says(at, 503, DISABLED)
    def _(desk: Desk) -> Answer:
        desk.verb("pause", for_ms=60_000, mode="disabled")
        return desk.ask(*at.split())


for _at in (ORDER, ORDERS, "DELETE /order", "DELETE /cancel-all"):
    _disabled(_at)
