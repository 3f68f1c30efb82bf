"""Every read of reports/ that takes a viewer, asked by 小刘 for 区水务局's things.

Arguments go by their names, so that a new report is walked as soon as it is written; one whose
arguments nobody has named here fails, until somebody does.
"""

import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from itertools import product
from types import FunctionType
from typing import Any

import pytest
from filling import NOW, written
from marked_lives import OWN, SECRET, Life, user
from reading_screens import unpacked
from sqlmodel import Session, SQLModel, col, select
from test_walk_pages import USERNAMES

from daxing_safety import reports
from daxing_safety.actions import spot_draws
from daxing_safety.errors import UserFacingError
from daxing_safety.models import Round, Unit, User
from daxing_safety.reports import log, public_reports, submissions
from daxing_safety.reports import tasks as task_reports
from daxing_safety.reports.losses.tree import Side
from daxing_safety.reports.problems import filters as problem_filters
from daxing_safety.reports.progress_course import Scope
from daxing_safety.vocabulary import DrawnFrom, Role
from daxing_safety.workbooks.reading import read_workbook

TODAY = NOW.date()


@dataclass(frozen=True)
class Asked:
    """Whose things are asked for, out of what."""

    session: Session
    life: Life

    @property
    def version(self) -> submissions.Version:
        """As the office would be handed it: a caller that forgot whom it asks for."""
        office = self.session.exec(select(User).where(col(User.username) == "office")).one()
        number = self.life.submission
        return submissions.version(self.session, viewer=office, submission_id=number)

    @property
    def round_(self) -> Round:
        return self.session.exec(select(Round)).one()

    @property
    def workbook(self) -> bytes:
        unit = self.session.get_one(Unit, self.life.code)
        return written(self.session, self.round_, unit)


Values = Callable[[Asked], list[Any]]
TWO_DAYS = {"before": NOW.replace(day=13).date(), "after": TODAY}
ARGUMENTS: dict[str, Values] = {
    "today": lambda _: [TODAY],
    "now": lambda _: [NOW],
    "before": lambda _: [TWO_DAYS["before"]],
    "after": lambda _: [TWO_DAYS["after"]],
    "answered_since": lambda _: [NOW.replace(day=1)],
    "unit_code": lambda asked: [asked.life.code],
    "unit_codes": lambda asked: [[asked.life.code]],
    "rule_code": lambda _: ["4-1"],
    "side": lambda _: list(Side),
    "number": lambda asked: [
        *(asked.life.problem, asked.life.claimed, asked.life.closed),
        *(str(asked.life.report), str(asked.life.unanswered)),
    ],
    "numbers": lambda asked: [[asked.life.problem, asked.life.claimed]],
    "due_on": lambda _: [TODAY],
    "submission_id": lambda asked: [asked.life.submission, asked.life.returned],
    "evidence_id": lambda asked: [asked.life.evidence, asked.life.photo, asked.life.withdrawn],
    "meeting_id": lambda _: [1],
    "check_id": lambda asked: [asked.life.check_over, asked.life.check_open],
    "photo_id": lambda asked: [asked.life.photo_taken],
    "usernames": lambda asked: [[asked.life.unit]],
    "clock": lambda _: [NOW],
    "round_id": lambda asked: [asked.round_.id],
    "round_": lambda asked: [asked.round_],
    "version": lambda asked: [asked.version],
    "raw": lambda asked: [read_workbook(asked.workbook)],
    "code": lambda asked: list(asked.life.points),
    "username": lambda asked: [asked.life.unit],
    "page": lambda _: ["problems"],
    "scope": lambda _: [Scope()],
    "history": lambda _: [[]],
}
# Of the same name in several modules.
OF_MODULE: dict[str, dict[str, Values]] = {
    "log": {"filters": lambda _: [log.Filters()], "page": lambda _: [1]},
    "tasks": {"filters": lambda asked: [task_reports.Filters(unit_code=asked.life.code)]},
    "public_reports": {
        "filters": lambda asked: [
            public_reports.Filters(),
            public_reports.Filters(unit_code=asked.life.code),
        ],
        "page": lambda _: [1],
    },
    "spot_checks": {"scope": lambda _: [spot_draws.Scope(tuple(DrawnFrom))]},
    "log_list": {"filters": lambda _: [log.Filters()]},
    "public_report_list": {
        "filters": lambda asked: [public_reports.Filters(unit_code=asked.life.code)]
    },
    "problems": {
        "filters": lambda asked: [
            problem_filters.Filters(),
            problem_filters.Filters(unit=(asked.life.code,)),
        ],
    },
}
# No report: what others are made of, or what is handed over by a caller that has looked already.
PARTS = {
    "progress.alike": "counts alike rows; they are shown by progress.lights and the map",
    "spot_checks.items.visible": "a condition; its rows come through spot_checks.items",
    "system.failure": "what the server's own log says of a number; tests/test_logs.py",
    "account_list.preview": "what stands in a file that the administrator has just chosen",
    "problems.queries.in_order": "a statement; its rows come through problems.listing",
    "problems.queries.matching": "a statement; its rows come through problems.listing",
    "todo.by_urgency": "sorts lines that todo.items has read",
    "todo.number_waiting": "counts lines that todo.items has read",
    "hotline_import.asked": "what stands in a file that the office has just chosen",
    "hotline_import.preview": "what stands in a file that the office has just chosen",
}
# A session and no viewer: the plan, the standard, the district's own figures; or of rows that a
# scoped read has found.
FOR_EVERYBODY = {
    *("accounts.clerks_of_units",),
    *("duties.of_tasks", "duties.of_work_points", "duties.words_for_many", "effect.effects"),
    *("group_comparison.in_group", "honour_board.candidates", "hotline_import.likely_towns"),
    *("hotline_import.rule_names", "losses.shares.documents", "problems.timeline.names"),
    *("problems.timeline.timeline", "problems.worth.of", "progress.phase_clock"),
    *("public_reports.rules_of_unit", "reviews.finding_changes", "reviews.progress_changes"),
    *("reviews.single_answers", "scores.basis", "scores.indicator_scores"),
    *("scores.score_document", "submissions.open_round", "submissions.rounds"),
    *("tasks.task_table", "todo.office.may_take_over", "todo.rows.names"),
    *("trend.frozen_and_now",),
}
# Judged by `by`, as the verbs that they prepare are.
BY_WHO_WOULD_DO_IT = {"previews.preview_all", "problems.exchange.preview"}


