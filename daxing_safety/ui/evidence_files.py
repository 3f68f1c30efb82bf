"""Files of a unit on their way in: uploaded, replaced, withdrawn. For its clerk alone.

Every form bears the number of its generation, which each attempt to store raises: the forms are
empty again, and a second click finds nothing left to store.
"""

from collections.abc import Sequence
from datetime import date, datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from daxing_safety import settings
from daxing_safety.actions import evidence
from daxing_safety.actions.evidence import Use
from daxing_safety.database import transaction
from daxing_safety.models import Evidence, Unit
from daxing_safety.reports.materials import Span
from daxing_safety.ui import access, messages, uploader
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import EvidenceOf, PhotoStage

GENERATION = "evidence_generation"
KINDS = ["pdf", "docx", "xlsx", "pptx", "jpg", "jpeg", "png", "zip"]
SCANS = ["pdf", "jpg", "jpeg", "png"]
PHOTOS = ["jpg", "jpeg", "png"]
EARLIEST = date(2000, 1, 1)  # that the calendar offers
MOST_NAMED = 6


def generation() -> int:
    return st.session_state.setdefault(GENERATION, 0)


def _next_generation() -> None:
    st.session_state[GENERATION] = generation() + 1


def leave_after(opened: int) -> None:
    """First in a dialog that was opened in this generation: it ends with the first attempt.

    A click in a dialog draws only the dialog anew; what became of it is told above the page.
    """
    if generation() != opened:
        st.rerun()


# ---- new ones ----


def ask(unit_code: str, uses: Sequence[Use], span: Span, stage: PhotoStage | None = None) -> None:
    """The form; its dialog begins with `leave_after`."""
    form = f"proof_{generation()}"
    st.caption(plain(f"用于 {len(uses)} 项：{_in_words(uses)}"))
    kinds = PHOTOS if stage else KINDS
    files = uploader.many("文件，可一次选多个，每个不超过 20 MB", kinds, key=f"{form}_files")
    _ask_date(f"{form}_date", span)
    st.text_input("说明（选填）", max_chars=200, key=f"{form}_description")
    st.button(
        f"上传 {len(files)} 份" if files else "上传",
        type="primary",
        disabled=not files,
        on_click=store,
        args=(form, unit_code, tuple(uses), stage),
        key="store_files",
    )


def _in_words(uses: Sequence[Use]) -> str:
    named = "、".join(f"{of.value} {code}" for of, code in uses[:MOST_NAMED])
    return f"{named}等" if len(uses) > MOST_NAMED else named


def _ask_date(key: str, span: Span) -> None:
    chosen = st.date_input(
        "材料日期（文件落款或活动的日期）",
        value=None,
        min_value=EARLIEST,
        max_value=settings.today(),
        format="YYYY-MM-DD",
        key=key,
    )
    if chosen is None:
        st.caption("没有材料日期也能上传，但迎检时难以证明是创建期内的工作，请尽量填写。")
    elif span.remark_on(chosen):
        st.warning(
            f"创建期是 {span.starts_on:%Y-%m-%d} 至 {span.ends_on:%Y-%m-%d}，"
            "这个日期不在其中，请核对；确实如此的可以照常上传。",
            icon=":material/event_busy:",
        )


def store(form: str, unit_code: str, uses: Sequence[Use], stage: PhotoStage | None = None) -> None:
    """Each file by itself: what is refused keeps no other file from coming in."""
    state = st.session_state
    material_on, description = state.get(f"{form}_date"), state.get(f"{form}_description")
    files: list[UploadedFile] = state.get(f"{form}_files") or []
    stored = [
        _store(each, unit_code, uses, material_on, description or "", stage) for each in files
    ]
    if any(stored):
        is_page = uses[0][0] is EvidenceOf.SIGNED_PAGE
        done = "签字页已交回，共 {} 份。" if is_page else "已上传 {} 份材料，用于 {} 项。"
        messages.tell(done.format(sum(stored), len(uses)))
    if files:
        _next_generation()


def _store(
    file: UploadedFile,
    unit_code: str,
    uses: Sequence[Use],
    material_on: date | None,
    description: str,
    stage: PhotoStage | None,
) -> bool:
    now = settings.now()
    kept: Evidence | None = None
    with messages.outcome():
        by = access.current_user()
        with transaction() as session:
            kept = evidence.add(
                session,
                unit=session.get_one(Unit, unit_code),
                data=file.getvalue(),
                name=file.name,
                uses=uses,
                material_on=material_on,
                description=description,
                by=by,
                now=now,
                stage=stage,
            )
    if kept is not None:
        _tell_if_known(kept, file.name, now)
    return kept is not None


def _tell_if_known(kept: Evidence, name: str, now: datetime) -> None:
    if kept.uploaded_at < now:
        messages.tell(
            f"“{name}”以前以“{kept.name}”上传过，没有重复保存，只加上了新的用途；"
            "材料日期和说明以原来的为准。"
        )


# ---- signed pages ----


def ask_scans(unit_code: str, choices: dict[int, str]) -> None:
    """For one of these versions: its number, and how people know it."""
    form = f"signed_{generation()}"
    submission_id = st.selectbox(
        "签的是哪一版（与纸面上的编码核对）",
        list(choices),
        format_func=choices.__getitem__,
        key=f"{form}_version",
    )
    files = uploader.many("签字盖章后的扫描件或照片（pdf、jpg、png）", SCANS, key=f"{form}_files")
    st.button(
        "交回签字页",
        type="primary",
        disabled=not files,
        on_click=store,
        args=(form, unit_code, ((EvidenceOf.SIGNED_PAGE, str(submission_id)),)),
        key="store_scans",
    )


# ---- what was uploaded before ----


def offer_replacement(evidence_id: int, span: Span, *, is_page: bool) -> None:
    now = generation()
    with st.expander("更换为新版本", icon=":material/published_with_changes:"):
        st.caption("用途不变，旧版仍然可以查看。")
        file = uploader.one("新文件", SCANS if is_page else KINDS, key=f"newer_{now}")
        _ask_date(f"newer_on_{now}", span)
        st.button(
            "更换",
            type="primary",
            disabled=file is None,
            on_click=replace,
            args=(now, evidence_id),
            key="replace",
        )


def replace(form: int, evidence_id: int) -> None:
    file: UploadedFile | None = st.session_state.get(f"newer_{form}")
    if file is None:
        return
    material_on = st.session_state.get(f"newer_on_{form}")
    with messages.outcome(f"已更换为“{file.name}”。"):
        by = access.current_user()
        with transaction() as session:
            newer = evidence.replace(
                session,
                evidence=session.get_one(Evidence, evidence_id),
                data=file.getvalue(),
                name=file.name,
                material_on=material_on,
                by=by,
                now=settings.now(),
            )
        st.query_params["material"] = str(newer.id)
    _next_generation()


def offer_withdrawal(evidence_id: int) -> None:
    now = generation()
    with st.expander("撤回", icon=":material/undo:"):
        st.caption("撤回后不再作为任何事项的佐证，文件和记录仍然保留。")
        st.text_input("撤回原因", max_chars=200, key=f"reason_{now}")
        st.button("确认撤回", on_click=withdraw, args=(now, evidence_id), key="withdraw")


def withdraw(form: int, evidence_id: int) -> None:
    reason = st.session_state.get(f"reason_{form}")
    if reason is None:
        return
    with messages.outcome("已撤回这份材料。"):
        by = access.current_user()
        with transaction() as session:
            found = session.get_one(Evidence, evidence_id)
            evidence.withdraw(session, evidence=found, reason=reason, by=by)
        st.query_params.pop("material", None)
    _next_generation()
