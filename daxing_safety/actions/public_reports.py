"""接诉即办: what the public reports is received, dispatched, answered and rated (回访).

What may be done when stands in hotline.STEPS. Numbers that tell who the caller is are never kept.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import audit, preferences, problems
from daxing_safety.actions.moves import require_words
from daxing_safety.errors import BadInput, Conflict, Forbidden, NotAllowed, NotFound
from daxing_safety.hotline import (
    OFFICE,
    STEPS,
    UNIT,
    Handling,
    id_in,
    number_of,
    why_not,
    without_personal_data,
)
from daxing_safety.models import Problem, PublicReport, Unit, User
from daxing_safety.permissions import require, units_seen_by
from daxing_safety.vocabulary import (
    GROUP_OF,
    Complexity,
    Discovery,
    Group,
    ReportStatus,
    Satisfaction,
    Severity,
)
from daxing_safety.wording import moment

SOURCES = (Discovery.HOTLINE, Discovery.PUBLIC_REPORT)
MOST_CONTENT, MOST_SITE, MOST_SOURCE_NUMBER = 2000, 200, 50


class Received(NamedTuple):
    """What somebody reported, as it came in."""

    received_at: datetime
    content: str
    site: str = ""
    source_number: str | None = None  # the hotline's own
    discovery: Discovery = Discovery.HOTLINE
    town_code: str | None = None
    rule_code: str | None = None
    complexity: Complexity = Complexity.SIMPLE
    due_at: datetime | None = None  # the hotline's own; else our limit from the receipt on


def find(session: Session, number: str, *, viewer: User) -> PublicReport:
    """By its number or id; one that the viewer may not know of is not there."""
    report_id = id_in(number)
    report = None if report_id is None else session.get(PublicReport, report_id)
    seen = units_seen_by(viewer)
    if report is None or (seen is not None and not {report.unit_code, report.town_code} & seen):
        raise NotFound(f"没有编号为“{number}”的诉求，可能是别的单位的。")
    return report


# ---- 登记 --------------------------------------------------------------------------------------


def receive(session: Session, *, received: Received, by: User, now: datetime) -> PublicReport:
    """登记 one report; it waits for 派单."""
    require(by, OFFICE)
    _check_not_known(session, received.source_number)
    (report,) = _stored(session, [received], now)
    audit.record(session, "登记诉求", number_of(report.id), by=by)
    return report


def receive_all(
    session: Session, *, received: Sequence[Received], by: User, now: datetime
) -> list[PublicReport]:
    """The rows of an export of 12345, all or none; those that are in already are left as they are.

    Returns the new ones.
    """
    require(by, OFFICE)
    known = known_numbers(session, [each.source_number or "" for each in received])
    reports = _stored(session, [each for each in received if each.source_number not in known], now)
    if reports:
        first, last = number_of(reports[0].id), number_of(reports[-1].id)
        audit.record(session, "导入诉求", f"{first} 至 {last}", by=by, remark=f"{len(reports)} 件")
    return reports


def known_numbers(session: Session, source_numbers: Collection[str]) -> set[str]:
    """Which of the hotline's numbers are in already."""
    stored = session.scalars(
        select(PublicReport.source_number).where(col(PublicReport.source_number).is_not(None))
    )
    return {number for number in stored if number} & set(source_numbers)


def _stored(session: Session, received: Sequence[Received], now: datetime) -> list[PublicReport]:
    rules = ledger.criteria_in_force(session).rules
    for each in received:
        _check(session, each, rules.keys(), now)
    limits = {it: preferences.answer_limit(session, it) for it in Complexity}
    reports = [
        PublicReport(
            source_number=each.source_number,
            discovery=each.discovery,
            received_at=each.received_at,
            content=without_personal_data(each.content.strip()).text,
            site=without_personal_data(each.site.strip()).text,
            town_code=each.town_code,
            rule_code=each.rule_code,
            complexity=each.complexity,
            due_at=each.due_at or each.received_at + limits[each.complexity],
            status=ReportStatus.RECEIVED,
        )
        for each in received
    ]
    session.add_all(reports)
    session.flush()
    ledger.raise_data_version(session)
    return reports


