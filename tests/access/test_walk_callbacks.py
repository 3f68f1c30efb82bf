"""Callbacks as a forged browser calls them: with another unit's ids, and with words that fit.

A browser chooses among what a page drew, but its messages may be made by hand. So each callback
that writes is called here by 小刘 as it stands, with 区水务局's ids for its arguments and in the
session's state; the office's and the administrator's ask their verb, which test_walk_verbs.py
tries with every role.
"""

import ast
import inspect
import pkgutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from marked_lives import DUE, JPEG, PDF, SECRET, Life
from reading_screens import Reader
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import ui
from daxing_safety.database import reading
from daxing_safety.hotline import Handling
from daxing_safety.models import AuditEvent, LoginSession
from daxing_safety.reports.todo.items import Contestable, PeerQuestion
from daxing_safety.ui.problems import peer_answers
from daxing_safety.ui.problems.fields import FIELD
from daxing_safety.vocabulary import EvidenceOf, Sheet, SpotVerdict

SignIn = Callable[[str], str]
WORDS = "写明的理由"


@dataclass(frozen=True)
class Forged:
    """A call: its arguments, what its widgets would hold, and who makes it."""

    arguments: tuple[Any, ...]
    state: dict[str, Any]
    by: str = "区城管委"


def _file(name: str, data: bytes) -> Any:
    return SimpleNamespace(name=name, getvalue=lambda: data, file_id="1", size=len(data))


def _fields(**said: Any) -> dict[str, Any]:
    return {f"{FIELD}{name}": value for name, value in said.items()}


PLAN = {"target": "恢复", "measure": "更换", "responsible": "王科长", "due_on": DUE}

# What a clerk's and an expert's own callbacks are handed, here of 区水务局.
FORGED: dict[str, Callable[[Life], Forged]] = {
    "evidence_files._store": lambda life: Forged(
        (_file("新.pdf", PDF), life.code, [(EvidenceOf.RULE, "4-1")], None, "", None), {}
    ),
    "evidence_files.replace": lambda life: Forged(
        (1, life.evidence), {"newer_1": _file("新.pdf", PDF), "newer_on_1": None}
    ),
    "evidence_files.withdraw": lambda life: Forged((1, life.evidence), {"reason_1": WORDS}),
    "hotline_report.handle": lambda life: Forged(
        (Handling.ANSWER, str(life.unanswered), "form"), {"form_words": WORDS}
    ),
    "problems.moves.make": lambda life: Forged(
        ("plan", life.problem, 5, None), _fields(**PLAN, remark="")
    ),
    "problems.peer_answers.answer": lambda life: Forged(
        (PeerQuestion(life.asked),),
        {
            f"{peer_answers.FIELD}{name}": value
            for name, value in {"verdict": peer_answers.NO, "checked": WORDS, "files": []}.items()
        },
    ),
    "submit.take_back": lambda life: Forged((life.submission,), {}),
    "todo.contest": lambda life: Forged(
        (Contestable(life.code, Sheet.PROGRESS, life.points[1]),), {"contest_reason": WORDS}
    ),
    "saved_views.delete": lambda life: Forged((life.view,), {}),
    "sign_ins.end": lambda life: Forged((("0" * 20,),), {}),
    "spot_checks.finding.save": lambda life: Forged(
        (life.to_check,),
        {
            f"spot_{life.to_check}_{name}": value
            for name, value in {
                "verdict": SpotVerdict.TRUE,
                "found": WORDS,
                "site": "",
                "count": None,
                "suggestion": "",
            }.items()
        },
        by="expert",
    ),
    "spot_checks.finding.store": lambda life: Forged(
        (life.to_check, "photos"),
        {"photos": [_file("现场.jpg", JPEG)], "spot_photos": 0},
        by="expert",
    ),
    "spot_checks.finding.remove": lambda life: Forged((life.photo_taken,), {}, by="expert"),
    "spot_checks.expert.hand_in": lambda life: Forged((life.check_open,), {}, by="expert"),
}
# Whatever these are handed, their verb asks for a right that no clerk and no expert has.
OF_THE_OFFICE = {
    *("honour_board._save", "hotline.dispatch_all", "hotline.register", "hotline_import.store"),
    *("hotline_import.remember_columns", "hotline_import.remember_rule", "meeting._open"),
    *("meeting._close", "meeting_records._record", "meeting_records._check"),
    *("meeting_records._strike", "preferences.save_target", "preferences.save_time_limit"),
    *("preferences.save_answer_limit", "preferences.save_policy", "preferences.leave_out"),
    *("preferences.take_in", "problems.bulk.assign", "problems.bulk.extend"),
    *("problems.form.register", "problems.peer_checks.send", "problems.peer_checks.withdraw"),
    *("review.accept", "review.send_back", "review.close", "review.send_back_claims"),
    *("rounds.open_round", "rounds.allow_late", "rounds.close", "rounds.reopen", "rounds.freeze"),
    *("todo.answer", "todo.decide", "verdicts.accept", "verdicts.send_back", "verdicts.correct"),
    *("spot_checks.drawing.draw", "spot_checks.handling._handle", "spot_checks.upkeep.designate"),
    *("spot_checks.upkeep.prolong", "spot_checks.upkeep.withdraw"),
}
OF_THE_ADMINISTRATOR = {
    *("account_import.open_all", "accounts.store_new", "accounts.reset", "accounts.disable_all"),
    *("accounts.set_valid_until", "accounts.set_unit", "accounts.disable", "accounts.enable"),
    *("accounts.end_sessions", "security_rules.save", "system.save_schedule"),
}
NAMES_NO_ID = {
    "access._note_refusal": "the log",
    "messages._note": "the log",
    "saved_views.save": "one's own words",
    "uploads._submit": "files; whose they are stands in them (test_walk_verbs.py)",
    "problems.exchange.store": "a file; whose it is stands in it (test_walk_verbs.py)",
}


