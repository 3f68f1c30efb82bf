"""Whatever people wrote, every file that leaves holds it as a text: nothing computes, links or
runs when it is opened. The one way to add a file to take away leads through this test.
"""

import ast
import io
import re
import shutil
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from docx import Document
from hostile_texts import BODIES, ELSEWHERE, MADE_BY_US, OFFICIAL, STARTS, WRITTEN, build, hostile
from hostile_texts import text_columns as all_text_columns
from openpyxl import load_workbook
from sqlmodel import col, select

from daxing_safety import database, settings
from daxing_safety.cli import main
from daxing_safety.database import reading
from daxing_safety.documents.paper import (
    Column,
    Heading,
    Note,
    Paper,
    Paragraph,
    Table,
    write_paper,
)
from daxing_safety.models import Evidence, SpotCheck, Submission, Unit, User
from daxing_safety.texts import legible
from daxing_safety.vocabulary import Sheet
from daxing_safety.web import figures
from daxing_safety.web.downloads import DOWNLOADS
from daxing_safety.web.handouts import ZIP, Download
from daxing_safety.workbooks.annotate import annotate
from daxing_safety.workbooks.content import CellError
from tests.workbook_files import check_after, content_of, fill, workbook

DAY = settings.DEMO_DAY
PATH_ASKED = "95_FEWEST_30_3_0_2_3"


@pytest.fixture(scope="module")
def spoilt_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spoilt") / "data"
    build(folder)
    return folder


