"""Files kept by what is in them: a file's name is the SHA-256 of its bytes, and it never changes.

A file is on the disk for good (synced, then renamed into place) before any row names it.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from daxing_safety import settings
from daxing_safety.errors import NotFound

DIGEST_LENGTH = 64


def keep(data: bytes) -> str:
    """Stores the bytes once and returns their SHA-256 in hex."""
    digest = hashlib.sha256(data).hexdigest()
    path = path_of(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(path)
        _sync_folder(path.parent)
    return digest


def load(digest: str) -> bytes:
    """The bytes kept under this digest; raises NotFound when the disk has lost or changed them."""
    try:
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


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and writes names through by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
