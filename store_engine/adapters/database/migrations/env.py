"""Run by alembic, inside the transaction that `migrating` opened."""

from alembic import context

from store_engine.adapters.database.subjects import SUBJECTS
from store_engine.adapters.database.tables import metadata

assert SUBJECTS, "tables.metadata must be whole"  # noqa: S101 - importing them is the point

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
