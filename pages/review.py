"""审核: the office goes through what units sent in, accepts it or returns it with a reason."""

from functools import partial

import streamlit as st

from daxing_safety import settings
from daxing_safety.permissions import Permission
from daxing_safety.reports import reviews, submissions
from daxing_safety.reports.spot_checks import trust
from daxing_safety.ui import changes, review, submit, verdicts
from daxing_safety.ui.access import require_user
from daxing_safety.ui.kept import kept

viewer = require_user(Permission.REVIEW)

waiting = kept(submissions.pending, viewer=viewer)

st.title("审核", anchor=False)
queue = review.filter_queue(waiting)
review.show_queue(queue, waiting)
chosen = review.chosen_id(queue)

if chosen is not None:
    said = kept(reviews.said, viewer=viewer, submission_id=chosen)
    with st.container(border=True):
        review.show_heading(said.version, said.since)
        unit = said.version.unit_code
        review.show_trust(
            kept(trust.of_unit, viewer=viewer, today=settings.today(), unit_code=unit)
        )
        review.offer_answer(said.version, queue)
        submit.show_sections(
            [
                ("进展变化", said.progress, changes.show_progress),
                ("自评变化", said.findings, changes.show_findings),
                ("是非和比率条款", said.single_answers, review.show_single_answers),
                ("新增问题", said.problems_opened, changes.show_problems),
                ("申请销号", said.claims, review.offer_claims),
                ("逐项审核", said.rows, partial(verdicts.offer_rows, said.version)),
                ("历次报送", said.history, submit.show_versions),
            ]
        )
