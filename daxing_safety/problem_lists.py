"""What a 问题整改清单 holds when it goes out, and what it is held against when it is back."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from daxing_safety import ledger, prefill, programme
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    Problem,
    ProblemEvent,
    ProblemRequest,
    RectificationStep,
    Unit,
    User,
)
from daxing_safety.vocabulary import GROUP_OF, EvidenceOf, Group, PhotoStage, RequestKind
from daxing_safety.wording import day_of_year
from daxing_safety.workbooks.cells import clean_text, squeezed
from daxing_safety.workbooks.problem_list.columns import PROBLEM_LIST
from daxing_safety.workbooks.problem_list.content import (
    ListContent,
    ListCover,
    ListRow,
    Standing,
)
from daxing_safety.workbooks.problem_list.identity import ListIdentity
from daxing_safety.workbooks.reading import Cell, RawWorkbook

PLACES = (Group.TOWNS, Group.SUBDISTRICTS)

Town = aliased(Unit)
ROWS = (
    select(
        col(Problem.revision),
        col(Problem.number),
        col(Unit.name),
        func.coalesce(Town.name, ""),
        func.coalesce(Problem.rule_code, ""),
        *(
            col(column)
            for column in (
                Problem.site,
                Problem.description,
                Problem.count,
                Problem.severity,
                Problem.discovery,
                Problem.found_on,
                Problem.found_by,
                Problem.target,
                Problem.measure,
                Problem.responsible,
                Problem.due_on,
            )
        ),
        literal("").label("extension_reason"),
        col(Problem.first_due_on),
        col(Problem.status),
        col(Problem.done_on),
        col(Problem.remark),
    )
    .join(Unit, col(Unit.code) == col(Problem.unit_code))
    .outerjoin(Town, col(Town.code) == col(Problem.town_code))
)


def rows(session: Session, *conditions: ColumnElement[bool]) -> dict[str, tuple[int, ListRow]]:
    """Revision and row of problems, by their numbers, in the order of the ledger."""
    query = ROWS.where(*conditions).order_by(col(Problem.id))
    found = session.execute(query)
    return {row[1]: (row[0], ListRow(*row[1:])) for row in found}


def cover(session: Session, **whose: Any) -> ListCover:
    """The cover of a list made now."""
    starts_on, ends_on = session.execute(prefill.SPAN).one()
    revision = ledger.current_revision(session).id
    assert revision is not None
    return ListCover(
        programme=programme.NAME,
        criteria_revision=revision,
        starts_on=starts_on,
        ends_on=ends_on,
        **whose,
    )


def content(
    session: Session,
    cover: ListCover,
    listed: Collection[ListRow],
    standings: dict[str, Standing],
) -> ListContent:
    """With what the lists of a sheet offer and a row's names are looked up in."""
    units = list(session.scalars(select(Unit).order_by(col(Unit.position))))
    criteria = ledger.criteria_in_force(session)
    return ListContent(
        cover=cover,
        rows=tuple(listed),
        standings=standings,
        units={way: unit.name for unit in reversed(units) for way in _ways_to_write(unit)},
        unit_names=tuple(unit.name for unit in units),
        towns=tuple(unit.name for unit in units if GROUP_OF[unit.kind] in PLACES),
        rule_codes=tuple(criteria.rules),
        rules_of={
            name: frozenset(rule.code for rule in rules)
            for name, rules in criteria.rules_of_unit.items()
        },
    )


def _ways_to_write(unit: Unit) -> Iterator[str]:
    yield from (alias for alias in unit.aliases.split(";") if alias)
    yield unit.full_name
    yield unit.name


# ---- what one that is back is held to ----------------------------------------------------------


