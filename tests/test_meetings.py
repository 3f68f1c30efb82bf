"""调度会: frozen slides, what is recorded on the spot, and what becomes of it."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from problem_lives import HYDRANT, NOW, TODAY, claim, register
from sqlmodel import Session, col, select
from todo_lines import kinds, line

from daxing_safety.actions import closings, problems, rectifying, requests, voidings
from daxing_safety.actions import meetings as verbs
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import AuditEvent, Meeting, MeetingItem, Problem, Unit, User
from daxing_safety.reports import meeting_figures, meeting_minutes
from daxing_safety.reports import meetings as reports
from daxing_safety.reports.meeting_figures import Slide
from daxing_safety.reports.meetings import Fate, Held
from daxing_safety.reports.todo.items import Kind, Urgency
from daxing_safety.vocabulary import Discovery, MeetingItemKind, RectificationStatus, Severity

IN_A_WEEK = TODAY + timedelta(days=7)


def open_meeting(
    session: Session, office: User, *, now: datetime = NOW, units: tuple[str, ...] = ()
) -> Meeting:
    slides = meeting_figures.take(session, viewer=office, today=now.date(), unit_codes=units)
    meeting = verbs.open_meeting(
        session,
        name="第一次调度会",
        day=now.date(),
        figures=meeting_figures.as_text(slides),
        by=office,
        now=now,
    )
    session.flush()
    return meeting


@pytest.fixture
def overdue(session: Session, water_bureau: Unit, office: User) -> Problem:
    """区水务局 promised 1 May, then 10 May, and kept neither."""
    problem = register(session, water_bureau, office, found_on=date(2021, 4, 1))
    then = datetime(2021, 4, 2, 9, 0)
    problems.assign(
        session,
        problem=problem,
        due_on=date(2021, 5, 1),
        measure="更换阀门",
        by=office,
        now=then,
    )
    requests.extend(
        session,
        problem=problem,
        due_on=date(2021, 5, 10),
        reason="等配件",
        by=office,
        now=datetime(2021, 4, 28, 9, 0),
    )
    return problem


@pytest.fixture
def meeting(session: Session, overdue: Problem, office: User) -> Meeting:
    return open_meeting(session, office)


def promise(session: Session, meeting: Meeting, unit: Unit, by: User, **said: Any) -> MeetingItem:
    usual: dict[str, Any] = {"text": "月底前换完全部阀门", "due_on": IN_A_WEEK, "now": NOW}
    item = verbs.record_promise(session, meeting=meeting, unit=unit, by=by, **(usual | said))
    session.flush()
    return item


def held(session: Session, meeting: Meeting, viewer: User, today: date = TODAY) -> Held:
    assert meeting.id
    return reports.held(session, viewer=viewer, meeting_id=meeting.id, today=today)


def slide_of(found: Held, unit: Unit) -> Slide:
    (slide,) = [each for each in found.slides if each.code == unit.code]
    return slide


def fates(session: Session, meeting: Meeting, viewer: User, today: date = TODAY) -> list[Fate]:
    return [each.fate for each in held(session, meeting, viewer, today).minutes]


# ---- figures ------------------------------------------------------------------------------------


def test_a_slide_says_what_was_lost_what_is_overdue_and_which_dates_were_promised(
    session: Session, meeting: Meeting, water_bureau: Unit, leader: User
) -> None:
    slide = slide_of(held(session, meeting, leader), water_bureau)
    assert slide.lost == Decimal("0.20")
    assert slide.place == slide.ranked, "the only one of its group that lost anything is the last"
    (late,) = slide.overdue
    assert (late.measure, late.first_due_on, late.due_on) == (
        "更换阀门",
        date(2021, 5, 1),
        date(2021, 5, 10),
    )
    assert (slide.promised, slide.kept) == (1, 0)


def test_the_figures_of_a_meeting_stay_as_they_were_when_it_was_opened(
    session: Session,
    meeting: Meeting,
    overdue: Problem,
    water_bureau: Unit,
    clerk: User,
    office: User,
) -> None:
    before = held(session, meeting, office).slides
    claim(session, overdue, clerk)
    closings.close(session, problem=overdue, remark="", by=office, now=NOW)
    assert held(session, meeting, office).slides == before
    now = meeting_figures.take(session, viewer=office, today=TODAY)
    assert {each.code: each.lost for each in now}[water_bureau.code] == 0


def test_slides_come_worst_first_within_each_group_or_as_they_were_chosen(
    session: Session, meeting: Meeting, water_bureau: Unit, city_management: Unit, office: User
) -> None:
    slides = held(session, meeting, office).slides
    assert slides[0].code == water_bureau.code
    groups = [each.group for each in slides]
    assert groups == sorted(groups, key=list(dict.fromkeys(groups)).index)
    chosen = city_management.code, water_bureau.code
    taken = meeting_figures.take(session, viewer=office, today=TODAY, unit_codes=chosen)
    assert tuple(each.code for each in taken) == chosen


def test_places_are_shared_by_equals_and_who_is_not_ranked_has_none(
    session: Session, meeting: Meeting, city_management: Unit, office: User
) -> None:
    found = held(session, meeting, office)
    assert slide_of(found, city_management).place == 1
    unranked = session.exec(select(Unit).where(col(Unit.is_ranked).is_(False))).all()
    codes = {unit.code for unit in unranked}
    assert codes
    assert all(each.place is None for each in found.slides if each.code in codes)


# ---- opening and closing ------------------------------------------------------------------------


def test_one_meeting_at_a_time_and_a_closed_one_takes_nothing_more(
    session: Session, meeting: Meeting, water_bureau: Unit, office: User
) -> None:
    with pytest.raises(Conflict, match="还没有结束"):
        open_meeting(session, office)
    verbs.close_meeting(session, meeting=meeting, by=office, now=NOW)
    with pytest.raises(Conflict, match="已经结束"):
        promise(session, meeting, water_bureau, office)
    open_meeting(session, office)
    assert [head.closed_at for head in reports.heads(session, viewer=office)] == [None, NOW]


def test_the_office_records_a_leader_only_looks_and_a_unit_sees_no_meeting(
    session: Session, meeting: Meeting, water_bureau: Unit, leader: User, clerk: User
) -> None:
    assert held(session, meeting, leader).is_open
    for by in (leader, clerk):
        with pytest.raises(NotAllowed):
            promise(session, meeting, water_bureau, by)
        with pytest.raises(NotAllowed):
            verbs.close_meeting(session, meeting=meeting, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        held(session, meeting, clerk)


def test_a_meeting_that_is_not_there_is_said_so(session: Session, leader: User) -> None:
    with pytest.raises(NotFound, match="没有这次调度会"):
        reports.held(session, viewer=leader, meeting_id=99, today=TODAY)


def test_everything_is_in_the_log(
    session: Session, meeting: Meeting, water_bureau: Unit, office: User
) -> None:
    item = promise(session, meeting, water_bureau, office)
    verbs.check_promise(session, item=item, is_kept=True, by=office, now=NOW)
    verbs.strike_promise(session, item=item, by=office)
    verbs.close_meeting(session, meeting=meeting, by=office, now=NOW)
    actions = session.exec(select(AuditEvent.action).order_by(col(AuditEvent.id))).all()
    assert actions[-5:] == [
        "召开调度会",
        "记录会议承诺",
        "核实会议承诺",
        "删去会议承诺",
        "结束调度会",
    ]


# ---- what is recorded ---------------------------------------------------------------------------


def test_a_problem_recorded_on_the_spot_is_registered_and_given_to_the_unit(
    session: Session, meeting: Meeting, water_bureau: Unit, office: User, clerk: User
) -> None:
    item = verbs.record_problem(
        session,
        meeting=meeting,
        unit=water_bureau,
        rule_code="4-1",
        site="林校北路泵站",
        description="井盖破损",
        count=1,
        severity=Severity.GENERAL,
        due_on=IN_A_WEEK,
        by=office,
        now=NOW,
    )
    problem = session.exec(select(Problem).where(Problem.number == item.problem_number)).one()
    assert problem.status is RectificationStatus.NOT_STARTED
    assert (problem.due_on, problem.found_by) == (IN_A_WEEK, "第一次调度会")
    assert problem.discovery is Discovery.INSPECTION
    assert Kind.PROBLEMS_ASSIGNED in kinds(session, clerk)
    assert fates(session, meeting, office) == [Fate.WAITING]


def test_a_deadline_extends_what_is_under_way_and_assigns_what_waits(
    session: Session, meeting: Meeting, overdue: Problem, water_bureau: Unit, office: User
) -> None:
    fresh = register(session, water_bureau, office, site="另一处")
    for problem in (overdue, fresh):
        verbs.record_deadline(
            session, meeting=meeting, problem=problem, due_on=IN_A_WEEK, by=office, now=NOW
        )
    assert overdue.due_on == fresh.due_on == IN_A_WEEK
    assert overdue.first_due_on == date(2021, 5, 1)
    assert fresh.status is RectificationStatus.NOT_STARTED


def test_a_deadline_that_is_not_later_is_refused_and_nothing_is_recorded(
    session: Session, meeting: Meeting, water_bureau: Unit, office: User
) -> None:
    problem = register(session, water_bureau, office)
    problems.assign(session, problem=problem, due_on=IN_A_WEEK, by=office, now=NOW)
    with pytest.raises(BadInput, match="晚于原时限"):
        verbs.record_deadline(
            session, meeting=meeting, problem=problem, due_on=TODAY, by=office, now=NOW
        )
    assert held(session, meeting, office).minutes == []


@pytest.mark.parametrize(
    ("said", "words"),
    [({"text": "  "}, "承诺"), ({"due_on": date(2021, 5, 19)}, "已经过去")],
)
def test_a_promise_needs_words_and_a_day_to_come(
    session: Session,
    meeting: Meeting,
    water_bureau: Unit,
    office: User,
    said: dict[str, Any],
    words: str,
) -> None:
    with pytest.raises(BadInput, match=words):
        promise(session, meeting, water_bureau, office, **said)


def test_a_promise_is_kept_broken_or_unchecked(
    session: Session, meeting: Meeting, water_bureau: Unit, office: User
) -> None:
    item = promise(session, meeting, water_bureau, office)
    assert fates(session, meeting, office, IN_A_WEEK) == [Fate.WAITING], "the day itself is in time"
    assert fates(session, meeting, office, IN_A_WEEK + timedelta(days=1)) == [Fate.UNCHECKED]
    for is_kept, fate in ((False, Fate.BROKEN), (True, Fate.KEPT)):
        verbs.check_promise(session, item=item, is_kept=is_kept, by=office, now=NOW)
        assert fates(session, meeting, office) == [fate]


def test_a_deadline_is_kept_once_the_unit_has_claimed_in_time(
    session: Session, meeting: Meeting, overdue: Problem, clerk: User, office: User
) -> None:
    verbs.record_deadline(
        session, meeting=meeting, problem=overdue, due_on=IN_A_WEEK, by=office, now=NOW
    )
    late = IN_A_WEEK + timedelta(days=1)
    assert fates(session, meeting, office, late) == [Fate.BROKEN]
    claim(session, overdue, clerk)
    assert fates(session, meeting, office, late) == [Fate.KEPT]
    rectifying.withdraw_claim(session, problem=overdue, reason="没有改好", by=clerk, now=NOW)
    voidings.dismiss(session, problem=overdue, reason="点位已拆除", by=office, now=NOW)
    assert fates(session, meeting, office, late) == [Fate.DROPPED]


def test_a_claim_after_the_day_does_not_keep_it(
    session: Session, meeting: Meeting, overdue: Problem, clerk: User, office: User
) -> None:
    verbs.record_deadline(
        session, meeting=meeting, problem=overdue, due_on=TODAY, by=office, now=NOW
    )
    claim(session, overdue, clerk, now=NOW + timedelta(days=1))
    assert fates(session, meeting, office, IN_A_WEEK) == [Fate.BROKEN]


def test_only_promises_are_checked_and_struck(
    session: Session, meeting: Meeting, overdue: Problem, office: User
) -> None:
    item = verbs.record_deadline(
        session, meeting=meeting, problem=overdue, due_on=IN_A_WEEK, by=office, now=NOW
    )
    with pytest.raises(BadInput, match="问题整改"):
        verbs.strike_promise(session, item=item, by=office)
    with pytest.raises(BadInput, match="问题整改"):
        verbs.check_promise(session, item=item, is_kept=True, by=office, now=NOW)


def test_the_next_meeting_shows_what_the_last_one_agreed_and_older_things_not_done(
    session: Session, meeting: Meeting, water_bureau: Unit, office: User
) -> None:
    done = promise(session, meeting, water_bureau, office, text="第一件")
    promise(session, meeting, water_bureau, office, text="第二件")
    verbs.check_promise(session, item=done, is_kept=True, by=office, now=NOW)
    verbs.close_meeting(session, meeting=meeting, by=office, now=NOW)

    second = open_meeting(session, office)
    earlier = held(session, second, office).earlier[water_bureau.code]
    assert [(each.item.text, each.fate) for each in earlier] == [
        ("第一件", Fate.KEPT),
        ("第二件", Fate.WAITING),
    ]
    promise(session, second, water_bureau, office, text="第三件")
    verbs.close_meeting(session, meeting=second, by=office, now=NOW)

    third = open_meeting(session, office)
    earlier = held(session, third, office).earlier[water_bureau.code]
    assert [each.item.text for each in earlier] == ["第二件", "第三件"]
    assert held(session, meeting, office).earlier == {}, "of the first there is nothing earlier"


# ---- 待办 and minutes ----------------------------------------------------------------------------


def test_a_promise_is_among_the_units_todo_until_it_is_kept(
    session: Session,
    meeting: Meeting,
    water_bureau: Unit,
    office: User,
    clerk: User,
    neighbour: User,
) -> None:
    item = promise(session, meeting, water_bureau, office)
    waiting = line(session, clerk, Kind.MEETING)
    assert waiting.title == "调度会上的承诺：月底前换完全部阀门"
    assert (waiting.due_on, waiting.urgency) == (IN_A_WEEK, Urgency.NORMAL)
    assert Kind.MEETING not in kinds(session, neighbour)
    verbs.check_promise(session, item=item, is_kept=True, by=office, now=NOW)
    assert Kind.MEETING not in kinds(session, clerk)


def test_a_deadline_is_among_the_units_todo_and_leads_to_its_problem(
    session: Session, meeting: Meeting, overdue: Problem, office: User, clerk: User
) -> None:
    verbs.record_deadline(
        session, meeting=meeting, problem=overdue, due_on=IN_A_WEEK, by=office, now=NOW
    )
    assert line(session, clerk, Kind.MEETING).link.asked == {"problem": overdue.number}


def test_the_office_is_asked_to_check_a_promise_whose_day_is_over(
    session: Session, meeting: Meeting, water_bureau: Unit, office: User
) -> None:
    promise(session, meeting, water_bureau, office)
    assert Kind.MEETING not in kinds(session, office)
    later = NOW + timedelta(days=8)
    asked = line(session, office, Kind.MEETING, later)
    assert asked.link.asked == {"meeting": str(meeting.id), "unit": water_bureau.code}


def test_the_minutes_list_all_that_was_recorded_as_text(
    session: Session, meeting: Meeting, overdue: Problem, water_bureau: Unit, office: User
) -> None:
    promise(session, meeting, water_bureau, office, text="=HYPERLINK(1)")
    verbs.record_deadline(
        session, meeting=meeting, problem=overdue, due_on=IN_A_WEEK, by=office, now=NOW
    )
    book = openpyxl.load_workbook(
        io.BytesIO(meeting_minutes.workbook(held(session, meeting, office)))
    )
    title, note, header, *rows = book["会议纪要要点"].iter_rows(values_only=True)
    assert title[0] == "第一次调度会会议纪要要点"
    assert "记录 2 项，涉及 1 家单位" in str(note[0])
    assert header[:4] == ("序号", "单位", "类别", "内容")
    assert rows[0][:5] == (1, "区水务局", MeetingItemKind.PROMISE.value, "=HYPERLINK(1)", "")
    assert rows[1][2:5] == (
        MeetingItemKind.DEADLINE.value,
        f"{HYDRANT}：消火栓无水",
        overdue.number,
    )
