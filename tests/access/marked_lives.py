"""A unit's life with a mark in every text of its own: where the mark stands, the unit was read.

Both 区水务局 and 区城管委 live it, each under its own mark; 小刘 may read the one and never the
other. Everything goes through the real verbs, so a text that they store anew is marked, too.
"""

import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from filling import Fill, problems, rules, work_points, written
from PIL import Image
from problem_lives import register
from sqlmodel import Session, col, select

from daxing_safety import prefill
from daxing_safety.actions import (
    appeals,
    closings,
    duties,
    evidence,
    meetings,
    peer_checks,
    public_reports,
    rectifying,
    requests,
    reviews,
    rounds,
    saved_views,
    spot_draws,
    spot_findings,
    spot_handling,
    submissions,
    verdicts,
)
from daxing_safety.actions import problems as registry
from daxing_safety.models import (
    CriteriaRevision,
    Evidence,
    FindingConfirmation,
    Meeting,
    PeerCheck,
    Problem,
    PublicReport,
    Round,
    SavedView,
    SpotCheck,
    SpotCheckItem,
    Submission,
    Unit,
    User,
)
from daxing_safety.reports import meeting_figures
from daxing_safety.vocabulary import (
    Complexity,
    Discovery,
    DrawnFrom,
    EvidenceOf,
    Finding,
    PhotoStage,
    ProgressStatus,
    RectificationStatus,
    Satisfaction,
    Severity,
    Sheet,
    SpotVerdict,
)
from daxing_safety.workbooks.content import ProblemRow
from daxing_safety.workbooks.reading import read_workbook


def _picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8)).save(drawn, "JPEG")
    return drawn.getvalue()


SECRET, OWN = "仅水务局可见甲乙丙", "仅城管委可见丁戊己"
EARLIER = datetime(2021, 5, 12, 10, 0)  # what a past day shows, too
NOW = datetime(2021, 5, 20, 10, 0)
FOUND, DUE = date(2021, 5, 11), date(2021, 6, 30)
PDF = b"%PDF-1.7 "
JPEG = _picture()  # what follows in the file a viewer passes over
Points = tuple[str, str, str, str]  # corrected, returned, disclaimed, said anew
RULE = "4-1"  # both answer for it, and the town that is asked about the same


@dataclass(frozen=True)
class Life:
    """What the unit's things go by: all that an address or a click can name."""

    unit: str
    code: str
    problem: str  # in hand, with a request that waits
    claimed: str
    closed: str
    submission: int  # waits for review
    returned: int
    evidence: int
    photo: int
    withdrawn: int
    report: int  # answered
    unanswered: int
    request: int
    step: int
    check: int  # about its own problem, put to a town
    asked: int  # about a town's problem, put to it
    promise: int
    view: int | None
    points: Points
    check_over: int  # a 抽查 that was handed in: one item waits for the office
    doubted: int  # that item
    photo_taken: int  # by the expert, of it
    check_open: int
    to_check: int


@dataclass(frozen=True)
class Cast:
    """Who does it, and where."""

    session: Session
    unit: Unit
    town: Unit
    clerk: User
    office: User
    second: User
    round_: Round
    meeting: Meeting
    mark: str

    def says(self, what: str) -> str:
        return f"{self.mark}：{what}"


def colleague_of(session: Session, username: str, name: str) -> User:
    """Another of the same role, with a 2 behind the user name."""
    first = user(session, username)
    values = {"id": None, "username": f"{username}2", "display_name": name}
    second = User(**first.model_dump() | values)
    session.add(second)
    session.flush()
    return second


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def unit_named(session: Session, name: str) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == name)).one()


def live(session: Session) -> dict[str, Life]:
    """Both lives, by unit; the district's round and meeting are open at the end."""
    (revision,) = session.exec(select(CriteriaRevision))
    revision.loaded_at = datetime(2021, 5, 1)  # so that there are days to look back on
    office, second = user(session, "office"), colleague_of(session, "office", "李工")
    colleague_of(session, "expert", "周工")
    round_ = rounds.open_round(
        session, name="2021年第二季度", due_at=datetime(2021, 5, 25, 17), by=office, now=EARLIER
    )
    meeting = meetings.open_meeting(
        session,
        name="5月创安调度会",
        day=EARLIER.date(),
        figures="[]",
        by=office,
        now=EARLIER,
    )
    lives = {}
    for name, mark in (("区水务局", SECRET), ("区城管委", OWN)):
        cast = Cast(
            session=session,
            unit=unit_named(session, name),
            town=unit_named(session, "黄村镇"),
            clerk=user(session, name),
            office=office,
            second=second,
            round_=round_,
            meeting=meeting,
            mark=mark,
        )
        lives[name] = _life(cast)
    _ask_the_neighbour(session, lives["区水务局"], office)
    slides = meeting_figures.take(session, viewer=office, today=NOW.date())
    meeting.figures = meeting_figures.as_text(slides)  # as if it had been opened now
    session.add(meeting)
    return lives


