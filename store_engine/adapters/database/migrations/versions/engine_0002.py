"""Every row of the engine says its store: the stores of a chain may share one database."""

import sqlalchemy as sa
from alembic import op

revision = "engine_0002"
down_revision = "engine_0001"

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEXES = {
    "events_of_visit": "events",
    "ix_receipts_visit": "receipts",
    "ix_receipts_account": "receipts",
    "outbox_state": "outbox",
}
TABLES = ("outbox", "events", "facts", "journal", "snapshots", "receipts", "dead_letters")


def upgrade() -> None:
    """Make the tables anew beside the old ones, move the rows over, drop the old ones."""
    for index, table in INDEXES.items():
        op.drop_index(index, table)
    for table in TABLES:
        op.rename_table(table, f"{table}_1")
    for constraint in _names_in_use():
        op.execute(f'ALTER INDEX "{constraint}" RENAME TO "{constraint}_1"')
    _create_facts()
    _create_heard()
    _create_decided()
    store = op.get_bind().scalar(sa.text("SELECT value FROM facts_1 WHERE name = 'store'"))
    if store is not None:
        _move(store)
    for table in TABLES:
        op.drop_table(f"{table}_1")


def _names_in_use() -> list[str]:
    """PostgreSQL's indexes keep their names when their table gets another."""
    if op.get_bind().dialect.name == "sqlite":
        return []
    inspector = sa.inspect(op.get_bind())
    unique = [one["name"] for one in inspector.get_unique_constraints("events_1")]
    return [str(n) for n in (*unique, *(_primary(inspector, table) for table in TABLES))]


def _primary(inspector: sa.Inspector, table: str) -> str:
    return str(inspector.get_pk_constraint(f"{table}_1")["name"])


def _create_facts() -> None:
    op.create_table(
        "facts",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "snapshots",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )


def _create_heard() -> None:
    op.create_table(
        "journal",
        sa.Column("position", POSITION, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("received_us", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Index("journal_of_store", "store", "position"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("position", POSITION, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("received_us", sa.BigInteger, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )


def _create_decided() -> None:
    op.create_table(
        "events",
        sa.Column("position", POSITION, primary_key=True),
        sa.Column("store", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("visit", sa.Text, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.UniqueConstraint("store", "event"),
        sa.Index("events_of_visit", "store", "visit", "type"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "receipts",
        sa.Column("receipt", sa.Text, primary_key=True),
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("visit", sa.Text, nullable=False, index=True),
        sa.Column("account", sa.Text, nullable=False, index=True),
        sa.Column("left_us", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["store", "event"], ["events.store", "events.event"]),
        sa.Index("outbox_state", "store", "state"),
    )


def _move(store: str) -> None:
    connection = op.get_bind()
    old, new = sa.MetaData(), sa.MetaData()
    for name in ("facts", "snapshots", "journal", "dead_letters", "events", "receipts", "outbox"):
        source = sa.Table(f"{name}_1", old, autoload_with=connection)
        target = sa.Table(name, new, autoload_with=connection)
        names = [column.name for column in target.columns if column.name in source.columns]
        query = sa.select(sa.literal(store), *(source.c[column] for column in names))
        if name == "facts":  # what they said stands elsewhere now
            query = query.where(source.c.name.not_in(["store", "database version"]))
        connection.execute(sa.insert(target).from_select(["store", *names], query))