def expected(session: Session, raw: RawWorkbook, identity: ListIdentity) -> ListContent:
    """The problems that the list was given or names, and those its new rows may be."""
    numbers, sites = _named(raw)
    asked = or_(
        col(Problem.number).in_(numbers | identity.given.keys()), col(Problem.site).in_(sites)
    )
    own = [col(Problem.unit_code) == identity.unit_code] if identity.unit_code else []
    found = rows(session, asked, *own)
    as_given = cover(
        session,
        audience=identity.audience,
        unit_code=identity.unit_code,
        unit_name=identity.unit_name,
        exported_at=identity.exported_at,
        exported_by=identity.exported_by,
    )
    standings = _standings(session, found, identity)
    return content(session, as_given, [row for _, row in found.values()], standings)


def _named(raw: RawWorkbook) -> tuple[set[str], set[str]]:
    """问题编号 in the file, and the 点位 of rows without one."""
    sheet = raw.sheets.get(PROBLEM_LIST)
    if sheet is None or not sheet.cells:
        return set(), set()
    lines = zip(sheet.cells["number"], sheet.cells["site"], strict=True)
    texts = [(_text(number), _text(site)) for number, site in lines]
    numbers = {squeezed(number).upper() for number, _ in texts if number}
    return numbers, {clean_text(site) for number, site in texts if site and not number}


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def _standings(
    session: Session, found: dict[str, tuple[int, ListRow]], identity: ListIdentity
) -> dict[str, Standing]:
    numbers, given = list(found), identity.given
    stale = [
        number
        for number, (revision, _) in found.items()
        if number in given and given[number].revision != revision
    ]
    shown, steps = _shown_mended(session, numbers), _steps_until(session, numbers)
    changes, asked = _last_changes(session, stale), _asked_until(session, numbers)
    return {
        number: Standing(
            revision=revision,
            last_change=changes.get(number, ""),
            has_evidence=number in shown,
            steps_until=steps.get(number),
            asked_until=asked.get(number),
        )
        for number, (revision, _) in found.items()
    }


def _shown_mended(session: Session, numbers: list[str]) -> set[str]:
    """Those whose unit has shown more than how it was before."""
    query = (
        select(col(Problem.number))
        .join(EvidenceUse, col(EvidenceUse.code) == col(Problem.number))
        .join(Evidence, col(Evidence.id) == col(EvidenceUse.evidence_id))
        .where(
            col(Problem.number).in_(numbers),
            col(EvidenceUse.subject) == EvidenceOf.PROBLEM,
            col(EvidenceUse.stage).is_distinct_from(PhotoStage.BEFORE),
            col(Evidence.unit_code) == col(Problem.unit_code),
        )
    )
    return set(session.scalars(query))


def _steps_until(session: Session, numbers: list[str]) -> dict[str, date]:
    number = col(RectificationStep.problem_number)
    query = (
        select(number, func.max(RectificationStep.due_on))
        .where(number.in_(numbers), col(RectificationStep.done_on).is_(None))
        .group_by(number)
    )
    return dict(session.execute(query).all())


def _asked_until(session: Session, numbers: list[str]) -> dict[str, date]:
    query = select(col(ProblemRequest.problem_number), col(ProblemRequest.due_on)).where(
        col(ProblemRequest.problem_number).in_(numbers),
        col(ProblemRequest.kind) == RequestKind.EXTENSION,
        col(ProblemRequest.is_granted).is_(None),
    )
    return dict(session.execute(query).all())


def _last_changes(session: Session, numbers: list[str]) -> dict[str, str]:
    """Who did what last: 张工（5月20日）延期."""
    number = col(ProblemEvent.problem_number)
    last = select(func.max(ProblemEvent.id)).where(number.in_(numbers)).group_by(number)
    query = (
        select(ProblemEvent, col(User.display_name))
        .outerjoin(User, col(User.username) == col(ProblemEvent.by))
        .where(col(ProblemEvent.id).in_(last))
    )
    return {
        event.problem_number: f"{name or event.by}（{day_of_year(event.at)}）{event.move.value}"
        for event, name in session.execute(query)
    }
