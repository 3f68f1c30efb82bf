"""Which files may be evidence, told by what is in them and not by their names. Pure.

Nothing is unpacked or drawn here: only the first bytes and a zip's own list of contents are read.
What is taken is later only ever handed out as a download; of a photo the screen shows a small
picture drawn anew (photos.py).
"""

import io
import re
import struct
import zipfile
from pathlib import PurePosixPath

from daxing_safety.errors import BadInput
from daxing_safety.texts import legible

LARGEST = 20 * 2**20
LONGEST_NAME = 120
MOST_ENTRIES = 2_000
LARGEST_UNPACKED = 500 * 2**20
LARGEST_PICTURE = 100_000_000  # pixels

# What each kind begins with, and for office files the part that makes them what they say.
BEGINNINGS = {
    "pdf": (b"%PDF-",),
    "jpg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "pptx": (b"PK\x03\x04",),
}
MAIN_PARTS = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
}
KINDS = "pdf、docx、xlsx、pptx、jpg、png、zip"
PHOTOS = ("jpg", "png")
RUNS = re.compile(r"\.(exe|bat|cmd|com|scr|lnk|js|vbs|ps1|msi|dll|jar|hta|html?|svg|mht)$", re.I)
LINES = re.compile(r"[\t\r\n]+")
END_OF_ZIP, ENTRY_OF_ZIP = b"PK\x05\x06", b"PK\x01\x02"


def kind_of(name: str, data: bytes) -> str:
    """The kind, such as "pdf"; raises BadInput for a file that cannot be taken as evidence."""
    kind = PurePosixPath(name).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    if kind not in BEGINNINGS:
        raise BadInput(f"“{plain_name(name)}”不是可以上传的类型。佐证材料请用 {KINDS}。")
    if not data:
        raise BadInput(f"“{plain_name(name)}”是空文件，请检查后重新上传。")
    if len(data) > LARGEST:
        size = len(data) / 2**20
        raise BadInput(f"“{plain_name(name)}”有 {size:.1f} MB，超过 20 MB，请压缩或拆分后上传。")
    if not data.startswith(BEGINNINGS[kind]):
        raise BadInput(f"“{plain_name(name)}”的内容不是 {kind}，请确认文件没有改过扩展名。")
    if kind in ("zip", *MAIN_PARTS):
        _check_zip(name, kind, data)
    if kind == "png":
        _check_png(name, data)
    return kind


def plain_name(name: str) -> str:
    """The file's name as text: no folders, no control characters, not too long."""
    last = LINES.sub("", legible(name)).replace("\\", "/").rsplit("/", 1)[-1].strip() or "未命名"
    if len(last) <= LONGEST_NAME:
        return last
    suffix = PurePosixPath(last).suffix[:10]
    return last[: LONGEST_NAME - len(suffix)] + suffix


def _check_zip(name: str, kind: str, data: bytes) -> None:
    if _entries_of_zip(data) > MOST_ENTRIES:  # a list of a million would hold up the server
        raise BadInput(f"“{plain_name(name)}”展开后太大，请拆分后上传。")
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as broken:
        raise BadInput(f"“{plain_name(name)}”不完整或已损坏，请重新上传。") from broken
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(f"“{plain_name(name)}”设置了密码，请去掉密码后上传。")
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise BadInput(f"“{plain_name(name)}”展开后太大，请拆分后上传。")
    names = {entry.filename for entry in entries}
    if any(part.startswith(("/", "\\")) or ".." in part.split("/") for part in names):
        raise BadInput(f"“{plain_name(name)}”中有异常的文件路径，请重新压缩后上传。")
    if kind == "zip" and (running := sorted(filter(RUNS.search, names))):
        raise BadInput(f"“{plain_name(name)}”中有可执行文件“{running[0]}”，请去掉后上传。")
    if kind in MAIN_PARTS:
        _check_office(name, kind, names)


def _entries_of_zip(data: bytes) -> int:
    """Counted in the list itself, whatever its end says."""
    end = data.rfind(END_OF_ZIP)
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    return data.count(ENTRY_OF_ZIP, max(end - size, 0))


def _check_office(name: str, kind: str, parts: set[str]) -> None:
    if MAIN_PARTS[kind] not in parts:
        raise BadInput(f"“{plain_name(name)}”的内容不是 {kind}，请确认文件没有改过扩展名。")
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        raise BadInput(f"“{plain_name(name)}”含有宏，请另存为不含宏的文件后上传。")


def _check_png(name: str, data: bytes) -> None:
    if len(data) < 24:
        raise BadInput(f"“{plain_name(name)}”不完整，请重新上传。")
    width, height = struct.unpack(">II", data[16:24])
    if not 0 < width * height <= LARGEST_PICTURE:
        raise BadInput(f"“{plain_name(name)}”的像素太多，请缩小后上传。")
