"""No cell, whatever stands in it, may do more than be refused."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daxing_safety.workbooks.cells import (
    Fault,
    Setting,
    Understood,
    clean_text,
    is_empty,
    reader_for,
    squeezed,
)
from daxing_safety.workbooks.columns import COLUMNS, Column, Kind
from daxing_safety.workbooks.reading import Cell, Unreadable

SETTING = Setting(
    round_year=2021,
    starts_on=date(2020, 3, 1),
    ends_on=date(2021, 12, 31),
    rule_codes=frozenset({"4-1", "18-1"}),
    work_point_codes=frozenset({"1-01"}),
    problem_numbers=frozenset({"DX-2021-0001"}),
)
VALUES = {
    Kind.CODE: str,
    Kind.TEXT: str,
    Kind.WORD: Enum,
    Kind.PERCENT: Decimal,
    Kind.COUNT: int,
    Kind.DATE: date,
}
FILLED = [column for columns in COLUMNS.values() for column in columns if column.is_read]

cells = st.one_of(
    st.text(max_size=40),
    st.text("0123456789.%-年月日处０９％～ \n", max_size=12),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.sampled_from([Unreadable("公式错误", "#N/A"), datetime(1904, 1, 1, 1), time(0)]),
)


@pytest.mark.parametrize("column", FILLED, ids=lambda column: column.header)
@given(cell=cells)
def test_a_cell_is_read_understood_or_refused(column: Column, cell: Cell) -> None:
    meaning = reader_for(column, SETTING)(cell)
    if isinstance(meaning, Fault):
        assert column.header in meaning.message
        assert meaning.cure.endswith("。")
    else:
        value = meaning.value if isinstance(meaning, Understood) else meaning
        assert is_empty(value) or isinstance(value, VALUES[column.kind])


@given(st.text(max_size=60))
def test_cleaning_a_text_twice_changes_no_more(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert squeezed(squeezed(text)) == squeezed(text)


def test_emoji_and_rare_characters_stay_as_they_are() -> None:
    text = "𠮷野家👨‍👩‍👧\ue000é"
    assert clean_text(text) == text