def _life(cast: Cast) -> Life:
    points = _first_led(cast)
    returned = _first_version(cast, points)
    submission = _second_version(cast, points)
    problem, step = _in_hand(cast)
    withdrawn = _withdrawn_evidence(cast)
    claimed, closed = _claimed(cast), _closed(cast)
    report, unanswered = _public_reports(cast)
    check, asked = _peer_checks(cast, closed)
    photo = _shown(cast, problem, JPEG, "照片.jpg", PhotoStage.BEFORE)
    document = _replaced_evidence(cast, problem)
    request = rectifying.ask_extension(
        cast.session,
        problem=problem,
        due_on=date(2021, 7, 31),
        reason=cast.says("申请延期的原因"),
        by=cast.clerk,
        now=EARLIER,
    )
    _refused_request(cast)
    _overdue(cast)
    promise = _promised(cast)
    cast.session.flush()
    over, doubted, photo_taken = _spot_checked(cast)
    check_open, to_check = _drawn(cast, "正在抽查")
    return Life(
        unit=cast.unit.name,
        code=cast.unit.code,
        problem=problem.number,
        claimed=claimed.number,
        closed=closed.number,
        submission=_id(submission),
        returned=_id(returned),
        evidence=_id(document),
        photo=_id(photo),
        withdrawn=_id(withdrawn),
        report=_id(report),
        unanswered=_id(unanswered),
        request=_id(request),
        step=step,
        check=_id(check),
        asked=_id(asked),
        promise=promise,
        view=_saved_view(cast),
        points=points,
        check_over=_id(over),
        doubted=_id(doubted),
        photo_taken=photo_taken,
        check_open=_id(check_open),
        to_check=_id(to_check[0]),
    )


def _id(row: Any) -> int:
    assert row.id is not None
    return row.id


# ---- 填报 and 审核 ------------------------------------------------------------------------------


def _first_led(cast: Cast) -> Points:
    content = prefill.content(cast.session, cast.round_, cast.unit)
    first, second, third, fourth = [row.work_point_code for row in content.progress][:4]
    return first, second, third, fourth


def _said_of_points(cast: Cast, points: Points) -> Fill:
    under_way = {
        "status": ProgressStatus.IN_PROGRESS,
        "percent": Decimal(40),
        "remark": cast.says("进展说明"),
        "evidence": cast.says("进展佐证"),
    }
    not_ours = {
        "status": ProgressStatus.NOT_OURS,
        "percent": None,
        "remark": cast.says("不属本单位职责的理由"),
    }
    corrected, returned, disclaimed, anew = points
    said = dict.fromkeys((corrected, returned, anew), under_way) | {disclaimed: not_ours}
    return work_points(**{f"_{code.replace('-', '_')}": values for code, values in said.items()})


def _self_check(cast: Cast) -> Fill:
    return rules(
        _4_1={
            "finding": Finding.HAS_PROBLEM,
            "remark": cast.says("自评说明"),
            "evidence": cast.says("自评佐证"),
        }
    )


def _line(cast: Cast) -> ProblemRow:
    return ProblemRow(
        number="",
        rule_code=RULE,
        site=cast.says("自查点位"),
        description=cast.says("自查问题描述"),
        count=2,
        discovery=Discovery.SELF_CHECK,
        found_on=date(2021, 5, 10),
        target=cast.says("整改目标"),
        measure=cast.says("整改措施"),
        responsible=cast.says("责任人"),
        due_on=DUE,
        status=RectificationStatus.IN_PROGRESS,
        remark=cast.says("整改说明"),
    )


def _hand_in(cast: Cast, *fills: Fill, now: datetime) -> Submission:
    data = written(cast.session, cast.round_, cast.unit, *fills)
    return submissions.submit(
        cast.session,
        raw=read_workbook(data),
        data=data,
        file_name=f"{cast.says('填报表')}.xlsx",
        by=cast.clerk,
        now=now,
    ).submission


