"""What the rows of an export of the 12345 hotline mean: every row, or all faults of all rows.

Towns are recognised where it is sure and suggested where it is not; personal data is taken out.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from daxing_safety.errors import BadInput
from daxing_safety.hotline import without_personal_data
from daxing_safety.vocabulary import Complexity
from daxing_safety.workbooks.cells import HALF_WIDTH, SERIAL_START, squeezed
from daxing_safety.workbooks.content import CellError
from daxing_safety.workbooks.hotline import REQUIRED, Export, Field, text_of
from daxing_safety.workbooks.reading import Cell, letter_of

MOST_CONTENT, MOST_SITE, MOST_NUMBER = 2000, 200, 50
ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
ROUNDED_FROM = 10**15  # a number so long has lost its last digits in Excel
EARLIEST = 2000  # year of a date whose cell lost its format
MOMENT = re.compile(
    r"(?P<year>\d{4})[-./年](?P<month>\d{1,2})[-./月](?P<day>\d{1,2})[日号]?[T ]*"
    r"(?:(?P<hour>\d{1,2})[:时点](?:(?P<minute>\d{1,2})分?(?::?(?P<second>\d{1,2})(?:\.\d+)?秒?)?)?)?"
)
COMPACT_MOMENT = re.compile(
    r"(?P<year>2\d{3})(?P<month>\d{2})(?P<day>\d{2})[T ]?"
    r"(?:(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2}))?)?"
)
MOMENT_WITHOUT_YEAR = re.compile(
    r"(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号] ?"
    r"(?:(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})?分?)?"
)
COMPLEXITIES = {
    word: complexity
    for complexity, words in {
        Complexity.SIMPLE: ("简单", "简单件", "一般", "一般件", "24小时"),
        Complexity.COMPLEX: ("复杂", "复杂件", "疑难", "疑难件", "7天"),
    }.items()
    for word in words
}


class Line(NamedTuple):
    """A row that was understood. `suggested` are towns it may mean where none is sure."""

    row: int
    source_number: str
    received_at: datetime
    content: str
    site: str
    town_code: str | None
    suggested: tuple[str, ...]
    category: str
    due_at: datetime | None
    complexity: Complexity
    hidden: tuple[str, ...]  # kinds of personal data that were taken out


class Interpreted(NamedTuple):
    lines: tuple[Line, ...]
    faults: tuple[CellError, ...]


# ---- which town ----------------------------------------------------------------------------------


class Towns:
    """镇 and 街道 by what they are called: sure where it is a name, a suggestion where a part."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        """Code → its names."""
        self._codes = {name: code for code, called in names.items() for name in called}
        self._stems = {re.sub(r"(地区|街道|镇)$", "", name): c for name, c in self._codes.items()}

    def find(self, written: str, site: str) -> tuple[str | None, tuple[str, ...]]:
        """The town's code, or else those that may be meant."""
        word = squeezed(written).removeprefix("北京市").removeprefix("大兴区")
        known = self._codes.get(squeezed(written)) or self._codes.get(word) or self._stems.get(word)
        if known:
            return known, ()
        for text in (word, squeezed(site)):
            named = self._in(text, self._codes)
            if len(named) == 1:
                return named[0], ()
            if named:
                return None, named
        return None, self._in(word + squeezed(site), self._stems)

    def _in(self, text: str, names: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for name, code in names.items() if name in text))


# ---- what the rows mean --------------------------------------------------------------------------


def interpret(
    export: Export, columns: Mapping[Field, str], towns: Towns, *, now: datetime
) -> Interpreted:
    """Every row, or all faults of all rows."""
    missing = [field.value for field in REQUIRED if field not in columns]
    if missing:
        raise BadInput(f"请先选定{'、'.join(missing)}是哪一列。")
    reader = _Reader(export, columns, towns, now)
    lines = [reader.line(*row) for row in zip(export.numbers, export.rows, strict=True)]
    return Interpreted(tuple(line for line in lines if line), tuple(reader.faults))


