"""A database locked by another process, with SQLite's own lock."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """A process of another program's keeps the database locked meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir / "daxing.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout and process.stdout.readline() == "held\n"
    yield
    process.stdin.close()
    process.wait()
    process.stdout.close()
