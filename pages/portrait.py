"""单位画像: one page on one unit, which the unit sees of itself and the office prints."""

import streamlit as st

from daxing_safety.permissions import Permission
from daxing_safety.ui import as_of, portrait
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
day = as_of.title("单位画像", viewer)
units = portrait.units(viewer, day)

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    unit_code = portrait.choose_unit(units, viewer)
    if unit_code:
        portrait.offer_download(unit_code, day)

if unit_code:
    portrait.show(viewer, day, unit_code)
else:
    portrait.show_units(units, day)
