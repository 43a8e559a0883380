"""API tokens, secrets of links, the audit log, prices put."""

import sqlalchemy as sa
from alembic import op

revision = "api_0001"
down_revision = None


def upgrade() -> None:
    """The front door's first tables."""
    _create_tokens()
    op.create_table(
        "audit",
        _position(),
        sa.Column("time_us", sa.BigInteger, nullable=False, index=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("on", sa.Text, nullable=False),
        sa.Column("outcome", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "price_books",
        _position(),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("put_us", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("price_books_of_store", "price_books", ["store", "position"])


def _create_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("stores", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("expires_us", sa.BigInteger),
        sa.Column("revoked_us", sa.BigInteger),
    )
    op.create_table(
        "api_secrets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )


def _position() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("position", kind, primary_key=True)
