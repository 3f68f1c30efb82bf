"""What nobody sees is not kept, whoever sends it; all that can be read is."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from problem_lives import register
from sqlmodel import Session, col, select

from daxing_safety.actions import audit, saved_views
from daxing_safety.database import reading, transaction
from daxing_safety.documents.sheet import workbook
from daxing_safety.models import AuditEvent, Problem, SavedView, Unit, User
from daxing_safety.texts import INVISIBLE, legible

NOW = datetime(2021, 5, 20, 10, 0)
UNSEEN = {
    "NUL": "\0", "a bell": "\x07", "a form feed": "\x0c", "an escape": "\x1b", "DEL": "\x7f",
    "C1": "\x85", "right to left": "\u202e", "an isolate": "\u2066", "zero width": "\u200b",
    "a mark of order": "\ufeff", "half a character": "\ud83d", "no character": "\uffff",
}  # fmt: skip
SEEN = "𠮷野家👨‍👩‍👧\ue000é ①，。%s {{x}} <b>&C\t第二列\n第二行"


def test_what_can_be_read_stays_letter_by_letter() -> None:
    assert legible(SEEN) == SEEN


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_nothing_unseen_is_left_of_any_text(text: str) -> None:
    left = legible(text)
    assert not INVISIBLE.search(left)
    left.encode("utf-8")  # neither SQLite nor PostgreSQL would take half a character
    assert "\0" not in left and legible(left) == left


@pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
def test_a_typed_text_is_stored_without_it(
    session: Session, office: User, water_bureau: Unit, character: str
) -> None:
    problem = register(session, water_bureau, office, site=f"黄村{character}西大街")
    session.flush()
    session.expire(problem)
    assert problem.site == "黄村西大街"


# No websocket and no form brings half a character, and a form no NUL: nobody looks for one.
@pytest.mark.parametrize(
    "character", [each for each in UNSEEN.values() if each not in ("\ud83d", "\0")]
)
def test_a_later_change_is_cleaned_too(session: Session, office: User, character: str) -> None:
    saved_views.save(session, page="problems", name=f"我的{character}清单", query="", by=office)
    session.flush()
    session.expire_all()
    assert session.exec(select(SavedView.name)).one() == "我的清单"


@pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
def test_the_log_keeps_that_something_stood_there(data_dir: Path, character: str) -> None:
    text = f"甲{character}乙"
    with transaction() as session:
        audit.record(session, "下载未果", text, by="office", remark=text, after={"name": text})
    with reading() as session:
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc())).first()
    assert event is not None
    assert event.subject == event.remark == "甲\N{REPLACEMENT CHARACTER}乙"
    assert not INVISIBLE.search(event.after)


@pytest.mark.parametrize("character", [each for each in UNSEEN.values() if each != "\ud83d"])
def test_an_older_text_with_one_does_not_spoil_a_whole_export(character: str) -> None:
    assert workbook("标题", "说明", ["点位"], [[f"黄村{character}西大街"]]).startswith(b"PK")


def test_rare_names_come_back_as_they_were(
    session: Session, office: User, water_bureau: Unit
) -> None:
    problem = register(session, water_bureau, office, description=SEEN)
    session.flush()
    session.expire(problem)
    assert session.exec(select(Problem.description)).one() == SEEN.strip()
