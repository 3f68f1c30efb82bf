"""A programme in which whoever could write something wrote something hostile.

`spoil` puts a text into every column that a person can fill; a column that stands in neither list
fails test_exported_texts.py. The demo is the ground, because every screen has something to show.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Table, bindparam, select, update
from sqlmodel import AutoString, Session

from daxing_safety import database, settings
from daxing_safety.actions import audit
from daxing_safety.demo import build_demo
from daxing_safety.models import Base

PASSWORD = "Lin-hai-7788"
ELSEWHERE = "evil.example"

# What a spreadsheet would compute. A tab or a line break at the start is taken off when the text
# is stored, but an older row may have it.
STARTS = ("=1+", "+1", "-1", "@SUM(", "＝1", "\t=1", "\r=1")
BODIES = (
    "<img src=http://evil.example/a.png onerror=alert(1)><script>alert(2)</script>",
    "![图](http://evil.example/b.png)[点](http://evil.example/c) http://evil.example/d",
    '<a href="javascript:alert(3)">点</a><b>粗</b>A<b>&C&amp;',
    ":red[红]:material/home:$x^2$`码`**粗**~~删~~:streamlit:",
    '{{7*7}}{% debug %}${7*7}%s{ HYPERLINK "http://evil.example/e" }',
    "]]><svg onload=alert(4)><!--</textarea><style>*{display:none}</style>",
)

WRITTEN = {
    "account": ("display_name", "phone"),
    "evidence": ("name", "description"),
    "spot_check_photo": ("name",),
    "finding_confirmation": ("remark",),
    "meeting": ("name",),
    "meeting_item": ("text",),
    "public_report": ("source_number", "content", "site", "answer"),
    "round": ("name",),
    "duty_decision": ("unit_reason", "reason"),
    "late_allowance": ("reason",),
    "login_session": ("browser",),
    "out_of_scope": ("reason",),
    "problem_event": ("remark",),
    "saved_view": ("name",),
    "spot_check": ("name", "withdrawal_reason"),
    "spot_check_item": (
        "statement", "designated_because", "found", "site", "suggestion", "handling_reason"
    ),
    "submission": ("file_name", "review_remark"),
    "work_point_duty": ("remark", "evidence"),
    "finding_entry": ("remark", "evidence"),
    "problem": (
        "site", "description", "target", "measure", "responsible", "remark", "office_remark",
        "found_by",
    ),
    "progress_entry": ("remark", "evidence"),
    "row_verdict": ("reason", "appeal", "answer"),
    "peer_check": ("question",),
    "problem_request": ("reason", "answer"),
    "rectification_step": ("text", "responsible"),
    "peer_answer": ("remark",),
    "audit_event": ("username", "subject", "remark"),  # by records of its own: nobody changes it
    "login_failure": ("username",),  # never shown
}  # fmt: skip

# Codes, numbers, names of accounts (passwords.USERNAME), hashes, addresses; what is JSON of ours.
MADE_BY_US = re.compile(
    r".*_code|code|number|.*_number|.*_by|by|.*hash|.*sha256|kind|address|page|query|seed|version"
    r"|document|figures|before|after|changes|undo|sheets|action|value|recurs|merged_into|username|population|scope"
)
# Loaded from data/: the plan's and the standard's own words.
OFFICIAL = {"phase", "task", "unit", "work_point", "criteria_revision", "preference"}


def text_columns() -> Iterator[tuple[Table, Column]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, AutoString):
                yield table, column


def hostile(at: int) -> str:
    return f"{STARTS[at % len(STARTS)]}{BODIES[at % len(BODIES)]}{at}"


def spoil(session: Session) -> None:
    """Empty texts are left empty: what there is not is shown nowhere."""
    for name, columns in WRITTEN.items():
        table = Base.metadata.tables.get(name)
        if table is not None and name != "audit_event":
            for column in columns:
                _spoil(session, table, table.c[column])
    for at in range(len(STARTS) * len(BODIES)):
        text = hostile(at)
        audit.record(session, text[:60], text, by=text, remark=text, after={"site": text})


def _spoil(session: Session, table: Table, column: Column) -> None:
    keys = list(table.primary_key.columns)
    rows = session.execute(select(*keys, column).order_by(*keys)).all()
    changes = [
        {f"key_{key.name}": value for key, value in zip(keys, row, strict=False)}
        | {"spoilt": hostile(at)}
        for at, row in enumerate(rows)
        if row[-1]
    ]
    if changes:
        which = [key == bindparam(f"key_{key.name}") for key in keys]
        session.connection().execute(
            update(table).where(*which).values({column.name: bindparam("spoilt")}), changes
        )


def build(folder: Path) -> None:
    """The demo with every text spoilt; all accounts have PASSWORD."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAXING_DATA_DIR", str(folder))
        environment.setenv("DAXING_TODAY", settings.DEMO_DAY.isoformat())
        environment.delenv("DAXING_DATABASE_URL", raising=False)
        database.upgrade()
        build_demo(password=PASSWORD)
        with database.transaction() as session:
            spoil(session)
        database.engines(settings.database_url()).dispose()
