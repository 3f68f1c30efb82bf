"""The log as a chain that only grows.

SQLite drops a table's triggers when a later migration copies the table: make them again there.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

START = "0" * 64

ON_SQLITE = (
    """CREATE TRIGGER audit_event_follows BEFORE INSERT ON audit_event
    WHEN NEW.id IS NOT (SELECT number + 1 FROM audit_head)
    BEGIN SELECT RAISE(ABORT, 'the log grows at its end only'); END""",
    """CREATE TRIGGER audit_event_moves_head AFTER INSERT ON audit_event
    BEGIN UPDATE audit_head SET number = NEW.id, hash = NEW.hash, at = NEW.at; END""",
    """CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'the log is not changed'); END""",
    """CREATE TRIGGER audit_event_is_not_deleted BEFORE DELETE ON audit_event
    BEGIN SELECT RAISE(ABORT, 'the log is not changed'); END""",
    """CREATE TRIGGER audit_head_is_not_set_back BEFORE UPDATE ON audit_head
    WHEN NEW.number <= OLD.number
    BEGIN SELECT RAISE(ABORT, 'the log is not changed'); END""",
    """CREATE TRIGGER audit_head_is_not_deleted BEFORE DELETE ON audit_head
    BEGIN SELECT RAISE(ABORT, 'the log is not changed'); END""",
)
ON_POSTGRESQL = (
    """CREATE FUNCTION log_is_not_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the log is not changed'; END $$""",
    """CREATE FUNCTION log_grows_at_its_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.id IS DISTINCT FROM (SELECT number + 1 FROM audit_head) THEN
            RAISE EXCEPTION 'the log grows at its end only';
        END IF;
        UPDATE audit_head SET number = NEW.id, hash = NEW.hash, at = NEW.at;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER audit_event_follows BEFORE INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION log_grows_at_its_end()""",
    """CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION log_is_not_changed()""",
    """CREATE TRIGGER audit_event_is_not_emptied BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_not_changed()""",
    """CREATE TRIGGER audit_head_is_not_set_back BEFORE UPDATE ON audit_head
    FOR EACH ROW WHEN (NEW.number <= OLD.number) EXECUTE FUNCTION log_is_not_changed()""",
    """CREATE TRIGGER audit_head_is_not_deleted BEFORE DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION log_is_not_changed()""",
)


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("is_set_back", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("hash", sa.String(), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_subject"), ["subject"], unique=False)
    _chain_what_is_there()
    op.create_index(
        "audit_event_set_back",
        "audit_event",
        ["id"],
        sqlite_where=sa.text("is_set_back"),
        postgresql_where=sa.text("is_set_back"),
    )
    on_sqlite = op.get_context().dialect.name == "sqlite"
    for statement in ON_SQLITE if on_sqlite else ON_POSTGRESQL:
        op.execute(sa.DDL(statement))


def _chain_what_is_there() -> None:
    """Numbers without gaps (a sequence leaves some) and the hashes, in order."""
    event = sa.table(
        "audit_event",
        *map(sa.column, ("id", "username", "action", "subject", "remark", "before", "after")),
        sa.column("at", sa.DateTime()),
        sa.column("hash"),
    )
    head = sa.table("audit_head", *map(sa.column, ("id", "number", "hash")))
    head.append_column(sa.column("at", sa.DateTime()))
    connection = op.get_bind()
    number, previous, at = 0, START, None
    for row in connection.execute(sa.select(event).order_by(event.c.id)).all():
        number, at = number + 1, row.at
        told = [previous, number, at.isoformat(), row.username, "", row.action, row.subject]
        told += [row.remark, row.before, row.after, False]
        previous = hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()
        connection.execute(
            sa.update(event).where(event.c.id == row.id).values(id=number, hash=previous)
        )
    connection.execute(sa.insert(head).values(id=1, number=number, hash=previous, at=at))
