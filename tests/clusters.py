"""Where a test's database is: a file in its data folder, or on a PostgreSQL server of the run's.

The server is Debian's, made empty, on loopback, run by a user who is not root, and gone with the
tests; the product comes in as a role without privileges, with a password.
"""

import itertools
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest

from daxing_safety import database, settings

DEBIAN = Path("/usr/lib/postgresql")
OWNER, BOSS = "daxing", "boss"
EMPTY = "template0"
INSTALLED = "installed"  # the database that others are made like
SYNCS = ("fsync", "synchronous_commit", "full_page_writes")

Settle = Callable[..., Path]
_numbers = itertools.count(1)


class Cluster:
    """One server, in which databases are made and dropped.

    It does not sync: few tests' databases need to outlive a crash (`sync`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.password = secrets.token_urlsafe(12)

    def create(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        shutil.chown(secret, **_owner())
        self._run(
            "initdb",
            *("--pgdata", str(self.folder / "data"), "--data-checksums", "--no-sync"),
            *("--username", BOSS, "--pwfile", str(secret), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8"),
        )
        configured = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            **dict.fromkeys(SYNCS, "off"),
        }
        lines = [f"{name} = '{value}'\n" for name, value in configured.items()]
        with (self.folder / "data" / "postgresql.conf").open("a") as configuration:
            configuration.writelines(lines)
        self.start()
        self.tell(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{self.password}'")

    def start(self) -> None:
        self._control("start", "--log", str(self.folder / "log"))

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        self._control("stop", "--mode", mode)

    def sync(self, mode: Literal["on", "off"]) -> None:
        for name in SYNCS:
            self.tell(f"ALTER SYSTEM SET {name} = {mode}")
        self._control("reload")

    def tell(self, statement: str) -> None:
        """Something that only the server's administrator may do."""
        with psycopg.connect(self._address(BOSS, "postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def make(self, database: str, *, like: str = EMPTY) -> str:
        """A database of the product's role, and the URL by which the product finds it."""
        self.tell(f'CREATE DATABASE "{database}" OWNER {OWNER} TEMPLATE "{like}"')
        return self._address(OWNER, database).replace("postgresql://", "postgresql+psycopg://")

    def drop(self, database: str) -> None:
        self.tell(f'DROP DATABASE "{database}" WITH (FORCE)')

    def _address(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"

    def _control(self, verb: str, *options: str) -> None:
        self._run("pg_ctl", verb, "--pgdata", str(self.folder / "data"), *options)

    def _run(self, program: str, *arguments: str) -> None:
        # Output to a file: the started server would keep a pipe open.
        with (self.folder / "output").open("ab") as output:
            subprocess.run(
                [_binaries() / program, *arguments],
                check=True,
                cwd=self.folder,
                stdout=output,
                stderr=output,
                env={"PATH": os.defpath},
                **_not_root(),
            )


@contextmanager
def running() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="daxing-postgresql-"))
    shutil.chown(folder, **_owner())
    cluster = Cluster(folder)
    try:
        cluster.create()
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop("immediate")
        shutil.rmtree(folder)


def point_at(folder: Path, environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("DAXING_DATA_DIR", str(folder))
    if url:
        environment.setenv("DAXING_DATABASE_URL", url)
    else:
        environment.delenv("DAXING_DATABASE_URL", raising=False)


@contextmanager
def settling(cluster: Cluster | None, environment: pytest.MonkeyPatch) -> Iterator[Settle]:
    """What points the settings at a folder with an empty database, or one like another."""
    made: list[tuple[str, str]] = []

    def settled(folder: Path, *, like: str = EMPTY) -> Path:
        name = f"test{next(_numbers)}"
        point_at(folder, environment, cluster.make(name, like=like) if cluster else "")
        made.append((name, settings.database_url()))
        return folder

    yield settled
    for name, url in made:
        database.engines(url).dispose()
        if cluster:
            cluster.drop(name)


def _binaries() -> Path:
    versions = sorted(DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name))
    assert versions, "PostgreSQL is not installed: tests/system-packages.txt"
    return versions[-1]


def _not_root() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; Debian's package has made a user for it."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _owner() -> dict[str, Any]:
    return {"user": _not_root().get("user", os.geteuid())}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
