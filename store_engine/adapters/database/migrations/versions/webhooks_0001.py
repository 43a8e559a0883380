"""Webhooks: subscriptions, their places, and what the office has to tell."""

import sqlalchemy as sa
from alembic import op

revision = "webhooks_0001"
down_revision = None


def upgrade() -> None:
    """The first tables of webhooks."""
    op.create_table(
        "subscriptions",
        sa.Column("subscription", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("types", sa.Text, nullable=False),
    )
    op.create_table(
        "subscription_places",
        sa.Column("subscription", sa.Text, primary_key=True),
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("failing_since_us", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("try_at_us", sa.BigInteger, nullable=False),
        sa.Column("stopped", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription"], ["subscriptions.subscription"], ondelete="CASCADE"
        ),
    )
    op.create_table(
        "notes",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
        ),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("written_by", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
