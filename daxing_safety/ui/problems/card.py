"""One problem on the screen: what it is and costs, its photos, its steps, what was done with it."""

import streamlit as st

from daxing_safety import settings, wording
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import materials
from daxing_safety.reports.problems import card as problem_card
from daxing_safety.reports.problems.card import Card, Clock, File
from daxing_safety.ui import evidence_files, panels
from daxing_safety.ui.grid import Colour
from daxing_safety.ui.kept import kept
from daxing_safety.ui.messages import plain
from daxing_safety.ui.panels import Figure
from daxing_safety.ui.problems import moves as problem_moves
from daxing_safety.ui.problems import peer_checks
from daxing_safety.ui.problems.forms_office import request_in_words
from daxing_safety.ui.problems.listing import STATUSES
from daxing_safety.vocabulary import (
    EvidenceOf,
    Move,
    PhotoStage,
    RectificationStatus,
    Severity,
)

SEVERITIES: dict[Severity, Colour] = {
    Severity.GENERAL: "gray",
    Severity.MAJOR: "orange",
    Severity.LISTED: "red",
}


def show(viewer: User, number: str) -> None:
    """Raises NotFound where there is no such problem that the viewer may see."""
    st.button(
        "返回问题清单", icon=":material/arrow_back:", type="tertiary", on_click=close, key="back"
    )
    card = kept(problem_card.card, viewer=viewer, number=number, today=settings.today())
    _show_heading(card)
    _show_requests(card, viewer)
    if card.is_open:
        st.html(panels.figures(_figures(card)))
    problem_moves.offer(card, viewer)
    about, course = st.columns([1.55, 1], gap="large")
    with about:
        _show_facts(card)
        _show_files(card, viewer)
        _show_steps(card, viewer)
        peer_checks.show(viewer, number)
    with course:
        st.subheader("办理记录", anchor=False)
        st.html(panels.timeline(card.timeline))


def close() -> None:
    """Back to the list; its filters stand in the address all the while."""
    st.query_params.pop("problem", None)


def open_other(number: str) -> None:
    st.query_params["problem"] = number


# ---- heading -----------------------------------------------------------------------------------


def _show_heading(card: Card) -> None:
    problem = card.problem
    with st.container(gap="xsmall"):
        st.title(plain(f"{problem.number}　{problem.site}"), anchor=False)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.badge(problem.status.value, color=STATUSES[problem.status])
            st.badge(problem.severity.value, color=SEVERITIES[problem.severity])
            if card.clock and card.clock.is_overdue:
                st.badge("逾期", color="red")
            if card.worth.is_unplanned:
                st.badge("失分无整改", color="red")
            if problem.recurs:
                st.badge("反复", color="red")
            st.caption(plain(f"{card.unit}　{problem.count} 处"), width="content")
    st.text(problem.description)
    _show_relatives(card)
    _show_end(card)


def _show_relatives(card: Card) -> None:
    """Other problems that this one is told from, each a click away."""
    into = card.problem.merged_into
    relatives = [
        *((number, "同一点位曾经销号，这次是反复") for number in [card.problem.recurs] if number),
        *((number, "已并入") for number in [into] if number),
        *((number, "销号后又出现，见") for number in card.returned_as),
        *((number, "并入本问题") for number in card.merged_here),
        *((number, "可能重复") for number in card.twins),
    ]
    for number, words in relatives:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.caption(words, width="content")
            st.button(
                number, type="tertiary", on_click=open_other, args=(number,), key=f"to_{number}"
            )


def _show_end(card: Card) -> None:
    problem = card.problem
    if problem.status is RectificationStatus.CLOSED and problem.closed_on:
        days = (problem.closed_on - (problem.assigned_on or problem.opened_at.date())).days
        words = f"{wording.day(problem.closed_on)}由{card.closed_by}销号，历时 {days} 天。"
        st.success(plain(words), icon=":material/task_alt:")
    elif card.problem.office_remark and card.is_open:
        st.warning(plain(f"创安办意见：{problem.office_remark}"), icon=":material/feedback:")


