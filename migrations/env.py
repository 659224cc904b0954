"""Alembic's entry: it runs inside the connection, and the transaction, that it is handed."""

from alembic import context

from app.models import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=False,
)
context.run_migrations()
