"""The list of accounts to be opened, as it comes back from the administrator.

`read_account_list` runs in the worker process and judges nothing; `check` says what every row
means, or all faults of all rows. Knows no database: what exists already is handed in.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from daxing_safety.errors import BadInput
from daxing_safety.passwords import USERNAME, USERNAME_RULE
from daxing_safety.texts import INVISIBLE
from daxing_safety.vocabulary import Role
from daxing_safety.workbooks.cells import clean_text, shown, squeezed
from daxing_safety.workbooks.container import ODD
from daxing_safety.workbooks.content import CellError
from daxing_safety.workbooks.guard import open_package, require_single_cells
from daxing_safety.workbooks.hotline_rows import moment_in
from daxing_safety.workbooks.reading import Cell, letter_of

SHEET = "账号"
UNIT, USERNAME_HEADER, NAME, PHONE, ROLE, VALID_UNTIL = HEADERS = (
    "单位", "用户名", "姓名", "电话", "角色", "有效期至",
)  # fmt: skip
HEADER_WITHIN = 15  # rows
MOST_ROWS = 500
MOST_CHARACTERS = {NAME: 32, PHONE: 32}

ROLES = {role.value: role for role in Role}
WITH_UNIT = {Role.UNIT, Role.OFFICE}
IF_NOT_WANTED = "不开通这个账号的，请删去这一行。"


@dataclass(frozen=True, slots=True)
class RawList:
    """The rows below the header that are not blank; `letters` are the columns' own."""

    letters: dict[str, str]
    rows: tuple[tuple[int, dict[str, Cell]], ...]


class Known(NamedTuple):
    """What a list is held against: names of units with their codes, and names already taken."""

    units: Mapping[str, str]
    usernames: frozenset[str]
    now: datetime


class Line(NamedTuple):
    row: int
    username: str
    display_name: str
    role: Role
    unit: str
    unit_code: str | None
    phone: str
    valid_until: date | None


class Checked(NamedTuple):
    lines: tuple[Line, ...]
    faults: tuple[CellError, ...]
    warnings: tuple[CellError, ...]


# ---- reading, in the worker ----------------------------------------------------------------------


def read_account_list(data: bytes) -> RawList:
    """Raises BadInput when the file cannot be read at all, or is another one."""
    package = open_package(data)
    require_single_cells(package)
    names = [sheet.name for sheet in package.sheets]
    if SHEET not in names:
        raise BadInput(
            f"找不到工作表“{SHEET}”（现有：{'、'.join(names)}）。请用从本页下载的账号表填写。"
        )
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(package.only([SHEET])))
        rows = book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)
    except CalamineError as broken:
        raise BadInput(ODD) from broken
    return _below_header(rows)


def _below_header(rows: Sequence[Sequence[Cell]]) -> RawList:
    at, places = _header(rows)
    found = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        cells = {name: row[place] for name, place in places.items() if place < len(row)}
        if any(clean_text(shown(cell)) for cell in cells.values()):
            found.append((number, cells))
    if not found:
        raise BadInput("表里没有填写任何账号。请每行填一个账号再上传。")
    if len(found) > MOST_ROWS:
        raise BadInput(f"一次最多开通 {MOST_ROWS} 个账号，表里有 {len(found)} 行。请分成几份上传。")
    return RawList({name: letter_of(place) for name, place in places.items()}, tuple(found))


