"""整改闭环 in the demo: a spring inspection, with one problem for every way that it can go."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from sqlmodel import Session, col, select

from daxing_safety.actions import closings, problems, rectifying, requests, voidings
from daxing_safety.demo.days import on
from daxing_safety.demo.inspection import (
    FOUND_DAYS_AGO,
    TEAM,
    Case,
    Inspection,
    add_older_photos,
    assign,
    claim,
    close,
    found_at,
    places,
    plan,
    send_back,
)
from daxing_safety.demo.peers import ask_peers
from daxing_safety.models import Problem, ProblemRequest, User
from daxing_safety.vocabulary import Discovery, Severity


def live_the_loop(session: Session, random: Random, now: datetime) -> None:
    office = session.exec(select(User).where(col(User.username) == "office")).one()
    add_older_photos(session, random)
    inspection = Inspection(session, random, now, office, places(session, random))
    for fate in FATES:
        fate(found_at(inspection))
    ask_peers(inspection)


# ---- the ways that it goes ----------------------------------------------------------------------


def mended(case: Case) -> None:
    assign(case)
    plan(case)
    claim(case, case.of.random.randint(13, 16))
    close(case, case.of.random.randint(9, 12))


def claimed(case: Case) -> None:
    assign(case)
    plan(case)
    claim(case, case.of.random.randint(1, 5))


def sent_back(case: Case) -> None:
    assign(case)
    plan(case)
    claim(case, 9)
    send_back(case, 4)


def mended_late(case: Case) -> None:
    sent_back(case)
    claim(case, 3)
    close(case, 2)


def did_not_last(case: Case) -> None:
    mended(case)
    with on(case.of.day(2)) as now:
        closings.reopen(
            case.of.session,
            problem=case.problem,
            reason="回头看发现问题重新出现，整改没有落到实处。",
            by=case.of.office,
            now=now,
        )


def came_back(case: Case) -> None:
    """反复: found again at the same site, as another problem."""
    mended(case)
    _register_again(case, 3, "回头看时再次发现：")


def entered_twice(case: Case) -> None:
    assign(case)
    twin = _register_again(case, 6, "")
    with on(case.of.day(5)) as now:
        voidings.merge(
            case.of.session,
            problem=twin,
            into=case.problem,
            reason="与检查组登记的是同一处，重复录入。",
            by=case.of.office,
            now=now,
        )


def _register_again(case: Case, days_ago: int, prefix: str) -> Problem:
    with on(case.of.day(days_ago)) as now:
        return problems.register(
            case.of.session,
            unit=case.unit,
            rule_code=case.problem.rule_code,
            site=case.problem.site,
            description=f"{prefix}{case.problem.description}",
            count=case.problem.count,
            discovery=Discovery.INSPECTION,
            found_on=now.date(),
            found_by=TEAM,
            by=case.of.office,
            now=now,
        )


def wants_more_time(case: Case) -> None:
    _ask_for_more_time(case, 2)


def gets_more_time(case: Case) -> None:
    request = _ask_for_more_time(case, 14)
    with on(case.of.day(13)) as now:
        requests.grant(
            case.of.session,
            request=request,
            answer="设备采购周期属实，同意延期一次。",
            by=case.of.office,
            now=now,
        )


def gets_no_more_time(case: Case) -> None:
    request = _ask_for_more_time(case, 6)
    with on(case.of.day(5)) as now:
        requests.refuse(
            case.of.session,
            request=request,
            reason="整改量不大，请按原时限完成。",
            by=case.of.office,
            now=now,
        )


def _ask_for_more_time(case: Case, days_ago: int) -> ProblemRequest:
    assign(case, due_on=case.of.day(-4))
    plan(case)
    with on(case.of.day(days_ago)) as now:
        return rectifying.ask_extension(
            case.of.session,
            problem=case.problem,
            due_on=case.of.day(-30),
            reason="所需设备要统一采购，预计6月中旬到货。",
            by=case.clerk,
            now=now,
        )


def thinks_it_a_mistake(case: Case) -> None:
    _call_it_a_mistake(case, 3)


def was_a_mistake(case: Case) -> None:
    request = _call_it_a_mistake(case, 12)
    with on(case.of.day(10)) as now:
        requests.grant(
            case.of.session, request=request, answer="经核实属实。", by=case.of.office, now=now
        )


def _call_it_a_mistake(case: Case, days_ago: int) -> ProblemRequest:
    assign(case)
    with on(case.of.day(days_ago)) as now:
        return rectifying.ask_misreport(
            case.of.session,
            problem=case.problem,
            reason="该点位去年已移交，检查时看到的是旧标牌，现场实际符合要求。",
            by=case.clerk,
            now=now,
        )


def under_way(case: Case) -> None:
    """In steps, some of them done."""
    assign(case, due_on=case.of.day(-12))
    plan(case)
    steps = (("现场踏勘，确定方案", 5), ("材料和队伍进场", -2), ("完成施工并自验", -10))
    with on(case.of.day(20)) as now:
        planned = [
            rectifying.add_step(
                case.of.session,
                problem=case.problem,
                text=text,
                responsible=case.problem.responsible,
                due_on=case.of.day(days_ago),
                by=case.clerk,
                now=now,
            )
            for text, days_ago in steps
        ]
    with on(case.of.day(7)) as now:
        rectifying.finish_step(
            case.of.session, problem=case.problem, step=planned[0], by=case.clerk, now=now
        )


def listed(case: Case) -> None:
    """重大挂牌 and overdue."""
    _list(case)
    assign(case, due_on=case.of.day(6))
    plan(case)


def listed_in_time(case: Case) -> None:
    _list(case)
    under_way(case)


def _list(case: Case) -> None:
    with on(case.of.day(FOUND_DAYS_AGO)) as now:
        problems.correct(
            case.of.session,
            problem=case.problem,
            rule_code=case.problem.rule_code,
            site=case.problem.site,
            description=case.problem.description,
            count=case.problem.count,
            severity=Severity.LISTED,
            reason="经区安委会研究，列为重大隐患挂牌督办。",
            by=case.of.office,
            now=now,
        )


def neglected(case: Case) -> None:
    """Assigned, and nothing since."""
    assign(case)


def just_entered(case: Case) -> None:
    """待交办: nothing is done with it yet."""


FATES: tuple[Callable[[Case], None], ...] = (
    *(mended,) * 6,
    *(claimed,) * 4,
    *(sent_back, mended_late, did_not_last, came_back, entered_twice),
    *(wants_more_time, gets_more_time, gets_no_more_time, thinks_it_a_mistake, was_a_mistake),
    *(under_way, listed, listed_in_time, neglected, just_entered),
)
