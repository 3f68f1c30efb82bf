"""All that a page sends to the browser, byte by byte; and every key its address may hold."""

import ast
import inspect
import io
import json
import pkgutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest, local_script_runner

from daxing_safety import settings, ui
from daxing_safety.web.server import ENTRY

PAGES = settings.ROOT / "pages"
SLOW_FIRST_IMPORTS_S = 60


@dataclass(frozen=True)
class Screen:
    """What one run of a page sent."""

    raw: bytes
    app: AppTest

    def holds(self, text: str) -> bool:
        """In a text, a table's bytes, a figure's JSON or an address."""
        return any(each in self.raw for each in _spellings(text))

    @property
    def is_refused(self) -> bool:
        """Nothing but the one sentence."""
        return "没有查看这个页面的权限" in "".join(each.value for each in self.app.error)

    @property
    def title(self) -> str:
        return self.app.title[0].value if self.app.title else ""


def _spellings(text: str) -> Iterator[bytes]:
    yield text.encode()
    yield json.dumps(text)[1:-1].encode()
    yield quote(text).encode()


def unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes, and of an archive what is in it: Word and Excel are archives, too."""
    yield data
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from unpacked(archive.read(name))


class Reader:
    """Opens pages in a browser of its own each, as whoever is signed in."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._sent: Sequence[ForwardMsg] = ()
        self._parse: Callable[..., Any] = local_script_runner.parse_tree_from_messages
        patch.setattr(local_script_runner, "parse_tree_from_messages", self._keep)

    def _keep(self, messages: Sequence[ForwardMsg]) -> Any:
        self._sent = list(messages)
        return self._parse(messages)

    def open(self, page: str, **asked: str) -> Screen:
        """By its address, through the entry script."""
        app = AppTest.from_file(ENTRY, default_timeout=SLOW_FIRST_IMPORTS_S)
        app.switch_page(f"../../pages/{page}.py")
        return self._run(app, asked)

    def run_file(self, page: str, **asked: str) -> Screen:
        """The page's script by itself, past the navigation: what its own guard says."""
        app = AppTest.from_file(PAGES / f"{page}.py", default_timeout=SLOW_FIRST_IMPORTS_S)
        return self._run(app, asked)

    def _run(self, app: AppTest, asked: dict[str, str]) -> Screen:
        for name, value in asked.items():
            app.query_params[name] = value
        return self.again(app.run())

    def again(self, app: AppTest) -> Screen:
        """What the last run of this app sent, after a click say."""
        return Screen(b"".join(each.SerializeToString() for each in self._sent), app)


# ---- the keys of addresses, as the code reads them ---------------------------------------------

BOUND = ("bind", "KEPT_IN_ADDRESS")


@cache
def keys_of(page: str) -> frozenset[str]:
    """Of the page's script and of every ui module that it brings along.

    What no constant names comes as `module.function:expression`.
    """
    file = PAGES / f"{page}.py"
    source = file.read_text(encoding="utf-8")
    found = set(_keys(source, file))
    for name in _reached(source):
        module = import_module(name)
        found |= set(_keys(inspect.getsource(module), module))
    return frozenset(found)


@cache
def _ui_modules() -> frozenset[str]:
    names = (each.name for each in pkgutil.walk_packages(ui.__path__, f"{ui.__name__}."))
    return frozenset(name for name in names if not name.endswith(".entry"))


def _reached(source: str) -> set[str]:
    reached: set[str] = set()
    waiting = _imported(source)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= _imported(inspect.getsource(import_module(name))) - reached
    return reached


def _imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return names & _ui_modules()


def _keys(source: str, where: ModuleType | Path) -> Iterator[str]:
    for function, node in _with_function(ast.parse(source)):
        for key in _asked_by(node):
            yield _named(key, where, function)


def _with_function(tree: ast.AST, name: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        inner = node.name if isinstance(node, ast.FunctionDef) else name
        yield inner, node
        yield from _with_function(node, inner)


def _asked_by(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Subscript) and _is_address(node.value):
        yield node.slice
    elif isinstance(node, ast.Compare) and any(map(_is_address, node.comparators)):
        yield node.left
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and _is_address(node.func.value) and node.args:
            yield node.args[0]
        elif any(map(_is_address, node.args)):
            yield node  # the whole address goes into a reader of its own
        elif any(_is_bound(keyword) for keyword in node.keywords):
            yield from (each.value for each in node.keywords if each.arg == "key")


def _is_address(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "query_params"


def _is_bound(keyword: ast.keyword) -> bool:
    is_splat = keyword.arg is None and isinstance(keyword.value, ast.Name)
    return keyword.arg == "bind" or (is_splat and keyword.value.id in BOUND)


def _named(key: ast.expr, where: ModuleType | Path, function: str) -> str:
    if isinstance(key, ast.Constant):
        return str(key.value)
    if isinstance(key, ast.Name) and isinstance(getattr(where, key.id, None), str):
        return str(getattr(where, key.id))
    place = (
        where.stem if isinstance(where, Path) else where.__name__.removeprefix(f"{ui.__name__}.")
    )
    return f"{place}.{function}:{ast.unparse(key)}"
