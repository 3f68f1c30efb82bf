"""The shape of the house, as failing checks: what may import what, and what a page may hold."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "daxing_safety"
PAGES = sorted((ROOT / "pages").glob("*.py"))
SOURCES = sorted(PACKAGE.rglob("*.py"))

# Facts ← rules ← adapters ← use cases ← screens. A module may import its own layer and those
# above it in this list, never those below. A new module: add it where it belongs.
LAYERS = [
    {"vocabulary", "errors", "settings", "texts", "wording"},
    {"disks", "faults", "garbage", "logs", "writes"},
    {"programme", "passwords"},
    {"criteria", "models"},
    {
        "scoring",
        "what_if",
        "improvement",
        "deadlines",
        "working_days",
        "permissions",
        "rectification",
        "honour_board",
        "hotline",
        "log_chain",
        "spot_checks",
        "evidence_files",
    }
    | {"photos"},
    {"database", "postgresql", "files", "workbooks", "documents"},
    {"ledger", "backups"},
    {"verification", "prefill", "problem_lists", "past"},
    {"actions"},
    {"reports"},
    {"charts", "demo"},
    {"ui", "web", "cli"},
    {"__main__", "app", "pages"},
]

TABLES_USERS = (
    "models",
    "faults",
    "database",
    "postgresql",
    "ledger/",
    "prefill",
    "problem_lists",
    "past",
    "backups",
    "verification",
    "actions/",
    "reports/",
    "migrations/",
)

# Third-party packages that have a place, and the modules that are it.
PLACES = {
    "streamlit": ("ui/", "web/"),
    "starlette": ("web/",),
    "uvicorn": ("web/",),
    "pandas": ("reports/", "charts", "ui/"),
    "plotly": ("charts",),
    "openpyxl": ("workbooks/",),
    "xlsxwriter": ("workbooks/", "reports/", "documents/"),
    "python_calamine": ("workbooks/",),
    "docx": ("documents/",),
    "alembic": ("database", "migrations/"),
    "sqlalchemy": (*TABLES_USERS, "web/"),
    "sqlmodel": (*TABLES_USERS, "demo/", "web/", "cli/"),
    "argon2": ("passwords",),
    "highspy": ("improvement",),
    "chinese_calendar": ("working_days",),
    "PIL": ("photos", "demo/photos"),
}  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "daxing_safety":
                yield from (f"daxing_safety.{alias.name}" for alias in node.names)


def layer_of(name: str) -> int:
    for number, layer in enumerate(LAYERS):
        if name in layer:
            return number
    raise AssertionError(f"{name} has no place in LAYERS")


def own_name(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    if own_name(path) in ("__init__", "migrations"):
        return
    layer = layer_of(own_name(path))
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "daxing_safety" and len(parts) > 1 and parts[1] != "__version__":
            assert layer_of(parts[1]) <= layer, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_third_party_libraries_stay_in_their_places(path: Path) -> None:
    where = path.relative_to(PACKAGE).with_suffix("").as_posix()
    for name in imports(path):
        places = PLACES.get(name.split(".")[0])
        assert places is None or where.startswith(places), f"{where} imports {name}"


def test_every_third_party_import_earns_a_line_in_the_requirements() -> None:
    names = {"sqlalchemy": "sqlmodel", "argon2": "argon2-cffi", "pydantic": "sqlmodel"} | {
        "chinese_calendar": "chinesecalendar", "PIL": "pillow", "docx": "python-docx",
    "python_calamine": "python-calamine", "uvicorn": "streamlit", "anyio": "starlette"
    }  # fmt: skip
    listed = re.findall(r"^([\w-]+)", (ROOT / "requirements.in").read_text("utf-8"), re.M)
    listed = {name.lower() for name in listed}
    for path in [*SOURCES, *PAGES, ROOT / "app.py"]:
        for name in {each.split(".")[0] for each in imports(path)}:
            if name not in sys.stdlib_module_names and name != "daxing_safety":
                assert names.get(name, name) in listed, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_are_thin(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= 100
    for node in ast.walk(tree):
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef)
    forbidden = r"\b(select|groupby|merge|apply|px|openpyxl|pandas|sqlmodel|sqlalchemy)\b|\.role\b"
    assert not re.search(forbidden, re.sub(r'"[^"]*"|#.*', "", text))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_asks_for_its_viewer_before_anything_else(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    statements = [
        node
        for node in tree.body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    assert "require_user(" in ast.unparse(statements[0])


def screens() -> list[Path]:
    return [*PAGES, *sorted((PACKAGE / "ui").rglob("*.py"))]


@pytest.mark.parametrize("path", screens(), ids=lambda path: path.name)
def test_nothing_is_drawn_inside_a_transaction(path: Path) -> None:
    # A click interrupts the script at the next st call: a transaction must not be open then.
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.With):
            opened = " ".join(ast.unparse(item.context_expr) for item in node.items)
            if "transaction()" in opened or "reading()" in opened:
                assert "st." not in re.sub(r"\w+st\.", "", "\n".join(map(ast.unparse, node.body)))


@pytest.mark.parametrize("path", [*SOURCES, *PAGES], ids=lambda path: path.name)
def test_chinese_texts_use_chinese_punctuation(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.search(r"[\u4e00-\u9fff][,;:!?][\u4e00-\u9fff]", node.value)
            assert not found, f"{found.group()} in {node.value!r}"


@pytest.mark.parametrize("path", [*SOURCES, *PAGES], ids=lambda path: path.name)
def test_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in ("everything", "Exception", "BaseException")
