"""The sample workbooks on disk, each judged as tests/workbooks/expected.csv says.

outcome: `unchanged` and `filled` are accepted and say nothing, or what their clerk meant;
`returned` come back with exactly these cells marked; `refused` cannot be taken at all, and are
read where every upload is read: in the worker. `says` is part of what is told; of an accepted
file, what was understood is listed in full.
"""

import csv
import io
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from daxing_safety.errors import BadInput
from daxing_safety.workbooks.checks import check, identify
from daxing_safety.workbooks.content import CellError, CheckedWorkbook
from daxing_safety.workbooks.reading import read_workbook
from daxing_safety.workbooks.worker import read_in_worker
from tests.workbook_files import TODAY, told
from tests.workbooks import make
from tests.workbooks.sample import FILLED, HANDED_OUT

FOLDER = Path(__file__).parent / "workbooks"
UNDERSTOOD = "已识别为"


class Expected(NamedTuple):
    outcome: str
    sheet: str
    cell: str
    says: str

    def is_told_by(self, remark: CellError) -> bool:
        place = (remark.sheet, remark.cell) == (self.sheet, self.cell)
        return place and self.says in remark.message


def _expected() -> dict[str, list[Expected]]:
    found = defaultdict(list)
    with (FOLDER / "expected.csv").open(encoding="utf-8", newline="") as table:
        for name, *rest in list(csv.reader(table))[1:]:
            found[name].append(Expected(*rest))
    return found


EXPECTED = _expected()


def named(*outcomes: str) -> list[str]:
    return [name for name, lines in EXPECTED.items() if lines[0].outcome in outcomes]


def data_of(name: str) -> bytes:
    folder = "should_pass" if name in named("unchanged", "filled") else "should_fail"
    return (FOLDER / folder / f"{name}.xlsx").read_bytes()


def judged(name: str) -> CheckedWorkbook:
    return check(read_workbook(data_of(name)), HANDED_OUT, TODAY)


def test_every_file_is_expected_and_made_by_the_script() -> None:
    passing = {file.stem for file in (FOLDER / "should_pass").iterdir()}
    failing = {file.stem for file in (FOLDER / "should_fail").iterdir()}
    assert passing == set(named("unchanged", "filled")) == set(make.SHOULD_PASS)
    assert failing == set(named("returned", "refused")) == set(make.SHOULD_FAIL)


@pytest.mark.parametrize("name", named("unchanged", "filled"))
def test_should_pass(name: str) -> None:
    checked = judged(name)
    meant = HANDED_OUT if name in named("unchanged") else FILLED
    assert told(checked.errors) == []
    assert checked.progress == meant.progress
    assert checked.findings == meant.findings
    assert checked.problems == meant.problems

    lines = [line for line in EXPECTED[name] if line.says]
    remarks = (*checked.readings, *checked.warnings)
    untold = [line for line in lines if not any(map(line.is_told_by, remarks))]
    assert untold == [], told(remarks)
    understood = [(line.sheet, line.cell) for line in lines if UNDERSTOOD in line.says]
    assert sorted((each.sheet, each.cell) for each in checked.readings) == sorted(understood)


@pytest.mark.parametrize("name", named("returned"))
def test_should_fail_with_every_wrong_cell_named(name: str) -> None:
    errors = judged(name).errors
    lines = EXPECTED[name]
    assert [(each.sheet, each.cell) for each in errors] == [(e.sheet, e.cell) for e in lines]
    assert all(line.is_told_by(error) for line, error in zip(lines, errors, strict=True))


@pytest.mark.parametrize("name", named("refused"))
def test_should_fail_without_harm_to_the_reader(name: str) -> None:
    (line,) = EXPECTED[name]
    with pytest.raises(BadInput) as refusal:
        identify(read_in_worker(data_of(name)))
    assert line.says in str(refusal.value)


def test_a_zip_bomb_too_big_to_keep_here_is_refused_before_it_is_unpacked() -> None:
    bomb = io.BytesIO(data_of("原样交回"))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(128 * 2**20))
    with pytest.raises(BadInput, match="文件展开后过大"):
        read_in_worker(bomb.getvalue())


def test_the_worker_lives_on_after_all_of_them() -> None:
    assert read_in_worker(data_of("照样填写")) == read_workbook(data_of("照样填写"))
