"""Opens the zip around an uploaded workbook, believing nothing it says about itself.

Every entry is unpacked here once, against its own limit, so that nobody after this unpacks
anything: names, sizes and checksums that lie, hidden, doubled or overlapping entries end here.
"""

import struct
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from daxing_safety.errors import BadInput

MOST_BYTES = 10 * 2**20
MOST_UNPACKED = 64 * 2**20
MOST_ENTRIES = 1000

SAVE_AS = "请用 Excel 或 WPS 打开，另存为 .xlsx 格式后再上传。"
EMPTY = "文件是空的，请重新选择文件上传。"
TOO_BIG = f"文件超过{MOST_BYTES // 2**20}MB，请删去图片等与填报无关的内容后再上传。"
TOO_BIG_INSIDE = "文件展开后过大，请把内容填到重新下载的填报表里再上传。"
NOT_EXCEL = "这不是 Excel 工作簿（.xlsx），请上传从本系统下载并填好的填报表。"
PASSWORD = "文件设置了打开密码，无法读取。请取消打开密码，保存后再上传。"
OLD_FORMAT = f"这是 .xls、.et 等旧格式的表格。{SAVE_AS}"
INCOMPLETE = "文件不完整或已损坏，请重新保存后再上传。"
ODD = f"文件结构异常，无法读取。{SAVE_AS}"

ZIP, OLE2 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
DIRECTORY_ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
IN_DIRECTORY, END = b"PK\x01\x02", b"PK\x05\x06"
STORED, DEFLATED = 0, 8
MADE_BY, FIRST_DAY = 20, 0x21  # version 2.0 of the format; 1980-01-01
ENCRYPTED_FLAG, UTF8_FLAG = 0x1, 0x800


class Entry(NamedTuple):
    name: str
    method: int
    crc: int
    packed: int
    unpacked: int
    start: int  # of its local header
    data: int  # where the packed bytes begin


class Part(NamedTuple):
    """An entry's bytes, and their checksum, which was compared."""

    content: bytes
    crc: int


def unpack(data: bytes) -> dict[str, Part]:
    """The entries by name; raises BadInput for whatever is not a plain, honest zip."""
    _check_first_bytes(data)
    entries = _entries(data)
    _check_layout(entries)
    return {entry.name: Part(_unpacked(data, entry), entry.crc) for entry in entries}


def pack(parts: Iterable[tuple[str, Part]]) -> bytes:
    """A zip of what was unpacked, neither deflated nor summed up again."""
    files, directory, at, count = [], [], 0, 0
    for name, (content, crc) in parts:
        path, size = name.encode(), len(content)
        shared = UTF8_FLAG, STORED, 0, FIRST_DAY, crc, size, size, len(path), 0
        header = LOCAL_HEADER.pack(ZIP, MADE_BY, *shared) + path
        entry = DIRECTORY_ENTRY.pack(IN_DIRECTORY, MADE_BY, MADE_BY, *shared, 0, 0, 0, 0, at)
        files += [header, content]
        directory.append(entry + path)
        at, count = at + len(header) + size, count + 1
    size = sum(map(len, directory))
    end = END_OF_DIRECTORY.pack(END, 0, 0, count, count, size, at, 0)
    return b"".join([*files, *directory, end])


def _check_first_bytes(data: bytes) -> None:
    if not data:
        raise BadInput(EMPTY)
    if len(data) > MOST_BYTES:
        raise BadInput(TOO_BIG)
    if data.startswith(OLE2):
        is_encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise BadInput(PASSWORD if is_encrypted else OLD_FORMAT)
    if not data.startswith(ZIP):
        raise BadInput(NOT_EXCEL)


def _entries(data: bytes) -> list[Entry]:
    """The directory at the end of the file; nothing may follow it."""
    end = data.rfind(END)
    try:
        _, disk, first_disk, here, count, size, start, comment = END_OF_DIRECTORY.unpack_from(
            data, end if end >= 0 else len(data)
        )
        is_whole = end + END_OF_DIRECTORY.size + comment == len(data) and start + size == end
        if not is_whole or disk or first_disk or here != count:
            raise BadInput(INCOMPLETE)
        if count > MOST_ENTRIES:
            raise BadInput(ODD)
        entries = []
        for _ in range(count):
            entry, start = _entry(data, start)
            entries.append(entry)
    except struct.error as cut:
        raise BadInput(INCOMPLETE) from cut
    return entries


def _entry(data: bytes, at: int) -> tuple[Entry, int]:
    """One entry of the directory, compared with its own header, and where the next begins."""
    fields = DIRECTORY_ENTRY.unpack_from(data, at)
    signature, _, _, flags, method, _, _, crc, packed, unpacked = fields[:10]
    name_size, extra_size, comment_size, _, _, _, start = fields[10:]
    name = data[at + DIRECTORY_ENTRY.size :][:name_size]
    local = LOCAL_HEADER.unpack_from(data, start)
    local_name = data[start + LOCAL_HEADER.size :][: local[9]]
    if signature != IN_DIRECTORY or local[0] != ZIP or local_name != name or local[3] != method:
        raise BadInput(INCOMPLETE)
    if flags & ENCRYPTED_FLAG:
        raise BadInput(PASSWORD)
    if method not in (STORED, DEFLATED):
        raise BadInput(ODD)
    entry = Entry(
        name=name.decode("utf-8" if flags & UTF8_FLAG else "cp437", "replace"),
        method=method,
        crc=crc,
        packed=packed,
        unpacked=unpacked,
        start=start,
        data=start + LOCAL_HEADER.size + local[9] + local[10],
    )
    return entry, at + DIRECTORY_ENTRY.size + name_size + extra_size + comment_size


def _check_layout(entries: list[Entry]) -> None:
    # A name in another case is another file to one reader and the same to the next.
    if len({entry.name.casefold() for entry in entries}) != len(entries):
        raise BadInput(ODD)
    for entry in entries:
        if "\\" in entry.name or ":" in entry.name or entry.name.startswith("/"):
            raise BadInput(ODD)
        if ".." in entry.name.split("/"):
            raise BadInput(ODD)
    in_order = sorted(entries, key=lambda entry: entry.start)
    if in_order and in_order[0].start != 0:
        raise BadInput(ODD)
    if any(one.data + one.packed > other.start for one, other in pairwise(in_order)):
        raise BadInput(ODD)
    if sum(entry.unpacked for entry in entries) > MOST_UNPACKED:
        raise BadInput(TOO_BIG_INSIDE)


def _unpacked(data: bytes, entry: Entry) -> bytes:
    packed = data[entry.data : entry.data + entry.packed]
    if entry.method == STORED:
        content = packed
    else:
        # One byte more than it says: enough to see that it lies, never more than the limit.
        try:
            content = zlib.decompressobj(-15).decompress(packed, entry.unpacked + 1)
        except zlib.error as broken:
            raise BadInput(INCOMPLETE) from broken
    if len(content) != entry.unpacked or zlib.crc32(content) != entry.crc:
        raise BadInput(INCOMPLETE)
    return content
