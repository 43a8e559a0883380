"""The tables of the desk: accounts, what they present at a gate, keys of entry codes, answers.

Credentials are kept as handles (keyed hashes). Payment methods and parties are the office's.
"""

import sqlalchemy as sa

from store_engine.adapters.database.tables import metadata

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False, unique=True),  # what entry codes call them
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("member", sa.Boolean, nullable=False),
    sa.Column("adult", sa.Boolean, nullable=False),
    sa.Column("blocked", sa.Text, nullable=False),  # why, "" when they may come in
    sa.Column("created_us", sa.BigInteger, nullable=False),
)

credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("handle", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, sa.ForeignKey("accounts.account"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("expires_us", sa.BigInteger),
    sa.Column("revoked", sa.Boolean, nullable=False),
)

code_keys = sa.Table(  # keys that entry codes are signed with
    "code_keys",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("algorithm", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("public_pem", sa.Text, nullable=False),
    sa.Column("private_pem", sa.Text, nullable=False),  # "" once retired, or signed elsewhere
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("retired_us", sa.BigInteger),
)

used_codes = sa.Table(  # codes that let somebody in, until they have expired anyway
    "used_codes",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False, index=True),
)

entry_answers = sa.Table(  # a question asked again gets the same answer
    "entry_answers",
    metadata,
    sa.Column("entry", sa.Text, primary_key=True),
    sa.Column("time_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("payload", sa.Text, nullable=False),  # JSON
)

vault = sa.Table(  # credentials as they were read, for the moment until they are decided upon
    "vault",
    metadata,
    sa.Column("handle", sa.Text, primary_key=True),
    sa.Column("credential", sa.Text, nullable=False),
    sa.Column("kept_us", sa.BigInteger, nullable=False, index=True),
)

handle_secrets = sa.Table(  # one row: what handles are made with
    "handle_secrets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("secret", sa.LargeBinary, nullable=False),
)
