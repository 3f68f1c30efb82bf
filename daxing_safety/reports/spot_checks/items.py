"""The things to look at, scoped in one place, with what is known of each and its files.

No person of a unit is named: experts get no contacts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.criteria import Criteria, Rule
from daxing_safety.errors import NotAllowed
from daxing_safety.evidence_files import PHOTOS
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    Problem,
    SpotCheck,
    SpotCheckExpert,
    SpotCheckItem,
    SpotCheckPhoto,
    Unit,
    User,
)
from daxing_safety.permissions import Permission, allows
from daxing_safety.reports import Query, sees_district
from daxing_safety.spot_checks import DOUBTED, is_settled
from daxing_safety.vocabulary import DrawnFrom, EvidenceOf, Finding, SpotHandling, SpotVerdict

TO_LOOK_AT, ANSWERED, NOT_LOOKED_AT, LOOKED_AT, DOUBTFUL = (
    "待核查",
    "已填写",
    "未核查",
    "已核查",
    "待处理",
)
STATES = (
    *(TO_LOOK_AT, ANSWERED, NOT_LOOKED_AT, DOUBTFUL),
    *(handling.value for handling in SpotHandling),
    LOOKED_AT,
)


class File(NamedTuple):
    """A unit's 佐证材料 or an expert's photo; `sha256` is where its bytes are."""

    id: int
    name: str
    kind: str
    sha256: str

    @property
    def is_photo(self) -> bool:
        return self.kind in PHOTOS


@dataclass(frozen=True, slots=True)
class Answer:
    """What the expert found."""

    verdict: SpotVerdict
    found: str
    site: str
    count: int | None
    suggestion: str
    answered_at: datetime


class Handled(NamedTuple):
    """What the office made of it."""

    handling: SpotHandling
    reason: str
    problem_number: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Row:
    """`answer` is empty for others until it stands; `is_answered` tells that there is one."""

    id: int
    check_id: int
    unit_code: str
    unit: str
    source: DrawnFrom
    code: str
    rule: Rule | None
    known: Mapping[str, str]  # what the unit has stated, by the name of each fact
    gist: str
    designated_because: str
    expert: str
    is_settled: bool
    is_answered: bool
    answer: Answer | None
    handled: Handled | None
    files: tuple[File, ...]
    photos: tuple[File, ...]

    @property
    def waits_for_office(self) -> bool:
        is_doubted = self.answer is not None and self.answer.verdict in DOUBTED
        return self.is_settled and is_doubted and self.handled is None

    @property
    def state(self) -> str:
        if self.handled:
            return self.handled.handling.value
        if not self.is_settled:
            return ANSWERED if self.is_answered else TO_LOOK_AT
        if self.waits_for_office:
            return DOUBTFUL
        return LOOKED_AT if self.is_answered else NOT_LOOKED_AT


# ---- whose they are -----------------------------------------------------------------------------


def visible(query: Query, viewer: User, today: date) -> Query:
    """The query, over items and their checks, limited to what this viewer may see."""
    if sees_district(viewer):
        return query
    if not allows(viewer, Permission.SPOT_CHECK):
        return query.where(false())
    return query.where(
        col(SpotCheckItem.user_id) == viewer.id,
        col(SpotCheck.withdrawn_at).is_(None),
        col(SpotCheck.until) >= today,
    )


def rows(session: Session, *, viewer: User, today: date, check_id: int | None = None) -> list[Row]:
    """In the plan's order of the units, so that who travels sees what lies together."""
    query = visible(_found(), viewer, today)
    if check_id is not None:
        query = query.where(col(SpotCheckItem.check_id) == check_id)
    return _rows(session, viewer, today, query)


