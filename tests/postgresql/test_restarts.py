"""The database server is restarted under its writers: nothing is lost, doubled or refused."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from clusters import Cluster
from filling import written
from lines import Line, line_to
from sqlmodel import col, select

from daxing_safety import database, postgresql, prefill, settings
from daxing_safety.actions import rounds
from daxing_safety.database import reading, through_restarts, transaction
from daxing_safety.errors import Interrupted, StorageFault, UserFacingError
from daxing_safety.models import Preference, Submission
from daxing_safety.permissions import operator
from daxing_safety.verification import verify
from daxing_safety.vocabulary import Role

WRITERS = Path(__file__).with_name("writers.py")
REPLICAS, WRITERS_EACH = 2, 10


@pytest.fixture
def workbooks(data_dir: Path) -> list[Path]:
    """Of as many units as there are writers."""
    with transaction() as session:
        round_ = rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=settings.now().replace(month=6),
            by=operator(Role.OFFICE),
            now=settings.now(),
        )
        units = prefill.reporting_units(session)[: REPLICAS * WRITERS_EACH]
        made = {data_dir / f"{unit.code}.xlsx": written(session, round_, unit) for unit in units}
    for path, data in made.items():
        path.write_bytes(data)
    return list(made)


class Replica:
    """A process with half of the writers."""

    def __init__(self, workbooks: list[Path]) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, WRITERS, *workbooks],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(settings.ROOT)},
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout
        self.said.extend(line.strip() for line in self._process.stdout)

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        assert self._process.wait(60) == 0
        self._listener.join()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_twenty_writers_do_not_notice_that_the_server_is_restarted(
    server: Cluster, workbooks: list[Path], mode: Literal["fast", "immediate"]
) -> None:
    replicas = [Replica(workbooks[n::REPLICAS]) for n in range(REPLICAS)]

    def wait_for_more() -> None:
        for replica in replicas:
            wanted = len(replica.said) + WRITERS_EACH
            while len(replica.said) < wanted:
                time.sleep(0.01)

    for down_s in (0, 3):
        wait_for_more()
        server.stop(mode)
        time.sleep(down_s)
        server.start()
    wait_for_more()
    for replica in replicas:
        replica.end()
    said = sorted(line for replica in replicas for line in replica.said)
    with reading() as session:
        kept = session.execute(select(col(Submission.unit_code), col(Submission.version))).all()
    assert said == sorted(f"stored {unit} {version}" for unit, version in kept)
    assert verify().differences == []


@pytest.fixture
def line(data_dir: Path, server: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """From here on the product is connected through it."""
    with line_to(server.port) as line:
        url = settings.database_url().replace(f":{server.port}/", f":{line.port}/")
        monkeypatch.setenv("DAXING_DATABASE_URL", url)
        yield line
        database.engines(url).dispose()


def count_up() -> None:
    with transaction() as session:
        kept = session.get(Preference, "count") or Preference(name="count", value="0")
        kept.value = str(int(kept.value) + 1)
        session.add(kept)


def counted() -> int:
    with reading() as session:
        kept = session.get(Preference, "count")
        return int(kept.value) if kept else 0


def test_what_was_stored_is_no_failure_when_its_answer_was_lost(line: Line) -> None:
    count_up()
    line.cut = "before it is answered"
    count_up()
    assert line.cut == ""
    assert counted() == 2


def test_what_was_not_stored_is_told_when_the_line_broke_before_the_end(line: Line) -> None:
    count_up()
    line.cut = "before it arrives"
    with pytest.raises(Interrupted, match="没有保存"):
        count_up()
    assert counted() == 1


def test_what_can_be_done_anew_is_done_anew_once(line: Line) -> None:
    count_up()
    line.cut = "before it arrives"
    through_restarts(count_up)()
    assert counted() == 2


def test_a_line_that_breaks_in_the_middle_loses_all_of_the_block(
    data_dir: Path, server: Cluster
) -> None:
    with pytest.raises(Interrupted, match="数据库服务器连接不上"), transaction() as session:
        session.add(Preference(name="count", value="1"))
        session.flush()
        server.stop()
        server.start()
        session.get(Preference, "target_score")
    assert counted() == 0


def test_a_server_that_stays_away_is_told_in_a_sentence(
    data_dir: Path, server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "AWAY_AT_MOST_S", 0.5)
    server.stop()
    with pytest.raises(StorageFault, match="这次没有读出来"):
        counted()
    with pytest.raises(StorageFault, match="刚才的内容没有保存"):
        count_up()
    server.start()
    count_up()
    assert counted() == 1


@pytest.mark.parametrize("made", ["ENCODING SQL_ASCII", "LOCALE_PROVIDER icu ICU_LOCALE zh"])
def test_a_database_that_keeps_or_orders_texts_otherwise_is_refused(
    data_dir: Path, server: Cluster, monkeypatch: pytest.MonkeyPatch, made: str
) -> None:
    server.tell(f"CREATE DATABASE other OWNER daxing TEMPLATE template0 {made}")
    monkeypatch.setenv("DAXING_DATABASE_URL", settings.database_url().rsplit("/", 1)[0] + "/other")
    with pytest.raises(UserFacingError, match="不是 UTF8，或排序规则不是 C"):
        database.upgrade()
    database.engines(settings.database_url()).dispose()
    server.drop("other")