class _Reader:
    def __init__(
        self, export: Export, columns: Mapping[Field, str], towns: Towns, now: datetime
    ) -> None:
        self.sheet, self.towns, self.now = export.sheet, towns, now
        self.places = {field: export.headers.index(name) for field, name in columns.items()}
        self.seen: dict[str, int] = {}
        self.faults: list[CellError] = []

    def line(self, number: int, row: tuple[Cell, ...]) -> Line | None:
        before = len(self.faults)
        self.number, self.row = number, row
        source_number = self._source_number()
        received_at = self._moment(Field.RECEIVED_AT)
        due_at = self._moment(Field.DUE_AT)
        self._check_order(received_at, due_at)
        content = self._words(Field.CONTENT, MOST_CONTENT)
        site = self._words(Field.SITE, MOST_SITE)
        complexity = self._complexity()
        if len(self.faults) > before or received_at is None:
            return None
        content, hidden = without_personal_data(content)
        site, hidden_in_site = without_personal_data(site)
        town_code, suggested = self.towns.find(self._text(Field.TOWN), site)
        return Line(
            row=number,
            source_number=source_number,
            received_at=received_at,
            content=content,
            site=site,
            town_code=town_code,
            suggested=suggested,
            category=self._text(Field.CATEGORY),
            due_at=due_at,
            complexity=complexity,
            hidden=tuple(dict.fromkeys(hidden + hidden_in_site)),
        )

    def _cell(self, field: Field) -> Cell:
        place = self.places.get(field)
        return self.row[place] if place is not None and place < len(self.row) else ""

    def _text(self, field: Field) -> str:
        return text_of(self._cell(field))

    def _refuse(self, field: Field, what: str, cure: str) -> None:
        found = without_personal_data(self._text(field)).text
        excerpt = found if len(found) <= 30 else f"{found[:30]}…"
        message = f"{field.value}{what.format(f'填的是“{excerpt}”')}"
        cell = f"{letter_of(self.places[field])}{self.number}"
        self.faults.append(CellError(self.sheet, cell, message, cure, excerpt))

    def _source_number(self) -> str:
        text, cell = squeezed(self._text(Field.SOURCE_NUMBER)), self._cell(Field.SOURCE_NUMBER)
        is_long = isinstance(cell, float) and cell >= ROUNDED_FROM
        if not text:
            cure = "请补上编号；是合计或说明的，请删去这一行。"
            self._refuse(Field.SOURCE_NUMBER, "是空的", cure)
        elif is_long or ROUNDED.fullmatch(text):
            cure = "请在热线系统中重新导出，不要用 Excel 另存；或把这一列设为文本后重新粘贴。"
            self._refuse(Field.SOURCE_NUMBER, "{}，被 Excel 改成了近似的数", cure)
        elif len(text) > MOST_NUMBER:
            self._refuse(Field.SOURCE_NUMBER, f"超过了{MOST_NUMBER}个字", "请核对是不是这一列。")
        elif text in self.seen:
            same = f"{{}}，与第{self.seen[text]}行重复"
            self._refuse(Field.SOURCE_NUMBER, same, "请删去重复的一行。")
        else:
            self.seen[text] = self.number
        return text

    def _moment(self, field: Field) -> datetime | None:
        is_due = field is Field.DUE_AT
        if not self._text(field):
            if not is_due:
                self._refuse(field, "是空的", "请补上日期和时间，例如2021-05-18 08:30。")
            return None
        found = moment_in(self._cell(field), self.now, ends_day=is_due)
        if found is None:
            self._refuse(field, "{}，不是日期", "请填日期和时间，例如2021-05-18 08:30。")
        elif found > self.now and not is_due:
            self._refuse(field, "{}，还没有到", "请核对年月日。")
        return found

    def _check_order(self, received_at: datetime | None, due_at: datetime | None) -> None:
        if received_at and due_at and due_at < received_at:
            self._refuse(Field.DUE_AT, "{}，早于受理时间", "请核对这两列的日期。")

    def _words(self, field: Field, most: int) -> str:
        text = self._text(field)
        if field in REQUIRED and not text:
            self._refuse(field, "是空的", "请补上内容；是合计或说明的，请删去这一行。")
        if len(text) > most:
            self._refuse(field, f"有{len(text)}个字，超过了{most}个字", f"请精简到{most}个字以内。")
        return text

    def _complexity(self) -> Complexity:
        """简单 where the export says nothing; the office decides at 派单."""
        text = squeezed(self._text(Field.COMPLEXITY))
        known = COMPLEXITIES.get(text, Complexity.SIMPLE)
        if text and text not in COMPLEXITIES:
            self._refuse(Field.COMPLEXITY, "{}，看不懂", "请填“简单”或“复杂”，或不选这一列。")
        return known


def moment_in(cell: Cell, now: datetime, *, ends_day: bool) -> datetime | None:
    """A date without a time is its beginning, or as a deadline its last minute."""
    whole_day = time(23, 59) if ends_day else time(0)
    if isinstance(cell, datetime):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, date):
        return datetime.combine(cell, whole_day)
    if isinstance(cell, float) and cell < 200_000:  # a date whose cell lost its format
        moment = datetime.combine(SERIAL_START, time(0)) + timedelta(minutes=round(cell * 1440))
        moment = datetime.combine(moment, whole_day) if cell.is_integer() else moment
        return moment if EARLIEST <= moment.year <= now.year + 1 else None
    return _moment_in_words(text_of(cell), now, whole_day)


def _moment_in_words(text: str, now: datetime, whole_day: time) -> datetime | None:
    text = " ".join(text.translate(HALF_WIDTH).split())
    for pattern in (MOMENT, COMPACT_MOMENT, MOMENT_WITHOUT_YEAR):
        match = pattern.fullmatch(text)
        if match:
            return _moment_of(match.groupdict(), now, whole_day)
    return None


def _moment_of(parts: Mapping[str, str | None], now: datetime, whole_day: time) -> datetime | None:
    year = int(parts.get("year") or now.year)
    try:
        day = date(year, int(parts["month"] or 0), int(parts["day"] or 0))
        if parts["hour"] is None:
            return datetime.combine(day, whole_day)
        return datetime.combine(day, time(int(parts["hour"]), int(parts["minute"] or 0)))
    except ValueError:  # the 31st of April
        return None
