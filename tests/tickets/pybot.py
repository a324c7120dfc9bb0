"""A customer's bot on `py-clob-client-v2`, as a program of its own: orders in turn, its log on stderr.

It is told in its environment: CLOB, KEY, TOKEN, and ORDERS as a JSON list of [side, price, size, type].
"""

from __future__ import annotations

import json
import logging
import os

from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import OrderArgs, OrderType
from py_clob_client_v2.exceptions import PolyApiException


def main() -> None:
    logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    client = ClobClient(os.environ["CLOB"], 137, key=os.environ["KEY"])
    client.set_api_creds(client.create_or_derive_api_key())
    for side, price, size, kind in json.loads(os.environ["ORDERS"]):
        args = OrderArgs(token_id=os.environ["TOKEN"], price=price, size=size, side=side)
        try:
            client.post_order(client.create_order(args), getattr(OrderType, kind))
        except PolyApiException as error:
            logging.getLogger("bot").warning("%s of %s at %s: %s", side, size, price, error)


if __name__ == "__main__":
    main()
