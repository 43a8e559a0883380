"""The office's tables: payments, what was decided about them, and who is behind a party.

A payment knows a party, never an account. Only `parties` says who a party is, so erasing its rows
makes everything else anonymous.
"""

import sqlalchemy as sa

from store_engine.adapters.database.tables import metadata, money

payments = sa.Table(  # where each payment stands: the sum of its events
    "payments",
    metadata,
    sa.Column("payment", sa.Text, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("exponent", sa.Integer, nullable=False),
    money("held"),
    money("owed"),
    money("captured"),
    money("refunded"),
    sa.Column("waiting", sa.Text, nullable=False),
    sa.Column("updated_us", sa.BigInteger, nullable=False),
    sa.Column("try_at_us", sa.BigInteger),
    sa.Column("events", sa.Integer, nullable=False),  # how many were decided: the version
)
sa.Index(
    "payments_due",
    payments.c.try_at_us,
    sqlite_where=payments.c.try_at_us.is_not(None),
    postgresql_where=payments.c.try_at_us.is_not(None),
)

payment_events = sa.Table(
    "payment_events",
    metadata,
    sa.Column("payment", sa.Text, sa.ForeignKey("payments.payment"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),  # from 1, per payment
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("time_us", sa.BigInteger, nullable=False),
    sa.Column("ref", sa.Text, nullable=False),  # the provider's name for what it did, or ""
    sa.Column("payload", sa.Text, nullable=False),  # JSON
)
sa.Index(
    "payment_events_ref",
    payment_events.c.ref,
    sqlite_where=payment_events.c.ref != "",
    postgresql_where=payment_events.c.ref != "",
)

parties = sa.Table(  # who a pseudonym is
    "parties",
    metadata,
    sa.Column("party", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("opened_us", sa.BigInteger, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
)
sa.Index(  # an account has one open party in a store, whoever taps at the same moment
    "parties_open",
    parties.c.account,
    parties.c.store,
    unique=True,
    sqlite_where=sa.text("open"),
    postgresql_where=sa.text("open"),
)

payment_methods = sa.Table(
    "payment_methods",
    metadata,
    sa.Column("method", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
    sa.Column("token", sa.Text, nullable=False),  # the provider's, never a card number
    sa.Column("rank", sa.Integer, nullable=False),  # the favourite has the lowest
)
