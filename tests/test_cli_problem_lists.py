"""`export problems`, and `check` and `submit` of what came of it."""

import json
from datetime import date
from pathlib import Path

import pytest
from filling import dry_hydrant
from openpyxl import load_workbook
from problem_list_files import add, edited, fill
from sqlmodel import Session, col, select

from daxing_safety import database, settings
from daxing_safety.actions import problems
from daxing_safety.cli import main
from daxing_safety.models import Problem, Unit
from daxing_safety.permissions import operator
from daxing_safety.reports.problems import export as problem_export
from daxing_safety.reports.problems.filters import Filters
from daxing_safety.vocabulary import Discovery, Role
from daxing_safety.workbooks.problem_list.columns import PROBLEM_LIST
from daxing_safety.workbooks.problem_list.template import list_bytes

Output = pytest.CaptureFixture[str]
OFFICE = operator(Role.OFFICE)


def unit_named(session: Session, name: str) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == name)).one()


@pytest.fixture
def two_problems(data_dir: Path) -> None:
    """P00001 of 区水务局, assigned; P00002 of 区城管委, not yet."""
    with database.transaction() as session:
        for name, rule_code in (("区水务局", "4-1"), ("区城管委", None)):
            problems.register(
                session,
                unit=unit_named(session, name),
                rule_code=rule_code,
                site=dry_hydrant().site,
                description="消火栓无水",
                count=1,
                discovery=Discovery.EXPERT,
                found_on=date(2021, 5, 18),
                by=OFFICE,
                now=settings.now(),
            )
        first = session.exec(select(Problem).where(Problem.number == "P00001")).one()
        problems.assign(session, problem=first, by=OFFICE, now=settings.now())


def answer(output: Output) -> dict:
    (report,) = json.loads(output.readouterr().out)
    return report


def change(path: Path, *edits: object) -> None:
    path.write_bytes(edited(path.read_bytes(), *edits))  # type: ignore[arg-type]


def numbers(path: Path) -> list[str]:
    page = load_workbook(path)[PROBLEM_LIST]
    return [cell.value for cell in page["A"][3:] if cell.value]


@pytest.mark.usefixtures("two_problems")
def test_what_is_exported_checks_clean_and_submits_without_a_change(
    tmp_path: Path, capsys: Output
) -> None:
    path = tmp_path / "清单.xlsx"
    assert main(["export", "problems", "--out", str(path)]) == 0
    assert numbers(path) == ["P00001", "P00002"]
    capsys.readouterr()
    assert main(["check", "--json", str(path)]) == 0
    assert answer(capsys) | {"warnings": []} == {
        "file": str(path),
        "unit": "全区",
        "round": None,
        "readable": True,
        "errors": [],
        "warnings": [],
    }
    assert main(["submit", "--json", str(path)]) == 0
    report = answer(capsys)
    assert (report["stored"], report["version"], report["errors"]) == (False, None, [])


@pytest.mark.usefixtures("two_problems")
def test_unit_and_status_narrow_what_is_exported(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "清单.xlsx"
    main(["export", "problems", "--unit", "区城管委", "--out", str(path)])
    assert numbers(path) == ["P00002"]
    main(["export", "problems", "--status", "未整改", "IN_PROGRESS", "--out", str(path)])
    assert numbers(path) == ["P00001"]
    assert main(["export", "problems", "--out", str(tmp_path)]) == 0
    assert numbers(tmp_path / "问题整改清单_20210520.xlsx") == ["P00001", "P00002"]
    assert main(["export", "problems", "--status", "快好了", "--out", str(path)]) == 1
    assert "没有“快好了”这种整改状态" in capsys.readouterr().err


@pytest.mark.usefixtures("two_problems")
def test_what_was_edited_is_updated_in_place(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "清单.xlsx"
    main(["export", "problems", "--out", str(path)])
    change(path, fill("P00001", count=4, measure="换阀门"), add(site="亦庄桥"))
    capsys.readouterr()
    assert main(["submit", "--json", str(path)]) == 0
    assert answer(capsys)["stored"] is True
    with database.reading() as session:
        stored = session.exec(select(Problem).order_by(col(Problem.id))).all()
    assert [(each.number, each.count) for each in stored] == [
        ("P00001", 4),
        ("P00002", 1),
        ("P00003", 2),
    ]
    assert stored[0].measure == "换阀门"
    assert main(["submit", "--json", str(path)]) == 0
    assert answer(capsys)["stored"] is False
    assert main(["verify"]) == 0


@pytest.mark.usefixtures("two_problems")
def test_faults_exit_1_with_cell_and_cure_and_store_nothing(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "清单.xlsx"
    main(["export", "problems", "--out", str(path)])
    change(path, fill("P00001", count="很多"), fill("P00002", count=9))
    capsys.readouterr()
    assert main(["check", "--json", str(path), "--annotated", str(tmp_path / "marked")]) == 1
    (fault,) = answer(capsys)["errors"]
    assert (fault["sheet"], fault["cell"]) == (PROBLEM_LIST, "G4")
    assert load_workbook(tmp_path / "marked" / "清单.xlsx").sheetnames[0] == "错误清单"
    assert main(["submit", "--json", str(path)]) == 1
    assert answer(capsys)["stored"] is False
    with database.reading() as session:
        assert set(session.scalars(select(Problem.count))) == {1}


@pytest.mark.usefixtures("two_problems")
def test_a_units_own_list_is_handed_in_in_its_name(tmp_path: Path, capsys: Output) -> None:
    with database.transaction() as session:
        unit = unit_named(session, "区水务局")
        clerk = operator(Role.UNIT)
        clerk.unit_code = unit.code
        content = problem_export.content(
            session, viewer=clerk, filters=Filters(), now=settings.now()
        )
    path = tmp_path / "区水务局.xlsx"
    path.write_bytes(list_bytes(content))
    change(path, fill("P00001", status="整改中"))
    assert main(["check", "--json", str(path)]) == 0
    assert answer(capsys)["unit"] == "区水务局"
    assert main(["submit", "--json", str(path)]) == 1
    assert "只能由该单位的填报人上传" in answer(capsys)["errors"][0]["message"]
    assert main(["submit", "--json", "--by", "区水务局", str(path)]) == 0
    assert answer(capsys)["stored"] is True
