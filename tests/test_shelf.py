"""What many ask for at the same time is made once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from daxing_safety.ui.shelf import Shelf


class Making:
    """Makes one value after another, each only when it is told to."""

    def __init__(self) -> None:
        self.made = 0
        self.has_begun = threading.Event()
        self.may_end = threading.Event()

    def slowly(self) -> int:
        self.has_begun.set()
        assert self.may_end.wait(30)
        return self.at_once()

    def at_once(self) -> int:
        self.made += 1
        return self.made


@pytest.fixture
def making() -> Making:
    return Making()


def test_twenty_who_ask_at_the_same_time_get_what_one_of_them_makes(making: Making) -> None:
    shelf = Shelf(5)
    with ThreadPoolExecutor(20) as people:
        asked = [people.submit(shelf.get, "总览", 1, making.slowly) for _ in range(20)]
        assert making.has_begun.wait(30)
        making.may_end.set()
        assert [each.result() for each in asked] == [1] * 20
    assert making.made == 1


def test_other_keys_do_not_wait(making: Making) -> None:
    shelf = Shelf(5)
    with ThreadPoolExecutor(1) as people:
        slow = people.submit(shelf.get, "总览", 1, making.slowly)
        assert making.has_begun.wait(30)
        assert shelf.get("进度", 1, making.at_once) == 1
        making.may_end.set()
        assert slow.result() == 2


def test_a_new_version_takes_the_place_of_the_old(making: Making) -> None:
    shelf = Shelf(1)
    assert [shelf.get("总览", version, making.at_once) for version in (1, 1, 2, 2)] == [1, 1, 2, 2]


def test_who_asked_for_the_old_version_still_gets_it(making: Making) -> None:
    shelf = Shelf(5)
    with ThreadPoolExecutor(1) as people:
        old = people.submit(shelf.get, "总览", 1, making.slowly)
        assert making.has_begun.wait(30)
        shelf.get("总览", 2, lambda: "new")
        making.may_end.set()
        assert old.result() == 1
    assert shelf.get("总览", 2, making.at_once) == "new"


def test_what_failed_is_tried_anew_by_the_next(making: Making) -> None:
    shelf = Shelf(5)

    def fail() -> int:
        raise OSError("the disk")

    with pytest.raises(OSError, match="the disk"):
        shelf.get("总览", 1, fail)
    assert shelf.get("总览", 1, making.at_once) == 1


def test_all_who_wait_for_what_fails_are_told_in_the_end(making: Making) -> None:
    shelf = Shelf(5)

    def fail() -> int:
        making.slowly()
        raise OSError("the disk")

    with ThreadPoolExecutor(3) as people:
        asked = [people.submit(shelf.get, "总览", 1, fail) for _ in range(3)]
        assert making.has_begun.wait(30)
        making.may_end.set()
        assert {str(each.exception()) for each in asked} == {"the disk"}


def test_what_nobody_asked_for_longest_makes_room(making: Making) -> None:
    shelf = Shelf(2)
    for key in ("总览", "进度", "总览", "待办"):  # 进度 has not been asked for longest
        shelf.get(key, 1, making.at_once)
    assert shelf.get("总览", 1, making.at_once) == 1
    assert shelf.get("进度", 1, making.at_once) == 4
