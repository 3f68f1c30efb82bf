"""The command line: exit codes and JSON exactly as its users' scripts expect them."""

import io
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from filling import dry_hydrant, problems, rules, written
from openpyxl import Workbook, load_workbook
from sqlmodel import col, select

from daxing_safety import database
from daxing_safety.actions import rounds
from daxing_safety.cli import main
from daxing_safety.models import Round, Unit, User
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Finding, Role
from daxing_safety.workbooks import account_list as account_lists

Output = pytest.CaptureFixture[str]


@pytest.fixture
def open_round(data_dir: Path) -> None:
    with database.transaction() as session:
        rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=datetime(2021, 5, 25, 17, 0),
            by=operator(Role.OFFICE),
            now=datetime(2021, 5, 20, 9, 0),
        )


def filled(unit_name: str, path: Path, *fills: object) -> Path:
    with database.reading() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == unit_name)).one()
        round_ = session.exec(select(Round)).one()
        path.write_bytes(written(session, round_, unit, *fills))  # type: ignore[arg-type]
    return path


def answer(output: Output) -> list[dict]:
    return json.loads(output.readouterr().out)


@pytest.mark.usefixtures("open_round")
def test_template_writes_one_file_for_every_unit_with_duties(tmp_path: Path) -> None:
    assert main(["template", "--all", "--out", str(tmp_path / "all")]) == 0
    files = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert len(files) == 54
    assert "大兴创安填报表_区教委_2021年第二季度.xlsx" in files


@pytest.mark.usefixtures("open_round")
def test_template_of_one_unit_holds_only_its_own_rows(tmp_path: Path) -> None:
    path = tmp_path / "区教委.xlsx"
    assert main(["template", "--unit", "区教委", "--out", str(path)]) == 0
    sheet = load_workbook(path)["工作进展"]
    codes = {row[0].value for row in sheet.iter_rows(min_row=4) if row[0].value}
    assert len(codes) == 9


@pytest.mark.usefixtures("open_round")
def test_a_clean_workbook_checks_and_submits_with_exit_0(tmp_path: Path, capsys: Output) -> None:
    path = str(filled("区水务局", tmp_path / "w.xlsx"))
    assert main(["check", "--json", path]) == 0
    (report,) = answer(capsys)
    assert report | {"warnings": []} == {
        "file": path,
        "unit": "区水务局",
        "round": "2021年第二季度",
        "readable": True,
        "errors": [],
        "warnings": [],
    }
    assert main(["submit", "--json", path]) == 0
    (report,) = answer(capsys)
    assert (report["stored"], report["version"]) == (True, 1)


@pytest.mark.usefixtures("open_round")
def test_faults_exit_1_with_sheet_cell_message_and_cure(tmp_path: Path, capsys: Output) -> None:
    path = filled("区水务局", tmp_path / "w.xlsx")
    book = load_workbook(path)
    book["自评打分"]["G4"] = "很好"
    book.save(path)
    assert main(["check", "--json", str(path), "--annotated", str(tmp_path / "marked")]) == 1
    ((fault,),) = (report["errors"] for report in answer(capsys))
    assert (fault["sheet"], fault["cell"]) == ("自评打分", "G4")
    assert "很好" in fault["message"]
    assert fault["cure"]
    marked = load_workbook(io.BytesIO((tmp_path / "marked" / "w.xlsx").read_bytes()))
    assert marked.sheetnames[0] == "错误清单"
    assert marked["自评打分"]["G4"].comment is not None


