"""审核: the office goes through what units sent in, accepts it or returns it with a reason."""

import streamlit as st

from daxing_safety.database import reading
from daxing_safety.permissions import Permission
from daxing_safety.reports import reviews, submissions
from daxing_safety.ui import changes, review, submit
from daxing_safety.ui.access import require_user

viewer = require_user(Permission.REVIEW)

with reading() as session:
    waiting = submissions.pending(session, viewer=viewer)

st.title("审核", anchor=False)
queue = review.filter_queue(waiting)
review.show_queue(queue, waiting)
chosen = review.chosen_id(queue)

if chosen is not None:
    with reading() as session:
        version = submissions.version(session, viewer=viewer, submission_id=chosen)
        since = reviews.accepted_before(session, viewer=viewer, version=version)
        progress = reviews.progress_changes(session, version, since)
        findings = reviews.finding_changes(session, version, since)
        answers = reviews.single_answers(session, version)
        opened = reviews.problems_opened(session, viewer=viewer, version=version)
        claims = reviews.claims(session, viewer=viewer, unit_code=version.unit_code)
        rows = reviews.progress_rows(session, version)
        history = submissions.versions_of_unit(session, viewer=viewer, unit_code=version.unit_code)

    with st.container(border=True):
        review.show_heading(version, since)
        review.offer_answer(version, queue)
        submit.show_sections(
            [
                ("进展变化", progress, changes.show_progress),
                ("自评变化", findings, changes.show_findings),
                ("是非和比率条款", answers, review.show_single_answers),
                ("新增问题", opened, changes.show_problems),
                ("申请销号", claims, review.offer_claims),
                ("全部工作进展", rows, review.show_progress_rows),
                ("历次报送", history, submit.show_versions),
            ]
        )