def _check(
    session: Session, received: Received, rule_codes: Collection[str], now: datetime
) -> None:
    if received.discovery not in SOURCES:
        raise BadInput("诉求的来源请选“12345热线”或“群众举报”。")
    require_words(received.content, "诉求内容")
    if len(received.content) > MOST_CONTENT or len(received.site) > MOST_SITE:
        raise BadInput(f"诉求内容最多 {MOST_CONTENT} 字，地址最多 {MOST_SITE} 字，请精简。")
    if received.received_at > now:
        raise BadInput(f"受理时间 {received.received_at:%Y-%m-%d %H:%M} 还没有到，请核对。")
    if received.due_at and received.due_at < received.received_at:
        raise BadInput(f"办理期限 {received.due_at:%Y-%m-%d %H:%M} 早于受理时间，请核对。")
    _check_place(session, received.town_code, received.rule_code, rule_codes)


def _check_place(
    session: Session, town_code: str | None, rule_code: str | None, rule_codes: Collection[str]
) -> None:
    town = session.get(Unit, town_code) if town_code else None
    if town_code and (town is None or GROUP_OF[town.kind] not in (Group.TOWNS, Group.SUBDISTRICTS)):
        raise BadInput("属地请选择镇或街道。")
    if rule_code and rule_code not in rule_codes:
        raise BadInput(f"没有条款 {rule_code}，请核对条款编号。")


def _check_not_known(session: Session, source_number: str | None) -> None:
    if not source_number:
        return
    known = session.scalars(
        select(PublicReport).where(col(PublicReport.source_number) == source_number)
    ).one_or_none()
    if known:
        raise Conflict(f"热线编号 {source_number} 已登记为 {number_of(known.id)}，不用重复登记。")


# ---- what every handling has in common -------------------------------------------------------


def _begin(session: Session, handling: Handling, report: PublicReport, by: User) -> None:
    """Raises NotAllowed, or Conflict where its state does not permit it."""
    permission = STEPS[handling].permission
    require(by, permission)
    if permission is UNIT and by.unit_code != report.unit_code:
        raise Forbidden(
            "这是派给别的单位的诉求，您只能答复本单位的。",
            username=by.username,
            wanted=f"{permission.name} {number_of(report.id)}",
        )
    session.refresh(report)
    refusal = why_not(handling, report)
    if refusal:
        raise Conflict(refusal)


def _finish(
    session: Session,
    handling: Handling,
    report: PublicReport,
    remark: str,
    *,
    by: User,
    before: Mapping[str, object] | None = None,
) -> None:
    session.add(report)
    ledger.raise_data_version(session)
    number = number_of(report.id)
    audit.record(session, f"{handling.value}诉求", number, by=by, remark=remark, before=before)


def _words(text: str, what: str) -> str:
    return without_personal_data(require_words(text, what)).text


# ---- 派单 --------------------------------------------------------------------------------------


