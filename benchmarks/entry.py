"""The product's entry script, unless the address asks for nothing but Streamlit itself."""

import streamlit as st

from benchmarks import product_entry

if "bare" in st.query_params:
    st.button("nothing")
else:
    exec(product_entry.CODE, globals())
