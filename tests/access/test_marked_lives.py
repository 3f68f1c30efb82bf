"""The walk finds only what is marked: so every text of a unit has to be."""

import pytest
from marked_lives import OWN, SECRET
from sqlalchemy import select
from sqlmodel import Session
from sqlmodel.sql.sqltypes import AutoString

from daxing_safety.models import Base

# Texts that are not a unit's own words: the plan, the district's, names and codes.
NOT_A_UNITS_WORDS = {
    *("criteria_revision", "out_of_scope", "phase", "preference", "round", "task", "unit"),
    *("work_point", "login_failure", "login_session", "old_password", "audit_head"),
    # kept sums: codes
    *("due_count", "indicator_score", "loss", "pair_state", "rule_loss", "unit_summary"),
    *("late_allowance.granted_by", "meeting.name", "saved_view.page"),
    *("evidence.kind", "evidence.sha256", "submission.file_sha256", "submission.changes"),
    *("account.display_name", "account.password_hash", "account.username", "saved_view.username"),
    *("audit_event.action", "audit_event.address", "audit_event.hash", "audit_event.username"),
    *("spot_check.name", "spot_check.population", "spot_check.scope", "spot_check.seed"),
    *("spot_check_photo.kind", "spot_check_photo.sha256", "task_duty"),
}
NAMES_AND_CODES = ("_code", "_by", ".by", "_number", ".number", ".code", ".recurs", ".merged_into")


def _texts() -> list[str]:
    """table.column of every column that may hold words."""
    return [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, AutoString)
    ]


def _holds_words(place: str) -> bool:
    is_named = place in NOT_A_UNITS_WORDS or place.partition(".")[0] in NOT_A_UNITS_WORDS
    return not is_named and not place.endswith(NAMES_AND_CODES)


@pytest.mark.parametrize("place", [each for each in _texts() if _holds_words(each)])
def test_every_text_of_a_unit_bears_its_mark_somewhere(session: Session, place: str) -> None:
    table, column = place.split(".")
    stored = session.connection().scalars(select(Base.metadata.tables[table].c[column])).all()
    for mark in (SECRET, OWN):
        assert any(mark in (text or "") for text in stored), f"{place} is marked nowhere"
