"""填报 and 审核: who is in, what a workbook would change, and what the office is shown of it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlmodel import Session, col, select

from daxing_safety import prefill
from daxing_safety.actions import problems, reviews, rounds, withdrawals
from daxing_safety.actions import submissions as handing_in
from daxing_safety.demo.clerk import Clerk
from daxing_safety.errors import Conflict, NotAllowed, NotFound, UserFacingError
from daxing_safety.models import NOW as IN_FORCE
from daxing_safety.models import Problem, Round, Submission, Unit, UnitSummary, User
from daxing_safety.reports import previews, submissions
from daxing_safety.reports import reviews as review_reports
from daxing_safety.reports.changes import Change
from daxing_safety.reports.previews import Preview
from daxing_safety.vocabulary import (
    Discovery,
    Finding,
    ProgressStatus,
    RectificationStatus,
    RuleKind,
)
from daxing_safety.workbooks.content import CellError, ProblemRow, WorkbookContent
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.template import workbook_bytes

NOW = datetime(2021, 5, 20, 10, 0)
TODAY = NOW.date()
Fill = Callable[[WorkbookContent], WorkbookContent]


def unchanged(content: WorkbookContent) -> WorkbookContent:
    return content


def first_point_done(content: WorkbookContent) -> WorkbookContent:
    first = content.progress[0]._replace(
        status=ProgressStatus.DONE,
        percent=Decimal(100),
        done_on=date(2021, 5, 18),
        remark="已完成",
        evidence="印发文件",
    )
    return replace(content, progress=(first, *content.progress[1:]))


def one_problem_found(content: WorkbookContent) -> WorkbookContent:
    rule = next(row for row in content.findings if row.kind is RuleKind.PER_FINDING)
    problem = ProblemRow(
        number="",
        rule_code=rule.rule_code,
        site="和风路泵站",
        description="配电箱没有上锁",
        count=2,
        discovery=Discovery.SELF_CHECK,
        found_on=date(2021, 5, 10),
        target="全部上锁",
        measure="更换锁具",
        responsible="王科长",
        due_on=date(2021, 6, 30),
        status=RectificationStatus.IN_PROGRESS,
    )
    return replace(
        content,
        findings=tuple(
            row._replace(finding=Finding.HAS_PROBLEM) if row is rule else row
            for row in content.findings
        ),
        problems=(*content.problems, problem),
    )


def claimed_fixed(content: WorkbookContent) -> WorkbookContent:
    rows = tuple(
        row._replace(
            status=RectificationStatus.CLAIMED_FIXED,
            done_on=date(2021, 5, 19),
            remark="已上锁，附照片",
        )
        for row in content.problems
    )
    findings = tuple(
        row._replace(finding=Finding.COMPLIANT) if row.finding is Finding.HAS_PROBLEM else row
        for row in content.findings
    )
    return replace(content, problems=rows, findings=findings)


def filled(session: Session, round_: Round, unit: Unit, fill: Fill) -> bytes:
    return workbook_bytes(fill(prefill.content(session, round_, unit)))


def look(session: Session, data: bytes, by: User, now: datetime = NOW) -> Preview:
    files = [(read_workbook(data), hashlib.sha256(data).hexdigest())]
    (outcome,) = previews.preview_all(session, files=files, by=by, now=now)
    if isinstance(outcome, UserFacingError):
        raise outcome
    return outcome


def hand_in(session: Session, data: bytes, by: User, now: datetime = NOW) -> Submission:
    receipt = handing_in.submit(
        session, raw=read_workbook(data), data=data, file_name="填报表.xlsx", by=by, now=now
    )
    return receipt.submission


@pytest.fixture
def send(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> Callable[..., Submission]:
    """小王 fills in the workbook and sends it: `send(first_point_done)`."""

    def sent(fill: Fill = unchanged, now: datetime = NOW) -> Submission:
        return hand_in(session, filled(session, second_quarter, water_bureau, fill), clerk, now)

    return sent


Send = Callable[..., Submission]


# ---- before storing ----


def test_a_preview_tells_each_changed_field_before_and_after(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    effect = look(
        session, filled(session, second_quarter, water_bureau, first_point_done), clerk
    ).effect
    assert effect is not None
    said = {change.field: (change.before, change.after) for change in effect.progress}
    assert said == {
        "进展状态": ("未启动", "已完成"),
        "完成比例(%)": ("0", "100"),
        "完成日期": ("（空）", "2021-05-18"),
        "进展说明": ("（空）", "已完成"),
        "佐证材料名称": ("（空）", "印发文件"),
    }
    assert {change.about for change in effect.progress} == {"编排水防涝规划、防洪规划和年度计划"}
    assert not effect.findings and not effect.opened and not effect.problems


def test_an_untouched_workbook_changes_nothing_and_may_be_sent(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    preview = look(session, filled(session, second_quarter, water_bureau, unchanged), clerk)
    assert not preview.checked.errors
    assert preview.effect is not None and not preview.effect
    assert preview.effect.before == preview.effect.after


def test_a_new_problem_costs_what_the_preview_says(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    data = filled(session, second_quarter, water_bureau, one_problem_found)
    effect = look(session, data, clerk).effect
    assert effect is not None
    assert [row.site for row in effect.opened] == ["和风路泵站"]
    assert effect.before.lost == 0 < effect.after.lost
    assert effect.after.seen == effect.before.seen + 1


def test_a_problem_said_to_be_fixed_brings_the_claimed_points_back(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, send: Send
) -> None:
    send(one_problem_found)
    effect = look(
        session, filled(session, second_quarter, water_bureau, claimed_fixed), clerk
    ).effect
    assert effect is not None
    assert effect.counts["claimed_fixed"] == 1
    assert effect.before.lost > effect.after.lost == 0
    assert Change("P00001", "和风路泵站：配电箱没有上锁", "整改状态", "整改中", "申请销号") in (
        effect.problems
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("unit_name", ["区教委", "黄村镇"])
def test_the_previewed_points_are_those_the_ledger_then_holds(
    session: Session, second_quarter: Round, office: User, unit_name: str, seed: int
) -> None:
    unit = session.exec(select(Unit).where(col(Unit.name) == unit_name)).one()
    others = session.exec(select(Unit).where(col(Unit.name) == "西红门镇")).one()
    person = Clerk(Random(seed), diligence=0.9)
    for each in (others, unit, unit):  # the second time round some problems are claimed fixed
        data = filled(session, second_quarter, each, lambda content: person.fill(content, TODAY))
        effect = look(session, data, office).effect
        assert effect is not None
        hand_in(session, data, office)
        kept = session.get_one(UnitSummary, (IN_FORCE, each.code), populate_existing=True)
        assert (effect.after.lost, effect.after.seen, effect.after.pairs) == (
            kept.claimed_lost,
            kept.pairs_seen,
            kept.pairs,
        )


def test_problems_found_by_others_cost_a_unit_no_claimed_points(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    content = prefill.content(session, second_quarter, water_bureau)
    problems.register(
        session,
        unit=water_bureau,
        rule_code=content.findings[0].rule_code,
        site="专家查的点位",
        description="专家查的问题",
        count=3,
        discovery=Discovery.EXPERT,
        found_on=TODAY,
        by=office,
        now=NOW,
    )
    person = Clerk(Random(1), diligence=0.9)
    data = filled(session, second_quarter, water_bureau, lambda c: person.fill(c, TODAY))
    effect = look(session, data, clerk).effect
    assert effect is not None
    hand_in(session, data, clerk)
    kept = session.get_one(UnitSummary, (IN_FORCE, water_bureau.code), populate_existing=True)
    assert (effect.after.lost, effect.after.seen) == (kept.claimed_lost, kept.pairs_seen)


def test_the_same_file_again_is_no_change(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    data = filled(session, second_quarter, water_bureau, one_problem_found)
    hand_in(session, data, clerk)
    preview = look(session, data, clerk)
    assert preview.repeats == 1
    assert preview.effect is None


def test_a_workbook_with_faults_has_no_effect_to_show(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    def without_date(content: WorkbookContent) -> WorkbookContent:
        done = first_point_done(content)
        return replace(done, progress=(done.progress[0]._replace(done_on=None), *done.progress[1:]))

    preview = look(session, filled(session, second_quarter, water_bureau, without_date), clerk)
    assert preview.checked.errors
    assert preview.effect is None


def test_another_units_workbook_is_not_even_looked_at(
    session: Session, second_quarter: Round, water_bureau: Unit, neighbour: User
) -> None:
    data = filled(session, second_quarter, water_bureau, unchanged)
    with pytest.raises(NotAllowed):
        look(session, data, neighbour)


def test_a_closed_round_says_so_before_the_clerk_confirms(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    data = filled(session, second_quarter, water_bureau, unchanged)
    rounds.close_round(session, round_=second_quarter, by=office)
    with pytest.raises(Conflict, match="不再接收"):
        look(session, data, clerk)


def test_faults_stand_in_the_order_of_the_workbook() -> None:
    def fault(sheet: str, cell: str) -> CellError:
        return CellError(sheet, cell, "", "")

    faults = [
        fault("问题整改", "A4"),
        fault("工作进展", "AA4"),
        fault("工作进展", "G12"),
        fault("工作进展", "G4"),
        fault("工作进展", ""),
        fault("", ""),
    ]
    assert list(
        zip(*previews.remark_table(faults)[["sheet", "cell"]].to_numpy().T, strict=True)
    ) == [
        ("", ""),
        ("工作进展", ""),
        ("工作进展", "G4"),
        ("工作进展", "AA4"),
        ("工作进展", "G12"),
        ("问题整改", "A4"),
    ]


# ---- who is in ----


def test_a_unit_sees_its_versions_and_no_other_unit_does(
    session: Session, clerk: User, neighbour: User, leader: User, water_bureau: Unit, send: Send
) -> None:
    submission = send(first_point_done)

    def seen_by(viewer: User) -> list[int]:
        found = submissions.versions_of_unit(session, viewer=viewer, unit_code=water_bureau.code)
        return [version.id for version in found]

    assert seen_by(clerk) == seen_by(leader) == [submission.id]
    assert seen_by(neighbour) == []
    with pytest.raises(NotFound):
        submissions.version(session, viewer=neighbour, submission_id=submission.id or 0)


def test_the_board_counts_each_group(
    session: Session, second_quarter: Round, office: User, send: Send
) -> None:
    send()
    lines = submissions.board(session, viewer=office, round_id=second_quarter.id or 0)
    table = submissions.group_table(lines).set_index("group")
    assert table.loc["部门", "received"] == table.loc["部门", "pending"] == 1
    assert table.loc["镇", "received"] == 0
    assert table.loc["合计", "expected"] == len(lines) == table["expected"][:-1].sum()
    assert table.loc["合计", "missing"] == len(lines) - 1


def test_a_late_version_is_counted_as_late(
    session: Session,
    second_quarter: Round,
    office: User,
    clerk: User,
    water_bureau: Unit,
    send: Send,
) -> None:
    after = second_quarter.due_at + timedelta(hours=1)
    until = second_quarter.due_at + timedelta(days=2)
    with pytest.raises(Conflict, match="截止"):
        send(now=after)
    rounds.allow_late(
        session, round_=second_quarter, unit=water_bureau, until=until, reason="停电", by=office
    )
    assert submissions.closes_at(session, viewer=clerk, round_=second_quarter) == until
    send(now=after)
    lines = submissions.board(session, viewer=office, round_id=second_quarter.id or 0)
    assert submissions.group_table(lines).set_index("group").loc["合计", "late"] == 1


def test_a_version_taken_back_no_longer_stands(
    session: Session, second_quarter: Round, office: User, clerk: User, send: Send
) -> None:
    first, second = send(first_point_done), send(one_problem_found)
    withdrawals.take_back(session, submission=second, by=clerk, now=NOW)

    def of_water_bureau() -> submissions.Line:
        lines = submissions.board(session, viewer=office, round_id=second_quarter.id or 0)
        return next(line for line in lines if line.unit == "区水务局")

    standing = of_water_bureau().version
    assert standing is not None and standing.id == first.id
    withdrawals.take_back(session, submission=first, by=clerk, now=NOW)
    assert of_water_bureau().state == submissions.MISSING


def test_a_clerk_has_no_board(session: Session, second_quarter: Round, clerk: User) -> None:
    with pytest.raises(NotAllowed):
        submissions.board(session, viewer=clerk, round_id=second_quarter.id or 0)


# ---- 审核 ----


def test_the_oldest_version_waits_first(
    session: Session,
    second_quarter: Round,
    office: User,
    city_management: Unit,
    neighbour: User,
    send: Send,
) -> None:
    theirs = filled(session, second_quarter, city_management, unchanged)
    later = send(now=NOW + timedelta(hours=1))
    earlier = hand_in(session, theirs, neighbour, NOW)
    waiting = submissions.pending(session, viewer=office)
    assert [version.id for version in waiting] == [earlier.id, later.id]
    reviews.accept(session, submission=earlier, by=office, now=NOW)
    assert [v.id for v in submissions.pending(session, viewer=office)] == [later.id]


def test_a_version_is_compared_with_what_was_accepted_not_with_what_was_returned(
    session: Session, office: User, send: Send
) -> None:
    accepted = send(first_point_done)
    reviews.accept(session, submission=accepted, by=office, now=NOW)
    returned = send(
        lambda c: replace(c, progress=(c.progress[0]._replace(remark="又改了"), *c.progress[1:]))
    )
    reviews.send_back(session, submission=returned, reason="材料不全", by=office, now=NOW)
    again = send(
        lambda c: replace(c, progress=(c.progress[0]._replace(remark="补齐了"), *c.progress[1:]))
    )

    version = submissions.version(session, viewer=office, submission_id=again.id or 0)
    since = review_reports.accepted_before(session, viewer=office, version=version)
    assert since is not None and since.id == accepted.id
    (change,) = review_reports.progress_changes(session, version, since)
    assert (change.field, change.before, change.after) == ("进展说明", "已完成", "补齐了")


def test_a_first_version_is_compared_with_nothing_said(
    session: Session, office: User, send: Send
) -> None:
    version = submissions.version(
        session, viewer=office, submission_id=send(one_problem_found).id or 0
    )
    assert review_reports.accepted_before(session, viewer=office, version=version) is None
    assert not review_reports.progress_changes(session, version, None)
    (change,) = review_reports.finding_changes(session, version, None)
    assert (change.before, change.after) == ("未自查", "存在问题")


def test_the_office_sees_the_problems_opened_and_those_claimed_fixed(
    session: Session, office: User, neighbour: User, water_bureau: Unit, send: Send
) -> None:
    first = submissions.version(
        session, viewer=office, submission_id=send(one_problem_found).id or 0
    )
    opened = review_reports.problems_opened(session, viewer=office, version=first)
    assert list(opened["site"]) == ["和风路泵站"]
    send(claimed_fixed)
    claims = review_reports.claims(session, viewer=office, unit_code=water_bureau.code)
    assert list(claims["number"]) == ["P00001"]
    assert review_reports.claims(session, viewer=neighbour, unit_code=water_bureau.code).empty
    assert not review_reports.numbered(session, viewer=neighbour, numbers=["P00001"])
    (problem,) = review_reports.numbered(session, viewer=office, numbers=["P00001"])
    assert isinstance(problem, Problem)


def test_single_answers_stand_beside_what_the_office_holds(
    session: Session, second_quarter: Round, office: User
) -> None:
    unit = session.exec(select(Unit).where(col(Unit.name) == "区应急管理局")).one()

    def answered(content: WorkbookContent) -> WorkbookContent:
        return replace(
            content,
            findings=tuple(
                row._replace(finding=Finding.COMPLIANT) if row.kind is RuleKind.ONCE else row
                for row in content.findings
            ),
        )

    submission = hand_in(session, filled(session, second_quarter, unit, answered), office)
    version = submissions.version(session, viewer=office, submission_id=submission.id or 0)
    before = review_reports.single_answers(session, version)
    assert "达标" in set(before["claimed"])
    assert set(before["confirmed"]) == {"未自查"}
    reviews.accept(session, submission=submission, by=office, now=NOW)
    session.expire_all()
    after = review_reports.single_answers(session, version)
    assert list(after["confirmed"]) == list(after["claimed"])
