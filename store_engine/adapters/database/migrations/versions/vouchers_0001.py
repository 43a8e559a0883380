"""Vouchers."""

import sqlalchemy as sa
from alembic import op

revision = "vouchers_0001"
down_revision = None


def upgrade() -> None:
    """The first table of vouchers."""
    op.create_table(
        "vouchers",
        sa.Column("voucher", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("rate_ppm", sa.Integer, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("exponent", sa.Integer, nullable=False),
        sa.Column("until_us", sa.BigInteger),
        sa.Column("issued_us", sa.BigInteger, nullable=False),
        sa.Column("void_us", sa.BigInteger),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False, index=True),
        sa.Column("kept_us", sa.BigInteger),
        sa.Column("used_us", sa.BigInteger),
    )
