"""Which 抽查 the address names."""

import streamlit as st

from daxing_safety.errors import NotFound

CHECK = "check"


def asked() -> int | None:
    """The check in the address, where anything may stand. Raises NotFound."""
    number = st.query_params.get(CHECK)
    if number is None:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        raise NotFound("没有这次抽查，请从抽查列表中打开。")
    return int(number)


def go(check_id: int | None = None) -> None:
    """For callbacks: to one check, or to all."""
    st.query_params.from_dict({CHECK: str(check_id)} if check_id else {})
