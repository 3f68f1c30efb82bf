"""Many workbooks at once: each whole or not at all, and all that follows as if one by one."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from errno import ENOSPC

import pytest
from filling import NOW, dry_hydrant, problems, rules, work_points, written
from sqlmodel import Session, col, func, select

from daxing_safety import ledger
from daxing_safety.actions import audit, submissions
from daxing_safety.actions.changes import Comparison
from daxing_safety.actions.submissions import Incoming, Receipt
from daxing_safety.errors import NotAllowed, UserFacingError
from daxing_safety.models import (
    AuditEvent,
    DataVersion,
    FindingEntry,
    Problem,
    ProgressEntry,
    Round,
    Submission,
    Unit,
    User,
)
from daxing_safety.vocabulary import Finding
from daxing_safety.workbooks.reading import read_workbook

HAS_PROBLEM = rules(_4_1={"finding": Finding.HAS_PROBLEM})
DRY = HAS_PROBLEM, problems(dry_hydrant())
DUE_LONG_AGO = HAS_PROBLEM, problems(dry_hydrant(due_on=date(2020, 1, 1)))


def incoming(data: bytes, name: str = "填报表.xlsx") -> Incoming:
    return Incoming(name, data, read_workbook(data))


def looked_at(session: Session, file: Incoming, by: User, now: datetime = NOW) -> Incoming:
    (seen,) = submissions.preview_all(session, raws=[file.raw], by=by, now=now)
    assert isinstance(seen, Comparison)
    return replace(file, seen=seen)


def store(
    session: Session, *files: Incoming, by: User, now: datetime = NOW
) -> list[Receipt | UserFacingError]:
    return submissions.submit_all(session, files=files, by=by, now=now)


def count(session: Session, table: type) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def test_a_batch_with_a_faulty_file_stores_the_others(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    city_management: Unit,
    office: User,
) -> None:
    faulty = incoming(written(session, second_quarter, water_bureau, *DUE_LONG_AGO))
    clean = incoming(written(session, second_quarter, city_management))
    rejected, receipt = store(session, faulty, clean, by=office)
    assert isinstance(rejected, submissions.RejectedWorkbook)
    assert [(e.sheet, e.cell) for e in rejected.checked.errors] == [("问题整改", "K4")]
    assert isinstance(receipt, Receipt)
    assert receipt.submission.unit_code == city_management.code
    assert count(session, Submission) == 1


def test_a_batch_that_breaks_off_half_way_leaves_nothing(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    city_management: Unit,
    office: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = [
        incoming(written(session, second_quarter, unit, *fills))
        for unit, fills in ((water_bureau, DRY), (city_management, ()))
    ]

    def disk_is_full(*_: object, **__: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(audit, "record_all", disk_is_full)  # the last thing written
    with pytest.raises(OSError, match="No space"), session.begin_nested():
        store(session, *files, by=office)
    for table in (Submission, Problem, ProgressEntry, FindingEntry):
        assert count(session, table) == 0
    assert ledger.differences(session) == []


def test_the_kept_sums_after_a_batch_are_the_ledgers(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    city_management: Unit,
    office: User,
) -> None:
    before = session.exec(select(DataVersion.number)).one()
    dry = incoming(written(session, second_quarter, water_bureau, *DRY))
    untouched = incoming(written(session, second_quarter, city_management))
    store(session, dry, untouched, by=office)
    assert ledger.differences(session) == []
    assert session.exec(select(DataVersion.number)).one() > before


def test_every_file_of_a_batch_is_in_the_log(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    city_management: Unit,
    office: User,
) -> None:
    units = (water_bureau, city_management)
    files = [
        incoming(written(session, second_quarter, unit), f"{unit.name}.xlsx") for unit in units
    ]
    store(session, *files, by=office)
    logged = session.exec(select(AuditEvent.remark).where(col(AuditEvent.action) == "报送"))
    assert set(logged) == {"区水务局.xlsx", "区城管委.xlsx"}


def test_the_same_file_twice_in_a_batch_is_stored_once_and_says_so(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    file = incoming(written(session, second_quarter, water_bureau, *DRY))
    first, second = store(session, file, file, by=clerk)
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert (first.is_new, second.is_new) == (True, False)
    assert second.submission.id == first.submission.id
    assert count(session, Problem) == 1


def test_two_files_of_a_unit_in_a_batch_are_two_versions_and_no_problem_is_doubled(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    later = work_points(_1_05={"remark": "补充说明"})
    files = [
        looked_at(session, incoming(written(session, second_quarter, water_bureau, *fills)), clerk)
        for fills in (DRY, (*DRY, later))
    ]
    receipts = store(session, *files, by=clerk)
    versions = [it.submission.version for it in receipts if isinstance(it, Receipt)]
    assert versions == [1, 2]
    assert count(session, Problem) == 1
    assert ledger.differences(session) == []


def test_a_clerks_batch_does_not_take_a_neighbours_file(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    city_management: Unit,
    clerk: User,
) -> None:
    theirs = incoming(written(session, second_quarter, city_management))
    own = incoming(written(session, second_quarter, water_bureau))
    refused, receipt = store(session, theirs, own, by=clerk)
    assert isinstance(refused, NotAllowed)
    assert isinstance(receipt, Receipt)
    assert set(session.exec(select(Submission.unit_code))) == {water_bureau.code}


def test_what_was_checked_for_the_preview_is_not_checked_again(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    data = written(session, second_quarter, water_bureau, *DRY)
    file = looked_at(session, incoming(data), clerk)
    (receipt,) = store(session, file, by=clerk)
    assert isinstance(receipt, Receipt)
    assert file.seen is not None
    assert receipt.checked is file.seen.checked


def test_a_write_between_preview_and_storing_is_noticed(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    data = written(session, second_quarter, water_bureau, *DRY)
    file = looked_at(session, incoming(data), clerk)
    remark = work_points(_1_05={"remark": "补充说明"})
    by_mail = incoming(written(session, second_quarter, water_bureau, *DRY, remark))
    store(session, by_mail, by=office)
    (receipt,) = store(session, file, by=clerk)
    assert isinstance(receipt, Receipt)
    assert [row.number for row in receipt.checked.problems] == ["P00001"]
    assert count(session, Problem) == 1


def test_a_preview_of_yesterday_is_checked_against_today(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    data = written(session, second_quarter, water_bureau)
    file = looked_at(session, incoming(data), clerk)
    (receipt,) = store(session, file, by=clerk, now=NOW + timedelta(days=1))
    assert isinstance(receipt, Receipt)
    assert file.seen is not None
    assert receipt.checked is not file.seen.checked
