"""Every door for files takes what is hostile with a sentence, and nothing of it is kept.

What a workbook may not be stands in test_workbook_guard.py and tests/workbooks/; here each of them
is carried to every door there is.
"""

import ast
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, func, select
from test_workbook_files import data_of, named
from test_workbook_guard import REFUSED

from daxing_safety import evidence_files, files, settings
from daxing_safety.actions import evidence
from daxing_safety.cli import main
from daxing_safety.database import reading
from daxing_safety.errors import BadInput
from daxing_safety.models import AuditEvent, AuditHead, Base, Evidence, Unit, User
from daxing_safety.vocabulary import EvidenceOf
from daxing_safety.web.downloads import disposition
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.container import OLE2, ZIP
from tests.conftest import NOW
from tests.workbook_files import zipped

PACKAGE = settings.ROOT / "daxing_safety"

HOSTILE: dict[str, Callable[[], bytes]] = {
    **{f"{name}.xlsx": (lambda name=name: data_of(name)) for name in named("refused")},
    **{what: make for what, (make, _) in REFUSED.items()},
}
# Workbooks that are sound, but none of ours: the 12345 import may read them, the others say so.
SOUND = {"不是填报表.xlsx", "识别信息被改动.xlsx", "版式太旧.xlsx"}


def is_a_sentence(text: str) -> bool:
    """For people: in Chinese, without what an exception says of itself."""
    return text.endswith("。") and not re.search(r"[A-Za-z]+ (?:[a-z]+ )+[a-z]+|Error|0x", text)


# ---- through every door ------------------------------------------------------------------------


def in_a_zip(data: bytes) -> None:
    for _, inside in worker.unpack_in_worker(zipped({"五月/区教委.xlsx": data})):
        worker.read_in_worker(inside)


WORKBOOK_DOORS: dict[str, Callable[[bytes], object]] = {
    "填报表、问题整改清单": worker.read_in_worker,
    "多份填报表的压缩包": in_a_zip,
    "12345 导出文件": worker.read_hotline_in_worker,
    "账号开通表": worker.read_account_list_in_worker,
}


@pytest.mark.parametrize("door", WORKBOOK_DOORS)
@pytest.mark.parametrize("what", [each for each in HOSTILE if each not in SOUND])
def test_a_hostile_workbook_is_refused_at_every_door(what: str, door: str) -> None:
    data = HOSTILE[what]()
    if door.startswith("12345") and data and not data.startswith((ZIP, OLE2)):
        pytest.skip("may be a csv")
    with pytest.raises(BadInput) as refusal:
        WORKBOOK_DOORS[door](data)
    assert is_a_sentence(str(refusal.value)), refusal.value


NO_WORKBOOKS = {
    "one byte": b"P",
    "a web page": b"<html><script>alert(1)</script><table><tr><td>1</td></tr></table></html>",
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "NULs": bytes(4096),
    "quotes without an end": b'"' * 200_000,
    "one endless line": b"a" * 300_000 + b",b\n",
    "a hundred thousand columns": b"a," * 100_000,
    "a hundred thousand lines": b"a,b\n" * 100_000,
}


@pytest.mark.parametrize("what", NO_WORKBOOKS)
def test_what_is_no_csv_either_is_refused_as_an_export(what: str) -> None:
    with pytest.raises(BadInput) as refusal:
        worker.read_hotline_in_worker(NO_WORKBOOKS[what])
    assert is_a_sentence(str(refusal.value)), refusal.value


def rows_in(session: Session) -> dict[str, int]:
    logged = {AuditEvent.__tablename__, AuditHead.__tablename__}
    tables = [table for table in Base.metadata.sorted_tables if table.name not in logged]
    return {
        table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables
    }


def test_handed_in_all_together_they_leave_nothing_behind(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = []
    for number, make in enumerate(HOSTILE.values()):
        paths.append(tmp_path / f"{number:03d}.xlsx")
        paths[-1].write_bytes(make())
    with reading() as session:
        before = rows_in(session)
    assert main(["submit", *map(str, paths)]) == 2
    told = capsys.readouterr()
    assert "Traceback" not in told.err and told.out.count(".xlsx") >= len(paths)
    with reading() as session:
        assert rows_in(session) == before
    assert files.on_disk() == {}


def test_the_reader_lives_on_after_all_of_them() -> None:
    assert worker.read_in_worker(data_of("照样填写")).sheets


# ---- no door without the guard ------------------------------------------------------------------

# Who opens a container, and why it may: what users send is opened by these and nobody else.
OPENERS = {
    "calamine": {  # after the guard, see below
        "workbooks/reading.py", "workbooks/hotline.py", "workbooks/account_list.py",
    },
    "openpyxl.load_workbook": {"workbooks/annotate.py"},  # what was read before: after the guard
    "zipfile": {
        "evidence_files.py",  # the list of contents only
        "workbooks/bundles.py",  # counts while it unpacks
        "web/handouts.py",  # writes
        "backups/making.py", "backups/manifest.py", "backups/restoring.py",  # our own files
    },
    "xml": {"workbooks/guard.py", "documents/paper.py", "documents/slips.py"},  # escape()
}  # fmt: skip
PATTERNS = {
    "calamine": r"CalamineWorkbook\.|load_workbook_from|calamine\.",
    "openpyxl.load_workbook": r"\bload_workbook\(",
    "zipfile": r"zipfile\.ZipFile\(",
    "xml": r"xml\.parsers|xml\.sax|ElementTree|lxml",
}


@pytest.mark.parametrize("kind", OPENERS)
def test_only_these_open_what_users_send(kind: str) -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(PATTERNS[kind], path.read_text("utf-8"))
    }
    assert found <= OPENERS[kind]


@pytest.mark.parametrize("name", sorted(OPENERS["calamine"]))
def test_calamine_sees_only_what_has_passed_the_guard(name: str) -> None:
    text = (PACKAGE / name).read_text("utf-8")
    opened = re.findall(r"CalamineWorkbook\.\w+\((.*)\)", text)
    assert opened and all(each.startswith("io.BytesIO(package.only(") for each in opened)
    assert "package = open_package(data)" in text


def test_every_uploader_is_the_one_that_gives_its_files_back() -> None:
    found = [
        path.relative_to(settings.ROOT).as_posix()
        for folder in (PACKAGE, settings.ROOT / "pages")
        for path in folder.rglob("*.py")
        if "file_uploader(" in path.read_text("utf-8")
    ]
    assert found == ["daxing_safety/ui/uploader.py"]


# What takes an upload's bytes: each reads it in the worker, or tells its kind by its content.
TAKES_BYTES = {
    "_read_one", "_incoming",  # ui/uploads.py: read in the worker; stored as it was looked at
    "Upload", "_look", "marked", "sha256", "preview",
    "read_in_worker", "unpack_in_worker", "read_hotline_in_worker", "read_account_list_in_worker",
    "evidence.add", "evidence.replace", "spot_findings.add_photo", "kind_of",
}  # fmt: skip


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "ui").rglob("*.py")), ids=lambda path: str(path.name)
)
def test_an_uploads_bytes_go_to_the_worker_or_to_the_kinds_of_evidence(path: Path) -> None:
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(call, ast.Call) and any(map(is_content, arguments(call))):
            name = ast.unparse(call.func)
            assert name in TAKES_BYTES or name.rsplit(".", 1)[-1] in TAKES_BYTES, ast.unparse(call)


def arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def is_content(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".getvalue")


# ---- evidence ----------------------------------------------------------------------------------


def packed(*names: str, content: bytes = b"x") -> bytes:
    return zipped(dict.fromkeys(names, content))


def list_of_contents(many: int) -> bytes:
    """A zip of nothing but its own list, with so many lines."""
    line = b"PK\x01\x02" + bytes(24) + struct.pack("<HHHHHLL", 1, 0, 0, 0, 0, 0, 0) + b"a"
    start = b"PK\x03\x04" + bytes(26)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(line) * many, len(start), 0)
    return start + line * many + end


def claiming(size: int) -> bytes:
    """A zip whose one file says that it is so large."""
    data = bytearray(packed("a.pdf"))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", size)
    return bytes(data)


ANTIVIRUS_TEST = (  # in two pieces: the real one makes scanners take this very file away
    rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
)
REFUSED_AS_EVIDENCE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "an svg with a script": ("图.svg", lambda: b"<svg onload='alert(1)'/>"),
    "an svg in a png's clothes": ("图.png", lambda: b"<svg onload='alert(1)'/>"),
    "html in a pdf's clothes": ("规划.pdf", lambda: b"<html><script>alert(1)</script>"),
    "a program in a pdf's clothes": ("规划.pdf", lambda: b"MZ" + bytes(100)),
    "a web archive": ("网页.mht", lambda: b"MIME-Version: 1.0"),
    "a batch file": ("清理.bat", lambda: b"del *.*"),
    "a shortcut": ("文档.lnk", lambda: b"L\x00\x00\x00"),
    "a script that is a picture to some": ("图.gif", lambda: b"GIF89a/*<script>*/=1;"),
    "a document with macros": ("方案.docm", lambda: packed("word/document.xml")),
    "macros behind another name": (
        "方案.docx",
        lambda: packed("word/document.xml", "word/vbaProject.bin"),
    ),
    "a picture of a billion pixels": (
        "图.png",
        lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 30_000, 30_000),
    ),
    "a way out of the zip": ("材料.zip", lambda: packed("../../起动.pdf")),
    "a program in the zip": ("材料.zip", lambda: packed("a.pdf", "报价.PDF.exe")),
    "a zip bomb": ("材料.zip", lambda: claiming(600 * 2**20)),
    "a zip that says it is huge": ("材料.zip", lambda: claiming(2**32 - 2)),
    "a zip of 300,000 lines": ("材料.zip", lambda: list_of_contents(300_000)),
    "a zip that lies about its lines": ("方案.docx", lambda: list_of_contents(5_000)),
    "a virus scanner's test": ("规划.pdf", lambda: ANTIVIRUS_TEST),
    "one byte too many": ("规划.pdf", lambda: b"%PDF-" + bytes(evidence_files.LARGEST - 4)),
    "no name at all": ("", lambda: b"%PDF-1.7"),
}


@pytest.mark.parametrize("what", REFUSED_AS_EVIDENCE)
def test_what_cannot_be_evidence_is_refused(
    session: Session, clerk: User, water_bureau: Unit, what: str
) -> None:
    name, make = REFUSED_AS_EVIDENCE[what]
    with pytest.raises(BadInput) as refusal:
        _add(session, water_bureau, clerk, name, make())
    assert is_a_sentence(str(refusal.value))
    assert files.on_disk() == {}


@pytest.mark.parametrize("what", ["a PDF with a script", "a workbook with a link", "an odd zip"])
def test_what_only_does_harm_when_it_is_opened_is_kept_as_it_came(
    session: Session, clerk: User, water_bureau: Unit, what: str
) -> None:
    # Handed out as a download and never drawn: tests/web/test_evidence_files.py.
    name, data = {
        "a PDF with a script": ("规划.pdf", b"%PDF-1.7 /OpenAction << /S /JavaScript >>"),
        "a workbook with a link": (
            "台账.xlsx",
            packed("xl/workbook.xml", "xl/externalLinks/externalLink1.xml"),
        ),
        "an odd zip": ("材料.zip", packed("a.pdf", "内层.zip")),
    }[what]
    kept = _add(session, water_bureau, clerk, name, data)
    assert files.load(kept.sha256) == data


NAMES = {
    "../../../etc/passwd.pdf": "passwd.pdf",
    "C:\\Windows\\system32\\方案.pdf": "方案.pdf",
    "\\\\server\\share\\方案.pdf": "方案.pdf",
    "CON.pdf": "CON.pdf",
    "a\0b.pdf": "ab.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie: x=1.pdf",
    '<img src=x onerror="alert(1)">.pdf': '<img src=x onerror="alert(1)">.pdf',
    "fdp.\u202egnp.pdf": "fdp.gnp.pdf",
    "长" * 300 + ".pdf": "长" * 116 + ".pdf",
    "👨‍👩‍👧.PDF": "👨‍👩‍👧.PDF",
    "=1+1.pdf": "=1+1.pdf",
    "\ud800半个.pdf": "半个.pdf",
    "鍖烘暀濮.pdf": "鍖烘暀濮.pdf",
}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_files_name_is_text_and_never_a_path(
    session: Session, clerk: User, water_bureau: Unit, name: str
) -> None:
    kept = _add(session, water_bureau, clerk, name, b"%PDF-1.7")
    session.expire(kept)
    assert kept.name == NAMES[name]
    (path,) = files.on_disk().values()
    assert path.is_relative_to(files.folder()) and path.name == kept.sha256
    header = disposition(kept.name)
    assert header.isascii() and header.isprintable() and header.count('"') == 2


def _add(session: Session, unit: Unit, by: User, name: str, data: bytes) -> Evidence:
    return evidence.add(
        session,
        unit=unit,
        data=data,
        name=name,
        uses=[(EvidenceOf.WORK_POINT, "1-05")],
        material_on=None,
        description="",
        by=by,
        now=NOW,
    )
