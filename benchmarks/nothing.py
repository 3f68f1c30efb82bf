"""An app with nothing in it: what Streamlit alone costs."""

import streamlit as st

st.button("nothing")
