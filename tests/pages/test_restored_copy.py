"""A restored copy answers every screen like the original."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_work import do_some_work
from streamlit.testing.v1 import AppTest

from daxing_safety import backups, settings
from daxing_safety.cli import main

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]

SCREENS = {
    "office": (
        *("todo", "submit", "review", "problems", "hotline", "evidence", "overview", "losses"),
        *("progress", "tasks", "honour_board", "accounts"),
    ),
    "leader": ("todo", "overview", "losses", "progress", "problems"),
    "区水务局": ("todo", "submit", "problems", "evidence", "overview", "losses", "tasks"),
    "区城管委": ("todo", "problems", "evidence", "losses"),
}
# What is new at every run: numbers of elements, a sign-in's own time.
PASSING = re.compile(r'"?(id|element_id|proto_id|form_id|widget_id)"?: .*|最近使用.*')


def drawn(screen: AppTest) -> list[str]:
    """Everything that stands on the screen, tables with all their rows."""
    assert not screen.exception
    return [*_drawn(screen.main)]


def _drawn(block: object) -> list[str]:
    told: list[str] = []
    for each in getattr(block, "children", {}).values():
        if hasattr(each, "children"):
            told += _drawn(each)
        elif each.type == "arrow_data_frame":
            table = each.value.drop(columns="seen_at", errors="ignore")
            told.append(table.to_csv())
        else:
            told.append(PASSING.sub("", str(each.proto)))
    return told


def test_every_screen_is_the_same(
    data_dir: Path,
    tmp_path: Path,
    settle: Callable[..., Path],
    sign_in: SignIn,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = settings.clock()
    monkeypatch.setattr(settings, "clock", lambda: moment)  # screens tell the minute

    def all_screens() -> dict[tuple[str, str], list[str]]:
        found = {}
        for username, screens in SCREENS.items():
            sign_in(username)
            found |= {(username, each): drawn(open_page(each)) for each in screens}
        return found

    do_some_work()
    backups.create(tmp_path / "b.zip", now=settings.clock())
    original = all_screens()
    settle(tmp_path / "restored")
    assert main(["restore", str(tmp_path / "b.zip")]) == 0
    restored = all_screens()
    for which, told in original.items():
        assert restored[which] == told, which
    assert any("P00001" in text for text in original["office", "problems"])