def _writing() -> Iterator[str]:
    prefix = f"{ui.__name__}."
    for module in pkgutil.walk_packages(ui.__path__, prefix):
        if module.name.endswith(".entry"):
            continue
        for node in ast.walk(ast.parse(inspect.getsource(import_module(module.name)))):
            if isinstance(node, ast.FunctionDef) and _writes(node):
                yield f"{module.name.removeprefix(prefix)}.{node.name}"


def _writes(function: ast.FunctionDef) -> bool:
    called = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(each, ast.Name) and each.id == "transaction" for each in called)


def test_of_every_callback_that_writes_it_is_said_what_it_may_be_handed() -> None:
    said = FORGED.keys() | OF_THE_OFFICE | OF_THE_ADMINISTRATOR | NAMES_NO_ID.keys()
    assert set(_writing()) == said


def script(name: str, arguments: tuple) -> None:  # type: ignore[type-arg]  # runs by itself
    from importlib import import_module

    import streamlit as st

    from daxing_safety.ui import messages

    module, _, function = f"daxing_safety.ui.{name}".rpartition(".")
    messages.show_kept()
    st.button("送出", key="send", on_click=getattr(import_module(module), function), args=arguments)


def rows(folder: Path) -> dict[str, list[Any]]:
    """Every row but the log's and the sign-ins'."""
    with closing(sqlite3.connect(folder / "daxing.db")) as database:
        tables = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith(("audit_", "login_", "sqlite_"))
        ]
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_call_is_refused_in_a_sentence_and_writes_nothing(
    name: str, data_dir: Path, reader: Reader, sign_in: SignIn, water: Life
) -> None:
    forged = FORGED[name](water)
    sign_in(forged.by)
    app = AppTest.from_function(script, args=(name, forged.arguments), default_timeout=60)
    for key, value in forged.state.items():
        app.session_state[key] = value
    app.run()
    before = rows(data_dir)
    app.button(key="send").click().run()
    assert not app.exception
    assert [each.value for each in app.error] != []
    assert "系统出错" not in app.error[0].value
    assert not reader.again(app).holds(SECRET)
    assert rows(data_dir) == before


@pytest.mark.parametrize(
    "name",
    ["evidence_files.withdraw", "submit.take_back", "todo.contest", "spot_checks.finding.save"],
)
def test_who_reaches_for_anothers_is_in_the_log(
    name: str, reader: Reader, sign_in: SignIn, water: Life
) -> None:
    forged = FORGED[name](water)
    sign_in("区城管委")
    app = AppTest.from_function(script, args=(name, forged.arguments), default_timeout=60)
    for key, value in forged.state.items():
        app.session_state[key] = value
    app.run().button(key="send").click().run()
    with reading() as session:
        noted = session.exec(select(AuditEvent).where(AuditEvent.action == "越权访问")).all()
    assert [event.username for event in noted] == ["区城管委"]


def test_anothers_sign_in_is_not_ended_by_its_handle(
    reader: Reader, sign_in: SignIn, data_dir: Path
) -> None:
    sign_in("区水务局")
    with reading() as session:
        (token_hash,) = session.exec(select(LoginSession.token_hash)).all()
    sign_in("区城管委")
    app = AppTest.from_function(
        script, args=("sign_ins.end", ((token_hash[:20],),)), default_timeout=60
    )
    app.run().button(key="send").click().run()
    assert app.error
    with reading() as session:
        assert session.get(LoginSession, token_hash)
        refused = select(AuditEvent).where(col(AuditEvent.action) == "越权访问")
        assert session.exec(refused).all()[-1].username == "区城管委"
