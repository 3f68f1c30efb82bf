"""The product's entry script with one screen more: an empty one. Compiled once, as Streamlit would.

What the empty screen costs is the frame around every page: the sign-in looked up, navigation,
who is signed in.
"""

from daxing_safety.web.server import ENTRY

SCREEN = 'PAGES = (\n    Screen("empty", "空页", "crop_square", "工作", tuple(Permission)),'
PLACE = 'settings.ROOT / ("benchmarks" if screen.file == "empty" else "pages")'


def with_an_empty_screen(source: str) -> str:
    assert source.count("PAGES = (") == source.count('settings.ROOT / "pages"') == 1
    return source.replace("PAGES = (", SCREEN).replace('settings.ROOT / "pages"', PLACE)


CODE = compile(with_an_empty_screen(ENTRY.read_text("utf-8")), str(ENTRY), "exec")
