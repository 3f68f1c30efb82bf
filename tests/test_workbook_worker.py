"""Uploads are read in a process of their own; whatever happens there, the server goes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from daxing_safety.errors import BadInput
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.worker import read_in_worker, shutdown
from tests.workbook_files import content_of, with_problem_sheet, workbook

GOOD = workbook(content_of("区水务局"))
# The dimension and the row say nothing of a cell so far away; calamine dies of it.
DEADLY = with_problem_sheet(
    GOOD, "</sheetData>", '<row r="44"><c r="GZ99999999"><v>1</v></c><c r="A44"/></row></sheetData>'
)


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    yield
    shutdown()


def test_a_workbook_is_read_as_it_is_in_this_process() -> None:
    assert read_in_worker(GOOD) == read_workbook(GOOD)


def test_a_refusal_comes_back_as_it_was_said() -> None:
    with pytest.raises(BadInput, match="这不是 Excel 工作簿"):
        read_in_worker(b"%PDF-1.7")


def test_a_file_that_kills_its_reader_is_refused_and_the_next_is_read() -> None:
    with pytest.raises(BadInput, match="文件结构异常"):
        read_in_worker(DEADLY)
    assert read_in_worker(GOOD).sheets


def test_many_threads_are_served_at_once() -> None:
    files = [GOOD, DEADLY, GOOD, GOOD, GOOD, GOOD]

    def outcome(data: bytes) -> bool:
        try:
            return bool(read_in_worker(data).sheets)
        except BadInput:
            return False

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(outcome, files)) == [True, False, True, True, True, True]
