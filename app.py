"""The server, Streamlit behind our gate: `streamlit run app.py`, `python -m daxing_safety serve`.

`app = st.App(...)` must stand here literally: Streamlit recognises it in the source, and would
otherwise run this file as an ordinary script, without routes and without the gate.
"""

import streamlit as st

from daxing_safety.ui import messages
from daxing_safety.web import server

app = st.App(
    server.ENTRY,
    routes=server.ROUTES,
    middleware=server.MIDDLEWARE,
    lifespan=server.lifespan(st.get_option("server.port")),
    exception_handlers=server.EXCEPTION_HANDLERS,
    on_script_error=messages.explain,
)
