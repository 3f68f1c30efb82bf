"""The product's entry script with one screen more: an empty one. Compiled once, as Streamlit would.

What the empty screen costs is the frame around every page: the sign-in looked up, navigation,
who is signed in.
"""

from pathlib import Path

from daxing_safety.permissions import Permission
from daxing_safety.ui import screens
from daxing_safety.web.server import ENTRY

CODE = compile(ENTRY.read_text("utf-8"), str(ENTRY), "exec")


class EmptyScreen(screens.Screen):
    @property
    def path(self) -> Path:
        return Path(__file__).with_name("empty.py")


empty = EmptyScreen("empty", "空页", "crop_square", screens.WORK, tuple(Permission))
screens.PAGES = (empty, *screens.PAGES)
