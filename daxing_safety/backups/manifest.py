"""A backup's own list of what is in it, and reading a backup against that list."""

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

from daxing_safety.errors import BadInput, NotFound
from daxing_safety.log_chain import Head

FORMAT = "daxing-backup-1"
MANIFEST = "manifest.json"
DATABASE = "database.db"
FILE = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")
LONGEST_MANIFEST = 256 * 2**20
CHUNK = 1 << 20
# All that reading a zip from somewhere may come to.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, RuntimeError)


class Member(NamedTuple):
    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; `missing`: files that the disk had lost or spoilt."""

    version: str
    schema: str
    created_at: datetime
    counts: dict[str, int]
    log: Head
    members: dict[str, Member]
    missing: list[str]

    def document(self) -> str:
        told = asdict(self) | {"format": FORMAT}
        told["log"] = {"number": self.log.number, "hash": self.log.hash}
        told["members"] = {name: each._asdict() for name, each in self.members.items()}
        return json.dumps(told, ensure_ascii=False, indent=1, default=str)


def look(path: Path) -> Manifest:
    """What the manifest says, and that all it names is there. Raises BadInput."""
    with archive_of(path) as archive:
        return manifest_in(archive, path)


def check(path: Path) -> Manifest:
    """Reads every byte of the backup and compares it with the manifest. Raises BadInput."""
    with archive_of(path) as archive:
        manifest = manifest_in(archive, path)
        for name, member in manifest.members.items():
            with archive.open(name) as source:
                compare(path, name, copied(source), member)
    return manifest


@contextmanager
def archive_of(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError as gone:
        raise NotFound(f"没有“{path}”这个文件。") from gone
    except UNREADABLE as broken:
        raise BadInput(f"“{path.name}”不是完整的备份文件，可能没有下载完或已损坏。") from broken


def manifest_in(archive: zipfile.ZipFile, path: Path) -> Manifest:
    entries = archive.infolist()
    sizes = {entry.filename: entry.file_size for entry in entries}
    if MANIFEST not in sizes or sizes[MANIFEST] > LONGEST_MANIFEST:
        raise BadInput(f"“{path.name}”不是本系统的备份文件：里面没有备份清单。")
    manifest = _read_manifest(archive.read(MANIFEST), path)
    for name in (*sizes, *manifest.members):
        if name not in (MANIFEST, DATABASE) and not FILE.fullmatch(name):
            raise BadInput(f"“{path.name}”里有不属于备份的内容“{name}”，没有恢复。")
    named = {name: member.size for name, member in manifest.members.items()}
    if DATABASE not in named or len(entries) != len(sizes):
        raise BadInput(f"“{path.name}”的内容与备份清单不符，没有恢复。")
    if named | {MANIFEST: sizes[MANIFEST]} != sizes:
        raise BadInput(f"“{path.name}”的内容与备份清单不符，没有恢复。")
    return manifest


def _read_manifest(document: bytes, path: Path) -> Manifest:
    try:
        told = json.loads(document)
        if told.pop("format") != FORMAT:
            raise ValueError(told)
        told["created_at"] = datetime.fromisoformat(told["created_at"])
        told["log"] = Head(**told["log"])
        told["members"] = {name: Member(**each) for name, each in told["members"].items()}
        return Manifest(**told)
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise BadInput(f"“{path.name}”不是本系统的备份文件，或来自别的版本。") from wrong


def compare(path: Path, name: str, found: Member, told: Member) -> None:
    if found != told:
        raise BadInput(f"“{path.name}”已损坏：其中的“{name}”与备份清单的校验码不符。")


def copied(source: IO[bytes], *targets: IO[bytes]) -> Member:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        for target in targets:
            target.write(chunk)
    return Member(digest.hexdigest(), size)
