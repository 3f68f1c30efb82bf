"""佐证材料: what proves a unit's work, what is still without proof, and the signed pages."""

import streamlit as st

from daxing_safety.database import reading
from daxing_safety.permissions import Permission
from daxing_safety.reports import evidence as reports
from daxing_safety.reports import materials, submissions, tasks
from daxing_safety.reports import signed_pages as pages
from daxing_safety.ui import evidence, signed_pages
from daxing_safety.ui.access import require_user
from daxing_safety.ui.kept import kept

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
choices = kept(tasks.choices, viewer=viewer)
unit_code = evidence.choose_unit(choices, viewer)

if unit_code is None:
    by_unit, signed = st.tabs(
        [evidence.BY_UNIT, evidence.SIGNED], key="all", on_change="rerun", bind="query-params"
    )
    if signed.open:
        with reading() as session:
            rounds = submissions.rounds(session)
        with signed:
            round_id = signed_pages.choose_round(rounds)
            if round_id is not None:
                signed_pages.show_of_round(kept(pages.of_round, viewer=viewer, round_id=round_id))
    else:
        with by_unit:
            evidence.show_units(kept(reports.by_unit, viewer=viewer))

else:
    span = kept(materials.span, viewer=viewer)
    subjects = kept(reports.subjects, viewer=viewer, unit_code=unit_code)
    files = kept(materials.materials, viewer=viewer, unit_code=unit_code)
    by_subject, by_file, signed = st.tabs(
        [evidence.BY_SUBJECT, evidence.BY_FILE, evidence.SIGNED],
        key="view",
        on_change="rerun",
        bind="query-params",
    )
    if by_file.open:
        with by_file:
            evidence.show_files(files)
    elif signed.open:
        with signed:
            versions = kept(pages.of_unit, viewer=viewer, unit_code=unit_code)
            signed_pages.show_of_unit(versions, unit_code, viewer)
    else:
        with by_subject:
            evidence.show_summary(subjects)
            found = reports.matching(subjects, evidence.ask_filters(choices))
            evidence.show_subjects(found, unit_code, span, viewer)

    subject = evidence.named(subjects, st.query_params.get("subject", ""))
    if subject is not None:
        evidence.show_subject(subject, unit_code, span, viewer)
    elif "material" in st.query_params:
        evidence.show_file(files, st.query_params["material"], span, viewer)
