"""The expert's form for one thing: 结论, what was seen, photos. Saved one by one.

The photos' field bears the number of its generation, which each upload raises: it is empty again,
and a second click finds nothing left to store.
"""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from daxing_safety import settings
from daxing_safety.actions import spot_findings
from daxing_safety.database import transaction
from daxing_safety.models import SpotCheckItem, SpotCheckPhoto
from daxing_safety.reports.spot_checks.items import Row
from daxing_safety.spot_checks import DOUBTED
from daxing_safety.ui import access, evidence_files, messages, uploader
from daxing_safety.ui.messages import plain
from daxing_safety.ui.spot_checks import item
from daxing_safety.vocabulary import SpotVerdict

GENERATION = "spot_photos"
FIELDS = ("verdict", "found", "site", "count", "suggestion")


def _key(row_id: int, name: str) -> str:
    return f"spot_{row_id}_{name}"


def ask(row: Row) -> None:
    answer = row.answer
    st.subheader("您的核查", anchor=False)
    verdict = st.segmented_control(
        "结论",
        list(SpotVerdict),
        default=answer.verdict if answer else None,
        format_func=lambda each: each.value,
        key=_key(row.id, "verdict"),
    )
    st.text_area(
        "核查情况：看了什么，看到什么",
        answer.found if answer else "",
        max_chars=500,
        height=110,
        key=_key(row.id, "found"),
    )
    _ask_where(row, is_doubted=verdict in DOUBTED)
    st.text_area(
        "整改建议（选填）",
        answer.suggestion if answer else "",
        max_chars=300,
        height=80,
        key=_key(row.id, "suggestion"),
    )
    st.button(
        "保存",
        type="primary",
        icon=":material/save:",
        on_click=save,
        args=(row.id,),
        width="stretch",
        key=_key(row.id, "save"),
    )
    st.caption("换到别的项以前请先保存；照片选好后点“上传”即已保存。")
    _ask_photos(row)


def _ask_where(row: Row, *, is_doubted: bool) -> None:
    answer, needed = row.answer, "" if is_doubted else "（选填）"
    st.text_input(
        f"点位{needed}：具体到门牌、路段或设施",
        answer.site if answer else "",
        max_chars=100,
        key=_key(row.id, "site"),
    )
    if is_doubted:
        said = answer.count if answer else None
        st.number_input("有问题的处数", 1, 9999, said or 1, key=_key(row.id, "count"))


def save(row_id: int) -> None:
    said = {name: st.session_state.get(_key(row_id, name)) for name in FIELDS}
    with messages.outcome("已保存。交回以前可以再改。"):
        by = access.current_user()
        with transaction() as session:
            spot_findings.record(
                session,
                item=session.get_one(SpotCheckItem, row_id),
                verdict=said["verdict"],
                found=said["found"] or "",
                site=said["site"] or "",
                count=said["count"],
                suggestion=said["suggestion"] or "",
                by=by,
                now=settings.now(),
            )


# ---- photos -------------------------------------------------------------------------------------


def _ask_photos(row: Row) -> None:
    st.subheader("现场照片（选填）", anchor=False)
    item.show_experts_photos(row.photos)
    for photo in row.photos:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(plain(photo.name))
            st.button("删去", on_click=remove, args=(photo.id,), key=f"remove_{photo.id}")
    key = _key(row.id, f"photos_{st.session_state.setdefault(GENERATION, 0)}")
    files = uploader.many(
        f"jpg 或 png，每张不超过 20 MB，最多 {spot_findings.MOST_PHOTOS} 张",
        evidence_files.PHOTOS,
        key=key,
    )
    if files:
        st.button(
            f"上传 {len(files)} 张",
            on_click=store,
            args=(row.id, key),
            width="stretch",
            key=_key(row.id, "upload"),
        )


def store(row_id: int, key: str) -> None:
    """Each by itself: one that is refused keeps no other from coming in."""
    files: list[UploadedFile] = st.session_state.get(key) or []
    for file in files:
        with messages.outcome():
            by = access.current_user()
            with transaction() as session:
                spot_findings.add_photo(
                    session,
                    item=session.get_one(SpotCheckItem, row_id),
                    data=file.getvalue(),
                    name=file.name,
                    by=by,
                    now=settings.now(),
                )
    if files:
        st.session_state[GENERATION] += 1


def remove(photo_id: int) -> None:
    with messages.outcome("照片已删去。"):
        by = access.current_user()
        with transaction() as session:
            photo = session.get_one(SpotCheckPhoto, photo_id)
            spot_findings.remove_photo(session, photo=photo, by=by, now=settings.now())
