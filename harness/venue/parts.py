"""The parts of the venue that a defect may replace."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.venue.allowances import Allowances
from harness.venue.bookrules import BookRules
from harness.venue.delays import TakerDelay
from harness.venue.edge import Edge
from harness.venue.entrance import Entrance
from harness.venue.fix.parts import FixNames, FixPrices, FixScope, FixWire
from harness.venue.indexing import Indexing
from harness.venue.intake import Intake
from harness.venue.listing import OpenOrders
from harness.venue.lookups import Lookups
from harness.venue.marketfeed import MarketFeed
from harness.venue.nodereads import NodeReads
from harness.venue.pages import Walk
from harness.venue.reservations import Holds
from harness.venue.rtdsfilters import RtdsFilters
from harness.venue.settlement import Settlement
from harness.venue.snapshots import Snapshots
from harness.venue.subscriptions import Subscriptions
from harness.venue.ticks import Ticks
from harness.venue.userevents import TradeTelling
from harness.venue.views import MakerLegs


@dataclass(frozen=True, slots=True)
class Parts:
    """The healthy exchange, part by part; a build replaces some of them."""

    settlement: Settlement = field(default_factory=Settlement)
    fix_wire: FixWire = field(default_factory=FixWire)
    fix_scope: FixScope = field(default_factory=FixScope)
    fix_prices: FixPrices = field(default_factory=FixPrices)
    fix_names: FixNames = field(default_factory=FixNames)
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    snapshots: Snapshots = field(default_factory=Snapshots)
    rtds_filters: RtdsFilters = field(default_factory=RtdsFilters)
    market_feed: MarketFeed = field(default_factory=MarketFeed)
    ticks: Ticks = field(default_factory=Ticks)
    intake: Intake = field(default_factory=Intake)
    book_rules: BookRules = field(default_factory=BookRules)
    holds: Holds = field(default_factory=Holds)
    maker_legs: MakerLegs = field(default_factory=MakerLegs)
    trade_telling: TradeTelling = field(default_factory=TradeTelling)
    indexing: Indexing = field(default_factory=Indexing)
    open_orders: OpenOrders = field(default_factory=OpenOrders)
    allowances: Allowances = field(default_factory=Allowances)
    entrance: Entrance = field(default_factory=Entrance)
    walk: Walk = field(default_factory=Walk)
    node_reads: NodeReads = field(default_factory=NodeReads)
    lookups: Lookups = field(default_factory=Lookups)
    taker_delay: TakerDelay = field(default_factory=TakerDelay)
    edge: Edge = field(default_factory=Edge)
