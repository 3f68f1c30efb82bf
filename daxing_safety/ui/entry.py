"""The script that runs for every viewer and every click: who is it, which screen, and the frame.

It lies apart from pages/ on purpose: beside them, Streamlit would serve a page without it. What
it needs is imported, because what stood here would be made anew at every click.
"""

import streamlit as st

from daxing_safety.errors import UserFacingError
from daxing_safety.ui import access, messages, uploader
from daxing_safety.ui.frame import ASSETS, TITLE, frame
from daxing_safety.ui.screens import navigation

st.set_page_config(page_title=TITLE, page_icon=ASSETS / "favicon.png", layout="wide")
viewer = access.require_user()
page = navigation(viewer)
st.set_page_config(page_title=f"{page.title} · {TITLE}")
frame(viewer)
messages.show_kept()
try:
    with access.run_of(viewer), uploader.keeping_what_is_shown():
        page.run()
except UserFacingError as refusal:
    messages.refuse(refusal)