def _first_version(cast: Cast, points: Points) -> Submission:
    """Corrected, contested and answered row by row, and returned as a whole."""
    fills = _said_of_points(cast, points), _self_check(cast), problems(_line(cast))
    version = _hand_in(cast, *fills, now=EARLIER)
    session, by = cast.session, {"by": cast.office, "now": EARLIER}
    corrected, returned, disclaimed, _ = points
    row = (Sheet.PROGRESS, corrected)
    verdicts.correct_row(
        session,
        submission=version,
        row=row,
        held=verdicts.Held(status=ProgressStatus.IN_PROGRESS, percent=Decimal(20)),
        reason=cast.says("更正理由"),
        seen={},
        **by,
    )
    reason = cast.says("申诉理由")
    appeals.contest(session, unit=cast.unit, row=row, reason=reason, by=cast.clerk, now=EARLIER)
    answer = {"is_upheld": False, "text": cast.says("答复申诉"), "by": cast.second}
    appeals.answer(session, unit=cast.unit, row=row, now=EARLIER, **answer)
    verdicts.return_rows(
        session,
        submission=version,
        rows=[(Sheet.PROGRESS, returned)],
        reason=cast.says("逐项退回原因"),
        seen={},
        **by,
    )
    reviews.send_back(session, submission=version, reason=cast.says("整份退回原因"), **by)
    duties.refuse(
        session, work_point_code=disclaimed, unit=cast.unit, reason=cast.says("驳回理由"), **by
    )
    session.add(
        FindingConfirmation(
            unit_code=cast.unit.code,
            rule_code=RULE,
            finding=Finding.HAS_PROBLEM,
            remark=cast.says("核定说明"),
            confirmed_at=EARLIER,
            confirmed_by=cast.office.username,
        )
    )
    return version


def _second_version(cast: Cast, points: Points) -> Submission:
    rounds.allow_late(
        cast.session,
        round_=cast.round_,
        unit=cast.unit,
        until=datetime(2021, 5, 28, 17),
        reason=cast.says("补报理由"),
        by=cast.office,
    )
    more = rules(_17_1={"finding": Finding.COMPLIANT, "remark": cast.says("第二版自评说明")})
    anew = work_points(**{f"_{points[-1].replace('-', '_')}": {"percent": Decimal(60)}})
    return _hand_in(cast, more, anew, now=NOW)


# ---- 问题整改 ----------------------------------------------------------------------------------


def _registered(cast: Cast, what: str, **said: Any) -> Problem:
    return register(
        cast.session,
        cast.unit,
        cast.office,
        site=cast.says(f"{what}点位"),
        description=cast.says(f"{what}问题描述"),
        found_by=cast.says("发现人"),
        found_on=FOUND,
        now=EARLIER,
        **said,
    )


def _assigned(cast: Cast, what: str, due_on: date = DUE, **said: Any) -> Problem:
    problem = _registered(cast, what, **said)
    registry.assign(
        cast.session,
        problem=problem,
        target=cast.says("交办目标"),
        measure=cast.says("交办措施"),
        responsible=cast.says("交办责任人"),
        due_on=due_on,
        by=cast.office,
        now=EARLIER,
    )
    return problem


def _in_hand(cast: Cast) -> tuple[Problem, int]:
    """整改中, with a step, once corrected; listed, so that it stands on every leader's screen."""
    problem = _assigned(cast, "在办", severity=Severity.LISTED)
    registry.correct(
        cast.session,
        problem=problem,
        rule_code=RULE,
        site=cast.says("更正后点位"),
        description=cast.says("更正后问题描述"),
        count=1,
        severity=Severity.LISTED,
        reason=cast.says("更正原因"),
        by=cast.office,
        now=EARLIER,
    )
    rectifying.start(cast.session, problem=problem, by=cast.clerk, now=EARLIER)
    step = rectifying.add_step(
        cast.session,
        problem=problem,
        text=cast.says("整改步骤"),
        responsible=cast.says("步骤责任人"),
        due_on=date(2021, 6, 10),
        by=cast.clerk,
        now=EARLIER,
    )
    cast.session.flush()
    return problem, _id(step)


def _claim(cast: Cast, problem: Problem) -> None:
    _shown(cast, problem, JPEG + b"after", "整改后.jpg", PhotoStage.AFTER)
    rectifying.claim_fixed(
        cast.session,
        problem=problem,
        done_on=EARLIER.date(),
        remark=cast.says("销号说明"),
        by=cast.clerk,
        now=EARLIER,
    )


