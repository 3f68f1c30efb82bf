"""A screen with nothing on it."""

import streamlit as st

from daxing_safety.ui.access import require_user

require_user()
st.title("空页", anchor=False)