def _functions() -> Iterator[tuple[str, FunctionType]]:
    prefix = f"{reports.__name__}."
    for module in pkgutil.walk_packages(reports.__path__, prefix):
        for name, function in inspect.getmembers(import_module(module.name), inspect.isfunction):
            if function.__module__ == module.name and not name.startswith("_"):
                yield f"{module.name.removeprefix(prefix)}.{name}", function


def _takes(function: FunctionType, parameter: str) -> bool:
    return parameter in inspect.signature(function).parameters


READS = {
    name: function
    for name, function in _functions()
    if _takes(function, "viewer") and name not in PARTS
}


def test_every_read_without_a_viewer_is_for_everybody() -> None:
    unscoped = {
        name
        for name, function in _functions()
        if _takes(function, "session") and not _takes(function, "viewer")
    }
    assert unscoped == FOR_EVERYBODY | BY_WHO_WOULD_DO_IT
    assert {name for name, _ in _functions()} >= PARTS.keys()


def _arguments(name: str, function: FunctionType, asked: Asked) -> Iterator[dict[str, Any]]:
    known = ARGUMENTS | OF_MODULE.get(name.partition(".")[0], {})
    wanted = {
        each.name
        for each in inspect.signature(function).parameters.values()
        if each.kind is not inspect.Parameter.VAR_POSITIONAL
        and (each.default is inspect.Parameter.empty or each.name in known)
    } - {"session", "viewer"}
    values = {each: known[each](asked) for each in wanted}
    for chosen in product(*values.values()):
        yield dict(zip(values, chosen, strict=True))


def told(name: str, session: Session, viewer: User, life: Life) -> str:
    """All that this viewer is told; a refusal tells its sentence."""
    function = READS[name]
    return "\n".join(
        _answer(lambda given=given: function(session=session, viewer=viewer, **given))
        for given in _arguments(name, function, Asked(session, life))
    )


def _answer(ask: Callable[[], Any]) -> str:
    try:
        return "\n".join(texts(ask()))
    except UserFacingError as refusal:
        return str(refusal)


def texts(found: Any) -> Iterator[str]:
    """Every text in it, however deep."""
    if isinstance(found, str | bytes):
        parts = [found] if isinstance(found, str) else unpacked(found)
        yield from (
            each if isinstance(each, str) else each.decode("utf-8", "replace") for each in parts
        )
    elif isinstance(found, SQLModel):
        yield from texts(found.model_dump())
    elif isinstance(found, Mapping):
        yield from texts([*found.keys(), *found.values()])
    elif is_dataclass(found):
        yield from texts([getattr(found, each.name) for each in fields(found)])
    elif hasattr(found, "to_dict"):  # a frame
        yield from texts(found.to_dict("list"))
    elif hasattr(found, "__iter__"):
        for each in found:
            yield from texts(each)
    else:
        yield str(found)


def _assert_no_byte(text: str, mark: str, name: str) -> None:
    place = text.find(mark)
    assert place < 0, f"{name} tells {text[max(0, place - 60) : place + 60]}"


@pytest.mark.parametrize("name", READS)
def test_a_read_tells_the_neighbour_nothing_of_the_water_bureau(
    name: str, session: Session, neighbour: User, water: Life
) -> None:
    _assert_no_byte(told(name, session, neighbour, water), SECRET, name)


@pytest.mark.parametrize("role", [Role.EXPERT, Role.ADMIN], ids=lambda role: role.name)
def test_no_read_tells_who_has_no_business_with_the_units(
    role: Role, session: Session, water: Life, city: Life
) -> None:
    viewer = user(session, USERNAMES[role])
    for name in READS:
        text = told(name, session, viewer, water) + told(name, session, viewer, city)
        if role is not Role.ADMIN or not name.startswith("accounts."):  # people's phones
            _assert_no_byte(text, SECRET, name)
            _assert_no_byte(text, OWN, name)


def test_the_walk_finds_what_the_office_may_read(
    session: Session, office: User, water: Life
) -> None:
    telling = {name for name in READS if SECRET in told(name, session, office, water)}
    assert telling >= {"problems.card.card", "public_reports.card", "reviews.said", "meetings.held"}
    assert len(telling) > len(READS) / 4
