"""Many workbooks in one zip, in and out. Runs in the worker process."""

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress

from daxing_safety.errors import BadInput
from daxing_safety.workbooks.annotate import annotate
from daxing_safety.workbooks.container import MOST_BYTES
from daxing_safety.workbooks.content import CheckedWorkbook

MOST_FILES = 100
MOST_UNPACKED = 60 * 2**20  # bytes, of all files together


def unpack(data: bytes) -> list[tuple[str, bytes]]:
    """Names and bytes of the workbooks in a zip; raises BadInput for one that cannot be taken.

    The bytes are counted while they are unpacked: what a zip says of itself proves nothing.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if _is_workbook(entry.filename)]
            if len(entries) > MOST_FILES:
                raise BadInput(
                    f"压缩包里有 {len(entries)} 份填报表，一次最多 {MOST_FILES} 份，请分开上传。"
                )
            files = _contents(archive, entries)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as broken:
        raise BadInput("压缩包打不开：可能不完整、设置了密码或用了不常见的压缩方式。") from broken
    if not files:
        raise BadInput("压缩包里没有 .xlsx 填报表。")
    return files


def _contents(
    archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]
) -> list[tuple[str, bytes]]:
    left, files = MOST_UNPACKED, []
    for entry in entries:
        with archive.open(entry) as part:
            content = part.read(min(MOST_BYTES, left) + 1)  # one more, so that too much shows
        left -= len(content)
        if left < 0:
            raise BadInput("压缩包展开后太大，请分开上传。")
        files.append((_name_of(entry), content))
    return files


def _is_workbook(path: str) -> bool:
    """Folders, lock files of an open Excel (~$) and a Mac's shadows (__MACOSX) are not."""
    name = path.rsplit("/", 1)[-1]
    return name.lower().endswith(".xlsx") and not name.startswith(("~$", "._"))


def _name_of(entry: zipfile.ZipInfo) -> str:
    """The plain name; Windows writes Chinese names in GBK, which zip takes for CP437."""
    path = entry.filename
    if not entry.flag_bits & 0x800:
        with suppress(UnicodeError):
            path = path.encode("cp437").decode("gbk")
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def mark_all(files: Sequence[tuple[str, bytes, CheckedWorkbook]]) -> bytes:
    """The faulty ones with their cells marked, in one zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:  # stored: workbooks are compressed already
        for number, (name, data, checked) in enumerate(files, 1):
            archive.writestr(f"{number:02d}_{name}", annotate(data, checked))
    return out.getvalue()