@pytest.mark.usefixtures("open_round")
def test_a_file_that_cannot_be_read_exits_2(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(b"not a workbook")
    assert main(["check", "--json", str(path), str(tmp_path / "没有.xlsx")]) == 2
    first, second = answer(capsys)
    assert (first["readable"], second["readable"]) == (False, False)
    assert first["errors"][0]["message"]


@pytest.mark.usefixtures("open_round")
def test_of_two_files_the_clean_one_is_stored_and_the_faulty_one_is_not(
    tmp_path: Path, capsys: Output
) -> None:
    good = filled("区水务局", tmp_path / "good.xlsx")
    bad = filled("区城管委", tmp_path / "bad.xlsx")
    book = load_workbook(bad)
    book["工作进展"]["G4"] = "快了"
    book.save(bad)
    assert main(["submit", "--json", str(good), str(bad)]) == 1
    assert [report["stored"] for report in answer(capsys)] == [True, False]


@pytest.mark.usefixtures("open_round")
def test_score_says_points_losses_and_whose_they_are(tmp_path: Path, capsys: Output) -> None:
    has_problem = rules(_4_1={"finding": Finding.HAS_PROBLEM})
    path = filled("区水务局", tmp_path / "w.xlsx", has_problem, problems(dry_hydrant()))
    main(["submit", str(path)])
    capsys.readouterr()
    assert main(["score", "--json"]) == 0
    score = json.loads(capsys.readouterr().out)
    assert score["claimed"] | {"low": ""} == {"score": "99.60", "low": "", "high": "99.60"}
    assert Decimal(score["confirmed"]["low"]) < Decimal(score["confirmed"]["score"])
    assert score["losses"] == [
        {
            "indicator": "4",
            "rule": "4-1",
            "unit": "区水务局",
            "lead_unit": "区城管委",
            "points": "0.40",
            "problems": ["P00001"],
        }
    ]
    assert len(score["indicators"]) == 47
    assert sum(Decimal(row["points"]) for row in score["indicators"]) == 100


@pytest.mark.usefixtures("open_round")
def test_a_clerk_named_with_by_cannot_hand_in_for_others(tmp_path: Path, capsys: Output) -> None:
    path = filled("区城管委", tmp_path / "w.xlsx")
    assert main(["submit", "--json", "--by", "区水务局", str(path)]) == 1
    (report,) = answer(capsys)
    assert "别的单位" in report["errors"][0]["message"]


def test_without_an_open_round_the_command_says_so(
    data_dir: Path, tmp_path: Path, capsys: Output
) -> None:
    assert main(["template", "--unit", "区教委", "--out", str(tmp_path / "x.xlsx")]) == 1
    assert "先开启填报期" in capsys.readouterr().err


def test_accounts_are_added_listed_and_disabled(
    data_dir: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Shui-wu-2021-ju\n"))
    add = ["user", "add", "水务二号", "--role", "unit", "--unit", "区水务局", "--password-stdin"]
    assert main(add) == 0
    assert main(["user", "disable", "水务二号"]) == 0
    capsys.readouterr()
    assert main(["user", "list", "--json"]) == 0
    added = next(row for row in answer(capsys) if row["username"] == "水务二号")
    assert (added["role"], added["disabled"]) == ("unit", True)


def test_init_loads_the_tables_once(
    tmp_path: Path, capsys: Output, settle: Callable[..., Path]
) -> None:
    settle(tmp_path / "new")
    assert main(["init"]) == 0
    assert "224 条工作要点" in capsys.readouterr().out
    assert main(["init"]) == 0
    assert "已在库中" in capsys.readouterr().out


def test_verify_agrees_with_itself(data_dir: Path, capsys: Output) -> None:
    assert main(["verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []


# ---- 批量开通 --------------------------------------------------------------------------------


def account_list(path: Path, *rows: tuple[object, ...]) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = account_lists.SHEET
    for row in (account_lists.HEADERS, *rows):
        page.append(row)
    book.save(path)
    return path


@pytest.mark.usefixtures("data_dir")
def test_a_list_of_accounts_is_opened_whole_with_its_slips(tmp_path: Path) -> None:
    rows = [
        ("区教委", "区教委", "小陈", "", "填报人"),
        ("", "expert2", "", "", "专家", "2099-06-30"),
    ]
    slips = tmp_path / "slips.docx"
    opened = [
        "user",
        "import",
        str(account_list(tmp_path / "a.xlsx", *rows)),
        "--slips",
        str(slips),
    ]
    assert main(opened) == 0
    assert slips.read_bytes().startswith(b"PK")
    assert slips.stat().st_mode & 0o077 == 0, "nobody else on the server reads them"
    with database.reading() as session:
        new = session.exec(select(User).where(col(User.username) == "expert2")).one()
    assert (new.role, str(new.valid_until)) == (Role.EXPERT, "2099-06-30")


@pytest.mark.usefixtures("data_dir")
def test_a_faulty_list_names_its_cells_and_leaves_no_slips(tmp_path: Path, capsys: Output) -> None:
    path = account_list(tmp_path / "a.xlsx", ("区教委", "区水务局", "", "", "填报人"))
    slips = tmp_path / "slips.docx"
    assert main(["user", "import", str(path), "--slips", str(slips)]) == 1
    assert "账号!B2 用户名“区水务局”已经有人使用" in capsys.readouterr().out
    assert not slips.exists()
    path.write_bytes(b"no workbook")
    assert main(["user", "import", str(path), "--slips", str(slips)]) == 2


@pytest.mark.usefixtures("data_dir")
def test_slips_are_never_written_over_a_file(tmp_path: Path) -> None:
    slips = tmp_path / "slips.docx"
    slips.write_bytes(b"kept")
    path = account_list(tmp_path / "a.xlsx", ("区教委", "区教委", "", "", "填报人"))
    assert main(["user", "import", str(path), "--slips", str(slips)]) == 1
    assert slips.read_bytes() == b"kept"
    with database.reading() as session:
        assert not session.exec(select(User).where(col(User.username) == "区教委")).all()
