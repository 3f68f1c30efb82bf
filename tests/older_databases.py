"""Databases as earlier versions had them."""

from sqlalchemy import MetaData, insert, select

from daxing_safety import database, settings

OF_TODAY = ("alembic_version", "audit_head")


def set_back(newer: str, version: str) -> None:
    """Makes the settings' database: an older version's tables, with what these hold of a newer."""
    database.upgrade(to=version)
    older, here = MetaData(), database.engines(settings.database_url())
    with database.engines(newer).reader.connect() as source, here.writer.begin() as target:
        older.reflect(target)
        for table in older.sorted_tables:
            rows = source.execute(select(table)).mappings().all()
            if rows and table.name not in OF_TODAY:
                target.execute(insert(table), [dict(row) for row in rows])
    database.engines(newer).dispose()