def _show_requests(card: Card, viewer: User) -> None:
    """What the unit asked for, and the office's answer on the spot."""
    for request in card.waiting:
        with st.container(border=True):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.badge("申请待答复", color="orange")
                st.text(f"{request_in_words(request)}：{request.reason or '没有写明理由'}")
            if problem_moves.is_for(Move.REFUSE, card, viewer):
                with st.container(horizontal=True, gap="small"):
                    problem_moves.offer_one("grant", card, request.id)
                    problem_moves.offer_one("refuse", card, request.id)


# ---- figures -----------------------------------------------------------------------------------


def _figures(card: Card) -> list[Figure]:
    return [_deadline(card), _cost(card), _gain(card)]


def _deadline(card: Card) -> Figure:
    problem, clock = card.problem, card.clock
    if clock is None:
        return Figure("整改时限", "未定", "", ("交办或制定措施时确定",), "bad")
    lines = [time_left(clock)]
    if problem.first_due_on and problem.first_due_on != problem.due_on:
        lines.append(f"首次时限 {problem.first_due_on}")
    if clock.unknown_years:
        lines.append(f"{clock.unknown_years[0]} 年放假安排未公布，工作日按周一至周五计")
    tone = "bad" if clock.is_overdue else ""
    return Figure("整改时限", str(clock.due_on), "", tuple(lines), tone)


def time_left(clock: Clock) -> str:
    if not clock.days:
        return "今天到期"
    verb = "已逾期" if clock.is_overdue else "还剩"
    return f"{verb} {abs(clock.days)} 天（{clock.working_days} 个工作日）"


def _cost(card: Card) -> Figure:
    worth, rule = card.worth, card.rule
    if rule is None:
        return Figure("现失分", worth.cost_in_words, "", ("没有对应扣分条款，不影响得分",))
    cap = f"，{wording.plain(rule.cap)} 分扣完为止" if rule.cap else ""
    per = f"每{rule.per}" if rule.per else ""
    standard = f"条款 {rule.code}：{per}扣 {wording.plain(rule.deduct)} 分{cap}"
    unit = "分" if worth.cost else ""
    return Figure("现失分", worth.cost_in_words, unit, (standard,), "bad" if worth.cost else "")


def _gain(card: Card) -> Figure:
    worth = card.worth
    if worth.gain:
        return Figure("可挽回", worth.gain_in_words, "分", (), "good")
    if worth.gain is not None:
        reason = "这一条款已经扣到封顶，只销这一个还不提分"
    elif worth.cost:
        reason = "是非或比率条款，创安办重新核定结论后恢复"
    else:
        reason = "现在没有失分"
    return Figure("可挽回", worth.gain_in_words, "", (reason,))


# ---- facts ---------------------------------------------------------------------------------------


def _show_facts(card: Card) -> None:
    problem = card.problem
    st.subheader("整改", anchor=False)
    found_by = f"，{problem.found_by}" if problem.found_by else ""
    _show_known(
        {
            "整改目标": problem.target,
            "整改措施": problem.measure,
            "责任人": problem.responsible,
            "完成日期": f"{problem.done_on or ''}",
            "整改说明": problem.remark,
        },
        otherwise="还没有制定整改措施。",
    )
    st.subheader("问题", anchor=False)
    _show_known(
        {
            "责任单位": card.unit,
            "属地": card.town,
            "任务": card.task,
            "扣分条款": _rule_in_words(card),
            "发现": f"{problem.found_on}，{problem.discovery.value}{found_by}",
            "登记": f"{problem.opened_at:%Y-%m-%d %H:%M}，{card.opened_by}",
        }
    )


def _show_known(facts: dict[str, str], *, otherwise: str = "") -> None:
    known = {name: text for name, text in facts.items() if text}
    if known:
        st.html(panels.facts(known))
    else:
        st.caption(otherwise)


