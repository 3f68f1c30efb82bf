"""Screens while a file is gone or a disk fills up: marked where it is seen, and warned of."""

from collections.abc import Callable

import pytest
from kept_work import PDF, do_some_work
from streamlit.testing.v1 import AppTest

from daxing_safety import disks, files
from daxing_safety.disks import GB, MB, Space

pytestmark = pytest.mark.sqlite

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]


def errors(screen: AppTest) -> str:
    return "\n".join(each.value for each in screen.error)


def test_a_material_whose_file_is_gone_is_marked_and_cannot_be_asked_for(
    sign_in: SignIn, open_page: OpenPage
) -> None:
    do_some_work()
    files.path_of(files.keep(PDF)).unlink()
    sign_in("区水务局")
    listed = open_page("evidence", view="材料清单")
    assert list(listed.dataframe[0].value["state"]) == ["文件丢失"]
    opened = open_page("evidence", view="材料清单", material="1")
    assert "把同一个文件再传一次就能补回来" in errors(opened)


@pytest.mark.parametrize(
    ("space", "said"),
    [
        (Space(9 * GB, 100 * GB), "只剩 9.00 GB，请尽快清理"),
        (Space(400 * MB, 100 * GB), "只剩 400.0 MB，已停止接收上传的文件"),
    ],
)
def test_the_administrator_is_warned_before_a_disk_is_full(
    sign_in: SignIn,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    space: Space,
    said: str,
) -> None:
    monkeypatch.setattr(disks, "space", lambda _: space)
    sign_in("admin")
    screen = open_page("system")
    assert said in "\n".join(each.value for each in (*screen.warning, *screen.error))
    waiting = "\n".join(
        each.value for each in (*open_page("todo").text, *open_page("todo").markdown)
    )
    assert "所在磁盘只剩" in waiting.replace("\\", "")
