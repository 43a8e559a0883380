"""Shopping trips that a retailer's back end is told of, and what it asked for."""

import sqlalchemy as sa

from store_engine.adapters.database.tables import metadata, money

trip_entries = sa.Table(  # who was let in on a party
    "trip_entries",
    metadata,
    sa.Column("entry", sa.Text, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("party", sa.Text, nullable=False, index=True),
    sa.Column("presented", sa.Text, nullable=False),
    sa.Column("visitor", sa.Text, nullable=False),
    sa.Column("time_us", sa.BigInteger, nullable=False),
)

trip_places = sa.Table(  # up to where in `events` the receipts of a store have been lined up
    "trip_places",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)

trips = sa.Table(  # the line
    "trips",
    metadata,
    sa.Column("trip", sa.Text, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),  # of its receipt in `events`
    sa.Column("party", sa.Text, nullable=False, index=True),
    sa.Column("receipt", sa.Text, nullable=False, index=True),
    sa.Column("entered_us", sa.BigInteger, nullable=False),
    sa.Column("left_us", sa.BigInteger, nullable=False),
    sa.Column("items", sa.Integer, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("purchase", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("trips_line", "store", "state", "left_us", "position"),
)

trip_orders = sa.Table(  # carts that the retailer priced
    "trip_orders",
    metadata,
    sa.Column("trip", sa.Text, sa.ForeignKey("trips.trip"), primary_key=True),
    sa.Column("order", sa.Text, nullable=False),
    money("total"),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("time_us", sa.BigInteger, nullable=False),
)

trip_refunds = sa.Table(
    "trip_refunds",
    metadata,
    sa.Column("refund", sa.Text, primary_key=True),
    sa.Column("trip", sa.Text, sa.ForeignKey("trips.trip"), nullable=False, index=True),
    money("amount"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("time_us", sa.BigInteger, nullable=False),
)

trip_settlements = sa.Table(  # what the retailer said last of a trip's money
    "trip_settlements",
    metadata,
    sa.Column("trip", sa.Text, sa.ForeignKey("trips.trip"), primary_key=True),
    money("total"),
    money("settled"),
    sa.Column("time_us", sa.BigInteger, nullable=False),
)
