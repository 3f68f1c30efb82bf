"""进度: cells add up to the lights, curves to the duties, and nobody sees more than theirs."""

from datetime import date, datetime
from decimal import Decimal

from filling import hand_in, work_points
from sqlmodel import Session, col, select

from daxing_safety.actions import reviews, withdrawals
from daxing_safety.charts import progress as charts
from daxing_safety.models import Round, Unit, User, WorkPoint, WorkPointDuty
from daxing_safety.reports import progress
from daxing_safety.reports.progress_course import Scope, course, task_spans
from daxing_safety.reports.progress_map import progress_map
from daxing_safety.vocabulary import Group, Light, ProgressStatus

TODAY = date(2021, 5, 20)
NOW = datetime(2021, 5, 20, 10, 0)
DONE = {"status": ProgressStatus.DONE, "percent": Decimal(100), "done_on": date(2021, 5, 10)}


def test_the_cells_of_the_map_add_up_to_the_lights_of_the_district(
    session: Session, leader: User
) -> None:
    found = progress_map(session, viewer=leader, today=TODAY)
    lights = progress.lights(session, viewer=leader, today=TODAY)
    for group in Group:
        for light in Light:
            assert found.of_group(group).total().lights[light] == lights[group, light]


def test_a_cell_counts_what_is_done_due_and_late(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    before = progress_map(session, viewer=clerk, today=TODAY)
    task = session.get_one(WorkPoint, "1-05").task_no
    assert before.cells[water_bureau.code, task].done == 0
    hand_in(session, second_quarter, water_bureau, work_points(_1_05=DONE), by=clerk)
    after = progress_map(session, viewer=clerk, today=TODAY).cells[water_bureau.code, task]
    assert after.done == 1
    due = session.exec(
        select(col(WorkPoint.due_on))
        .join(WorkPointDuty, col(WorkPointDuty.work_point_code) == col(WorkPoint.code))
        .where(col(WorkPointDuty.unit_code) == water_bureau.code, col(WorkPoint.task_no) == task)
    ).all()
    assert after.due == sum(day <= TODAY for day in due)
    assert after.late == sum(day < TODAY for day in due) - 1


def test_a_clerk_sees_only_the_own_row(session: Session, clerk: User, water_bureau: Unit) -> None:
    found = progress_map(session, viewer=clerk, today=TODAY)
    assert [row.name for row in found.rows] == ["区水务局"]
    assert {unit for unit, _ in found.cells} == {water_bureau.code}
    whole = course(session, viewer=clerk, today=TODAY, scope=Scope(unit_code="U01")).whole
    assert whole == 0, "asking for another unit shows nothing"


def test_what_the_plan_wants_by_the_end_is_all_there_is(session: Session, leader: User) -> None:
    found = course(session, viewer=leader, today=TODAY, scope=Scope())
    duties = session.exec(select(WorkPointDuty)).all()
    assert found.planned[-1] == found.whole == len(duties)
    assert list(found.planned) == sorted(found.planned)
    assert TODAY in found.days and len(found.accepted) == found.days.index(TODAY) + 1


def test_the_groups_add_up_to_the_district_and_so_do_the_tasks(
    session: Session, leader: User
) -> None:
    whole = course(session, viewer=leader, today=TODAY, scope=Scope()).whole
    by_group = [
        course(session, viewer=leader, today=TODAY, scope=Scope(group=group)).whole
        for group in Group
    ]
    by_task = [span.points for span in task_spans(session, viewer=leader, scope=Scope())]
    assert sum(by_group) == whole == sum(by_task)


def test_reported_counts_at_once_and_accepted_when_the_office_has_looked(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    scope = Scope(unit_code=water_bureau.code)

    def today() -> tuple[int, int]:
        found = course(session, viewer=office, today=TODAY, scope=scope)
        return found.reported[-1], found.accepted[-1]

    done = work_points(_1_05=DONE)
    receipt = hand_in(session, second_quarter, water_bureau, done, by=clerk, now=NOW)
    assert today() == (1, 0)
    reviews.accept(session, submission=receipt.submission, by=office, now=NOW)
    assert today() == (1, 1)
    (span,) = [s for s in task_spans(session, viewer=office, scope=scope) if s.done]
    assert span.done == 1


def test_what_was_taken_back_was_never_reported(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    done = work_points(_1_05=DONE)
    receipt = hand_in(session, second_quarter, water_bureau, done, by=clerk, now=NOW)
    withdrawals.take_back(session, submission=receipt.submission, by=clerk, now=NOW)
    scope = Scope(unit_code=water_bureau.code)
    assert course(session, viewer=clerk, today=TODAY, scope=scope).reported[-1] == 0


def test_the_charts_say_the_reports_numbers(session: Session, leader: User) -> None:
    found = progress_map(session, viewer=leader, today=TODAY).of_group(Group.TOWNS)
    chart = charts.heat_map(found, name="镇", as_of=TODAY)
    assert chart.title.startswith(f"镇逾期 {found.total().late} 项")
    assert chart.figure is not None
    squares = {
        tuple(key): text
        for trace in chart.figure["data"]
        for key, text in zip(trace["customdata"], trace["text"], strict=True)
    }
    assert squares == {key: f"{cell.done}/{cell.points}" for key, cell in found.cells.items()}
    planned = course(session, viewer=leader, today=TODAY, scope=Scope())
    drawn = charts.plan_and_actual(planned, name="全区", as_of=TODAY)
    at = planned.days.index(TODAY)
    assert f"应完成 {planned.planned[at]} 项" in drawn.title
    assert drawn.figure is not None
    assert tuple(drawn.figure["data"][0]["y"]) == planned.planned