def _judged(cast: Cast, problem: Problem, *, is_passed: bool) -> None:
    closings.reinspect(
        cast.session,
        problem=problem,
        is_passed=is_passed,
        remark=cast.says("复查情况"),
        by=cast.office,
        now=EARLIER,
    )


def _claimed(cast: Cast) -> Problem:
    """Sent back once, and claimed again."""
    problem = _assigned(cast, "申请销号")
    _claim(cast, problem)
    _judged(cast, problem, is_passed=False)
    reason = cast.says("退回整改原因")
    closings.send_back(cast.session, problem=problem, reason=reason, by=cast.office, now=EARLIER)
    _claim(cast, problem)
    return problem


def _closed(cast: Cast) -> Problem:
    problem = _assigned(cast, "已销号")
    _claim(cast, problem)
    _judged(cast, problem, is_passed=True)
    remark = cast.says("销号意见")
    closings.close(cast.session, problem=problem, remark=remark, by=cast.office, now=EARLIER)
    return problem


def _overdue(cast: Cast) -> None:
    _assigned(cast, "逾期", due_on=date(2021, 5, 14), severity=Severity.LISTED)


def _refused_request(cast: Cast) -> None:
    problem = _assigned(cast, "误报")
    reason = cast.says("误报理由")
    request = rectifying.ask_misreport(
        cast.session, problem=problem, reason=reason, by=cast.clerk, now=EARLIER
    )
    reason = cast.says("不同意的原因")
    requests.refuse(cast.session, request=request, reason=reason, by=cast.office, now=EARLIER)


# ---- 佐证材料 ----------------------------------------------------------------------------------


def _shown(
    cast: Cast, problem: Problem, data: bytes, name: str, stage: PhotoStage | None = None
) -> Evidence:
    return evidence.add(
        cast.session,
        unit=cast.unit,
        data=data + cast.says(name).encode(),
        name=cast.says(name),
        uses=[(EvidenceOf.PROBLEM, problem.number), (EvidenceOf.RULE, RULE)],
        material_on=EARLIER.date(),
        description=cast.says("材料说明"),
        by=cast.clerk,
        now=EARLIER,
        stage=stage,
    )


def _replaced_evidence(cast: Cast, problem: Problem) -> Evidence:
    older = _shown(cast, problem, PDF, "旧记录.pdf")
    return evidence.replace(
        cast.session,
        evidence=older,
        data=PDF + cast.says("新内容").encode(),
        name=cast.says("新记录.pdf"),
        material_on=EARLIER.date(),
        by=cast.clerk,
        now=EARLIER,
    )


def _withdrawn_evidence(cast: Cast) -> Evidence:
    problem = _registered(cast, "待交办")
    file = _shown(cast, problem, PDF + b"wrong", "误传.pdf")
    evidence.withdraw(cast.session, evidence=file, reason=cast.says("撤回原因"), by=cast.clerk)
    return file


# ---- 抽查 --------------------------------------------------------------------------------------


def _drawn(cast: Cast, what: str) -> tuple[SpotCheck, list[SpotCheckItem]]:
    """周工 is to look at all of the unit that may be drawn; 孙工 is dealt nothing."""
    check = spot_draws.draw(
        cast.session,
        name=f"{what}{cast.unit.name}",
        until=date(2021, 5, 31),
        experts=["expert2"],
        scope=spot_draws.Scope(tuple(DrawnFrom), units=(cast.unit.code,)),
        wanted=1,
        seed="2021-05-20",
        by=cast.office,
        now=NOW,
    )
    cast.session.flush()
    drawn = select(SpotCheckItem).where(col(SpotCheckItem.check_id) == check.id)
    already = {item.code for item in cast.session.exec(drawn)}
    scope = spot_draws.Scope(tuple(DrawnFrom), units=(cast.unit.code,))
    left = (each for each in spot_draws.population(cast.session, scope) if each.code not in already)
    spot_draws.designate(
        cast.session,
        check=check,
        candidate=next(left),
        expert="expert2",
        reason=cast.says("指定的理由"),
        by=cast.office,
        now=NOW,
    )
    cast.session.flush()
    query = select(SpotCheckItem).where(col(SpotCheckItem.check_id) == check.id)
    return check, list(cast.session.exec(query.order_by(col(SpotCheckItem.id))))


