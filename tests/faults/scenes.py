"""Scenes played in a process of their own: on a disk that may fill up, or without privileges.

A scene is a function of a test's module that takes the data folder; what it asserts fails the
test. It is root in a namespace of its own, or real root: either may mount a small disk.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from daxing_safety import database, settings

HERE = Path(__file__).parent
MOUNT = 'mount -t tmpfs -o "$0" tmpfs "$1" && mkdir "$1"/data && cp -r "$2"/. "$1"/data && '
THEN = 'shift 2 && exec "$@"'
FILLER = "filler"
TODAY = "2021-05-20"

Scene = Callable[[Path], None]


def on_small_disk(scene: Scene, folder: Path, like: Path, *, options: str = "size=16m") -> None:
    """Plays it on a disk made for it, with a data folder like that one."""
    space = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
    if not _works([*space, "sh", "-c", 'mount -t tmpfs tmpfs "$0"', str(folder)]):
        pytest.skip("nobody here may mount a disk, not even in a namespace of their own")
    mount = ["sh", "-c", MOUNT + THEN, options, str(folder), str(like)]
    play(scene, folder / "data", [*space, *mount])


def without_privileges(scene: Scene, folder: Path) -> None:
    """Plays it as somebody whom the modes of files hold back, as they do not hold back root."""
    limits = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    if limits and not _works([*limits, "true"]):
        pytest.skip("privileges cannot be dropped here")
    play(scene, folder, limits)


def play(scene: Scene, data_dir: Path, before: list[str], **environment: str) -> None:
    words = [sys.executable, str(HERE / "scenes.py"), scene.__module__, scene.__name__]
    known = os.environ | {"DAXING_DATA_DIR": str(data_dir), "DAXING_TODAY": TODAY} | environment
    known["PYTHONPATH"] = os.pathsep.join(map(str, (settings.ROOT, HERE, HERE.parent)))
    known.pop("DAXING_DATABASE_URL", None)
    played = subprocess.run(
        [*before, *words], cwd=HERE, env=known, capture_output=True, text=True, check=False
    )
    if played.returncode:
        pytest.fail(f"{scene.__name__}\n{played.stdout}\n{played.stderr}", pytrace=False)


def _works(words: list[str]) -> bool:
    if shutil.which(words[0]) is None:
        return False
    return not subprocess.run(words, capture_output=True, check=False).returncode


# ---- in the scene ----


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte is left meanwhile."""
    with (disk / FILLER).open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
    yield
    (disk / FILLER).unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Mounted read-only meanwhile, as a disk is after a fault."""
    database.engines(settings.database_url()).dispose()  # open files would keep it from being so
    _mount(disk, "ro")
    yield
    database.engines(settings.database_url()).dispose()
    _mount(disk, "rw")


def _mount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


if __name__ == "__main__":
    module, name = sys.argv[1:]
    getattr(import_module(module), name)(settings.data_dir())
