"""Every verb of actions/ by everybody who may not do it: refused, and nothing is changed.

The registry is read from the code; a verb of which verb_calls.py says nothing fails here.
"""

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import pytest
from filling import NOW
from marked_lives import Life, user
from sqlalchemy import event as events
from sqlmodel import Session
from test_walk_pages import USERNAMES
from verb_calls import OF_ONES_OWN, PARTS, VERBS, Stage

from daxing_safety import actions, ledger
from daxing_safety.actions import saved_views, submissions
from daxing_safety.errors import NotAllowed, NotFound, UserFacingError
from daxing_safety.models import User
from daxing_safety.vocabulary import Role
from daxing_safety.workbooks.reading import read_workbook

WRITES = re.compile(r"\s*(?:insert into|update|delete from)\s+\"?(\w+)", re.I)
# Giving out no 问题编号 at all writes the last one again.
NOTHING = {"audit_event", "audit_head", "problem_number"}
# What no screen keeps: who may come in, and how the server is looked after.
NOT_KEPT = {"account", "old_password", "login_session", "login_failure"}
OF_THE_SERVER = ("upkeep.", "security_rules.")


def _verbs() -> Iterator[tuple[str, Callable[..., Any]]]:
    prefix = f"{actions.__name__}."
    for module in pkgutil.walk_packages(actions.__path__, prefix):
        for name, function in inspect.getmembers(import_module(module.name), inspect.isfunction):
            is_own = function.__module__ == module.name and not name.startswith("_")
            if is_own and "by" in inspect.signature(function).parameters:
                yield f"{module.name.removeprefix(prefix)}.{name}", function


IN_CODE = dict(_verbs())


def test_of_every_verb_it_is_said_who_may_do_it() -> None:
    assert IN_CODE.keys() == VERBS.keys() | OF_ONES_OWN.keys() | PARTS.keys()


@contextmanager
def written(session: Session) -> Iterator[set[str]]:
    """The tables whose rows are written, also by what waits in the session to be flushed."""
    session.flush()
    tables = set()

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if writes := WRITES.match(statement):
            tables.add(writes[1].lower())

    engine = session.get_bind().engine
    events.listen(engine, "before_cursor_execute", note)
    try:
        yield tables
        session.flush()
    finally:
        events.remove(engine, "before_cursor_execute", note)


@contextmanager
def nothing_written(session: Session) -> Iterator[None]:
    """Not a row but the log's."""
    with written(session) as tables:
        yield
    assert tables <= NOTHING


def _outsiders(name: str, session: Session) -> Iterator[User]:
    """Every role that may not, and of those that may the one whom it does not concern."""
    by = VERBS[name].by
    yield from (user(session, USERNAMES[role]) for role in Role if role not in by)
    if Role.UNIT in by:
        yield user(session, "区城管委")
    if Role.EXPERT in by:
        yield user(session, "expert")  # 周工's it is


def _insider(name: str, stage: Stage) -> User:
    by = VERBS[name].by
    if Role.UNIT in by:
        return user(stage.session, stage.life.unit)
    return user(stage.session, "expert2" if Role.EXPERT in by else USERNAMES[min(by, key=str)])


@pytest.fixture
def stage(session: Session, water: Life) -> Stage:
    session.add(
        User(
            username="disabled",
            display_name="停用",
            role=Role.LEADER,
            password_hash="",
            is_disabled=True,
            created_at=NOW,
            password_changed_at=NOW,
        )
    )
    return Stage(session, water)


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_is_refused_to_everybody_else_and_changes_nothing(name: str, stage: Stage) -> None:
    given = VERBS[name].given(stage)
    outsiders = list(_outsiders(name, stage.session))
    for by in outsiders:
        with nothing_written(stage.session), pytest.raises((NotAllowed, NotFound)) as refusal:
            IN_CODE[name](stage.session, **given, by=by)
        assert refusal.type is not NotFound or by.role in VERBS[name].by, by.username


@pytest.mark.parametrize("name", VERBS)
def test_a_disabled_account_is_refused_what_it_may_do(name: str, stage: Stage) -> None:
    given, by = VERBS[name].given(stage), _insider(name, stage)
    by.is_disabled = True
    with nothing_written(stage.session), pytest.raises(NotAllowed):
        IN_CODE[name](stage.session, **given, by=by)


@pytest.mark.parametrize("name", VERBS)
def test_the_same_call_is_not_refused_to_who_may(name: str, stage: Stage) -> None:
    """Else the refusals above would prove nothing."""
    given = VERBS[name].given(stage)
    try:
        IN_CODE[name](stage.session, **given, by=_insider(name, stage))
    except UserFacingError as refusal:
        assert not isinstance(refusal, NotAllowed | NotFound), refusal


@pytest.mark.parametrize("name", VERBS)
def test_whatever_a_screen_may_keep_has_another_version_once_it_is_written(
    name: str, stage: Stage
) -> None:
    given, by = VERBS[name].given(stage), _insider(name, stage)
    before = ledger.data_version(stage.session)
    with written(stage.session) as tables, suppress(UserFacingError):
        IN_CODE[name](stage.session, **given, by=by)
    is_kept = bool(tables - NOTHING - NOT_KEPT) and not name.startswith(OF_THE_SERVER)
    assert (ledger.data_version(stage.session) > before) is is_kept, tables


def test_of_many_workbooks_another_units_is_refused_in_its_place(
    stage: Stage, neighbour: User
) -> None:
    data = stage.workbook
    raw = read_workbook(data)
    files = [submissions.Incoming("填报表.xlsx", data, raw)]
    session, by = stage.session, {"by": neighbour, "now": NOW}
    with nothing_written(session):
        (stored,) = submissions.submit_all(session, files=files, **by)
        (previewed,) = submissions.preview_all(session, raws=[raw], **by)
    assert isinstance(stored, NotAllowed) and isinstance(previewed, NotAllowed)


def test_anothers_view_is_not_there_to_be_deleted(stage: Stage, neighbour: User) -> None:
    assert stage.life.view is not None
    with pytest.raises(NotFound):
        saved_views.delete(stage.session, view_id=stage.life.view, by=neighbour)