def _header(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        texts = [_plain(cell) for cell in row]
        if USERNAME_HEADER in texts and ROLE in texts:
            missing = [name for name in HEADERS if name not in texts]
            doubled = [name for name in HEADERS if texts.count(name) > 1]
            if missing or doubled:
                fault = "缺少" if missing else "有两个"
                raise BadInput(
                    f"工作表“{SHEET}”{fault}“{'、'.join(missing or doubled)}”列。"
                    "请不要改动表头，用从本页下载的账号表填写。"
                )
            return at, {name: texts.index(name) for name in HEADERS}
    raise BadInput(
        f"工作表“{SHEET}”里没有找到表头（{'、'.join(HEADERS)}）。请用从本页下载的账号表填写。"
    )


def _plain(header: Cell) -> str:
    """Without the note that some headers bear: 有效期至（选填）."""
    return squeezed(shown(header)).split("(")[0].split("（")[0]


# ---- what the rows mean --------------------------------------------------------------------------


def check(raw: RawList, known: Known) -> Checked:
    reader = _Reader(raw, known)
    lines = [reader.line(number, cells) for number, cells in raw.rows]
    return Checked(
        tuple(line for line in lines if line), tuple(reader.faults), tuple(reader.warnings)
    )


class _Reader:
    def __init__(self, raw: RawList, known: Known) -> None:
        self.letters, self.known = raw.letters, known
        self.seen: dict[str, int] = {}
        self.faults: list[CellError] = []
        self.warnings: list[CellError] = []

    def line(self, number: int, cells: dict[str, Cell]) -> Line | None:
        before = len(self.faults)
        self.number, self.cells = number, cells
        username = self._username()
        role = self._role()
        unit = self._text(UNIT)
        unit_code = self._unit(unit, role)
        name, phone = self._words(NAME), self._words(PHONE)
        valid_until = self._valid_until()
        if len(self.faults) > before or role is None:
            return None
        if not name:
            told = f"姓名没有填，将显示为“{username}”"
            self.warnings.append(self._remark(NAME, told, "知道是谁的，请填上姓名。"))
        return Line(number, username, name, role, unit, unit_code, phone, valid_until)

    def _text(self, column: str) -> str:
        return clean_text(shown(self.cells.get(column, "")))

    def _remark(self, column: str, message: str, cure: str) -> CellError:
        cell = f"{self.letters[column]}{self.number}"
        found = self._text(column)
        excerpt = found if len(found) <= 30 else f"{found[:30]}…"
        return CellError(SHEET, cell, message, cure, excerpt)

    def _refuse(self, column: str, message: str, cure: str) -> None:
        self.faults.append(self._remark(column, f"{column}{message}", cure))

    def _has_invisible(self, column: str) -> bool:
        is_odd = bool(INVISIBLE.search(shown(self.cells.get(column, ""))))
        if is_odd:
            self._refuse(column, "里有看不见的字符", "请清空这一格，用键盘重新输入。")
        return is_odd

    def _username(self) -> str:
        text = self._text(USERNAME_HEADER)
        key = text.casefold()
        if not text:
            self._refuse(USERNAME_HEADER, "没有填", f"请填写用户名。{IF_NOT_WANTED}")
        elif self._has_invisible(USERNAME_HEADER):
            pass
        elif not USERNAME.fullmatch(text):
            self._refuse(USERNAME_HEADER, f"“{text[:32]}”不合要求", USERNAME_RULE)
        elif key in self.seen:
            same = f"“{text}”与第 {self.seen[key]} 行重复"
            self._refuse(USERNAME_HEADER, same, "一个账号一行，请改用别的用户名或删去一行。")
        elif key in self.known.usernames:
            taken = f"“{text}”已经有人使用"
            self._refuse(USERNAME_HEADER, taken, f"请换一个用户名。{IF_NOT_WANTED}")
        self.seen.setdefault(key, self.number)
        return text

    def _role(self) -> Role | None:
        text = squeezed(self._text(ROLE))
        if text not in ROLES:
            what = f"“{text}”不是角色" if text else "没有填"
            self._refuse(ROLE, what, f"请从下拉列表中选：{'、'.join(ROLES)}。")
        return ROLES.get(text)

    def _unit(self, text: str, role: Role | None) -> str | None:
        code = self.known.units.get(squeezed(text))
        if text and code is None:
            near = get_close_matches(text, self.known.units, n=1, cutoff=0.8)
            meant = f"是不是“{near[0]}”？" if near else ""
            self._refuse(UNIT, f"“{text[:32]}”不在责任单位之中", f"{meant}请从下拉列表中选。")
        elif role is Role.UNIT and not text:
            self._refuse(UNIT, "没有填", "填报人必须有所属单位，请从下拉列表中选。")
        elif role and role not in WITH_UNIT and text:
            cure = "只有填报人和创安办账号才填单位，请清空这一格。"
            self._refuse(UNIT, f"不用填，角色是“{role.value}”", cure)
        return code

    def _words(self, column: str) -> str:
        text, most = self._text(column), MOST_CHARACTERS[column]
        if not self._has_invisible(column) and len(text) > most:
            self._refuse(column, f"有 {len(text)} 个字，超过了 {most} 个", "请改短。")
        return text

    def _valid_until(self) -> date | None:
        if not self._text(VALID_UNTIL):
            return None
        found = moment_in(self.cells[VALID_UNTIL], self.known.now, ends_day=True)
        if found is None:
            self._refuse(VALID_UNTIL, "不是日期", "请填最后能用的一天，如 2021-06-30；长期的留空。")
            return None
        if found.date() < self.known.now.date():
            self._refuse(VALID_UNTIL, "早于今天", "请核对日期；长期的留空。")
        return found.date()
