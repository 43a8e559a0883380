"""The engine's tables as they were before there were migrations (database version 1)."""

import sqlalchemy as sa
from alembic import op

revision = "engine_0001"
down_revision = None


def upgrade() -> None:
    """One SQLite file for one store."""
    op.create_table(
        "facts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("received_us", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "snapshots",
        sa.Column("snapshot", sa.Integer, primary_key=True),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("event", sa.Text, nullable=False, unique=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Index("events_of_visit", "visit", "type"),
    )
    op.create_table(
        "receipts",
        sa.Column("receipt", sa.Text, primary_key=True),
        sa.Column("visit", sa.Text, nullable=False, index=True),
        sa.Column("account", sa.Text, nullable=False, index=True),
        sa.Column("left_us", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("event", sa.Text, sa.ForeignKey("events.event"), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Index("outbox_state", "state"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("received_us", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
