"""docs/security.md names a test for what it claims; every test and file that it names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", DOCUMENT)))
FILES = sorted(set(re.findall(r"`((?:tests/)?[\w/]+\.py)`", DOCUMENT)))
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" |")]
    for line in DOCUMENT.splitlines()
    if line.startswith("| ") and not line.startswith(("| control", "| item", "| threat"))
]
NOT_MET = ("not built", "not met")


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", FILES)
def test_every_file_that_is_named_exists(name: str) -> None:
    folder = ROOT if name.startswith("tests/") else ROOT / "daxing_safety"
    assert (folder / name).is_file()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_claim_has_its_test_or_is_said_not_to_be_met(row: list[str]) -> None:
    control, how, tests, *_ = row
    assert control and how
    assert "::test_" in tests or how.startswith(NOT_MET)


def test_the_tables_are_read_at_all() -> None:
    assert len(ROWS) > 60 and len(NAMED) > 90
