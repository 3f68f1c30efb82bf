"""问题整改: the district's problems, from whatever source, until they are closed."""

import streamlit as st

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import saved_views as views
from daxing_safety.reports.problems import bulk
from daxing_safety.reports.problems import filters as asked
from daxing_safety.reports.problems import listing as problem_list
from daxing_safety.reports.problems.filters import Filters, Layout
from daxing_safety.ui import saved_views
from daxing_safety.ui.access import require_user
from daxing_safety.ui.kept import kept
from daxing_safety.ui.problems import bulk as problem_bulk
from daxing_safety.ui.problems import card as problem_card
from daxing_safety.ui.problems import exchange as problem_exchange
from daxing_safety.ui.problems import filters as problem_filters
from daxing_safety.ui.problems import form as problem_form
from daxing_safety.ui.problems import listing as problems
from daxing_safety.ui.problems import promises

viewer = require_user(Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
today = settings.today()
manages = allows(viewer, Permission.MANAGE_PROBLEMS)

if number := st.query_params.get("problem"):
    problem_card.show(viewer, number)

else:
    choices = kept(asked.choices, viewer=viewer)
    filters = Filters.read(st.query_params, choices)
    with reading() as session:
        own_views = views.of_page(session, viewer=viewer, page=problem_filters.PAGE)

    with problem_filters.show_heading(filters):
        saved_views.offer(problem_filters.PAGE, own_views, filters.query())
        problem_exchange.offer(viewer, filters)
        if manages:
            usual = kept(bulk.usual_deadlines, viewer=viewer, today=today)
            problem_form.offer(choices, usual)
    problem_filters.show_scope(viewer)
    problem_filters.ask_filters(filters, choices, viewer)

    if filters.view is Layout.BOARD:
        columns = kept(problem_list.board, viewer=viewer, filters=filters, today=today)
        problems.show_board(columns, filters)
    elif filters.view is Layout.PROMISES:
        promises.show(viewer)
    else:
        found = kept(problem_list.page, viewer=viewer, filters=filters, today=today)
        problem_filters.show_stages(filters, found.by_stage)
        if not found.total:
            problems.show_empty(filters, viewer)
        elif manages:
            verbs = st.container()
            chosen = problems.choose_rows(found, viewer)
            with verbs:
                problem_bulk.offer(chosen)
            problems.show_pages(found)
        else:
            problems.show_rows(found, viewer)
            problems.show_pages(found)
