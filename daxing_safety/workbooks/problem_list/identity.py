"""The hidden `_meta` of a 问题整改清单: who got it, when, and how each row stood then.

Nothing is allowed because of it. The revision of a row tells that somebody has changed it since;
the digest, whether the row was changed in the file at all.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

from daxing_safety.errors import BadInput
from daxing_safety.workbooks.cells import clean_text
from daxing_safety.workbooks.identity import (
    PROBLEM_LIST_KIND,
    in_cells,
    is_intact,
    is_problem_list,
    sealed,
)
from daxing_safety.workbooks.problem_list.columns import LIST_COLUMNS, Audience
from daxing_safety.workbooks.problem_list.content import ListContent, ListRow

LAYOUT = "1"  # raise it when lists of an older layout can no longer be read
DIGITS = 8
EXPORT_ANEW = "请重新导出清单，在新表上修改后再上传。"
COMPARED = tuple(column.key for column in LIST_COLUMNS if column.is_read)


class Given(NamedTuple):
    revision: int
    digest: str


@dataclass(frozen=True, slots=True)
class ListIdentity:
    programme: str
    audience: Audience
    unit_code: str
    unit_name: str
    criteria_revision: int
    exported_at: datetime
    exported_by: str
    given: Mapping[str, Given]  # by 问题编号


def meta_entries(content: ListContent) -> list[tuple[str, str]]:
    cover = content.cover
    given = (
        f"{row.number}:{content.standings[row.number].revision}:{digest_of(row)}"
        for row in content.rows
    )
    return sealed(
        [
            ("kind", PROBLEM_LIST_KIND),
            ("layout", LAYOUT),
            ("programme", cover.programme),
            ("audience", cover.audience.name),
            ("unit_code", cover.unit_code),
            ("unit_name", cover.unit_name),
            ("criteria_revision", str(cover.criteria_revision)),
            ("exported_at", cover.exported_at.isoformat()),
            ("exported_by", cover.exported_by),
            *in_cells("problems", given),
        ]
    )


def digest_of(row: ListRow) -> str:
    """Of what can be read back from a row."""
    said = "\x1f".join(_in_words(getattr(row, key)) for key in COMPARED)
    return hashlib.sha256(said.encode()).hexdigest()[:DIGITS]


def _in_words(value: object) -> str:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, date):
        return value.isoformat()
    return clean_text(str(value)) if value else ""


def list_identity_of(entries: tuple[tuple[str, str], ...]) -> ListIdentity:
    """Raises BadInput for a file that is not a 问题整改清单 of ours, or too old."""
    if not is_problem_list(entries):
        what = "这是填报表，请到“填报”页上传。" if entries else "这不是从本系统导出的问题整改清单。"
        raise BadInput(f"{what}要改问题整改清单，请先在“问题整改”页导出。")
    meta = dict(entries)
    if meta.get("layout") != LAYOUT:
        raise BadInput(f"这份清单的版式已经更新。{EXPORT_ANEW}")
    altered = BadInput(f"清单中的识别信息被改动过，认不出是什么时候导出的。{EXPORT_ANEW}")
    if not is_intact(entries):
        raise altered
    try:
        return _identity(meta, entries)
    except (KeyError, ValueError) as garbage:
        raise altered from garbage


def _identity(meta: dict[str, str], entries: tuple[tuple[str, str], ...]) -> ListIdentity:
    given = {}
    for key, cell in entries:
        for each in cell.split() if key == "problems" else ():
            number, revision, digest = each.split(":")
            given[number] = Given(int(revision), digest)
    return ListIdentity(
        programme=meta["programme"],
        audience=Audience[meta["audience"]],
        unit_code=meta["unit_code"],
        unit_name=meta["unit_name"],
        criteria_revision=int(meta["criteria_revision"]),
        exported_at=datetime.fromisoformat(meta["exported_at"]),
        exported_by=meta["exported_by"],
        given=given,
    )
