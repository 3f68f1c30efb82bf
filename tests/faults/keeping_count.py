"""What a test of a fault counts before and afterwards, and the writes it tries."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filling import Fill, hand_in
from kept_work import user
from sqlmodel import Session, col, func, select

from daxing_safety import settings, verification
from daxing_safety.actions import audit, rounds
from daxing_safety.database import reading, transaction
from daxing_safety.errors import StorageFault
from daxing_safety.models import AuditEvent, Submission, Unit

WRITTEN = "试写"


def write(text: str = "") -> None:
    with transaction() as session:
        audit.record(session, WRITTEN, text, by=audit.SYSTEM)


def written() -> int:
    with reading() as session:
        query = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == WRITTEN)
        return session.exec(query).one()


def report(*fills: Fill) -> int:
    """小王 hands in 区水务局's workbook of the open round; returns the version."""
    with transaction() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()
        round_ = rounds.the_open_round(session)
        assert round_ is not None
        clerk, now = user(session, "区水务局"), settings.now()
        receipt = hand_in(session, round_, unit, *fills, by=clerk, now=now)
    return receipt.submission.version


def versions() -> list[int]:
    with reading() as session:
        return sorted(session.exec(select(Submission.version)))


def is_sound() -> bool:
    return verification.verify().differences == []


@contextmanager
def refused_for(words: str) -> Iterator[None]:
    """What the block tries ends in a sentence that says so, and what to do about it."""
    with pytest.raises(StorageFault) as told:
        yield
    sentence = str(told.value)
    assert words in sentence, sentence
    assert "系统管理员" in sentence and sentence.endswith("。")


def files_in(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def read_something(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Unit)).one()
