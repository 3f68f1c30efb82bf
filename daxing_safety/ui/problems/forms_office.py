"""办理, the forms of 创安办: 交办, 复查, 销号 or 退回, 延期, 误报, 合并; answers to requests."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import closings, moves, problems, requests, voidings
from daxing_safety.errors import BadInput
from daxing_safety.models import Problem, ProblemRequest, Unit, User
from daxing_safety.reports.problems import filters as problem_filters
from daxing_safety.reports.problems.card import Card
from daxing_safety.ui import access
from daxing_safety.ui.kept import kept
from daxing_safety.ui.problems.fields import (
    FIELD,
    Form,
    Said,
    Session,
    ask_deadline,
    ask_line,
    ask_reason,
    ask_words,
    due,
    extended_from,
    required_due,
)
from daxing_safety.vocabulary import Move, RequestKind, Severity

PASSED_AND_CLOSED, PASSED, FAILED = "合格，随即销号", "合格，暂不销号", "不合格，退回整改"


# ---- 交办, 改派, 更正 --------------------------------------------------------------------------


def _ask_to_assign(card: Card, _: int | None) -> None:
    label = f"整改时限（{card.problem.severity.value}问题默认 {card.limit}）"
    ask_deadline(label, settings.today(), usual=card.due_by_default)
    ask_line("target", "整改目标（选填，责任单位可以修改）", value=card.problem.target)
    ask_line("measure", "整改措施（选填）", value=card.problem.measure)


def _assign(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    problems.assign(
        session,
        problem=problem,
        due_on=due(said),
        target=said["target"],
        measure=said["measure"],
        by=by,
        now=settings.now(),
    )


def _choices(viewer: User) -> problem_filters.Choices:
    return kept(problem_filters.choices, viewer=viewer)


def _ask_rule(choices: problem_filters.Choices, unit_code: str, current: str | None) -> None:
    """Of the rules that the unit answers for, or none."""
    codes = choices.rules_of_unit[unit_code]
    st.selectbox(
        "扣分条款",
        codes,
        index=codes.index(current) if current in codes else None,
        format_func=choices.rules.__getitem__,
        placeholder="暂不对应条款",
        key=f"{FIELD}rule_{unit_code}",
    )


def _ask_to_reassign(card: Card, _: int | None) -> None:
    choices = _choices(access.current_user())
    others = [code for code in choices.units if code != card.problem.unit_code]
    unit_code = st.selectbox(
        "改派给",
        others,
        index=None,
        format_func=choices.units.__getitem__,
        placeholder="请选择责任单位",
        key=f"{FIELD}unit",
    )
    if unit_code:
        _ask_rule(choices, unit_code, card.problem.rule_code)
    ask_deadline("整改时限（重新计算）", settings.today(), usual=card.due_by_default)
    ask_words("reason", "改派的原因（两家单位都会看到）")


def _reassign(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    if not said["unit"]:
        raise BadInput("请选择改派给哪个单位。")
    problems.reassign(
        session,
        problem=problem,
        unit=session.get_one(Unit, said["unit"]),
        rule_code=said.get(f"rule_{said['unit']}"),
        reason=said["reason"],
        due_on=due(said),
        by=by,
        now=settings.now(),
    )


def _ask_to_correct(card: Card, _: int | None) -> None:
    problem, choices = card.problem, _choices(access.current_user())
    _ask_rule(choices, problem.unit_code, problem.rule_code)
    ask_line("site", "点位", value=problem.site, most=200)
    ask_words("description", "问题描述", value=problem.description, most=500)
    count, severity = st.columns(2)
    count.number_input("处数", 1, 999_999, value=problem.count, key=f"{FIELD}count")
    severity.selectbox(
        "严重程度",
        list(Severity),
        index=list(Severity).index(problem.severity),
        format_func=lambda each: each.value,
        key=f"{FIELD}severity",
    )
    _ask_place(problem, choices)
    ask_words("reason", "更正的原因")


def _ask_place(problem: Problem, choices: problem_filters.Choices) -> None:
    town, task = st.columns(2)
    towns, tasks = list(choices.towns), list(choices.tasks)
    town.selectbox(
        "属地",
        towns,
        index=towns.index(problem.town_code) if problem.town_code in towns else None,
        format_func=choices.towns.__getitem__,
        placeholder="不填",
        key=f"{FIELD}town",
    )
    task.selectbox(
        "任务",
        tasks,
        index=tasks.index(str(problem.task_no)) if problem.task_no else None,
        format_func=choices.tasks.__getitem__,
        placeholder="随条款",
        key=f"{FIELD}task",
    )


def _correct(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    problems.correct(
        session,
        problem=problem,
        rule_code=said[f"rule_{problem.unit_code}"],
        site=said["site"],
        description=said["description"],
        count=said["count"],
        severity=said["severity"],
        town=session.get_one(Unit, said["town"]) if said["town"] else None,
        task_no=int(said["task"]) if said["task"] else None,
        reason=said["reason"],
        by=by,
        now=settings.now(),
    )


# ---- 复查, 销号, 退回 ---------------------------------------------------------------------------


def _ask_to_reinspect(card: Card, _: int | None) -> None:
    results = [PASSED_AND_CLOSED, PASSED, FAILED]
    st.radio("复查结论", results, index=None, key=f"{FIELD}result")
    ask_words("remark", "复查的情况：谁、什么时候、看到什么", most=500)


def _reinspect(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    """With what follows from it, in one write."""
    result, remark, now = said["result"], said["remark"], settings.now()
    if result is None:
        raise BadInput("请选择复查结论。")
    is_passed = result != FAILED
    closings.reinspect(session, problem=problem, is_passed=is_passed, remark=remark, by=by, now=now)
    if result == PASSED_AND_CLOSED:
        closings.close(session, problem=problem, remark=remark, by=by, now=now)
    elif result == FAILED:
        closings.send_back(session, problem=problem, reason=remark, by=by, now=now)


def _ask_to_close(card: Card, _: int | None) -> None:
    if card.worth.gain:
        st.caption(f"销号后挽回 {card.worth.gain} 分。")
    ask_words("remark", "销号意见（有佐证材料或复查记录的可以不写）")


def _close(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    closings.close(session, problem=problem, remark=said["remark"], by=by, now=settings.now())


def _send_back(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    closings.send_back(session, problem=problem, reason=said["reason"], by=by, now=settings.now())


# ---- 延期, 误报, 合并 and back ------------------------------------------------------------------


def _ask_to_extend(card: Card, _: int | None) -> None:
    ask_deadline("延期到", extended_from(card.problem))
    ask_words("reason", "延期的原因（责任单位会看到，首次时限仍然保留）")


def _extend(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    due_on = required_due(said, extended_from(problem))
    requests.extend(
        session, problem=problem, due_on=due_on, reason=said["reason"], by=by, now=settings.now()
    )


def _dismiss(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    voidings.dismiss(session, problem=problem, reason=said["reason"], by=by, now=settings.now())


def _ask_to_merge(card: Card, _: int | None) -> None:
    st.selectbox(
        "并入（同一单位、条款和点位，可能重复）",
        list(card.twins),
        format_func=card.twins.__getitem__,
        key=f"{FIELD}into",
    )
    ask_words("reason", "合并的理由")


def _merge(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    into = moves.find(session, said["into"], viewer=by)
    voidings.merge(
        session, problem=problem, into=into, reason=said["reason"], by=by, now=settings.now()
    )


def _restore(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    voidings.restore(session, problem=problem, reason=said["reason"], by=by, now=settings.now())


def _ask_to_reopen(card: Card, _: int | None) -> None:
    ask_deadline("整改时限", settings.today(), usual=card.due_by_default)
    ask_words("reason", "重新挂账的原因（责任单位会看到）")


def _reopen(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    closings.reopen(
        session,
        problem=problem,
        reason=said["reason"],
        due_on=due(said),
        by=by,
        now=settings.now(),
    )


# ---- answers to what a unit asked for ------------------------------------------------------------


def _ask_to_grant(card: Card, about: int | None) -> None:
    _show_request(card, about)
    ask_words("answer", "答复（选填，责任单位会看到）")


def _ask_to_refuse(card: Card, about: int | None) -> None:
    _show_request(card, about)
    ask_words("reason", "不同意的原因（责任单位会看到）")


def _show_request(card: Card, about: int | None) -> None:
    request = next(each for each in card.waiting if each.id == about)
    st.text(f"{request_in_words(request)}：{request.reason or '没有写明理由'}")


def request_in_words(request: ProblemRequest) -> str:
    if request.kind is RequestKind.EXTENSION:
        return f"申请延期至 {request.due_on}"
    return "申请认定为误报"


def _grant(session: Session, problem: Problem, said: Said, by: User, about: int | None) -> None:
    request = session.get_one(ProblemRequest, about)
    requests.grant(session, request=request, answer=said["answer"], by=by, now=settings.now())


def _refuse(session: Session, problem: Problem, said: Said, by: User, about: int | None) -> None:
    request = session.get_one(ProblemRequest, about)
    requests.refuse(session, request=request, reason=said["reason"], by=by, now=settings.now())


# The usual next move of a status stands before the others.
FORMS: dict[str, Form] = {
    "assign": Form(Move.ASSIGN, "交办", "已交办", _ask_to_assign, _assign, is_primary=True),
    "reinspect": Form(
        Move.REINSPECT, "复查", "复查已登记", _ask_to_reinspect, _reinspect, is_primary=True
    ),
    "close": Form(
        Move.CLOSE,
        "销号",
        "已销号",
        _ask_to_close,
        _close,
        is_offered=lambda card: card.may_be_closed,
    ),
    "send_back": Form(
        Move.SEND_BACK,
        "退回整改",
        "已退回整改",
        ask_reason("退回的原因（责任单位会看到）"),
        _send_back,
    ),
    "extend": Form(Move.EXTEND, "延期", "已延期", _ask_to_extend, _extend),
    "reopen": Form(Move.REOPEN, "重新挂账", "已重新挂账", _ask_to_reopen, _reopen),
    "restore": Form(Move.RESTORE, "恢复", "已恢复", ask_reason("恢复的原因"), _restore),
    "reassign": Form(Move.REASSIGN, "改派", "已改派", _ask_to_reassign, _reassign),
    "correct": Form(Move.CORRECT, "更正", "已更正", _ask_to_correct, _correct),
    "dismiss": Form(
        Move.DISMISS, "认定误报", "已认定为误报", ask_reason("认定误报的理由"), _dismiss
    ),
    "merge": Form(
        Move.MERGE,
        "合并",
        "已合并",
        _ask_to_merge,
        _merge,
        is_offered=lambda card: bool(card.twins),
    ),
    "grant": Form(
        Move.REFUSE,
        "同意",
        "已同意申请",
        _ask_to_grant,
        _grant,
        is_primary=True,
        stands_apart=True,
    ),
    "refuse": Form(Move.REFUSE, "不同意", "已答复", _ask_to_refuse, _refuse, stands_apart=True),
}
