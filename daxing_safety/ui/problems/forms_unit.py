"""办理, the forms of a unit: measures and steps, 申请销号 with its photos, and what it asks for."""

from collections.abc import Callable

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import evidence, rectifying
from daxing_safety.database import reading
from daxing_safety.errors import BadInput
from daxing_safety.evidence_files import PHOTOS, kind_of
from daxing_safety.models import Problem, RectificationStep, Unit, User
from daxing_safety.reports.problems import promises
from daxing_safety.reports.problems.card import Card
from daxing_safety.ui import access, uploader
from daxing_safety.ui.evidence_files import KINDS
from daxing_safety.ui.messages import plain
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
from daxing_safety.vocabulary import EvidenceOf, Move, PhotoStage, RequestKind

# ---- 制定措施, 申请销号 ------------------------------------------------------------------------


def _show_record(card: Card) -> None:
    """What became of the unit's promises so far, before it makes the next."""
    viewer = access.current_user()
    with reading() as session:
        record = promises.of_unit(
            session, viewer=viewer, unit_code=card.problem.unit_code, today=settings.today()
        )
    if said := promises.in_words(record):
        st.info(plain(f"本单位以往：{said}"), icon=":material/history:")


def _ask_for_plan(card: Card, _: int | None) -> None:
    problem, today = card.problem, settings.today()
    _show_record(card)
    ask_line("target", "整改目标", value=problem.target, most=200)
    ask_words("measure", "整改措施", value=problem.measure, most=500)
    ask_line("responsible", "责任人", value=problem.responsible, most=50)
    label = "整改时限（可以提前；要推迟请申请延期）" if problem.due_on else "整改时限"
    ask_deadline(label, today, value=str(problem.due_on or ""))
    ask_words("progress", "整改说明（选填）：做到哪一步了", value=problem.remark)


def _plan(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    rectifying.plan(
        session,
        problem=problem,
        target=said["target"],
        measure=said["measure"],
        responsible=said["responsible"],
        due_on=due(said),
        remark=said["progress"],
        by=by,
        now=settings.now(),
    )


def _start(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    rectifying.start(session, problem=problem, by=by, now=settings.now())


def _ask_to_claim(card: Card, _: int | None) -> None:
    today = settings.today()
    after = sum(file.stage is PhotoStage.AFTER for file in card.files)
    shown = f"已有整改后照片 {after} 张，可以再传" if after else "整改后的照片，或其他证明材料"
    uploader.many(shown, KINDS, key=f"{FIELD}files")
    st.date_input(
        "完成日期",
        today,
        min_value=card.problem.found_on,
        max_value=today,
        format="YYYY-MM-DD",
        key=f"{FIELD}done_on",
    )
    ask_words("remark", "怎么改好的、有什么材料证明", most=500)


def _claim(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    """With the files, all or nothing: a claim rests on what is shown for it."""
    now = settings.now()
    for file in said["files"]:
        data = file.getvalue()
        evidence.add(
            session,
            unit=session.get_one(Unit, problem.unit_code),
            data=data,
            name=file.name,
            uses=[(EvidenceOf.PROBLEM, problem.number)],
            material_on=said["done_on"],
            description="",
            stage=PhotoStage.AFTER if kind_of(file.name, data) in PHOTOS else None,
            by=by,
            now=now,
        )
    rectifying.claim_fixed(
        session, problem=problem, done_on=said["done_on"], remark=said["remark"], by=by, now=now
    )


def _withdraw(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    rectifying.withdraw_claim(
        session, problem=problem, reason=said["reason"], by=by, now=settings.now()
    )


# ---- what a unit asks the office for ------------------------------------------------------------


def _ask_for_extension(card: Card, _: int | None) -> None:
    _show_record(card)
    ask_deadline("希望延期到", extended_from(card.problem))
    ask_words("reason", "申请延期的原因")


def _request_extension(
    session: Session, problem: Problem, said: Said, by: User, _: int | None
) -> None:
    due_on = required_due(said, extended_from(problem))
    rectifying.ask_extension(
        session, problem=problem, due_on=due_on, reason=said["reason"], by=by, now=settings.now()
    )


def _request_dismissal(
    session: Session, problem: Problem, said: Said, by: User, _: int | None
) -> None:
    rectifying.ask_misreport(
        session, problem=problem, reason=said["reason"], by=by, now=settings.now()
    )


def _is_waiting_for(kind: RequestKind) -> Callable[[Card], bool]:
    return lambda card: all(request.kind is not kind for request in card.waiting)


# ---- 整改步骤 ---------------------------------------------------------------------------------


def _ask_for_step(card: Card, _: int | None) -> None:
    ask_line("text", "这一步做什么", most=200)
    ask_line("responsible", "责任人", value=card.problem.responsible, most=50)
    latest = f"（不晚于 {card.problem.due_on}）" if card.problem.due_on else ""
    ask_deadline(f"完成时限{latest}", settings.today())


def _add_step(session: Session, problem: Problem, said: Said, by: User, _: int | None) -> None:
    due_on = due(said)
    if due_on is None:
        raise BadInput("请填这一步的完成时限。")
    rectifying.add_step(
        session,
        problem=problem,
        text=said["text"],
        responsible=said["responsible"],
        due_on=due_on,
        by=by,
        now=settings.now(),
    )


def _finish_step(session: Session, problem: Problem, _: Said, by: User, about: int | None) -> None:
    step = session.get_one(RectificationStep, about)
    rectifying.finish_step(session, problem=problem, step=step, by=by, now=settings.now())


def _drop_step(session: Session, problem: Problem, _: Said, by: User, about: int | None) -> None:
    step = session.get_one(RectificationStep, about)
    rectifying.drop_step(session, problem=problem, step=step, by=by, now=settings.now())


# The usual next move of a status stands before the others.
FORMS: dict[str, Form] = {
    "claim": Form(
        Move.CLAIM_FIXED, "申请销号", "已申请销号", _ask_to_claim, _claim, is_primary=True
    ),
    "plan": Form(Move.PLAN, "制定措施", "整改措施已保存", _ask_for_plan, _plan),
    "start": Form(Move.START, "开始整改", "已开始整改", None, _start),
    "withdraw": Form(
        Move.WITHDRAW_CLAIM, "撤回申请", "已撤回申请", ask_reason("撤回的原因"), _withdraw
    ),
    "ask_extension": Form(
        Move.ASK,
        "申请延期",
        "已申请延期",
        _ask_for_extension,
        _request_extension,
        is_offered=_is_waiting_for(RequestKind.EXTENSION),
    ),
    "ask_misreport": Form(
        Move.ASK,
        "申请误报认定",
        "已申请误报认定",
        ask_reason("认为是误报的理由"),
        _request_dismissal,
        is_offered=_is_waiting_for(RequestKind.MISREPORT),
    ),
    "add_step": Form(
        Move.PLAN, "增加步骤", "已增加步骤", _ask_for_step, _add_step, stands_apart=True
    ),
    "finish_step": Form(Move.PLAN, "完成", "这一步已完成", None, _finish_step, stands_apart=True),
    "drop_step": Form(Move.PLAN, "删去", "已删去这一步", None, _drop_step, stands_apart=True),
}
