"""任务分解: the plan for everybody, progress for those who may see it."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, col, select, update

from daxing_safety.errors import NotFound
from daxing_safety.models import Unit, User, WorkPointDuty
from daxing_safety.reports import task_workbook, tasks
from daxing_safety.reports.tasks import Filters, Point
from daxing_safety.vocabulary import Light, ProgressStatus

TODAY = date(2021, 5, 20)
EVERYTHING = Filters()


def points(session: Session, viewer: User, filters: Filters = EVERYTHING) -> dict[str, Point]:
    found = tasks.work_points(session, viewer=viewer, today=TODAY, filters=filters)
    return {point.code: point for point in found}


def say(
    session: Session,
    unit: Unit,
    code: str,
    status: ProgressStatus,
    percent: int = 0,
    remark: str = "",
) -> None:
    session.exec(
        update(WorkPointDuty)
        .where(col(WorkPointDuty.unit_code) == unit.code)
        .where(col(WorkPointDuty.work_point_code) == code)
        .values(status=status, percent=Decimal(percent), remark=remark)
    )


@pytest.fixture
def shared_point(session: Session, water_bureau: Unit, city_management: Unit) -> str:
    """A work point that both 区水务局 and 区城管委 answer for, and others too."""
    duty = WorkPointDuty
    of_city = select(duty.work_point_code).where(duty.unit_code == city_management.code)
    query = select(duty.work_point_code).where(
        duty.unit_code == water_bureau.code, col(duty.work_point_code).in_(of_city)
    )
    return sorted(session.exec(query))[0]


def test_the_office_sees_all_work_points_in_the_order_of_the_plan(
    session: Session, office: User
) -> None:
    found = points(session, office)
    assert len(found) == 224
    assert len({point.task_no for point in found.values()}) == 22
    assert next(iter(found)) == "1-01"


def test_all_towns_and_subdistricts_are_one_word(session: Session, office: User) -> None:
    point = points(session, office)["1-12"]
    assert point.lead == "区应急管理局"
    assert point.support == "区发改委、区住建委"
    assert point.local == "各基地、各镇街"


def test_filters_narrow_the_plan_together(
    session: Session, office: User, water_bureau: Unit
) -> None:
    own = points(session, office, Filters(unit_code=water_bureau.code))
    assert len(own) == 16
    due = points(session, office, Filters(unit_code=water_bureau.code, month="2021-06"))
    assert set(due) == {"3-13", "3-14", "11-07"}
    assert set(points(session, office, Filters(task_no=7, phase_no=4, text="排水"))) <= set(
        points(session, office, Filters(task_no=7))
    )


def test_search_looks_at_texts_units_and_codes_and_wants_every_word(
    session: Session, office: User
) -> None:
    assert "3-14" in points(session, office, Filters(text="3-14"))
    assert "3-14" in points(session, office, Filters(text="易涝点 区水务局"))
    assert not points(session, office, Filters(text="易涝点 区法院"))


def test_the_worst_unit_gives_a_work_point_its_light(
    session: Session, office: User, water_bureau: Unit, shared_point: str
) -> None:
    say(session, water_bureau, shared_point, ProgressStatus.DONE, 100)
    standing = points(session, office)[shared_point].standing
    assert standing.light in (Light.OVERDUE, Light.BEHIND)
    assert standing.words.startswith("1/")


def test_a_units_own_light_does_not_depend_on_the_others(
    session: Session, clerk: User, water_bureau: Unit, shared_point: str
) -> None:
    say(session, water_bureau, shared_point, ProgressStatus.DONE, 100)
    standing = points(session, clerk)[shared_point].standing
    assert standing == tasks.Standing(Light.ON_TRACK, "已完成")


def test_what_is_not_ours_has_no_light(
    session: Session, clerk: User, water_bureau: Unit, shared_point: str
) -> None:
    say(session, water_bureau, shared_point, ProgressStatus.NOT_OURS)
    assert points(session, clerk)[shared_point].standing == tasks.Standing(None, "不属本单位职责")


def test_a_clerk_sees_the_whole_plan_but_only_the_own_progress(
    session: Session, clerk: User, water_bureau: Unit
) -> None:
    found = points(session, clerk)
    own = points(session, clerk, Filters(unit_code=water_bureau.code))
    assert len(found) == 224
    assert {code for code, point in found.items() if point.standing.words} == set(own)


def test_another_units_remarks_stay_hidden_on_the_card(
    session: Session,
    clerk: User,
    neighbour: User,
    office: User,
    water_bureau: Unit,
    shared_point: str,
) -> None:
    say(session, water_bureau, shared_point, ProgressStatus.IN_PROGRESS, 60, "只有水务局知道")

    def remarks(viewer: User) -> list[str]:
        return list(tasks.card(session, viewer=viewer, today=TODAY, code=shared_point).units.remark)

    assert remarks(clerk) == ["只有水务局知道"]
    assert remarks(neighbour) == [""]
    assert "只有水务局知道" in remarks(office)


def test_a_clerk_cannot_learn_of_another_units_progress_by_filtering(
    session: Session, neighbour: User, water_bureau: Unit
) -> None:
    for code in points(session, neighbour, Filters(unit_code=water_bureau.code)):
        say(session, water_bureau, code, ProgressStatus.DONE, 100)
    found = points(session, neighbour, Filters(unit_code=water_bureau.code)).values()
    assert {point.standing.words for point in found} <= {"", "未启动"}


def test_the_expert_who_may_see_nothing_sees_nobodys_progress(session: Session) -> None:
    expert = session.exec(select(User).where(User.username == "expert")).one()
    assert {point.standing for point in points(session, expert).values()} == {tasks.Standing()}


def test_an_unknown_code_has_no_card(session: Session, office: User) -> None:
    with pytest.raises(NotFound, match="99-99"):
        tasks.card(session, viewer=office, today=TODAY, code="99-99")


def test_the_lights_of_the_tasks_add_up_to_their_work_points(
    session: Session, office: User
) -> None:
    found = points(session, office).values()
    table = tasks.task_table(session, found)
    names = [light.name for light in tasks.LIGHTS]
    assert list(table.work_points) == [int(n) for n in table[names].fillna(0).sum(axis=1)]
    assert sum(tasks.lights(found).values()) == 224


def test_a_task_shows_its_lead_unit_first_and_when_it_ends(session: Session, office: User) -> None:
    table = tasks.task_table(session, points(session, office).values()).set_index("task_no")
    assert table.loc[19, "lead"] == "区教委"
    assert table.loc[19, "others"] == "区应急管理局、各基地、各镇街"
    assert table.loc[5, "due_on"] == date(2021, 3, 31)


def test_the_choices_name_the_units_that_may_not_take_part(session: Session, clerk: User) -> None:
    choices = tasks.choices(session, viewer=clerk)
    assert choices.unconfirmed == ("荣华街道", "博兴街道")
    assert len(choices.tasks) == 22
    assert "区政府办" not in choices.units.values()


def test_the_downloaded_plan_holds_every_point_and_nobodys_progress(
    session: Session, office: User, tmp_path: object
) -> None:
    import io

    data = task_workbook.build(tuple(points(session, office).values()), "任务分解表", "说明")
    sheet = load_workbook(io.BytesIO(data)).active
    rows = list(sheet.iter_rows(min_row=task_workbook.HEADER_ROW + 2, values_only=True))
    assert len(rows) == 224
    assert Counter(row[2] for row in rows)["19. 安全进校园工程"] == 5
    assert all(cell.data_type == "s" for row in sheet.iter_rows(min_row=3) for cell in row[:1])
    assert not any("未启动" in str(cell) for row in rows for cell in row)
