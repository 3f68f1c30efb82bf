"""帮助: the part of the user manual that is for the viewer."""

import streamlit as st

from daxing_safety.ui import help as manual
from daxing_safety.ui.access import require_user

viewer = require_user()

st.title("帮助", anchor=False)
chapters = manual.chapters_for(viewer)
for tab, chapter in zip(
    st.tabs([each.title for each in chapters], key="chapter", bind="query-params"),
    chapters,
    strict=True,
):
    with tab:
        manual.show(chapter)
