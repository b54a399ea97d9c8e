"""Alembic's entry: runs the revisions on the connection that adapters.db.migrate opened."""

from alembic import context

from adapters.db.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
