"""Cases, and what was decided about them."""

import sqlalchemy as sa
from alembic import op

revision = "cases_0001"
down_revision = None


def upgrade() -> None:
    """The counter's first tables."""
    op.create_table(
        "cases",
        sa.Column("case", sa.Text, primary_key=True),
        sa.Column("receipt", sa.Text, nullable=False, index=True),
        sa.Column("payment", sa.Text, nullable=False, index=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("claim", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("at_once", sa.Boolean, nullable=False),
        sa.Column("opened_us", sa.BigInteger, nullable=False),
        sa.Column("updated_us", sa.BigInteger, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
    )
    op.create_index("cases_waiting", "cases", ["state", "opened_us"])
    op.create_table(
        "case_events",
        sa.Column("case", sa.Text, sa.ForeignKey("cases.case"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