def _spot_checked(cast: Cast) -> tuple[SpotCheck, SpotCheckItem, int]:
    check, items = _drawn(cast, "抽查")
    expert = user(cast.session, "expert2")
    photos = [_found(cast, item, expert) for item in items]
    spot_findings.hand_in(cast.session, check=check, by=expert, now=NOW)
    filed, waits = items
    spot_handling.file(
        cast.session, item=filed, reason=cast.says("阅存的理由"), by=cast.office, now=NOW
    )
    withdrawn, _ = _drawn(cast, "撤销的抽查")
    spot_draws.withdraw(
        cast.session, check=withdrawn, reason=cast.says("撤销抽查"), by=cast.office, now=NOW
    )
    return check, waits, photos[1]


def _found(cast: Cast, item: SpotCheckItem, expert: User) -> int:
    spot_findings.record(
        cast.session,
        item=item,
        verdict=SpotVerdict.FALSE,
        found=cast.says("核查情况"),
        site=cast.says("核查点位"),
        count=1,
        suggestion=cast.says("专家建议"),
        by=expert,
        now=NOW,
    )
    photo = spot_findings.add_photo(
        cast.session,
        item=item,
        data=JPEG + cast.says(str(item.id)).encode(),
        name=cast.says("现场.jpg"),
        by=expert,
        now=NOW,
    )
    cast.session.flush()
    return _id(photo)


# ---- 接诉即办, 举一反三, 调度会, 视图 ------------------------------------------------------------


def _public_reports(cast: Cast) -> tuple[PublicReport, PublicReport]:
    """One answered and rated once as unresolved, one that waits for the answer."""
    first, second = (_dispatched(cast, number) for number in (1, 2))
    session, now = cast.session, NOW
    text = cast.says("答复诉求人")
    public_reports.answer(session, report=first, text=text, by=cast.clerk, now=now)
    public_reports.rate(
        session,
        report=first,
        is_contacted=True,
        is_resolved=False,
        satisfaction=Satisfaction.DISSATISFIED,
        remark=cast.says("回访情况"),
        by=cast.office,
        now=now,
    )
    return first, second


def _dispatched(cast: Cast, number: int) -> PublicReport:
    received = public_reports.Received(
        received_at=datetime(2021, 5, 20, 8, number),
        content=cast.says(f"诉求内容{number}"),
        site=cast.says(f"诉求地址{number}"),
        source_number=cast.says(f"热线编号{number}"),
    )
    report = public_reports.receive(cast.session, received=received, by=cast.office, now=NOW)
    public_reports.dispatch(
        cast.session,
        report=report,
        unit=cast.unit,
        complexity=Complexity.SIMPLE,
        by=cast.office,
        now=NOW,
    )
    return report


def _peer_checks(cast: Cast, closed: Problem) -> tuple[PeerCheck, PeerCheck]:
    """One about the unit's problem, which only a town reads; one that the unit has answered."""
    by = {"by": cast.office, "now": EARLIER}
    about_it = peer_checks.send(
        cast.session,
        problem=closed,
        question=cast.says("请核查"),
        units=[cast.town.code],
        **by,
    )
    elsewhere = register(
        cast.session, cast.town, cast.office, site="镇政府院内", found_on=FOUND, now=EARLIER
    )
    asked = peer_checks.send(
        cast.session, problem=elsewhere, question="请核查室外消火栓。", units=[cast.unit.code], **by
    )
    checked = cast.says("核查了哪些点位")
    peer_checks.answer_no(cast.session, check=asked, checked=checked, by=cast.clerk, now=EARLIER)
    return about_it, asked


def _ask_the_neighbour(session: Session, life: Life, office: User) -> None:
    """区城管委 is asked about 区水务局's problem, in words that tell nothing of it."""
    problem = session.exec(select(Problem).where(col(Problem.number) == life.claimed)).one()
    peer_checks.send(
        session,
        problem=problem,
        question="请核查本单位有没有无水的消火栓。",
        units=[unit_named(session, "区城管委").code],
        by=office,
        now=EARLIER,
    )


def _promised(cast: Cast) -> int:
    item = meetings.record_promise(
        cast.session,
        meeting=cast.meeting,
        unit=cast.unit,
        text=cast.says("会上承诺"),
        due_on=date(2021, 5, 18),
        by=cast.office,
        now=EARLIER,
    )
    cast.session.flush()
    return _id(item)


def _saved_view(cast: Cast) -> int | None:
    query = f"q={cast.mark}"
    saved_views.save(cast.session, page="problems", name=cast.mark, query=query, by=cast.clerk)
    cast.session.flush()
    cast.clerk.phone = cast.says("电话")
    cast.session.add(cast.clerk)
    return cast.session.exec(
        select(SavedView.id).where(col(SavedView.username) == cast.clerk.username)
    ).one()
