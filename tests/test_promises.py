"""守诺: claims confirmed against claims sent back, days to close, promised dates kept."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from filling import dry_hydrant, hand_in, problems, rules
from problem_lives import NOW, TODAY, bring_to, claim, register, show
from sqlmodel import Session

from daxing_safety.actions import rectifying, withdrawals
from daxing_safety.actions.closings import close, reopen, send_back
from daxing_safety.actions.problems import reassign
from daxing_safety.actions.requests import extend
from daxing_safety.actions.voidings import dismiss, restore
from daxing_safety.models import Problem, Round, Unit, User
from daxing_safety.reports.problems import promises
from daxing_safety.reports.problems.claims import Life, Promises, Turn, judged
from daxing_safety.vocabulary import Finding, Group, Move, RectificationStatus

Status = RectificationStatus
DAY = timedelta(days=1)
MAY_1 = datetime(2021, 5, 1, 10)


# ---- histories made by hand --------------------------------------------------------------------


def on(day: int, move: Move, before: Status, after: Status) -> Turn:
    return Turn(datetime(2021, 5, day, 15), move, before, after)


def claimed(day: int) -> Turn:
    return on(day, Move.CLAIM_FIXED, Status.IN_PROGRESS, Status.CLAIMED_FIXED)


def sent_back(day: int) -> Turn:
    return on(day, Move.SEND_BACK, Status.CLAIMED_FIXED, Status.IN_PROGRESS)


def closed(day: int) -> Turn:
    return on(day, Move.CLOSE, Status.CLAIMED_FIXED, Status.CLOSED)


def taken_back(day: int, move: Move) -> Turn:
    return on(day, move, Status.CLAIMED_FIXED, Status.IN_PROGRESS)


def reopened(day: int) -> Turn:
    return on(day, Move.REOPEN, Status.CLOSED, Status.IN_PROGRESS)


def life(
    *turns: Turn, due: int | None = 10, first: int | None = None, entered: Status | None = None
) -> Life:
    """A problem given to its unit on 1 May, due on this day of May."""
    status = turns[-1].after if turns else entered or Status.IN_PROGRESS
    return Life(
        turns=turns,
        status=status,
        opened_at=MAY_1,
        assigned_on=MAY_1.date(),
        due_on=date(2021, 5, due) if due else None,
        first_due_on=date(2021, 5, first) if first else None,
        closed_on=turns[-1].at.date() if status is Status.CLOSED else None,
    )


@pytest.mark.parametrize(
    ("history", "claims", "confirmed", "back"),
    [
        ([], 0, 0, 0),
        ([claimed(5)], 1, 0, 0),
        ([claimed(5), closed(7)], 1, 1, 0),
        ([claimed(5), sent_back(6)], 1, 0, 1),
        ([claimed(5), sent_back(6), claimed(8), closed(9)], 2, 1, 1),
        ([claimed(5), taken_back(6, Move.WITHDRAW_CLAIM)], 0, 0, 0),
        ([claimed(5), taken_back(6, Move.REPORT)], 0, 0, 0),
        ([claimed(5), taken_back(6, Move.TAKE_BACK)], 0, 0, 0),
        ([claimed(5), closed(7), reopened(12), claimed(15)], 2, 1, 0),
    ],
)
def test_what_the_office_did_first_decides_a_claim_and_one_taken_back_does_not_count(
    history: list[Turn], claims: int, confirmed: int, back: int
) -> None:
    said = judged([life(*history)], TODAY)
    assert (said.claims, said.confirmed, said.sent_back) == (claims, confirmed, back)


def test_a_problem_entered_as_claimed_is_a_claim_of_that_day() -> None:
    waiting = judged([life(entered=Status.CLAIMED_FIXED)], TODAY)
    assert (waiting.claims, waiting.promised, waiting.kept) == (1, 1, 1)
    refused = judged([life(sent_back(3))], TODAY)
    assert (refused.claims, refused.sent_back, refused.kept) == (1, 1, 0)


def test_what_was_dismissed_while_claimed_and_restored_is_still_the_same_claim() -> None:
    gone = on(6, Move.DISMISS, Status.CLAIMED_FIXED, Status.DISMISSED)
    back = on(12, Move.RESTORE, Status.DISMISSED, Status.CLAIMED_FIXED)
    said = judged([life(claimed(5), gone, back, closed(13))], TODAY)
    assert (said.claims, said.confirmed, said.promised, said.kept) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("problem", "promised", "kept"),
    [
        (life(due=19), 1, 0),
        (life(due=20), 0, 0),  # the due day itself is still in time
        (life(due=None), 0, 0),
        (life(claimed(10)), 1, 1),
        (life(claimed(11)), 1, 0),
        (life(claimed(9), sent_back(10), claimed(11), closed(12)), 1, 0),
        (life(claimed(8), sent_back(9), claimed(10), closed(12)), 1, 1),
        (life(claimed(10), taken_back(10, Move.WITHDRAW_CLAIM)), 1, 0),
        (life(claimed(5), closed(6), due=31), 1, 1),
        (life(claimed(5), due=31), 0, 0),
        (life(claimed(5), closed(6), reopened(8)), 1, 0),
        (life(claimed(5), closed(6), reopened(8), due=31), 0, 0),
        (life(claimed(5), closed(6), reopened(8), claimed(9), closed(12)), 1, 1),
    ],
)
def test_a_promise_is_judged_once_its_day_is_over_or_the_problem_closed(
    problem: Life, promised: int, kept: int
) -> None:
    said = judged([problem], TODAY)
    assert (said.promised, said.kept) == (promised, kept)


def test_an_extension_mends_the_last_promise_and_not_the_first() -> None:
    extended = [
        life(claimed(14), closed(16), due=15, first=10),
        life(due=31, first=10),
    ]
    said = judged(extended, TODAY)
    assert (said.promised, said.kept) == (1, 1)
    assert (said.first_promised, said.first_kept) == (2, 0)


@pytest.mark.parametrize(
    ("days", "expected"), [([], None), ([4], "4"), ([4, 9], "6.5"), ([4, 9, 20], "9")]
)
def test_days_to_close_run_from_the_assignment_and_the_middle_one_is_said(
    days: list[int], expected: str | None
) -> None:
    said = judged([life(claimed(2), closed(1 + number)) for number in days], TODAY)
    assert said.median_days_to_close == (Decimal(expected) if expected else None)


# ---- read from the ledger -------------------------------------------------------------------


def of(session: Session, unit: Unit, viewer: User, today: date = TODAY) -> Promises:
    session.flush()
    return promises.of_unit(session, viewer=viewer, unit_code=unit.code, today=today)


def test_claims_through_the_system_are_counted_for_their_unit(
    session: Session, water_bureau: Unit, clerk: User, neighbour: User, office: User
) -> None:
    first, second = (register(session, water_bureau, office) for _ in range(2))
    for problem in (first, second):
        bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
    send_back(session, problem=first, reason="看不清", by=office, now=NOW)
    close(session, problem=second, remark="属实", by=office, now=NOW + 3 * DAY)
    said = of(session, water_bureau, office)
    assert (said.claims, said.confirmed, said.sent_back) == (2, 1, 1)
    assert said.median_days_to_close == 3
    assert of(session, water_bureau, clerk) == said
    assert of(session, water_bureau, neighbour).claims == 0


def test_claims_by_workbook_are_counted_and_gone_when_it_is_taken_back(
    session: Session, second_quarter: Round, city_management: Unit, neighbour: User, office: User
) -> None:
    wrong = rules(_4_1={"finding": Finding.HAS_PROBLEM})
    fixed = {"status": Status.CLAIMED_FIXED, "done_on": date(2021, 5, 18), "remark": "已换"}
    entered = dry_hydrant(**fixed, site="兴丰大街3号")
    hand_in(
        session,
        second_quarter,
        city_management,
        wrong,
        problems(dry_hydrant(), entered),
        by=neighbour,
    )
    open_one = session.get_one(Problem, 1)
    assert of(session, city_management, office).claims == 1
    kept = [
        dry_hydrant(number=open_one.number, **fixed),
        entered._replace(number="P00002"),
    ]
    second = hand_in(session, second_quarter, city_management, problems(*kept), by=neighbour)
    assert of(session, city_management, office).claims == 2
    withdrawals.take_back(session, submission=second.submission, by=neighbour, now=NOW)
    assert of(session, city_management, office).claims == 1


def test_what_was_dismissed_or_given_to_another_unit_says_nothing_of_a_unit(
    session: Session,
    water_bureau: Unit,
    city_management: Unit,
    clerk: User,
    office: User,
) -> None:
    gone, moved = (register(session, water_bureau, office) for _ in range(2))
    for problem in (gone, moved):
        bring_to(session, problem, Status.CLAIMED_FIXED, clerk, office)
        send_back(session, problem=problem, reason="看不清", by=office, now=NOW)
    dismiss(session, problem=gone, reason="点位已拆除", by=office, now=NOW)
    reassign(
        session,
        problem=moved,
        unit=city_management,
        rule_code="4-1",
        reason="按三定方案",
        by=office,
        now=NOW,
    )
    assert of(session, water_bureau, office).sent_back == 0
    assert of(session, city_management, office).sent_back == 0
    restore(session, problem=gone, reason="仍在", by=office, now=NOW)
    assert of(session, water_bureau, office).sent_back == 1


def test_extended_and_reopened_dates_are_read_from_the_problem(
    session: Session, water_bureau: Unit, clerk: User, office: User
) -> None:
    problem = register(session, water_bureau, office)
    bring_to(session, problem, Status.IN_PROGRESS, clerk, office)
    first = problem.due_on
    assert first
    extend(session, problem=problem, due_on=first + 5 * DAY, reason="汛期", by=office, now=NOW)
    late = NOW.replace(month=6, day=first.day) + 2 * DAY
    show(session, problem, clerk, now=late)
    rectifying.claim_fixed(
        session, problem=problem, done_on=late.date(), remark="已换", by=clerk, now=late
    )
    close(session, problem=problem, remark="属实", by=office, now=late)
    said = of(session, water_bureau, office, late.date())
    assert (said.kept, said.first_kept, said.first_promised) == (1, 0, 1)
    reopen(session, problem=problem, reason="又无水", by=office, now=late)
    after = of(session, water_bureau, office, late.date() + 60 * DAY)
    assert (after.confirmed, after.promised, after.kept) == (1, 1, 0)


# ---- told -------------------------------------------------------------------------------------


def test_units_of_which_nothing_is_known_are_left_out(
    session: Session, city_management: Unit, water_bureau: Unit, clerk: User, office: User
) -> None:
    mine = register(session, water_bureau, office)
    claim_of(session, mine, clerk, office)
    register(session, city_management, office)
    session.flush()
    (row,) = promises.by_unit(session, viewer=office, today=TODAY)
    assert (row.unit.name, row.group, row.promises.claims) == ("区水务局", Group.DEPARTMENTS, 1)


def claim_of(session: Session, problem: Problem, clerk: User, office: User) -> None:
    bring_to(session, problem, Status.IN_PROGRESS, clerk, office)
    claim(session, problem, clerk)


def test_the_line_says_both_deadlines_and_that_few_are_few() -> None:
    few = Promises(3, 2, 1, 4, 3, 5, 2, (4, 9))
    assert promises.in_words(few) == (
        "申请销号已有结果 3 次，认可 2 次、退回 1 次；"
        "已到期的 4 个问题，按时限整改好 3 个（按最初时限 2 个）；"
        "从交办到销号一般用 6.5 天。件数还少，仅供参考。"
    )
    many = few._replace(confirmed=8, promised=9)
    assert "仅供参考" not in promises.in_words(many)
    assert promises.in_words(Promises(1, 0, 0, 0, 0, 0, 0, ())) == ""


def test_the_table_has_all_of_the_group_on_top_and_no_shares_of_few(
    water_bureau: Unit,
) -> None:
    rows = [
        promises.UnitPromises(water_bureau, Group.DEPARTMENTS, of)
        for of in (
            Promises(6, 4, 2, 0, 0, 0, 0, (4, 9, 20)),
            Promises(2, 1, 1, 4, 3, 4, 2, ()),
        )
    ]
    everybody, many, few = promises.table(rows).to_dict("records")
    assert (everybody["unit"], everybody["confirmed_rate"], everybody["days"]) == (
        "全组",
        "62.5%",
        "9",
    )
    assert (many["confirmed_rate"], many["kept_rate"]) == ("66.7%", "—")
    assert (few["confirmed_rate"], few["days"], few["remark"]) == ("—", "—", "不足 5 件")
