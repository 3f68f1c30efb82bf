"""What storing an export of the 12345 hotline would do, before it is stored."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.actions import hotline_import, public_reports
from daxing_safety.models import Unit, User
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import UnitKind
from daxing_safety.workbooks.hotline import (
    REQUIRED,
    Export,
    Field,
    categories,
    guess,
    is_personal,
    samples,
)
from daxing_safety.workbooks.hotline_rows import Interpreted, Line, Towns, interpret

if TYPE_CHECKING:
    import pandas as pd


class Asked(NamedTuple):
    """Which column is which, as the office said before or as it seems."""

    columns: dict[Field, str]
    is_remembered: bool
    samples: dict[str, str]  # header → what stands below it, personal columns left out
    personal: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return all(field in self.columns for field in REQUIRED)


class Preview(NamedTuple):
    interpreted: Interpreted
    new: tuple[Line, ...]
    known: tuple[Line, ...]  # by the hotline's number: left as they are
    towns: dict[str, str]  # code → name
    rules: dict[str, str]  # category → rule code
    categories: tuple[str, ...]

    @property
    def open_towns(self) -> list[Line]:
        return [line for line in self.new if line.town_code is None]

    @property
    def hidden(self) -> Counter[str]:
        return Counter(kind for line in self.new for kind in line.hidden)


def asked(session: Session, *, viewer: User, export: Export) -> Asked:
    require(viewer, Permission.MANAGE_PROBLEMS)
    remembered = hotline_import.columns_for(session, export.headers)
    named = [header for header in dict.fromkeys(export.headers) if header]
    return Asked(
        columns=remembered or guess(named),
        is_remembered=bool(remembered),
        samples={header: samples(export, header) for header in named if not is_personal(header)},
        personal=tuple(header for header in named if is_personal(header)),
    )


def preview(
    session: Session, *, viewer: User, export: Export, columns: Mapping[Field, str], now: datetime
) -> Preview:
    """Raises BadInput while a column that is needed has not been named."""
    require(viewer, Permission.MANAGE_PROBLEMS)
    towns = _towns(session)
    interpreted = interpret(export, columns, _recognise(towns), now=now)
    numbers = [line.source_number for line in interpreted.lines]
    known = public_reports.known_numbers(session, numbers)
    return Preview(
        interpreted=interpreted,
        new=tuple(line for line in interpreted.lines if line.source_number not in known),
        known=tuple(line for line in interpreted.lines if line.source_number in known),
        towns={town.code: town.name for town in towns},
        rules=hotline_import.rules_of_categories(session),
        categories=tuple(categories(export, columns)),
    )


def _towns(session: Session) -> list[Unit]:
    kinds = (UnitKind.TOWN, UnitKind.SUBDISTRICT)
    query = select(Unit).where(col(Unit.kind).in_(kinds)).order_by(col(Unit.position))
    return list(session.scalars(query))


def _recognise(towns: Iterable[Unit]) -> Towns:
    return Towns(
        {
            town.code: [town.name, town.full_name, *filter(None, town.aliases.split(";"))]
            for town in towns
        }
    )


def new_table(preview: Preview) -> "pd.DataFrame":
    import pandas as pd  # only where a frame is made

    return pd.DataFrame(
        [
            {
                "row": line.row,
                "source_number": line.source_number,
                "received_at": line.received_at,
                "town": town_in_words(preview, line),
                "site": line.site,
                "content": line.content,
                "category": line.category,
                "rule": preview.rules.get(line.category, ""),
                "due_at": line.due_at,
                "hidden": "、".join(line.hidden),
            }
            for line in preview.new
        ]
    )


def town_in_words(preview: Preview, line: Line) -> str:
    """未定（是不是黄村镇？） where it is not sure."""
    if line.town_code:
        return preview.towns[line.town_code]
    names = "或".join(preview.towns[code] for code in line.suggested[:3])
    return f"未定（是不是{names}？）" if names else "未定"


def rule_names(session: Session) -> dict[str, str]:
    """Code → code and condition, of the criteria in force."""
    rules = ledger.criteria_in_force(session).rules
    return {code: f"{code} {rule.condition}" for code, rule in rules.items()}


def likely_towns(session: Session, site: str) -> list[str]:
    """Names of the towns that an address may mean."""
    towns = _towns(session)
    sure, suggested = _recognise(towns).find("", site)
    return [town.name for town in towns if town.code in {sure, *suggested}]
