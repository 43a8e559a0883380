"""Webhooks: who wants to hear what, how far they are, and what the office has to tell.

What engines decided stands in `events`; what the till and the counter decided is told from `notes`,
written in the transaction that decided it.
"""

import sqlalchemy as sa

from store_engine.adapters.database.tables import POSITION, metadata

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("subscription", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),  # signs what is sent; whoever has it can forge
    sa.Column("types", sa.Text, nullable=False),  # JSON list
)

subscription_places = sa.Table(
    "subscription_places",
    metadata,
    sa.Column("subscription", sa.Text, primary_key=True),
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("failing_since_us", sa.BigInteger),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("try_at_us", sa.BigInteger, nullable=False),
    sa.Column("stopped", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["subscription"], ["subscriptions.subscription"], ondelete="CASCADE"),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("position", POSITION, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # JSON
    # The PostgreSQL transaction that wrote it, 0 on SQLite: positions are given out before
    # transactions end, so a reader must not pass one that is still open (see `webhooks.py`).
    sa.Column("written_by", sa.BigInteger, nullable=False),
    sqlite_autoincrement=True,  # a position is never given twice
)
