"""Runs the changes of the tables inside the transaction that `database.upgrade` opened."""

from typing import Any, Literal

from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from daxing_safety.models import Base, Hundredths


def as_plain_type(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Migrations name SQL's own types only: they must still run when our classes have moved on."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, Hundredths):
        return "sa.Integer()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=as_plain_type,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
