"""A database with many times the demo's problems, submissions and reported rows.

Copies rows as they are, then rebuilds the kept sums, so that only the amount differs.
"""

import os
from pathlib import Path

from sqlalchemy import Connection, text

from daxing_safety import database, ledger, settings
from daxing_safety.models import Base, FindingEntry, Problem, ProgressEntry, Submission

# How a copied row differs: the shift keeps its keys apart from those of the other copies.
COPIED: dict[type[Base], dict[str, str]] = {
    Submission: {"id": "id + :shift", "version": "version + :shift", "is_latest": "0"},
    ProgressEntry: {"submission_id": "submission_id + :shift"},
    FindingEntry: {"submission_id": "submission_id + :shift"},
    Problem: {"id": "id + :shift", "number": "number || '-' || :shift"},
}


def multiply(data_dir: Path, times: int) -> None:
    before = os.environ["DAXING_DATA_DIR"]
    os.environ["DAXING_DATA_DIR"] = str(data_dir)
    with database.transaction() as session:
        for model, changed in COPIED.items():
            _copy(session.connection(), model, changed, times)
        ledger.rebuild(session)
    database.engines(settings.database_url()).dispose()
    os.environ["DAXING_DATA_DIR"] = before


def _copy(connection: Connection, model: type[Base], changed: dict[str, str], times: int) -> None:
    table = database.table_of(model)
    key = "id" if "id" in table.columns else "submission_id"
    last = connection.execute(text(f"SELECT max({key}) FROM {table.name}")).scalar_one()
    names = [column.name for column in table.columns]
    values = [changed.get(name, name) for name in names]
    copy = text(
        f"INSERT INTO {table.name} ({', '.join(names)})"
        f" SELECT {', '.join(values)} FROM {table.name} WHERE {key} <= :last"
    )
    for number in range(1, times):
        connection.execute(copy, {"shift": number * last, "last": last})
