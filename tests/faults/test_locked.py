"""A database that another process holds: writers are told in time, readers go on."""

import threading
from pathlib import Path

import pytest
from keeping_count import refused_for, write, written
from kept_work import do_some_work
from locked_database import held

from daxing_safety import database, faults
from daxing_safety.cli import main
from daxing_safety.cli.outcome import STORAGE
from daxing_safety.errors import StorageFault


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the real thirty seconds need not take here."""
    monkeypatch.setattr(database, "PATIENCE_S", 1)
    monkeypatch.setattr(database, "LEAST_PATIENCE_S", 0.1)


def test_nobody_waits_longer_than_half_a_minute() -> None:
    assert faults.PATIENCE_S <= 30


@pytest.mark.usefixtures("impatient")
def test_a_writer_is_told_and_readers_go_on(data_dir: Path) -> None:
    with held(data_dir):
        with refused_for("数据库正被占用"):
            write()
        assert written() == 0
    write()
    assert written() == 1


@pytest.mark.usefixtures("impatient")
def test_of_a_queue_everybody_is_told_and_nobody_is_stuck(data_dir: Path) -> None:
    told: list[str] = []

    def try_to_write() -> None:
        try:
            write()
        except StorageFault as fault:
            told.append(str(fault))

    clerks = [threading.Thread(target=try_to_write) for _ in range(6)]
    with held(data_dir):
        for clerk in clerks:
            clerk.start()
        for clerk in clerks:
            clerk.join()
    assert len(told) == 6
    assert all("数据库正被占用" in sentence for sentence in told)
    write()
    assert written() == 1


def test_a_writer_whose_turn_never_comes_gives_up(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "QUEUE_S", 0.2)
    lock = database.FairLock()
    with lock, refused_for("数据库正被占用"), lock:
        pass
    with lock:  # who gave up is in nobody's way
        pass


def test_a_writer_who_waits_stores_once_it_is_let_go_of(data_dir: Path) -> None:
    with held(data_dir):
        clerk = threading.Thread(target=write)
        clerk.start()
        clerk.join(0.3)
        assert clerk.is_alive()
    clerk.join()
    assert written() == 1


@pytest.mark.usefixtures("impatient")
def test_the_command_line_says_so_and_that_it_may_be_tried_again(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    do_some_work()
    assert main(["template", "--unit", "区教委", "--out", str(tmp_path / "a.xlsx")]) == 0
    with held(data_dir):
        assert main(["submit", str(tmp_path / "a.xlsx")]) == STORAGE
        assert "数据库正被占用" in capsys.readouterr().out
        assert main(["user", "disable", "office"]) == STORAGE
        assert "数据库正被占用" in capsys.readouterr().err
    assert main(["submit", str(tmp_path / "a.xlsx")]) == 0
