"""Whose the workbooks are that came back, and what each is to be held against.

Read for all workbooks of a batch at once: for fifty it costs little more than for one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, func, select
from sqlmodel import Session, col

from daxing_safety import ledger, prefill
from daxing_safety.errors import BadInput, NotFound, UserFacingError
from daxing_safety.models import Round, Submission, Unit, User
from daxing_safety.permissions import require_unit
from daxing_safety.workbooks.checks import identify
from daxing_safety.workbooks.content import WorkbookContent
from daxing_safety.workbooks.identity import Identity
from daxing_safety.workbooks.reading import RawWorkbook


@dataclass(frozen=True, slots=True)
class Case:
    """What one workbook is about."""

    round_: Round
    unit: Unit
    expected: WorkbookContent
    latest: Submission | None  # of the unit, over all rounds
    version: int  # the last number given in this round, 0: none
    data_version: int


Key = tuple[int | None, str]  # a round's id and a unit's code
NOTHING: Mapping[Key, WorkbookContent] = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with the units and rounds that are named."""

    data_version: int
    named: dict[Key, tuple[Round, Unit]]
    contents: dict[Key, WorkbookContent]
    latest: dict[str, Submission]  # by unit
    versions: dict[Key, int]


# Statements are made once: making one costs as much as running it.
UNITS: BindParameter[str] = bindparam("units", expanding=True)
NAMED = (
    select(Round, Unit)
    .join(Unit, col(Unit.code).in_(UNITS))
    .where(col(Round.id).in_(bindparam("rounds", expanding=True)))
)
LATEST = select(Submission).where(col(Submission.unit_code).in_(UNITS), col(Submission.is_latest))
VERSIONS = (
    select(col(Submission.round_id), col(Submission.unit_code), func.max(Submission.version))
    .where(col(Submission.unit_code).in_(UNITS))
    .group_by(col(Submission.round_id), col(Submission.unit_code))
)


def cases_of(
    session: Session,
    raws: Sequence[RawWorkbook],
    by: User,
    known: Mapping[Key, WorkbookContent] = NOTHING,
) -> list[Case | UserFacingError]:
    """In their order, as things stand at this moment; or why a workbook is not to be looked at.

    What is `known` to stand so still is not read again.
    """
    identities = [_identity(raw, by) for raw in raws]
    named = [each for each in identities if isinstance(each, Identity)]
    standing = _standing(session, named, known)
    return [_case(each, standing) if isinstance(each, Identity) else each for each in identities]


def _identity(raw: RawWorkbook, by: User) -> Identity | UserFacingError:
    try:
        identity = identify(raw)
        require_unit(by, identity.unit_code)
    except UserFacingError as refusal:
        return refusal
    return identity


def _standing(
    session: Session, named: Sequence[Identity], known: Mapping[Key, WorkbookContent]
) -> Standing:
    data_version = ledger.data_version(session)  # before what is read of it
    units = {"units": list({it.unit_code for it in named})}
    rounds = {"rounds": list({it.round_id for it in named})}
    found = session.execute(NAMED, units | rounds).all()
    contents = dict(known)
    asked = {(it.round_id, it.unit_code) for it in named} - known.keys()
    for round_ in {id(round_): round_ for round_, _ in found}.values():
        its_units = [unit for of, unit in found if of is round_ and (of.id, unit.code) in asked]
        if its_units:
            its_contents = prefill.contents(session, round_, its_units)
            contents |= {(round_.id, code): content for code, content in its_contents.items()}
    versions = session.connection().execute(VERSIONS, units)
    return Standing(
        data_version=data_version,
        named={(round_.id, unit.code): (round_, unit) for round_, unit in found},
        contents=contents,
        latest={latest.unit_code: latest for latest in session.scalars(LATEST, units)},
        versions={(round_id, unit): version for round_id, unit, version in versions},
    )


def _case(identity: Identity, standing: Standing) -> Case | UserFacingError:
    key = identity.round_id, identity.unit_code
    if key not in standing.named or standing.named[key][0].name != identity.round_name:
        return NotFound("这份填报表不是本系统发出的，请从“填报”页重新下载本单位的填报表。")
    round_, unit = standing.named[key]
    if round_.criteria_revision_id != identity.criteria_revision:
        return BadInput("评价细则已更新，这份填报表是旧版，请重新下载后再填。")
    if key not in standing.contents:
        return prefill.without_duty(unit)
    return Case(
        round_,
        unit,
        standing.contents[key],
        standing.latest.get(unit.code),
        standing.versions.get(key, 0),
        standing.data_version,
    )
