"""The hidden `_meta` of a workbook: whose it is, of which round, and which rows it was given.

It is there to recognise a file and to notice what was deleted; it keeps no secret, and nothing
is allowed because of it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from daxing_safety.errors import BadInput
from daxing_safety.vocabulary import Sheet
from daxing_safety.workbooks.content import WorkbookContent

TEMPLATE = "1"  # raise it when workbooks of an older layout can no longer be read
PROBLEM_LIST_KIND = "problem_list"  # of a 问题整改清单; a 填报表 names no kind
CODES_IN_A_CELL = 1000  # a cell holds 32,767 characters
GET_A_NEW_ONE = "请重新下载本单位本期的填报表，把内容填到新表里再上传。"


@dataclass(frozen=True, slots=True)
class Identity:
    programme: str
    unit_code: str
    unit_name: str
    round_id: int
    round_name: str
    criteria_revision: int
    criteria_version: str
    sheets: tuple[Sheet, ...]
    # The rows it was given: what is missing among them was deleted, what is new came later.
    work_points: frozenset[str]
    rules: frozenset[str]
    problems: frozenset[str]


def meta_entries(content: WorkbookContent) -> list[tuple[str, str]]:
    """The rows of `_meta`, a key and a value each, the checksum last."""
    cover = content.cover
    entries = [
        ("template", TEMPLATE),
        ("programme", cover.programme),
        ("unit_code", cover.unit_code),
        ("unit_name", cover.unit_name),
        ("round_id", str(cover.round_id)),
        ("round_name", cover.round_name),
        ("criteria_revision", str(cover.criteria_revision)),
        ("criteria_version", cover.criteria_version),
        ("sheets", " ".join(sheet.name for sheet in cover.sheets)),
        *in_cells("work_points", (row.work_point_code for row in content.progress)),
        *in_cells("rules", (row.rule_code for row in content.findings)),
        *in_cells("problems", (row.number for row in content.problems if row.number)),
    ]
    return sealed(entries)


def sealed(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [*entries, ("checksum", _checksum(entries))]


def is_intact(entries: Sequence[tuple[str, str]]) -> bool:
    return bool(entries) and entries[-1] == ("checksum", _checksum(entries[:-1]))


def in_cells(key: str, codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    every = list(codes)
    for start in range(0, len(every), CODES_IN_A_CELL):
        yield key, " ".join(every[start : start + CODES_IN_A_CELL])


def _checksum(entries: Iterable[tuple[str, str]]) -> str:
    return hashlib.sha256("\n".join(map("\t".join, entries)).encode()).hexdigest()


def is_problem_list(entries: Iterable[tuple[str, str]]) -> bool:
    return ("kind", PROBLEM_LIST_KIND) in entries


def identity_of(entries: tuple[tuple[str, str], ...]) -> Identity:
    """Whose workbook it is; raises BadInput for a file that is not ours or too old."""
    if not entries:
        raise BadInput("这不是从本系统下载的填报表。请下载本单位本期的填报表，填好后再上传。")
    meta = dict(entries)
    if is_problem_list(entries):
        raise BadInput("这是问题整改清单，不是填报表，请到“问题整改”页上传。")
    if meta.get("template") != TEMPLATE:
        raise BadInput(f"这份填报表的版式已经更新。{GET_A_NEW_ONE}")
    altered = BadInput(f"填报表中的识别信息被改动过，认不出是哪个单位、哪一期的。{GET_A_NEW_ONE}")
    if not is_intact(entries):
        raise altered
    try:
        return _identity(meta, entries)
    except (KeyError, ValueError) as garbage:
        raise altered from garbage


def _identity(meta: dict[str, str], entries: tuple[tuple[str, str], ...]) -> Identity:
    return Identity(
        programme=meta["programme"],
        unit_code=meta["unit_code"],
        unit_name=meta["unit_name"],
        round_id=int(meta["round_id"]),
        round_name=meta["round_name"],
        criteria_revision=int(meta["criteria_revision"]),
        criteria_version=meta["criteria_version"],
        sheets=tuple(Sheet[name] for name in meta["sheets"].split()),
        work_points=_codes_under("work_points", entries),
        rules=_codes_under("rules", entries),
        problems=_codes_under("problems", entries),
    )


def _codes_under(key: str, entries: Iterable[tuple[str, str]]) -> frozenset[str]:
    return frozenset(code for name, codes in entries if name == key for code in codes.split())
