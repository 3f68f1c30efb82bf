"""报送: from the workbook to the ledger, whole or not at all."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from filling import NOW, dry_hydrant, hand_in, hand_in_bytes, problems, rules, work_points, written
from sqlmodel import Session, col, func, select

from daxing_safety import files, ledger, prefill
from daxing_safety.actions import closings, rounds, submissions
from daxing_safety.actions import problems as ledger_lines
from daxing_safety.actions.changes import Comparison
from daxing_safety.errors import Conflict, NotAllowed
from daxing_safety.models import (
    AuditEvent,
    FindingEntry,
    IndicatorScore,
    Problem,
    ProgressEntry,
    Round,
    Submission,
    Unit,
    User,
    WorkPointDuty,
)
from daxing_safety.vocabulary import Discovery, Finding, ProgressStatus, RectificationStatus, Sheet
from daxing_safety.workbooks.reading import read_workbook

HAS_PROBLEM = rules(_4_1={"finding": Finding.HAS_PROBLEM})


def score(session: Session, code: str) -> IndicatorScore:
    query = select(IndicatorScore).where(
        col(IndicatorScore.indicator_code) == code, col(IndicatorScore.round_id) == 0
    )
    return session.exec(query.execution_options(populate_existing=True)).one()


def test_an_untouched_workbook_is_a_valid_one(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    receipt = hand_in(session, second_quarter, water_bureau, by=clerk)
    assert (receipt.is_new, receipt.submission.version) == (True, 1)
    assert receipt.checked.errors == ()


def test_a_reported_problem_costs_claimed_and_confirmed_points(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    hand_in(session, second_quarter, water_bureau, HAS_PROBLEM, problems(dry_hydrant()), by=clerk)
    problem = session.exec(select(Problem)).one()
    assert (problem.number, problem.count, problem.is_self_reported) == ("P00001", 2, True)
    assert (score(session, "4").claimed, score(session, "4").confirmed) == (
        Decimal("1.60"),
        Decimal("1.60"),
    )
    assert ledger.differences(session) == []


def test_申请销号_brings_claimed_points_back_at_once_confirmed_ones_when_closed(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    hand_in(session, second_quarter, water_bureau, HAS_PROBLEM, problems(dry_hydrant()), by=clerk)
    (known,) = prefill.content(session, second_quarter, water_bureau).problems
    mended = known._replace(
        status=RectificationStatus.CLAIMED_FIXED,
        done_on=date(2021, 5, 19),
        remark="阀门已换，试水正常",
    )
    compliant = rules(_4_1={"finding": Finding.COMPLIANT})
    hand_in(session, second_quarter, water_bureau, compliant, problems(mended), by=clerk)
    four = score(session, "4")
    assert (four.claimed, four.confirmed, four.confirmed_high) == (
        Decimal("2.00"),
        Decimal("1.60"),
        Decimal("2.00"),
    )
    problem = session.exec(select(Problem)).one()
    closings.close(session, problem=problem, remark="复查属实", by=office, now=NOW)
    assert score(session, "4").confirmed == Decimal("2.00")
    assert ledger.differences(session) == []


def test_a_faulty_workbook_stores_nothing_at_all(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    def counts() -> list[int]:
        tables = (Submission, Problem, ProgressEntry, FindingEntry, AuditEvent)
        return [session.exec(select(func.count()).select_from(t)).one() for t in tables]

    before = counts()
    late = problems(dry_hydrant(due_on=date(2020, 1, 1)))
    with pytest.raises(submissions.RejectedWorkbook) as rejected:
        hand_in(session, second_quarter, water_bureau, HAS_PROBLEM, late, by=clerk)
    assert counts() == before
    assert [(e.sheet, e.cell) for e in rejected.value.checked.errors] == [("问题整改", "K4")]


def test_the_same_file_twice_changes_nothing_and_says_so(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    data = written(session, second_quarter, water_bureau, HAS_PROBLEM, problems(dry_hydrant()))
    first = hand_in_bytes(session, data, by=clerk)
    second = hand_in_bytes(session, data, by=clerk)
    assert (second.is_new, second.submission.id) == (False, first.submission.id)
    assert session.exec(select(func.count()).select_from(Problem)).one() == 1


def test_a_new_problem_sent_again_from_an_old_download_is_not_counted_twice(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    fills = HAS_PROBLEM, problems(dry_hydrant())
    first = written(session, second_quarter, water_bureau, *fills)
    again = written(
        session,
        second_quarter,
        water_bureau,
        *fills,
        work_points(_1_05={"percent": Decimal(80), "status": ProgressStatus.IN_PROGRESS}),
    )
    hand_in_bytes(session, first, by=clerk)
    receipt = hand_in_bytes(session, again, by=clerk)
    assert (receipt.is_new, receipt.submission.version) == (True, 2)
    assert session.exec(select(func.count()).select_from(Problem)).one() == 1


def test_what_an_expert_found_comes_prefilled_and_the_untouched_workbook_stays_valid(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    compliant = rules(_4_1={"finding": Finding.COMPLIANT})
    hand_in(session, second_quarter, water_bureau, compliant, by=clerk)
    drained = ledger_lines.register(
        session,
        unit=water_bureau,
        rule_code="4-1",
        site="兴华路",
        description="水鹤损坏",
        count=1,
        discovery=Discovery.EXPERT,
        found_on=date(2021, 5, 18),
        by=office,
        now=NOW,
    )
    ledger_lines.assign(session, problem=drained, by=office, now=NOW)
    content = prefill.content(session, second_quarter, water_bureau)
    said = {row.rule_code: row.finding for row in content.findings}
    assert [row.site for row in content.problems] == ["兴华路"]
    assert said["4-1"] is Finding.HAS_PROBLEM


def test_a_unit_cannot_lower_the_count_of_a_registered_problem(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    hand_in(session, second_quarter, water_bureau, HAS_PROBLEM, problems(dry_hydrant()), by=clerk)
    (known,) = prefill.content(session, second_quarter, water_bureau).problems
    with pytest.raises(submissions.RejectedWorkbook) as rejected:
        hand_in(session, second_quarter, water_bureau, problems(known._replace(count=1)), by=clerk)
    (error,) = rejected.value.checked.errors
    assert (error.sheet, error.cell) == ("问题整改", "E4")


def test_the_original_file_is_kept_as_it_came(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    data = written(session, second_quarter, water_bureau)
    receipt = hand_in_bytes(session, data, by=clerk)
    assert files.load(receipt.submission.file_sha256) == data


def test_progress_is_what_the_latest_version_says(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    done = {
        "status": ProgressStatus.DONE,
        "percent": Decimal(100),
        "done_on": date(2021, 5, 12),
        "evidence": "规划印发文件",
    }
    hand_in(session, second_quarter, water_bureau, work_points(_1_05=done), by=clerk)
    duty = session.get_one(WorkPointDuty, ("1-05", water_bureau.code))
    session.refresh(duty)
    assert (duty.status, duty.done_on) == (ProgressStatus.DONE, date(2021, 5, 12))


def test_a_neighbours_workbook_is_refused_before_it_is_read(
    session: Session, second_quarter: Round, water_bureau: Unit, neighbour: User
) -> None:
    data = written(session, second_quarter, water_bureau)
    with pytest.raises(NotAllowed, match="别的单位"):
        hand_in_bytes(session, data, by=neighbour)


def test_the_office_hands_in_what_came_by_mail(
    session: Session, second_quarter: Round, water_bureau: Unit, office: User
) -> None:
    receipt = hand_in(session, second_quarter, water_bureau, by=office)
    assert receipt.submission.submitted_by == "office"


def test_a_closed_round_takes_nothing_any_more(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    data = written(session, second_quarter, water_bureau)
    rounds.close_round(session, round_=second_quarter, by=office)
    with pytest.raises(Conflict, match="已截止"):
        hand_in_bytes(session, data, by=clerk)


def test_after_the_due_time_only_a_named_exception_may_hand_in_and_is_late(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    after = second_quarter.due_at + timedelta(minutes=1)
    data = written(session, second_quarter, water_bureau)
    with pytest.raises(Conflict, match="补报"):
        hand_in_bytes(session, data, by=clerk, now=after)
    rounds.allow_late(
        session,
        round_=second_quarter,
        unit=water_bureau,
        until=after + timedelta(days=1),
        reason="系统升级耽误",
        by=office,
    )
    assert hand_in_bytes(session, data, by=clerk, now=after).submission.is_late
    with pytest.raises(Conflict, match="已于 2021-05-26"):
        hand_in(session, second_quarter, water_bureau, by=clerk, now=after + timedelta(days=2))


def test_exactly_at_the_due_time_is_in_time(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    due = datetime(2021, 5, 25, 17, 0)
    assert not hand_in(session, second_quarter, water_bureau, by=clerk, now=due).submission.is_late


def test_a_submission_is_in_the_log_with_its_counts_and_hash(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    data = written(session, second_quarter, water_bureau, HAS_PROBLEM, problems(dry_hydrant()))
    receipt = hand_in_bytes(session, data, by=clerk)
    logged = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "报送")).one()
    assert logged.username == "区水务局"
    assert '"problems_opened": 1' in logged.after
    assert receipt.submission.file_sha256 in logged.after


def test_a_round_that_asks_for_progress_only_leaves_the_self_assessment_as_it_was(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    hand_in(session, second_quarter, water_bureau, HAS_PROBLEM, problems(dry_hydrant()), by=clerk)
    before = prefill.content(session, second_quarter, water_bureau).findings
    rounds.close_round(session, round_=second_quarter, by=office)
    weekly = rounds.open_round(
        session,
        name="周报",
        due_at=datetime(2021, 5, 28, 17, 0),
        sheets=[Sheet.PROGRESS],
        by=office,
        now=NOW,
    )
    hand_in(session, weekly, water_bureau, by=clerk)
    assert prefill.content(session, weekly, water_bureau).findings == before
    assert score(session, "4").claimed == Decimal("1.60")


def test_preview_stores_nothing_and_tells_what_would_change(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    data = written(session, second_quarter, water_bureau, HAS_PROBLEM, problems(dry_hydrant()))
    raws = [read_workbook(data)]
    (compared,) = submissions.preview_all(session, raws=raws, by=clerk, now=NOW)
    assert isinstance(compared, Comparison)
    assert compared.checked.errors == ()
    assert compared.changes.counts()["problems_opened"] == 1
    assert session.exec(select(func.count()).select_from(Submission)).one() == 0