def dispatch(
    session: Session,
    *,
    report: PublicReport,
    unit: Unit,
    complexity: Complexity,
    by: User,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """派单: the unit has to answer; without a moment named, `due_on_dispatch` says until when."""
    _begin(session, Handling.DISPATCH, report, by)
    _hand_over(session, report, unit, complexity, by, now, due_at)
    _finish(session, Handling.DISPATCH, report, _handed_over(report, unit), by=by)


def dispatch_all(
    session: Session,
    *,
    reports: Sequence[PublicReport],
    unit: Unit | None,
    by: User,
    now: datetime,
) -> None:
    """派单 of many, all or none: to one unit, or each to its 属地. Each keeps its complexity."""
    for report in reports:
        whom = unit or _town_of(session, report)
        dispatch(session, report=report, unit=whom, complexity=report.complexity, by=by, now=now)


def _town_of(session: Session, report: PublicReport) -> Unit:
    if report.town_code is None:
        raise BadInput(f"{number_of(report.id)} 还没有属地，请先补正属地，或选择承办单位。")
    return session.get_one(Unit, report.town_code)


def redispatch(
    session: Session,
    *,
    report: PublicReport,
    unit: Unit,
    complexity: Complexity,
    reason: str,
    by: User,
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """重新派单, to another unit or, once it has answered, to the same; the clock starts anew.

    A rating stays until the next one: what was not resolved counts as that in the meantime.
    """
    reason = _words(reason, "重新派单的原因，承办单位会看到")
    _begin(session, Handling.REDISPATCH, report, by)
    if report.status is ReportStatus.DISPATCHED and report.unit_code == unit.code:
        raise BadInput(f"{number_of(report.id)} 本来就派给了{unit.name}。")
    before: dict[str, object] = {"unit": report.unit_code, "due_at": report.due_at}
    if report.answer:
        before |= {"answer": report.answer, "answered_at": report.answered_at}
    report.answer, report.answered_at, report.answered_by = "", None, None
    due_at = due_at or now + preferences.answer_limit(session, complexity)
    _hand_over(session, report, unit, complexity, by, now, due_at)
    remark = f"{_handed_over(report, unit)}原因：{reason}"
    _finish(session, Handling.REDISPATCH, report, remark, by=by, before=before)


def _hand_over(
    session: Session,
    report: PublicReport,
    unit: Unit,
    complexity: Complexity,
    by: User,
    now: datetime,
    due_at: datetime | None,
) -> None:
    due_at = due_at or due_on_dispatch(session, report, complexity, now)
    if due_at <= now:
        raise BadInput(f"办理期限 {due_at:%Y-%m-%d %H:%M} 已经过去，请改为以后的时间。")
    report.status, report.unit_code = ReportStatus.DISPATCHED, unit.code
    report.complexity, report.due_at = complexity, due_at
    report.dispatched_at, report.dispatched_by = now, by.username


def due_on_dispatch(
    session: Session, report: PublicReport, complexity: Complexity, now: datetime
) -> datetime:
    """Our limit from now on; a deadline of the hotline's own stands while it is still to come."""
    ours = report.received_at + preferences.answer_limit(session, report.complexity)
    is_the_hotlines = report.due_at != ours
    if is_the_hotlines and report.due_at > now:
        return report.due_at
    return now + preferences.answer_limit(session, complexity)


def _handed_over(report: PublicReport, unit: Unit) -> str:
    return f"派给{unit.name}，{report.complexity.value}件，{moment(report.due_at)}前答复。"


def reclassify(
    session: Session,
    *,
    report: PublicReport,
    complexity: Complexity,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    """简单 ↔ 复杂: the limit counts from where it counted before, 派单 or else the receipt."""
    reason = _words(reason, "调整的原因，承办单位会看到")
    _begin(session, Handling.RECLASSIFY, report, by)
    if report.complexity is complexity:
        raise BadInput(f"{number_of(report.id)} 已经是{complexity.value}件。")
    start = report.dispatched_at or report.received_at
    due_at = start + preferences.answer_limit(session, complexity)
    if report.status is ReportStatus.DISPATCHED and due_at <= now:
        raise BadInput(
            f"改为{complexity.value}件，办理期限 {due_at:%Y-%m-%d %H:%M} 已经过去，没有改动。"
        )
    before = {"complexity": report.complexity.name, "due_at": report.due_at}
    report.complexity, report.due_at = complexity, due_at
    remark = f"改为{complexity.value}件，{moment(due_at)}前答复。原因：{reason}"
    _finish(session, Handling.RECLASSIFY, report, remark, by=by, before=before)


def correct(
    session: Session,
    *,
    report: PublicReport,
    site: str,
    town: Unit | None,
    rule_code: str | None,
    by: User,
) -> None:
    """补正 where it is and what it is about, which the hotline often leaves open."""
    _begin(session, Handling.CORRECT, report, by)
    town_code = town.code if town else None
    _check_place(session, town_code, rule_code, ledger.criteria_in_force(session).rules.keys())
    before = {
        "site": report.site,
        "town_code": report.town_code,
        "rule_code": report.rule_code,
    }
    report.site = without_personal_data(site.strip()).text[:MOST_SITE]
    report.town_code, report.rule_code = town_code, rule_code
    place = f"属地{town.name if town else '未定'}，地址{report.site or '未注明'}"
    remark = f"{place}，{f'条款 {rule_code}' if rule_code else '未对应条款'}。"
    _finish(session, Handling.CORRECT, report, remark, by=by, before=before)


# ---- 答复 and 回访 -------------------------------------------------------------------------------


def answer(session: Session, *, report: PublicReport, text: str, by: User, now: datetime) -> None:
    """答复: what the unit did and what it told the caller; late answers are taken, too."""
    text = _words(text, "怎么办的、怎么答复诉求人的")
    _begin(session, Handling.ANSWER, report, by)
    report.status, report.answer = ReportStatus.ANSWERED, text
    report.answered_at, report.answered_by = now, by.username
    _finish(session, Handling.ANSWER, report, text, by=by)


def rate(
    session: Session,
    *,
    report: PublicReport,
    is_contacted: bool | None,
    is_resolved: bool,
    satisfaction: Satisfaction | None,
    by: User,
    now: datetime,
    remark: str = "",
) -> None:
    """回访: had the unit been in touch, is it resolved, is the caller satisfied.

    None where it cannot be asked: the caller stayed anonymous or was not reached.
    """
    _begin(session, Handling.RATE, report, by)
    _require_outsider(report, by)
    if not is_resolved:
        require_words(remark, "没有解决的是什么，重新派单时要用")
    remark = without_personal_data(remark.strip()).text
    report.status = ReportStatus.RATED
    report.is_contacted, report.is_resolved = is_contacted, is_resolved
    report.satisfaction = satisfaction
    report.rated_at, report.rated_by = now, by.username
    _finish(session, Handling.RATE, report, f"{rated_in_words(report)}。{remark}", by=by)


def _require_outsider(report: PublicReport, by: User) -> None:
    """创安办 sits within a unit itself."""
    if by.unit_code is not None and by.unit_code == report.unit_code:
        raise NotAllowed(
            f"{number_of(report.id)} 是您所在单位承办的，不能由您回访，请创安办其他同志办理。"
        )


def rated_in_words(report: PublicReport) -> str:
    contacted = {True: "已联系诉求人", False: "没有联系诉求人", None: "无法核实是否联系"}
    satisfied = report.satisfaction.value if report.satisfaction else "没有评价"
    resolved = "已解决" if report.is_resolved else "未解决"
    return f"{contacted[report.is_contacted]}，{resolved}，{satisfied}"


# ---- 转为问题 ------------------------------------------------------------------------------------


def turn_into_problem(
    session: Session,
    *,
    report: PublicReport,
    unit: Unit,
    rule_code: str | None,
    site: str,
    description: str,
    by: User,
    now: datetime,
    count: int = 1,
    severity: Severity = Severity.GENERAL,
    is_assigned: bool = False,
    due_on: date | None = None,
) -> Problem:
    """What was reported goes into the district's 问题清单; each names the other's number."""
    _begin(session, Handling.TURN_INTO_PROBLEM, report, by)
    problem = problems.register(
        session,
        unit=unit,
        rule_code=rule_code,
        site=without_personal_data(site).text,
        description=without_personal_data(description).text,
        count=count,
        discovery=report.discovery,
        found_on=report.received_at.date(),
        found_by=number_of(report.id),
        severity=severity,
        town=session.get(Unit, report.town_code) if report.town_code else None,
        by=by,
        now=now,
    )
    report.problem_number = problem.number
    report.rule_code = rule_code or report.rule_code
    if is_assigned:
        problems.assign(session, problem=problem, by=by, now=now, due_on=due_on)
    remark = f"{problem.number}，责任单位{unit.name}{'，已交办' if is_assigned else ''}。"
    _finish(session, Handling.TURN_INTO_PROBLEM, report, remark, by=by)
    return problem
