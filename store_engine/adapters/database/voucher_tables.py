"""Vouchers: whose they are, which visit may redeem them, which receipt did."""

import sqlalchemy as sa

from store_engine.adapters.database.tables import metadata, money

vouchers = sa.Table(
    "vouchers",
    metadata,
    sa.Column("voucher", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, nullable=False, index=True),  # "" for nobody's, and once used
    sa.Column("name", sa.Text, nullable=False),
    money("amount"),
    sa.Column("rate_ppm", sa.Integer, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("exponent", sa.Integer, nullable=False),
    sa.Column("until_us", sa.BigInteger),
    sa.Column("issued_us", sa.BigInteger, nullable=False),
    sa.Column("void_us", sa.BigInteger),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("receipt", sa.Text, nullable=False, index=True),  # "" for none
    sa.Column("kept_us", sa.BigInteger),
    sa.Column("used_us", sa.BigInteger),
)
