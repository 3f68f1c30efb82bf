"""Servers of the workbench, started as for work."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import select
from tabs import PASSWORD

from daxing_safety import database, passwords, settings
from daxing_safety.models import User

STARTS_WITHIN_S = 120


@dataclass(frozen=True)
class Server:
    url: str
    data_dir: Path


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    port = free_port()
    with process_on(port, folder):
        yield Server(f"http://127.0.0.1:{port}", folder)


@contextmanager
def process_on(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Once it answers; what a test has killed is not stopped again."""
    serve = (sys.executable, "-m", "daxing_safety", "serve")
    process = subprocess.Popen(
        [*serve, "--host", "127.0.0.1", "--port", str(port)],
        cwd=settings.ROOT,
        env=os.environ | {"DAXING_DATA_DIR": str(folder), "DAXING_TODAY": "2021-05-20"},
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield process
    finally:
        process.terminate()
        process.wait(20)


def give_passwords() -> None:
    """To all accounts of the database that the settings point at."""
    known = passwords.hash_of(PASSWORD)
    with database.transaction() as session:
        for user in session.exec(select(User)):
            user.password_hash = known
            session.add(user)
    database.engines(settings.database_url()).dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended while starting"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {STARTS_WITHIN_S} s")
