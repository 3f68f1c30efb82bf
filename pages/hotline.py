"""接诉即办: what the public reports, from 派单 to 回访; exports of 12345 come in here."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import public_report_rates as rates
from daxing_safety.reports import public_reports as reports
from daxing_safety.ui import hotline, hotline_import, hotline_report
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
is_office = allows(viewer, Permission.MANAGE_PROBLEMS)
now = settings.now()

with reading() as session:
    choices = reports.choices(session, viewer=viewer)
    counts = reports.counts(session, viewer=viewer, now=now)
    units = rates.rates_by_unit(session, viewer=viewer, now=now)

heading = hotline.show_heading(choices, viewer)
hotline.show_figures(counts, rates.overall(units))

names = [hotline.LIST, hotline.RATES, *([hotline.IMPORT] if is_office else [])]
listed, rated, *imported = st.tabs(names, key="view", on_change="rerun", bind="query-params")

if rated.open:
    with rated:
        hotline.show_rates(units)
elif imported and imported[0].open:
    with imported[0]:
        hotline_import.show(viewer)
else:
    with listed:
        filters = hotline.ask_filters(choices, viewer)
        hotline.offer_download(heading, filters)
        with reading() as session:
            total = reports.total(session, viewer=viewer, filters=filters, now=now)
        place = st.container()
        page = hotline.ask_page(total)
        with reading() as session:
            rows = reports.rows(session, viewer=viewer, filters=filters, now=now, page=page)
        with place:
            hotline.show_list(rows, total, choices, viewer)

if number := st.query_params.get("report"):
    with reading() as session:
        card = reports.card(session, viewer=viewer, number=number, now=now)
    hotline_report.show(card, choices)
