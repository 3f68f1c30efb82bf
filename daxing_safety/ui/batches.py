"""Files of many units at once: a line each, the clean ones stored, the others back marked."""

from collections.abc import Sequence
from functools import partial
from hashlib import sha256

import streamlit as st

from daxing_safety.ui import uploads
from daxing_safety.ui.messages import plain
from daxing_safety.ui.submit import show_effect, show_faults
from daxing_safety.ui.uploads import Stored, Upload
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.content import CheckedWorkbook


def show_batch(found: Sequence[Upload]) -> None:
    """A line a file, the details of those that need a look, and one button for the clean ones."""
    clean = [upload for upload in found if upload.is_clean]
    if clean:
        st.button(
            f"入库 {len(clean)} 份",
            type="primary",
            icon=":material/inventory:",
            on_click=uploads.store_all,
            key="store_many",
        )
    offer_all_marked(found)
    for place, upload in enumerate(found):
        _show_line(upload, f"{place}_{upload.name}")


def _show_line(upload: Upload, key: str) -> None:
    """The details are drawn once they are opened: a batch may bring five tables a file."""
    title = plain(f"{_whose(upload)}：{verdict(upload)}")
    line = st.expander(title, icon=_icon(upload), key=key, on_change="rerun")
    if line.open:
        with line:
            st.text(upload.name)
            _show_details(upload)


def offer_all_marked(found: Sequence[Upload]) -> None:
    """The faulty ones with their cells marked, in one zip, to be sent back."""
    faulty = [
        (upload.name, upload.data, upload.preview.checked)
        for upload in found
        if upload.preview is not None and upload.preview.checked.errors
    ]
    if len(faulty) < 2:  # a single one has its own button
        return
    digest = sha256(b"".join(data for _, data, _ in faulty)).hexdigest()[:8]
    st.download_button(
        f"下载全部标好错的填报表（{len(faulty)} 份）",
        data=partial(all_marked, faulty),
        file_name=f"标错填报表_{digest}.zip",
        mime="application/zip",
        on_click="ignore",
        icon=":material/folder_zip:",
        key=f"all_marked_{digest}",
    )


def all_marked(faulty: Sequence[tuple[str, bytes, CheckedWorkbook]]) -> bytes:
    from daxing_safety.workbooks.bundles import mark_all  # only the worker needs what it imports

    return worker.run_in_worker(mark_all, faulty)


def _whose(upload: Upload) -> str:
    if upload.preview is None:
        return upload.name
    return f"{upload.preview.checked.unit_name}，{upload.preview.checked.round_name}"


def verdict(upload: Upload) -> str:
    """In a few words, for the line of a file."""
    if upload.preview is None:
        return "不能识别"
    if upload.preview.repeats:
        return f"与已入库的第{upload.preview.repeats}版相同，不用再报"
    if upload.preview.effect is None:
        return f"有 {len(upload.preview.checked.errors)} 处错误，不能入库"
    counts = upload.preview.effect.counts
    changed = sum(counts[name] for name in counts if name != "claimed_fixed")
    return f"可以入库，{changed} 行有变化" if changed else "可以入库，没有变化"


def _icon(upload: Upload) -> str:
    if upload.is_clean:
        return ":material/check_circle:"
    is_repeat = upload.preview is not None and upload.preview.repeats
    return ":material/content_copy:" if is_repeat else ":material/error:"


def _show_details(upload: Upload) -> None:
    if upload.preview is None:
        st.text(upload.refusal)
    elif upload.preview.effect is not None:
        show_effect(upload.preview.checked, upload.preview.effect)
    elif not upload.preview.repeats:
        show_faults(upload)


def show_stored(stored: Sequence[Stored]) -> None:
    """What became of the files that were stored by the click before."""
    if not stored:
        return
    new = [each for each in stored if each.is_new]
    if new:
        names = "、".join(f"{each.unit}（第{each.version}版）" for each in new)
        st.success(plain(f"已入库 {len(new)} 份：{names}。"), icon=":material/task_alt:")
    for each in stored:
        if each.refusal:
            st.error(plain(f"{each.name}：{each.refusal}"), icon=":material/error:")
