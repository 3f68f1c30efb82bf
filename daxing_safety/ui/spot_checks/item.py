"""One thing to look at, as expert and office see it: what was stated, files, what was found."""

from collections.abc import Sequence

import streamlit as st

from daxing_safety.reports.spot_checks import items
from daxing_safety.reports.spot_checks.items import Answer, File, Row
from daxing_safety.ui import panels
from daxing_safety.ui.grid import Colour
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import DrawnFrom, SpotHandling, SpotVerdict

STATES: dict[str, Colour] = {
    items.TO_LOOK_AT: "orange",
    items.ANSWERED: "blue",
    items.NOT_LOOKED_AT: "gray",
    items.DOUBTFUL: "red",
    SpotHandling.ADOPTED.value: "green",
    SpotHandling.FILED.value: "gray",
    items.LOOKED_AT: "green",
}
VERDICTS: dict[SpotVerdict, Colour] = {
    SpotVerdict.TRUE: "green",
    SpotVerdict.PARTLY: "yellow",
    SpotVerdict.FALSE: "red",
    SpotVerdict.UNVERIFIABLE: "gray",
}
# What the expert is to find out, by where it was drawn from.
QUESTIONS = {
    DrawnFrom.SELF_COMPLIANT: "单位自查认为达标，请核查是否属实。",
    DrawnFrom.CLAIMED_FIXED: "单位申请销号，请核查是否真的改好了。",
    DrawnFrom.CLOSED: "问题已经销号，请核查是否真的改好、有没有反弹。",
}


def show_badges(row: Row) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.badge(row.state, color=STATES[row.state])
        st.badge(f"{row.source.value} {row.code}", color="blue")
        if row.answer:
            st.badge(row.answer.verdict.value, color=VERDICTS[row.answer.verdict])
        if row.designated_because:
            st.badge("指定", color="orange")


def show_stated(row: Row) -> None:
    """Everything that the unit says of it, the rule's words, and the files that are to prove it."""
    facts = {"单位": row.unit} | dict(row.known)
    if row.rule:
        facts["扣分条款"] = f"{row.rule.code}　{row.rule.condition}"
    if row.designated_because:
        facts["指定理由"] = row.designated_because
    st.html(panels.facts(facts))
    show_files(row.files)


def show_files(files: Sequence[File]) -> None:
    """A unit's; photos are drawn, the rest can be taken away."""
    if not files:
        st.caption("单位没有为这一项上传佐证材料。")
        return
    _show_photos(files, "photo", "evidence")
    for file in files:
        if not file.is_photo:
            st.link_button(
                plain(file.name), f"/download/evidence/{file.id}", icon=":material/download:"
            )


def show_experts_photos(photos: Sequence[File]) -> None:
    _show_photos(photos, "spot_photo", "spot_photo_file")


def _show_photos(files: Sequence[File], drawn: str, original: str) -> None:
    if photos := [file for file in files if file.is_photo]:
        st.html(panels.spot_photos(photos, drawn=drawn, original=original))


def show_found(row: Row, answer: Answer) -> None:
    facts = {"结论": answer.verdict.value, "核查情况": answer.found}
    if answer.site:
        facts["点位"] = answer.site
    if answer.count:
        facts["处数"] = f"{answer.count} 处"
    if answer.suggestion:
        facts["建议"] = answer.suggestion
    facts["核查人"] = f"{row.expert}，{answer.answered_at:%Y-%m-%d %H:%M}"
    st.html(panels.facts(facts))
    show_experts_photos(row.photos)
