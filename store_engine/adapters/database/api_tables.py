"""The tables of the HTTP front door: tokens, secrets of links, the audit log, prices put."""

import sqlalchemy as sa

from store_engine.adapters.database.tables import POSITION, metadata

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),  # SHA-256, never the token itself
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),  # JSON list
    sa.Column("stores", sa.Text, nullable=False),  # JSON list
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger),
    sa.Column("revoked_us", sa.BigInteger),
)

api_secrets = sa.Table(  # what links are made with
    "api_secrets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("secret", sa.LargeBinary, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("position", POSITION, primary_key=True),
    sa.Column("time_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("on", sa.Text, nullable=False),
    sa.Column("outcome", sa.Integer, nullable=False),
    sqlite_autoincrement=True,  # a removed entry leaves a gap that can be seen
)

price_books = sa.Table(
    "price_books",
    metadata,
    sa.Column("position", POSITION, primary_key=True),
    sa.Column("store", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("put_us", sa.BigInteger, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # JSON
    sa.Index("price_books_of_store", "store", "position"),
    sqlite_autoincrement=True,
)
