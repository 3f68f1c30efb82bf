"""The product's entry script, compiled once, as Streamlit would keep it."""

from daxing_safety.web.server import ENTRY

CODE = compile(ENTRY.read_text("utf-8"), str(ENTRY), "exec")
