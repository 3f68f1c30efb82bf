"""填报: a unit's workbook out and in; for the office the round, and the files of all units."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import submissions
from daxing_safety.ui import batches, rounds, submit, uploads
from daxing_safety.ui.access import require_user
from daxing_safety.ui.kept import kept

viewer = require_user(Permission.SUBMIT, Permission.SUBMIT_FOR_ANY)
now = settings.now()

if allows(viewer, Permission.SUBMIT):
    st.title("填报", anchor=False)
    unit_code = viewer.unit_code or ""
    with reading() as session:
        round_ = submissions.open_round(session)
        closes_at = submissions.closes_at(session, viewer=viewer, round_=round_) if round_ else now
    versions = kept(submissions.versions_of_unit, viewer=viewer, unit_code=unit_code)
    submit.show_stored(uploads.stored())
    if round_ is None:
        submit.show_no_round()
    else:
        submit.show_round(round_, closes_at, now)
        submit.show_standing(submissions.newest(versions, round_))
        if now <= closes_at:
            submit.show_steps(unit_code)
            for upload in uploads.ask("上传填好的填报表", viewer):
                submit.show_upload(upload)
    submit.show_history(versions)

else:
    with reading() as session:
        known = submissions.rounds(session)
    round_ = rounds.choose(known)
    batches.show_stored(uploads.stored())
    if not any(rounds.is_open(each) for each in known):
        rounds.show_open_form(now)
    if round_ is not None:
        lines = kept(submissions.board, viewer=viewer, round_id=round_.id)
        rounds.show_round(round_, lines, now)
        names = ["报送情况", "代为上传", "下发填报表"] if rounds.is_open(round_) else ["报送情况"]
        board, *open_only = st.tabs(names)
        with board:
            rounds.show_board(lines)
            rounds.show_missing(round_, lines, now)
            rounds.show_units(rounds.filter_lines(lines), round_)
        if open_only:
            with open_only[0]:
                batches.show_batch(
                    uploads.ask("收来的填报表，可一次选多份或一个 zip", viewer, many=True)
                )
            with open_only[1]:
                rounds.offer_templates(round_, lines)

uploads.forget_stored()