def _rule_in_words(card: Card) -> str:
    if card.rule is None or card.indicator is None:
        return card.problem.rule_code or "没有对应条款"
    points = wording.plain(card.indicator.points)
    return f"{card.rule.code}　{card.rule.condition}（{card.indicator.name}，{points} 分）"


# ---- photos and other evidence ------------------------------------------------------------------


def _show_files(card: Card, viewer: User) -> None:
    photos = [file for file in card.files if file.is_photo]
    before, after = st.columns(2)
    for place, stage in ((before, PhotoStage.BEFORE), (after, PhotoStage.AFTER)):
        with place:
            _show_stage(card, stage, [file for file in photos if file.stage is stage], viewer)
    _show_others(card, viewer)


def _show_others(card: Card, viewer: User) -> None:
    others = [file for file in card.files if not (file.is_photo and file.stage)]
    if not (others or _may_upload(card, viewer)):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("其他佐证材料", anchor=False, width="stretch")
        _offer_upload(card, None, viewer)
    if photos := [file for file in others if file.is_photo]:
        st.html(panels.photos(photos))
    for file in others:
        if not file.is_photo:
            _show_paper(file)


def _show_stage(card: Card, stage: PhotoStage, photos: list[File], viewer: User) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(stage.value, anchor=False, width="stretch")
        _offer_upload(card, stage, viewer)
    if photos:
        st.html(panels.photos(photos))
    else:
        st.caption(f"还没有{stage.value}的照片。")


def _show_paper(file: File) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        with st.container(gap="xxsmall", width="stretch"):
            st.text(file.name)
            st.caption(plain(file.note))
        st.link_button("下载", f"/download/evidence/{file.id}", icon=":material/download:")


def _may_upload(card: Card, viewer: User) -> bool:
    is_own = viewer.unit_code == card.problem.unit_code and allows(viewer, Permission.RECTIFY)
    return is_own or allows(viewer, Permission.MANAGE_PROBLEMS)


def _offer_upload(card: Card, stage: PhotoStage | None, viewer: User) -> None:
    if not _may_upload(card, viewer):
        return
    name = stage.name.lower() if stage else "paper"
    if st.button("上传", icon=":material/upload:", key=f"upload_{name}"):
        title = f"上传{stage.value}照片" if stage else "上传佐证材料"
        drawer = st.dialog(title, width="medium")
        drawer(_ask_files)(evidence_files.generation(), card, stage, viewer)


def _ask_files(opened: int, card: Card, stage: PhotoStage | None, viewer: User) -> None:
    evidence_files.leave_after(opened)
    uses = [(EvidenceOf.PROBLEM, card.problem.number)]
    evidence_files.ask(card.problem.unit_code, uses, kept(materials.span, viewer=viewer), stage)


# ---- steps ---------------------------------------------------------------------------------------


def _show_steps(card: Card, viewer: User) -> None:
    may_change = problem_moves.is_for(Move.PLAN, card, viewer)
    if not (card.steps or may_change):
        return
    done = sum(step.done_on is not None for step in card.steps)
    with st.container(horizontal=True, vertical_alignment="center"):
        number = f"　{done}／{len(card.steps)}" if card.steps else ""
        st.subheader(f"整改步骤{number}", anchor=False, width="stretch")
        if may_change:
            problem_moves.offer_one("add_step", card)
    today = settings.today()
    for step in card.steps:
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                if step.done_on:
                    st.badge(f"{step.done_on} 完成", color="green")
                elif step.due_on < today:
                    st.badge("逾期", color="red")
                st.text(step.text, width="stretch")
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.caption(plain(f"{step.responsible}　{step.due_on} 前"), width="stretch")
                if may_change and not step.done_on:
                    problem_moves.offer_one("finish_step", card, step.id)
                    problem_moves.offer_one("drop_step", card, step.id)
