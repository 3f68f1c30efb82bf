"""Where a text could become markup, a statement or a command, it is handed over as a value."""

import ast
import re
from pathlib import Path

import pytest

from daxing_safety import settings

PACKAGE = settings.ROOT / "daxing_safety"
SOURCES = [*PACKAGE.rglob("*.py"), *(settings.ROOT / "pages").glob("*.py")]
TEMPLATES = list(PACKAGE.rglob("*.html"))


def calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_markdown_is_never_allowed_to_hold_html() -> None:
    assert [str(path) for path in SOURCES if "unsafe_allow_html" in path.read_text("utf-8")] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_html_comes_out_of_templates_alone(path: Path) -> None:
    """st.html takes what a template made, or a literal: never a text that is put together."""
    for call in calls(path):
        if ast.unparse(call.func) == "st.html":
            assert not isinstance(call.args[0], ast.JoinedStr), ast.unparse(call)
            assert "format(" not in ast.unparse(call)


def test_every_template_escapes_what_it_is_given() -> None:
    environments = [
        (path, call)
        for path in SOURCES
        for call in calls(path)
        if ast.unparse(call.func) in ("Environment", "Template", "jinja2.Template")
    ]
    assert environments
    for path, call in environments:
        assert any(each.arg == "autoescape" for each in call.keywords), path
        assert "autoescape=True" in ast.unparse(call), path
    assert all(template.is_relative_to(PACKAGE) for template in TEMPLATES)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_runs_no_script_and_asks_nobody_else(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "autoescape" not in text
    acts = r"\son\w+=|javascript:|<script(?![^>]*src=\"/)|(?:src|href)=\"https?:"
    assert not re.search(acts, text)


# Pieces that a template has made already; everything else is escaped.
MADE = re.compile(r"{{\s*([\w.]+)\s*\|\s*safe\s*}}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_is_not_escaped_has_been_before(path: Path) -> None:
    allowed = {"figures", "drawing", "svg", "map", "icon", "each", "body"}
    assert {name.split(".")[-1] for name in MADE.findall(path.read_text("utf-8"))} <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_statement_is_put_together_from_values(path: Path) -> None:
    """Only names of our own tables and columns, quoted by the dialect, stand in one by f-string."""
    ours = ("quote(", "VERSION", "begin", "patience_ms", "names", "marks", "quoted", "table.name")
    for call in calls(path):
        if ast.unparse(call.func).rsplit(".", 1)[-1] in (
            "text",
            "exec_driver_sql",
            "executescript",
        ):
            for node in ast.walk(call):
                if isinstance(node, ast.FormattedValue) and is_statement(call):
                    assert ast.unparse(node.value).startswith(ours), ast.unparse(call)


def is_statement(call: ast.Call) -> bool:
    words = r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|CREATE|DROP|ALTER|VACUUM)\b"
    return bool(re.search(words, ast.unparse(call)))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_text_becomes_a_command(path: Path) -> None:
    for call in calls(path):
        name = ast.unparse(call.func)
        assert name not in ("eval", "exec", "compile", "os.system", "os.popen")
        assert not any(each.arg == "shell" for each in call.keywords)
        if name.startswith("pickle."):
            assert path.name == "worker.py"  # between the server and its own children
