"""Accounts, credentials, keys of entry codes, answers at the gate, the vault."""

import sqlalchemy as sa
from alembic import op

revision = "access_0001"
down_revision = None


def upgrade() -> None:
    """The desk's first tables."""
    _create_people()
    _create_codes()
    _create_answers()


def _create_people() -> None:
    op.create_table(
        "accounts",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("member", sa.Boolean, nullable=False),
        sa.Column("adult", sa.Boolean, nullable=False),
        sa.Column("blocked", sa.Text, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "credentials",
        sa.Column("handle", sa.Text, primary_key=True),
        sa.Column(
            "account", sa.Text, sa.ForeignKey("accounts.account"), nullable=False, index=True
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("expires_us", sa.BigInteger),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )


def _create_codes() -> None:
    op.create_table(
        "code_keys",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("algorithm", sa.Text, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("public_pem", sa.Text, nullable=False),
        sa.Column("private_pem", sa.Text, nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
        sa.Column("retired_us", sa.BigInteger),
    )
    op.create_table(
        "used_codes",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("expires_us", sa.BigInteger, nullable=False, index=True),
    )


def _create_answers() -> None:
    op.create_table(
        "entry_answers",
        sa.Column("entry", sa.Text, primary_key=True),
        sa.Column("time_us", sa.BigInteger, nullable=False, index=True),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_table(
        "vault",
        sa.Column("handle", sa.Text, primary_key=True),
        sa.Column("credential", sa.Text, nullable=False),
        sa.Column("kept_us", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "handle_secrets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )
