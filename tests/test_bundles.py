"""Many workbooks at once: a zip of mail attachments in, a zip of marked ones out."""

import io
import zipfile

import pytest
from openpyxl import load_workbook
from workbook_files import content_of

from daxing_safety.errors import BadInput
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.bundles import MOST_FILES, mark_all, unpack
from daxing_safety.workbooks.content import CellError, CheckedWorkbook
from daxing_safety.workbooks.template import workbook_bytes


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_the_workbooks_come_out_and_nothing_else() -> None:
    inside = {
        "五月/区教委.xlsx": b"1",
        "五月/~$区教委.xlsx": b"lock",
        "__MACOSX/._区教委.xlsx": b"shadow",
        "五月/说明.docx": b"x",
        "区水务局.XLSX": b"2",
    }
    assert unpack(zipped(inside)) == [("区教委.xlsx", b"1"), ("区水务局.XLSX", b"2")]


def test_names_that_windows_wrote_in_gbk_are_read_as_chinese() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ABCDEF.xlsx", b"1")
    as_windows_writes_it = out.getvalue().replace(b"ABCDEF", "区教委".encode("gbk"))
    assert unpack(as_windows_writes_it) == [("区教委.xlsx", b"1")]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"说明.docx": b"x"}, "没有 .xlsx"),
        ({f"{n}.xlsx": b"x" for n in range(MOST_FILES + 1)}, "一次最多 100 份"),
        ({f"{n}.xlsx": bytes(9 * 2**20) for n in range(8)}, "展开后太大"),
    ],
    ids=["no workbook", "too many", "a bomb"],
)
def test_a_zip_that_is_none_of_ours_is_refused_with_a_sentence(
    files: dict[str, bytes], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        unpack(zipped(files))


def test_half_a_zip_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadInput, match="打不开"):
        worker.unpack_in_worker(zipped({"区教委.xlsx": b"1"})[:40])


def test_the_faulty_ones_come_back_marked_under_their_own_names() -> None:
    content = content_of("区教委")
    error = CellError("自评打分", "G4", "自查结论填的是“很好”", "请从下拉列表中选择", "很好")
    checked = CheckedWorkbook(
        unit_code=content.cover.unit_code,
        unit_name="区教委",
        round_id=2,
        round_name=content.cover.round_name,
        criteria_revision=1,
        progress=(),
        findings=(),
        problems=(),
        errors=(error,),
        warnings=(),
    )
    data = workbook_bytes(content)
    marked = mark_all([("区教委.xlsx", data, checked), ("区教委.xlsx", data, checked)])
    with zipfile.ZipFile(io.BytesIO(marked)) as archive:
        assert archive.namelist() == ["01_区教委.xlsx", "02_区教委.xlsx"]
        book = load_workbook(io.BytesIO(archive.read("01_区教委.xlsx")))
    assert book.sheetnames[0] == "错误清单"