def _found() -> Select[Any, Any, Any, Any, Any]:
    return (
        select(
            SpotCheckItem,
            SpotCheck,
            col(SpotCheckExpert.handed_in_at),
            col(Unit.name),
            col(User.display_name),
        )
        .join(SpotCheck, col(SpotCheck.id) == col(SpotCheckItem.check_id))
        .join(
            SpotCheckExpert,
            and_(
                col(SpotCheckExpert.check_id) == col(SpotCheckItem.check_id),
                col(SpotCheckExpert.user_id) == col(SpotCheckItem.user_id),
            ),
        )
        .join(Unit, col(Unit.code) == col(SpotCheckItem.unit_code))
        .join(User, col(User.id) == col(SpotCheckItem.user_id))
        .order_by(col(Unit.position), col(SpotCheckItem.id))
    )


def _rows(
    session: Session, viewer: User, today: date, query: Select[Any, Any, Any, Any, Any]
) -> list[Row]:
    found = session.execute(query).all()
    about = _about(session, [item for item, *_ in found])
    is_own = allows(viewer, Permission.SPOT_CHECK)
    return [
        _row(item, unit, expert, about, is_own, is_settled(check, handed_in_at, today))
        for item, check, handed_in_at, unit, expert in found
    ]


def _row(
    item: SpotCheckItem, unit: str, expert: str, about: "About", is_own: bool, stands: bool
) -> Row:
    """What an expert found is shown to the expert and, once it stands, to the district."""
    problem, rule, is_shown = about.problem(item), about.rule(item), stands or is_own
    return Row(
        id=item.id or 0,
        check_id=item.check_id,
        unit_code=item.unit_code,
        unit=unit,
        source=item.source,
        code=item.code,
        rule=rule,
        known=_known(item, problem),
        gist=_gist(item, problem, rule),
        designated_because=item.designated_because,
        expert=expert,
        is_settled=stands,
        is_answered=item.verdict is not None,
        answer=_answer(item) if is_shown else None,
        handled=None if is_own else _handled(item, about.people),
        files=about.files[key_of(item)],
        photos=about.photos[item.id or 0] if is_shown else (),
    )


def _answer(item: SpotCheckItem) -> Answer | None:
    if item.verdict is None or item.answered_at is None:
        return None
    return Answer(
        item.verdict, item.found, item.site, item.count, item.suggestion, item.answered_at
    )


def _handled(item: SpotCheckItem, people: Mapping[str, str]) -> Handled | None:
    if item.handling is None:
        return None
    by = item.handled_by or ""
    return Handled(item.handling, item.handling_reason, item.problem_number, people.get(by, by))


# ---- what is known of them ----------------------------------------------------------------------


Key = tuple[EvidenceOf, str, str]  # of what, whose, its code


class About(NamedTuple):
    """What else is known, read for all items at once."""

    criteria: Criteria
    problems: Mapping[str, Problem]
    files: Mapping[Key, tuple[File, ...]]
    photos: Mapping[int, tuple[File, ...]]
    people: Mapping[str, str]

    def problem(self, item: SpotCheckItem) -> Problem | None:
        return self.problems.get(item.code)

    def rule(self, item: SpotCheckItem) -> Rule | None:
        if item.source is DrawnFrom.SELF_COMPLIANT:
            return self.criteria.rules.get(item.code)
        problem = self.problem(item)
        return self.criteria.rules.get(problem.rule_code or "") if problem else None


def _about(session: Session, items: Sequence[SpotCheckItem]) -> About:
    people = select(col(User.username), col(User.display_name))
    return About(
        ledger.criteria_in_force(session),
        _problems(session, items),
        _files(session, items),
        _photos(session, items),
        dict(session.execute(people).all()),
    )


def _problems(session: Session, items: Iterable[SpotCheckItem]) -> dict[str, Problem]:
    numbers = [item.code for item in items if item.source is not DrawnFrom.SELF_COMPLIANT]
    query = select(Problem).where(col(Problem.number).in_(numbers))
    return {problem.number: problem for problem in session.scalars(query)}


