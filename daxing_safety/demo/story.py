"""The months of the demo: rounds, reports, reviews, finds of others, a meeting."""

import io
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sqlmodel import Session, col, select

from daxing_safety import ledger, prefill, settings
from daxing_safety.actions import (
    accounts,
    audit,
    closings,
    installation,
    preferences,
    problems,
    reviews,
    rounds,
    submissions,
)
from daxing_safety.database import reading, transaction
from daxing_safety.demo import finishing, hotline, loop, meetings, spot_checks
from daxing_safety.demo.clerk import Clerk, examples, place_of
from daxing_safety.demo.days import on
from daxing_safety.demo.people import COLLEAGUE, colleague
from daxing_safety.models import Problem, Round, Submission, Unit, User
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Discovery, RectificationStatus, ReviewState, Role, Severity
from daxing_safety.workbooks.reading import RawWorkbook
from daxing_safety.workbooks.template import file_name, write_workbook
from daxing_safety.workbooks.worker import read_in_worker

SEED = 20210520


@dataclass(frozen=True)
class Chapter:
    """One round: who hands in (a share of the units), and whether it is over."""

    name: str
    opens_on: date
    due_on: date
    turnout: float
    is_over: bool = True


CHAPTERS = (
    Chapter("2020年第三季度", date(2020, 9, 21), date(2020, 10, 10), 0.93),
    Chapter("2020年第四季度", date(2020, 12, 21), date(2021, 1, 8), 0.96),
    Chapter("2021年第一季度", date(2021, 3, 22), date(2021, 4, 9), 1.0),
    Chapter("2021年5月", date(2021, 5, 6), date(2021, 5, 25), 0.68, is_over=False),
)

# What others find between the rounds: when, by whom, how many.
FINDS = (
    (date(2020, 11, 12), Discovery.INSPECTION, 6),
    (date(2021, 1, 20), Discovery.HOTLINE, 4),
    (date(2021, 2, 24), Discovery.EXPERT, 12),
    (date(2021, 3, 15), Discovery.EXPERT, 5),
    (date(2021, 4, 20), Discovery.HOTLINE, 4),
    (date(2021, 4, 28), Discovery.PUBLIC_REPORT, 2),
    (date(2021, 5, 12), Discovery.CITY_REVIEW, 3),
)

STAFF = (
    ("office", "张工", Role.OFFICE),
    (COLLEAGUE, "陈工", Role.OFFICE),
    ("admin", "赵工", Role.ADMIN),
    ("auditor", "钱工", Role.AUDITOR),
    ("leader", "李区长", Role.LEADER),
    ("expert", "孙专家", Role.EXPERT),
    ("expert2", "周专家", Role.EXPERT),
)

SHARE_NOT_ASSIGNED = 0.15  # of what others find
RETURN_REASON = "部分已完成事项没有写明佐证材料名称，请补充后重新报送。"


def build_demo(*, password: str) -> None:
    """Fills an empty database with the demo; every account gets the password. Some 30 seconds."""
    random = Random(SEED)
    with on(CHAPTERS[0].opens_on - timedelta(days=90)), transaction() as session:
        if not installation.is_installed(session):
            installation.install(session)
        preferences.mark_as_demo(session, by=operator(Role.OFFICE))
    with on(settings.DEMO_DAY), transaction() as session:
        _add_accounts(session, password)
    clerks = _clerks(random)
    finds = list(FINDS)
    for chapter in CHAPTERS:
        while finds and finds[0][0] < chapter.opens_on:
            _others_find(random, *finds.pop(0))
        if not chapter.is_over:
            spot_checks.draw_first()
            meetings.hold()
        _live_through(random, chapter, clerks)
    for find in finds:
        _others_find(random, *find)
    meetings.look_back()
    spot_checks.go_on()
    with on(settings.DEMO_DAY) as now, transaction() as session:
        hotline.hear_the_public(session, random, now)
        finishing.upload_evidence(session, random, now)
        finishing.send_one_back(session, RETURN_REASON, now)
        finishing.answer_rows(session, now)
        loop.live_the_loop(session, random, now)


def _add_accounts(session: Session, password: str) -> None:
    people: list[tuple[str, str, Role, str | None]] = [(*person, None) for person in STAFF]
    units = session.exec(select(Unit).order_by(col(Unit.position)))
    people += [(unit.name, f"{unit.name}填报人", Role.UNIT, unit.code) for unit in units]
    for username, name, role, unit_code in people:
        accounts.add_user(
            session,
            username=username,
            display_name=name,
            role=role,
            unit_code=unit_code,
            password=password,
            by=audit.SYSTEM,
            now=settings.now(),
            must_change_password=False,
        )


def _clerks(random: Random) -> dict[str, Clerk]:
    """By unit code, for the units that have anything to report."""
    with reading() as session:
        units = prefill.reporting_units(session)
    return {unit.code: Clerk(random, random.uniform(0.45, 0.97)) for unit in units}


def _live_through(random: Random, chapter: Chapter, clerks: dict[str, Clerk]) -> None:
    last_day = chapter.due_on if chapter.is_over else settings.DEMO_DAY
    with on(chapter.opens_on) as now, transaction() as session:
        round_ = rounds.open_round(
            session,
            name=chapter.name,
            due_at=datetime.combine(chapter.due_on, time(17, 0)),
            by=colleague(session),
            now=now,
        )
    reporting = [unit for unit in clerks if random.random() < chapter.turnout]
    span = (last_day - chapter.opens_on).days
    days = {unit: chapter.opens_on + timedelta(days=random.randint(1, span)) for unit in reporting}
    if chapter.is_over:
        days |= {unit: chapter.due_on + timedelta(days=1) for unit in random.sample(reporting, 2)}
    for unit in sorted(reporting, key=lambda unit: days[unit]):
        _hand_in(clerks[unit], round_, unit, days[unit])
    if chapter.is_over:
        _finish(random, chapter, round_, clerks)
    else:
        _review(random, round_, settings.DEMO_DAY, share=0.45)
        _close_problems(random, settings.DEMO_DAY, share=0.5)


