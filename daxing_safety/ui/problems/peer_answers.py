"""举一反三 for a unit's clerk: the form in 待办 that says no, or yes and what is done about it."""

from datetime import date
from typing import Any

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import evidence, peer_checks, problems
from daxing_safety.actions.peer_checks import SameProblem
from daxing_safety.database import reading, transaction
from daxing_safety.errors import BadInput
from daxing_safety.models import PeerCheck, Unit, User
from daxing_safety.reports.todo.items import Item, PeerQuestion, PeerReply
from daxing_safety.ui import access, evidence_files, messages, uploader
from daxing_safety.vocabulary import EvidenceOf, Severity

FIELD = "peer_"
NO, YES = "没有同样的问题", "有同样的问题"

Said = dict[str, Any]  # the form's fields by their names


def ask(item: Item) -> None:
    """Stays open with all that was typed for as long as it is refused."""
    assert isinstance(item.case, PeerQuestion | PeerReply)
    has_same = st.radio("核查结果", [NO, YES], index=None, key=f"{FIELD}verdict", horizontal=True)
    if has_same == NO:
        st.text_area("核查了哪些点位、怎么查的", max_chars=500, key=f"{FIELD}checked")
    elif has_same == YES:
        _ask_for_problem()
    if has_same:
        uploader.many(
            "核查的照片或材料（选填），每个不超过 20 MB",
            evidence_files.KINDS,
            key=f"{FIELD}files",
        )
    if st.button("提交答复", type="primary", on_click=answer, args=(item.case,), key="say_so"):
        if messages.was_refused():
            messages.show_kept()
        else:
            st.rerun()


def _ask_for_problem() -> None:
    st.caption("提交后登记为本单位自查发现的问题，请按时限整改。")
    st.text_input("点位", max_chars=100, key=f"{FIELD}site")
    st.text_area("问题描述", max_chars=300, height=80, key=f"{FIELD}description")
    left, right = st.columns(2)
    left.number_input("处数", 1, 9999, key=f"{FIELD}count")
    right.date_input(
        "整改时限",
        _usual_deadline(),
        min_value=settings.today(),
        format="YYYY-MM-DD",
        key=f"{FIELD}due_on",
    )
    left.text_input("整改目标", max_chars=200, key=f"{FIELD}target")
    right.text_input("责任人", max_chars=50, key=f"{FIELD}responsible")
    st.text_area("整改措施", max_chars=500, height=80, key=f"{FIELD}measure")


def _usual_deadline() -> date:
    with reading() as session:
        return problems.default_deadline(session, Severity.GENERAL, settings.today())


def answer(case: PeerQuestion | PeerReply) -> None:
    state = st.session_state
    said = {str(key).removeprefix(FIELD): state[key] for key in state if str(key).startswith(FIELD)}
    with messages.outcome("已答复举一反三。"):
        by = access.current_user()
        with transaction() as session:
            check = session.get(PeerCheck, case.check_id)
            assert check
            _answer(session, check, said, by)
            _keep_files(session, check, said, by)


def _answer(session: Any, check: PeerCheck, said: Said, by: User) -> None:
    now = settings.now()
    if said["verdict"] is None:
        raise BadInput("请选择有没有同样的问题。")
    if said["verdict"] == NO:
        peer_checks.answer_no(session, check=check, checked=said["checked"], by=by, now=now)
        return
    if said["due_on"] is None:
        raise BadInput("请填整改时限。")
    found = SameProblem(
        site=said["site"],
        description=said["description"],
        count=said["count"],
        target=said["target"],
        measure=said["measure"],
        responsible=said["responsible"],
        due_on=said["due_on"],
    )
    peer_checks.answer_yes(session, check=check, found=found, by=by, now=now)


def _keep_files(session: Any, check: PeerCheck, said: Said, by: User) -> None:
    for file in said.get("files") or []:
        evidence.add(
            session,
            unit=session.get_one(Unit, by.unit_code),
            data=file.getvalue(),
            name=file.name,
            uses=[(EvidenceOf.PEER_CHECK, str(check.id))],
            material_on=None,
            description="举一反三核查材料",
            by=by,
            now=settings.now(),
        )