@pytest.fixture
def spoilt(spoilt_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "data"
    shutil.copytree(spoilt_folder, folder)
    monkeypatch.setenv("DAXING_DATA_DIR", str(folder))
    monkeypatch.setenv("DAXING_TODAY", DAY.isoformat())
    monkeypatch.delenv("DAXING_DATABASE_URL", raising=False)
    yield folder
    database.engines(settings.database_url()).dispose()


def test_every_text_that_people_write_is_known_to_these_tests() -> None:
    unknown = [
        f"{table.name}.{column.name}"
        for table, column in all_text_columns()
        if column.name not in WRITTEN.get(table.name, ())
        and table.name not in OFFICIAL
        and not MADE_BY_US.fullmatch(column.name)
    ]
    assert unknown == []


# ---- every file to take away --------------------------------------------------------------------

# Who asks for what; `{…}` is looked up in the database. A new kind of file: enter it here.
ASKED: dict[str, tuple[tuple[str, str], ...]] = {
    "tasks": (("office", "all"), ("区教委", "{unit}")),
    "template": (("区教委", "{unit}"),),
    "templates": (("office", "4"),),
    "portrait": (("leader", f"{{unit}}_{DAY}"), ("区教委", f"{{unit}}_{DAY}")),
    "compare": (("leader", f"2021-04-15_{DAY}"), ("区教委", f"2021-04-15_{DAY}")),
    "log": (("auditor", "page=1"),),
    "losses": (("office", "CONFIRMED"), ("区教委", "CLAIMED")),
    "loss_bill": (("office", "{unit}"),),
    "improvement": (("office", PATH_ASKED),),
    "public_reports": (("office", "all"),),
    "minutes": (("office", "1"),),
    "problems": (("office", "all"), ("区教委", "all")),
    "signed_page": (("office", "{submission}"),),
    "account_list": (("admin", "template"),),
    "spot_check": (("office", "{check}"),),
}
# Elsewhere: every figure is asked for below; 密码条 is printed from the account's own names.
BESIDES = {"figure", "slips"}
# Handed out as they came, or drawn anew: tests/web/test_evidence_files.py, tests/test_backups.py.
NOT_WRITTEN_BY_US = {"submission", "evidence", "photo", "backup", "spot_photo", "spot_photo_file"}


def test_every_kind_of_file_is_asked_for() -> None:
    assert ASKED.keys() | BESIDES | NOT_WRITTEN_BY_US == DOWNLOADS.keys()


def user(username: str) -> User:
    with reading() as session:
        return session.exec(select(User).where(col(User.username) == username)).one()


def looked_up(wanted: str) -> str | None:
    """None where the demo has none."""
    with reading() as session:
        unit = session.exec(select(Unit.code).where(col(Unit.name) == "区教委")).one()
        found: dict[str, Any] = {
            "unit": unit,
            "submission": session.exec(
                select(Submission.id).where(
                    col(Submission.unit_code) == unit, col(Submission.is_latest)
                )
            ).first(),
            "check": session.exec(select(SpotCheck.id)).first(),
        }
    name = re.search(r"{(\w+)}", wanted)
    if name and found[name[1]] is None:
        return None
    return wanted.format(**found)


def taken(kind: str, username: str, wanted: str) -> Download | None:
    asked = looked_up(wanted)
    return DOWNLOADS[kind](user(username), asked) if asked else None


@pytest.mark.parametrize(
    ("kind", "username", "wanted"),
    [(kind, *asked) for kind, several in ASKED.items() for asked in several],
)
@pytest.mark.usefixtures("spoilt")
def test_a_file_to_take_away_holds_texts_and_no_formula(
    kind: str, username: str, wanted: str
) -> None:
    file = taken(kind, username, wanted)
    if file is None:
        pytest.skip("the demo has none")
    assert isinstance(file.content, bytes)
    for name, content in whole(file):
        harmless(name, content)


@pytest.mark.parametrize("screen", figures.SCREENS)
@pytest.mark.usefixtures("spoilt")
def test_the_data_of_every_figure_are_texts_and_no_formula(screen: str) -> None:
    viewer = user("leader")
    scope = ["{unit}"] if screen == "portrait" else []
    scope = [looked_up(each) or "" for each in scope]
    from daxing_safety import past

    with past.reading_on(DAY) as session:
        drawn = figures.SCREENS[screen](session, viewer, DAY, [*scope, "", ""])
    names = [name for name, figure in drawn.items() if figure.data is not None]
    assert names
    for name in names:
        file = figures.data(viewer, ".".join([screen, name, DAY.isoformat(), *scope]))
        assert isinstance(file.content, bytes)
        harmless(file.name, file.content)


@pytest.mark.usefixtures("spoilt")
def test_what_the_command_line_exports_holds_texts_and_no_formula(tmp_path: Path) -> None:
    out = tmp_path / "清单.xlsx"
    assert main(["export", "problems", "--out", str(out)]) == 0
    texts = harmless(out.name, out.read_bytes())
    with reading() as session:
        seeded = {each for each in session.exec(select(Evidence.name)) if each}
    assert seeded and sum(body in text for text in texts for body in BODIES) > 100


def whole(file: Download) -> list[tuple[str, bytes]]:
    assert isinstance(file.content, bytes)
    if file.media_type != ZIP:
        return [(file.name, file.content)]
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def harmless(name: str, content: bytes) -> list[str]:
    """The texts of a workbook or document, in which nothing may act."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    for part, data in parts.items():
        if part.endswith((".xml", ".rels")):
            ElementTree.fromstring(data)  # well-formed, whatever was written
        assert b'TargetMode="External"' not in data, part
        assert b"<externalLink" not in data and b"oleObject" not in data, part
    return workbook_texts(content, parts) if name.endswith(".xlsx") else paper_texts(content, parts)


def workbook_texts(content: bytes, parts: dict[str, bytes]) -> list[str]:
    for part, data in parts.items():
        if part.startswith("xl/worksheets/"):
            found = [each.decode() for each in re.findall(rb"<f(?: [^>]*)?>([^<]*)", data)]
            assert [each for each in found if not is_ours(each)] == [], part
            linked = re.findall(rb"<hyperlink ([^>]*)>", data)
            assert all(b"location=" in each and b"r:id=" not in each for each in linked)
    book = load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    return [cell.value for cell in cells if isinstance(cell.value, str) and cell.data_type == "s"]


def is_ours(formula: str) -> bool:
    """Counts the rows of a workbook that is to be filled in, and quotes nobody."""
    return not any(body[:12] in unescape(formula) for body in BODIES)


def paper_texts(content: bytes, parts: dict[str, bytes]) -> list[str]:
    orders = re.findall(rb'w:instr="([^"]*)"|<w:instrText[^>]*>([^<]*)', b"".join(parts.values()))
    assert {first or second for first, second in orders} <= {b"PAGE"}
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(each.text for each in document.paragraphs), *cells]


# ---- what is written stays as it was written ----------------------------------------------------


@pytest.mark.usefixtures("spoilt")
def test_what_people_wrote_comes_out_letter_by_letter() -> None:
    file = taken("public_reports", "office", "all")
    assert file is not None and isinstance(file.content, bytes)
    texts = set(harmless(file.name, file.content))
    unbroken = [at for at in range(20) if not STARTS[at % len(STARTS)].startswith(("\t", "\r"))]
    assert [at for at in unbroken if hostile(at) not in texts] == []


def test_a_faulty_cell_comes_back_marked_as_the_text_it_was() -> None:
    texts = [hostile(at) for at in range(len(STARTS) * len(BODIES))]
    content, wrong = content_of("区教委"), fill("5-12", status=texts[0])
    checked = check_after(content, wrong)
    quoted = (CellError(Sheet.PROGRESS.value, "J4", each, each, each) for each in texts)
    marked = annotate(workbook(content, wrong), replace(checked, errors=tuple(quoted)))
    found = harmless("x.xlsx", marked)
    assert [each for each in texts if each.strip() not in found] == []


@pytest.mark.parametrize("body", [*BODIES, "A<b>&C \"' </w:t>", "{ PAGE }", "竖\x0b排\x07"])
def test_a_printed_paper_says_all_of_it(body: str) -> None:
    table = Table((Column("编号", 1), Column("内容", 3)), (("1", body),))
    blocks = (Heading(body), Paragraph(body), Note(body), table)
    raw = write_paper(Paper(body, body, blocks, made_at=settings.now()))
    texts = harmless("x.docx", raw)
    assert sum(legible(body) in each for each in texts) >= 6


# ---- no other way out ----------------------------------------------------------------------------


def test_no_csv_is_written_and_tables_offer_none() -> None:
    options = tomllib.loads((settings.ROOT / ".streamlit/config.toml").read_text("utf-8"))
    assert options["client"]["disableDataExport"] is True
    writers = re.compile(r"csv\.(?:writer|DictWriter)|\.to_csv\(|\.to_excel\(|\.to_html\(")
    sources = (settings.ROOT / "daxing_safety").rglob("*.py")
    assert [str(path) for path in sources if writers.search(path.read_text("utf-8"))] == []


def test_every_workbook_of_ours_is_opened_so_that_texts_stay_texts() -> None:
    for path in (settings.ROOT / "daxing_safety").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Workbook":
                source = path.read_text("utf-8")
                assert '"strings_to_formulas": False' in source, path
                assert '"strings_to_urls": False' in source, path


def test_the_texts_of_these_tests_lead_elsewhere() -> None:
    assert any(ELSEWHERE in body for body in BODIES)
