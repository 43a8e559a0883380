"""Shopping trips of a retailer's back end."""

import sqlalchemy as sa
from alembic import op

revision = "trips_0001"
down_revision = None


def upgrade() -> None:
    """The first tables of trips."""
    _create_entries()
    _create_line()
    op.create_table(
        "trip_orders",
        sa.Column("trip", sa.Text, sa.ForeignKey("trips.trip"), primary_key=True),
        sa.Column("order", sa.Text, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "trip_refunds",
        sa.Column("refund", sa.Text, primary_key=True),
        sa.Column("trip", sa.Text, sa.ForeignKey("trips.trip"), nullable=False, index=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "trip_settlements",
        sa.Column("trip", sa.Text, sa.ForeignKey("trips.trip"), primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("settled", sa.BigInteger, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
    )


def _create_entries() -> None:
    op.create_table(
        "trip_entries",
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False, index=True),
        sa.Column("presented", sa.Text, nullable=False),
        sa.Column("visitor", sa.Text, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "trip_places",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )


def _create_line() -> None:
    op.create_table(
        "trips",
        sa.Column("trip", sa.Text, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("party", sa.Text, nullable=False, index=True),
        sa.Column("receipt", sa.Text, nullable=False, index=True),
        sa.Column("entered_us", sa.BigInteger, nullable=False),
        sa.Column("left_us", sa.BigInteger, nullable=False),
        sa.Column("items", sa.Integer, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("purchase", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("trips_line", "trips", ["store", "state", "left_us", "position"])