def _finish(random: Random, chapter: Chapter, round_: Round, clerks: dict[str, Clerk]) -> None:
    """Review, what was returned handed in anew, closing of problems, freeze."""
    review_day = chapter.due_on + timedelta(days=3)
    for unit in _review(random, round_, chapter.due_on, share=1.0):
        _hand_in(clerks[unit], round_, unit, chapter.due_on + timedelta(days=1))
    _review(random, round_, review_day, share=1.0, returns=0.0)
    _close_problems(random, review_day)
    with on(review_day + timedelta(days=3)) as now, transaction() as session:
        kept = session.get_one(Round, round_.id)
        rounds.close_round(session, round_=kept, by=colleague(session))
        rounds.freeze_round(session, round_=kept, by=colleague(session), now=now)


def _hand_in(clerk: Clerk, round_: Round, unit_code: str, day: date) -> None:
    """The unit's workbook of that day: written, read back and submitted like any other."""
    with on(day) as now:
        if now > round_.due_at:
            _allow_late(round_, unit_code, now)
        with reading() as session:
            unit = session.get_one(Unit, unit_code)
            content = prefill.content(session, session.get_one(Round, round_.id), unit)
            by = session.exec(select(User).where(col(User.unit_code) == unit_code)).one()
        data, raw = _written(clerk, content, day)
        with transaction() as session:
            submissions.submit(
                session, raw=raw, data=data, file_name=file_name(content.cover), by=by, now=now
            )


def _allow_late(round_: Round, unit_code: str, now: datetime) -> None:
    with transaction() as session:
        rounds.allow_late(
            session,
            round_=session.get_one(Round, round_.id),
            unit=session.get_one(Unit, unit_code),
            until=now + timedelta(days=1),
            reason="经分管领导同意补报。",
            by=colleague(session),
        )


def _written(
    clerk: Clerk, content: prefill.WorkbookContent, day: date
) -> tuple[bytes, RawWorkbook]:
    file = io.BytesIO()
    write_workbook(clerk.fill(content, day), file)
    return file.getvalue(), read_in_worker(file.getvalue())


def _review(
    random: Random, round_: Round, day: date, *, share: float, returns: float = 0.08
) -> list[str]:
    """The office goes through what is pending; returns the units it sent back."""
    returned = []
    with reading() as session:
        pending = session.exec(
            select(Submission.id)
            .where(
                col(Submission.round_id) == round_.id,
                col(Submission.state) == ReviewState.PENDING,
            )
            .order_by(col(Submission.unit_code), col(Submission.version))
        ).all()
    for number in pending:
        if random.random() >= share:
            continue
        with on(day) as now, transaction() as session:
            submission = session.get_one(Submission, number)
            office = colleague(session)
            if random.random() < returns:
                reviews.send_back(
                    session, submission=submission, reason=RETURN_REASON, by=office, now=now
                )
                returned.append(submission.unit_code)
            else:
                reviews.accept(session, submission=submission, by=office, now=now)
    return returned


def _close_problems(random: Random, day: date, *, share: float = 1.0) -> None:
    """The office looks at what is claimed fixed: most is closed, some sent back, some waits."""
    with reading() as session:
        claimed = session.exec(
            select(Problem.id)
            .where(col(Problem.status) == RectificationStatus.CLAIMED_FIXED)
            .order_by(col(Problem.unit_code), col(Problem.id))
        ).all()
    for number in claimed:
        fate = random.random() / share
        with on(day) as now, transaction() as session:
            problem, office = session.get_one(Problem, number), colleague(session)
            if fate < 0.82:
                said = "现场复查属实，同意销号。"
                closings.reinspect(
                    session, problem=problem, is_passed=True, remark=said, by=office, now=now
                )
                closings.close(session, problem=problem, remark=said, by=office, now=now)
            elif fate < 0.92:
                said = "照片看不出整改部位，请补拍。"
                closings.send_back(session, problem=problem, reason=said, by=office, now=now)


def _others_find(random: Random, day: date, discovery: Discovery, number: int) -> None:
    with reading() as session:
        rules_of_unit = ledger.criteria_in_force(session).rules_of_unit
        units = session.exec(select(Unit).order_by(col(Unit.position))).all()
    answering = [
        (unit, [rule.code for rule in rules_of_unit.get(unit.name, ()) if rule.code in examples()])
        for unit in units
    ]
    for unit, rules in random.sample([pair for pair in answering if pair[1]], number):
        rule_code = random.choice(rules)
        example = random.choice(examples()[rule_code])
        is_listed = discovery is Discovery.CITY_REVIEW
        with on(day) as now, transaction() as session:
            office = colleague(session)
            problem = problems.register(
                session,
                unit=unit,
                rule_code=rule_code,
                site=example.site.format(p=place_of(unit.name)),
                description=example.description,
                count=random.choice((1, 1, 2)),
                discovery=discovery,
                found_on=day,
                severity=Severity.MAJOR if is_listed else Severity.GENERAL,
                by=office,
                now=now,
            )
            if random.random() >= SHARE_NOT_ASSIGNED:
                problems.assign(session, problem=problem, by=office, now=now)