def _known(item: SpotCheckItem, problem: Problem | None) -> dict[str, str]:
    """Without who is responsible: a person's name is no business of the experts'."""
    if item.source is DrawnFrom.SELF_COMPLIANT:
        facts = {"自查结论": Finding.COMPLIANT.value}
    elif problem is None:
        facts = {"问题": "单位撤回了填报，这个问题已不在台账中。"}
    else:
        facts = {
            "点位": problem.site,
            "问题描述": f"{problem.description}（{problem.count} 处）",
            "整改目标": problem.target,
            "整改措施": problem.measure,
            "完成日期": str(problem.done_on or problem.closed_on or ""),
        }
    return {name: text for name, text in (facts | {"单位说明": item.statement}).items() if text}


def _gist(item: SpotCheckItem, problem: Problem | None, rule: Rule | None) -> str:
    if problem:
        return f"{problem.site}：{problem.description}"
    return rule.condition if rule else item.code


# ---- their files --------------------------------------------------------------------------------


def key_of(item: SpotCheckItem) -> Key:
    """What was shown of a problem goes with it to another unit; of a rule each has its own."""
    if item.source is DrawnFrom.SELF_COMPLIANT:
        return EvidenceOf.RULE, item.unit_code, item.code
    return EvidenceOf.PROBLEM, "", item.code


def _files(session: Session, items: Sequence[SpotCheckItem]) -> Mapping[Key, tuple[File, ...]]:
    found: dict[Key, tuple[File, ...]] = defaultdict(tuple)
    query = (
        select(Evidence, col(EvidenceUse.subject), col(EvidenceUse.code))
        .join(EvidenceUse, col(EvidenceUse.evidence_id) == col(Evidence.id))
        .where(col(Evidence.is_current), or_(*_serving(items)))
        .order_by(col(Evidence.id))
    )
    for file, subject, code in session.execute(query):
        whose = file.unit_code if subject is EvidenceOf.RULE else ""
        found[subject, whose, code] += (File(file.id or 0, file.name, file.kind, file.sha256),)
    return found


def _serving(items: Sequence[SpotCheckItem]) -> Iterable[ColumnElement[bool]]:
    keys = [key_of(item) for item in items]
    for subject in (EvidenceOf.RULE, EvidenceOf.PROBLEM):
        codes = {code for of, _, code in keys if of is subject}
        yield and_(col(EvidenceUse.subject) == subject, col(EvidenceUse.code).in_(codes))


def _photos(session: Session, items: Sequence[SpotCheckItem]) -> Mapping[int, tuple[File, ...]]:
    found: dict[int, tuple[File, ...]] = defaultdict(tuple)
    ids = [item.id for item in items]
    query = select(SpotCheckPhoto).where(col(SpotCheckPhoto.item_id).in_(ids))
    for each in session.scalars(query.order_by(col(SpotCheckPhoto.id))):
        found[each.item_id] += (File(each.id or 0, each.name, each.kind, each.sha256),)
    return found


def drawn_file(session: Session, *, viewer: User, evidence_id: int, today: date) -> File:
    """A unit's file for an expert: of what was drawn for them and is open. Raises NotAllowed."""
    files = (file for row in rows(session, viewer=viewer, today=today) for file in row.files)
    found = next((file for file in files if file.id == evidence_id), None)
    if found is None or not allows(viewer, Permission.SPOT_CHECK):
        raise NotAllowed("这份材料不在抽给您核查的事项中，或者抽查已经结束。")
    return found


def photo(session: Session, *, viewer: User, photo_id: int, today: date) -> File:
    """An expert's photo, for the expert and, once it stands, the district. Raises NotAllowed."""
    of_photo = select(col(SpotCheckPhoto.item_id)).where(col(SpotCheckPhoto.id) == photo_id)
    query = visible(_found(), viewer, today).where(col(SpotCheckItem.id).in_(of_photo))
    photos = (each for row in _rows(session, viewer, today, query) for each in row.photos)
    found = next((each for each in photos if each.id == photo_id), None)
    if found is None:
        raise NotAllowed("没有您可以查看的这张照片。")
    return found
