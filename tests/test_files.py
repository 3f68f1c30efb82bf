"""Files kept by what is in them."""

from pathlib import Path

import pytest

from daxing_safety import files
from daxing_safety.errors import NotFound


def test_the_same_bytes_are_kept_once(data_dir: Path) -> None:
    assert files.keep(b"one") == files.keep(b"one")
    assert len([path for path in (data_dir / "files").rglob("*") if path.is_file()]) == 1


def test_what_was_kept_comes_back(data_dir: Path) -> None:
    assert files.load(files.keep("填报表".encode())) == "填报表".encode()


def test_a_lost_file_is_said_to_be_lost(data_dir: Path) -> None:
    with pytest.raises(NotFound, match="不在磁盘上"):
        files.load("0" * 64)


def test_a_file_that_changed_on_disk_is_not_handed_out(data_dir: Path) -> None:
    digest = files.keep(b"score 95")
    (data_dir / "files" / digest[:2] / digest).write_bytes(b"score 59")
    with pytest.raises(NotFound, match="校验码不符"):
        files.load(digest)
