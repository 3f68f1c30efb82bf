"""One file at a time: looked at when it is new, kept as it was looked at, stored once."""

from collections.abc import Callable

import pytest
from page_work import upload
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.testing.v1 import AppTest

SignIn = Callable[[str], str]


def page() -> None:  # runs by itself
    from typing import Any

    import streamlit as st

    from daxing_safety.ui import uploader

    state = st.session_state
    state.setdefault("looks", 0)
    state.setdefault("stored", [])

    def look(file: Any) -> str:
        state.looks += 1
        return str(file.getvalue().decode())

    def store() -> None:
        state.stored.append(uploader.take("list"))

    def store_twice() -> None:  # the second click comes before the page is drawn anew
        store()
        store()

    st.text(uploader.looked_at("清单", ["xlsx"], key="list", look=look) or "没有文件")
    st.text("空" if uploader.is_empty("list") else "未空")
    st.button("入库", key="store", on_click=store)
    st.button("清空", key="empty", on_click=uploader.empty, args=("list",))
    st.button("连点两次", key="twice", on_click=store_twice)


@pytest.fixture
def screen() -> AppTest:
    return AppTest.from_function(page).run()


def shown(screen: AppTest) -> list[str]:
    assert not screen.exception
    return [each.value for each in screen.text]


def test_a_file_is_looked_at_once_however_often_the_page_is_drawn(screen: AppTest) -> None:
    screen = upload(screen, b"one").run().run()
    assert shown(screen) == ["one", "未空"]
    assert screen.session_state.looks == 1


def test_another_file_is_looked_at_anew(screen: AppTest) -> None:
    screen = upload(upload(screen, b"one"), b"two")
    assert shown(screen) == ["two", "未空"]
    assert screen.session_state.looks == 2


def test_nothing_is_left_of_a_file_that_was_taken_away(screen: AppTest) -> None:
    screen = upload(screen, b"one").file_uploader[0].set_value(None).run()
    assert shown(screen) == ["没有文件", "空"]
    screen.button(key="store").click().run()
    assert screen.session_state.stored == [None]


def test_a_second_click_finds_nothing_left_to_store(screen: AppTest) -> None:
    screen = upload(screen, b"one").button(key="twice").click().run()
    assert screen.session_state.stored == ["one", None]


def test_what_is_stored_is_what_was_looked_at_whatever_lies_behind_the_uploader(
    screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = upload(screen, b"one")
    monkeypatch.setattr(UploadedFile, "getvalue", lambda _: b"other")
    screen.run().button(key="store").click().run()
    assert screen.session_state.stored == ["one"]


def test_an_emptied_uploader_is_a_new_one_and_takes_the_same_file_again(screen: AppTest) -> None:
    screen = upload(screen, b"one").button(key="empty").click().run()
    assert shown(screen) == ["没有文件", "空"]
    assert not screen.file_uploader[0].value
    screen = upload(screen, b"one")
    assert shown(screen) == ["one", "未空"]
    assert screen.session_state.looks == 2


def late_click(name: str, arguments: tuple[object, ...]) -> None:  # runs by itself
    from importlib import import_module

    import streamlit as st

    from daxing_safety.ui import messages

    module, _, verb = f"daxing_safety.ui.{name}".rpartition(".")
    messages.show_kept()
    st.button("入库", key="store", on_click=getattr(import_module(module), verb), args=arguments)


@pytest.mark.parametrize(
    ("name", "arguments"), [("account_import.open_all", ((),)), ("problems.exchange.store", ())]
)
def test_a_click_after_all_was_stored_does_and_tells_nothing(
    name: str, arguments: tuple[object, ...], sign_in: SignIn
) -> None:
    sign_in("admin")
    screen = AppTest.from_function(late_click, args=(name, arguments), default_timeout=60).run()
    screen = screen.button(key="store").click().run()
    assert not screen.exception
    assert not screen.success and not screen.error
