"""Files kept by what is in them: a file's name is the SHA-256 of its bytes, and it never changes.

A file is on the disk for good (synced, renamed into place, its folder synced) before any row
names it. What was cut off before its row came is removed by `sweep`.
"""

import hashlib
import os
import tempfile
from collections.abc import Container
from pathlib import Path

from daxing_safety import disks, settings
from daxing_safety.errors import NotFound, StorageFault
from daxing_safety.faults import NOT_READ, NOT_STORED, told

DIGEST_LENGTH = 64


@told(NOT_STORED)
def keep(data: bytes) -> str:
    """Stores the bytes once and returns their SHA-256 in hex; raises StorageFault.

    Whoever brings a file again that the disk had lost or spoilt mends it.
    """
    digest = hashlib.sha256(data).hexdigest()
    path = path_of(digest)
    if path.exists() and digest_of(path) == digest:
        os.utime(path)  # a row is coming: no longer one that was left over long ago
    else:
        _require_room(len(data))
        _make_folder(path.parent)
        _write(path, data)
    sync_folder(path.parent)
    return digest


def _require_room(size: int) -> None:
    left = disks.space(folder())
    if left.free - size < left.reserve:
        raise StorageFault(
            f"服务器磁盘空间不足（只剩 {disks.in_words(left.free)}），暂不接收文件，"
            f"{NOT_STORED}。请告诉系统管理员清理磁盘，之后再上传，不用重启服务。"
        )


def _make_folder(path: Path) -> None:
    if not path.exists():
        path.mkdir(parents=True, exist_ok=True)
        for each in (path.parent, path.parent.parent):
            sync_folder(each)


def _write(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)  # of a full disk it would take up the rest


def load(digest: str) -> bytes:
    """The bytes kept under this digest; raises NotFound when the disk has lost or changed them."""
    try:
        with told(NOT_READ):
            data = path_of(digest).read_bytes()
    except FileNotFoundError as gone:
        raise NotFound("存档文件不在磁盘上，请联系系统管理员从备份中恢复。") from gone
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotFound("存档文件与登记的校验码不符，可能已损坏，请联系系统管理员从备份中恢复。")
    return data


def folder() -> Path:
    return settings.data_dir() / "files"


def path_of(digest: str) -> Path:
    return folder() / digest[:2] / digest


def on_disk() -> dict[str, Path]:
    """Whatever lies in the folder, by its name; not what is being written."""
    return {path.name: path for path in folder().glob("??/*") if len(path.name) == DIGEST_LENGTH}


def sweep(*, named: Container[str], before: float) -> int:
    """Removes what no row names and nobody has touched since; returns how many.

    Nobody may be storing meanwhile: a file may lie there before its row is committed.
    """
    left_over = [
        path
        for path in folder().glob("??/*")
        if path.name not in named and path.stat().st_mtime < before
    ]
    for path in left_over:
        path.unlink(missing_ok=True)
    return len(left_over)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(path: Path) -> None:
    """A new name in it is on the disk for good."""
    if os.name == "nt":  # Windows cannot open a folder, and writes names through by itself
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
