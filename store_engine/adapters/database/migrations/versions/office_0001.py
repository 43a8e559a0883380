"""Payments, what was decided about them, parties and payment methods."""

import sqlalchemy as sa
from alembic import op

revision = "office_0001"
down_revision = None


def upgrade() -> None:
    """The office's first tables."""
    _create_payments()
    _create_people()


def _create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("payment", sa.Text, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("exponent", sa.Integer, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.Column("owed", sa.BigInteger, nullable=False),
        sa.Column("captured", sa.BigInteger, nullable=False),
        sa.Column("refunded", sa.BigInteger, nullable=False),
        sa.Column("waiting", sa.Text, nullable=False),
        sa.Column("updated_us", sa.BigInteger, nullable=False),
        sa.Column("try_at_us", sa.BigInteger),
        sa.Column("events", sa.Integer, nullable=False),
    )
    waits = sa.text("try_at_us IS NOT NULL")
    op.create_index(
        "payments_due", "payments", ["try_at_us"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "payment_events",
        sa.Column("payment", sa.Text, sa.ForeignKey("payments.payment"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
    named = sa.text("ref != ''")
    op.create_index(
        "payment_events_ref", "payment_events", ["ref"], sqlite_where=named, postgresql_where=named
    )


def _create_people() -> None:
    op.create_table(
        "parties",
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False, index=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("opened_us", sa.BigInteger, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
    )
    is_open = sa.text("open")
    op.create_index(
        "parties_open",
        "parties",
        ["account", "store"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "payment_methods",
        sa.Column("method", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False, index=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
    )
