"""All faces of the REST API over one exchange."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from harness.venue.exchange import Exchange
from harness.venue.rest_account import AccountRoutes
from harness.venue.rest_builders import BuilderRoutes
from harness.venue.rest_heartbeats import HeartbeatRoutes
from harness.venue.rest_history import HistoryRoutes
from harness.venue.rest_keys import KeyRoutes
from harness.venue.rest_markets import MarketRoutes
from harness.venue.rest_notifications import NotificationRoutes
from harness.venue.rest_orders import OrderRoutes
from harness.venue.rest_prices import PriceRoutes
from harness.venue.rest_rewards import RewardRoutes

_FACES: Final = (
    MarketRoutes,
    PriceRoutes,
    HistoryRoutes,
    KeyRoutes,
    OrderRoutes,
    AccountRoutes,
    NotificationRoutes,
    HeartbeatRoutes,
    BuilderRoutes,
    RewardRoutes,
)


def rest_routes(exchange: Exchange) -> list[web.RouteDef]:
    """Path and handler of every endpoint."""
    return [route for face in _FACES for route in face(exchange).routes()]
