"""kill -9 in the middle of a submit: what was answered is there, nothing is there in part."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from keeping_count import files_in, is_sound
from kept_work import do_some_work

from benchmarks import clerks, killing
from daxing_safety import database, files, settings
from daxing_safety.actions import rounds
from daxing_safety.permissions import operator
from daxing_safety.verification import ORPHANS_WAIT, remove_orphans
from daxing_safety.vocabulary import Role

TIMES, SEED = 10, 20210520


@pytest.fixture
def open_round(data_dir: Path) -> None:
    with database.transaction() as session:
        rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=settings.now() + timedelta(days=5),
            by=operator(Role.OFFICE),
            now=settings.now(),
        )


@pytest.mark.usefixtures("open_round")
def test_whatever_was_answered_before_a_kill_is_stored_and_nothing_in_part(tmp_path: Path) -> None:
    clerk = clerks.clerks(most=5)[-1]
    toll = killing.kill_again_and_again(clerk, tmp_path, times=TIMES, seed=SEED)
    assert toll.kills == TIMES
    assert len(toll.acknowledged) >= TIMES
    assert (toll.lost, toll.partial) == (0, [])
    assert (toll.left_over, toll.differences) == (0, [])


def test_what_a_kill_left_half_way_is_swept_a_day_later(data_dir: Path) -> None:
    do_some_work()
    kept = files_in(files.folder())
    orphan = files.path_of(files.keep(b"its row never came"))
    part = orphan.parent / "tmp-cut-off"
    part.write_bytes(b"half of")
    now = settings.clock()
    assert remove_orphans(now=now) == 0  # its row may be on its way
    assert remove_orphans(now=now + ORPHANS_WAIT + timedelta(minutes=1)) == 2
    assert files_in(files.folder()) == kept
    assert is_sound()


def test_a_file_that_lay_without_a_row_is_not_swept_from_under_its_new_row(data_dir: Path) -> None:
    path = files.path_of(files.keep(b"its row never came"))
    os.utime(path, (0, 0))
    files.keep(b"its row never came")
    assert remove_orphans(now=settings.clock()) == 0
    assert path.exists()
