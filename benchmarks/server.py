"""The product's server with an empty page more, and Streamlit's own floor at ?bare."""

import streamlit as st

from daxing_safety.web import server

app = st.App(
    server.ENTRY.parents[2] / "benchmarks" / "entry.py",
    routes=server.ROUTES,
    middleware=server.MIDDLEWARE,
    lifespan=server.lifespan(st.get_option("server.port")),
)
