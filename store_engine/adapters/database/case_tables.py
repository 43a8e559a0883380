"""The counter's tables: cases, and what was decided about them."""

import sqlalchemy as sa

from store_engine.adapters.database.tables import metadata, money

cases = sa.Table(  # where each case stands: the sum of its events
    "cases",
    metadata,
    sa.Column("case", sa.Text, primary_key=True),
    sa.Column("receipt", sa.Text, nullable=False, index=True),
    sa.Column("payment", sa.Text, nullable=False, index=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("claim", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    money("amount"),
    sa.Column("at_once", sa.Boolean, nullable=False),
    sa.Column("opened_us", sa.BigInteger, nullable=False),
    sa.Column("updated_us", sa.BigInteger, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),  # how many were decided: the version
    sa.Index("cases_waiting", "state", "opened_us"),
)

case_events = sa.Table(
    "case_events",
    metadata,
    sa.Column("case", sa.Text, sa.ForeignKey("cases.case"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),  # from 1, per case
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("time_us", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # JSON
)
