"""The product's entry script, unless the address asks for nothing."""

import streamlit as st

from benchmarks import product_entry

if "empty" in st.query_params:
    st.button("nothing")
else:
    exec(product_entry.CODE, globals())
