"""What one cell means. Kind to people: whatever can only mean one thing is understood.

A reader turns a cell into a value, or into Understood (a value, and a note that it was written
oddly), or into a Fault. It never guesses: what could mean two things is a fault.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any, NamedTuple

from daxing_safety.texts import INVISIBLE
from daxing_safety.vocabulary import Discovery, Finding, ProgressStatus, RectificationStatus
from daxing_safety.wording import plain
from daxing_safety.workbooks.columns import Column, Kind
from daxing_safety.workbooks.reading import Cell, Unreadable


class Understood(NamedTuple):
    value: Any
    meaning: str  # shown as 已识别为“…”


class Fault(NamedTuple):
    message: str
    cure: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What a cell's meaning depends on besides itself."""

    round_year: int  # of a date written without one
    starts_on: date
    ends_on: date
    rule_codes: frozenset[str]
    work_point_codes: frozenset[str]
    problem_numbers: frozenset[str]


Reader = Callable[[Cell], Any]

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣"), "-")
HALF_WIDTH = FULL_WIDTH | DASHES
TO_SQUEEZE = re.compile(f"[{''.join(map(chr, HALF_WIDTH))}]|\\s|\u200d|{INVISIBLE.pattern}")
BLANKS = re.compile(r"[\s\u200d]+")
LINE_ENDS = re.compile(r"[ \t]*\r?[\r\n][ \t]*")

COUNT = re.compile(
    r"([0-9]{1,6})(?:\.0+)?(?:处|个|项|家|座|场|栋|辆|起|套|台|件|所|次|条|户|人|点)?"
)
PERCENT = re.compile(r"(百分之)?([0-9]{1,6}(?:\.[0-9]{1,20})?)(%?)")
FULL_DATE = re.compile(
    r"([0-9]{4})([-./年])([0-9]{1,2})([-./月])([0-9]{1,2})[日号]?(?:[T ]?0?0:00(?::00)?)?"
)
COMPACT_DATE = re.compile(r"(2[0-9]{3})([0-9]{2})([0-9]{2})(?:\.0)?")
DATE_WITHOUT_YEAR = re.compile(r"([0-9]{1,2})月([0-9]{1,2})[日号]?")
SERIAL_START = date(1899, 12, 30)
HUNDREDTH, NOISE = Decimal("0.01"), Decimal("1e-9")

# Other words in use for ours. Only what cannot mean anything else.
VARIANTS: dict[str, Enum] = {
    "未开始": ProgressStatus.NOT_STARTED,
    "进行中": ProgressStatus.IN_PROGRESS,
    "完成": ProgressStatus.DONE,
    "已办结": ProgressStatus.DONE,
    "不属于本单位职责": ProgressStatus.NOT_OURS,
    "非本单位职责": ProgressStatus.NOT_OURS,
    "有问题": Finding.HAS_PROBLEM,
    "无问题": Finding.COMPLIANT,
    "没有自查": Finding.NOT_CHECKED,
    "不适用": Finding.NOT_APPLICABLE,
    "未开始整改": RectificationStatus.NOT_STARTED,
    "正在整改": RectificationStatus.IN_PROGRESS,
    "已申请销号": RectificationStatus.CLAIMED_FIXED,
    "单位自查": Discovery.SELF_CHECK,
    "12345": Discovery.HOTLINE,
    "12345投诉": Discovery.HOTLINE,
}


def reader_for(column: Column, setting: Setting) -> Reader:
    return READERS[column.kind](column, setting)


def shown(cell: Cell) -> str:
    """A cell's content as its clerk sees it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, Unreadable):
        return cell.shown or cell.reason
    return str(cell)


def is_empty(value: Any) -> bool:
    return value is None or value == ""


def clean_text(text: str) -> str:
    """Without what nobody sees: control characters, marks of direction, blanks at the ends."""
    return INVISIBLE.sub("", LINE_ENDS.sub("\n", text).replace("\t", " ")).strip()


def squeezed(text: str) -> str:
    """For codes, words, numbers and dates: half-width and without blanks."""
    if not TO_SQUEEZE.search(text):
        return text
    return BLANKS.sub("", INVISIBLE.sub("", text.translate(HALF_WIDTH)))


def are_plain_texts(cells: tuple[Cell, ...], most: int) -> bool:
    """Whether a whole column of texts can be taken as it is: true of most, and quick to see."""
    return (
        {*map(type, cells)} <= {str}
        and all(map(str.isprintable, cells))  # type: ignore[arg-type]  # all are texts
        and max(map(len, cells), default=0) <= most  # type: ignore[arg-type]
        and [*map(str.strip, cells)] == [*cells]  # type: ignore[arg-type]
    )


def _excerpt(cell: Cell) -> str:
    text = shown(cell)
    return text if len(text) <= 30 else text[:30] + "…"


def _not(column: Column, cell: Cell, what: str, cure: str) -> Fault:
    return Fault(f"{column.header}填的是“{_excerpt(cell)}”，{what}", cure)


def _broken_formula(column: Column, cell: Unreadable) -> Fault:
    return Fault(
        f"{column.header}里的公式没有算出结果（{shown(cell)}）",
        "请直接填写内容；如要保留公式，请在 Excel 或 WPS 中打开并保存后再上传。",
    )


# ---- one reader for each kind ---------------------------------------------------------------


def _text_reader(column: Column, _: Setting) -> Reader:
    def read(cell: Cell) -> Any:
        if isinstance(cell, str):
            is_plain = cell.isprintable() and len(cell) <= column.most and cell.strip() == cell
            return cell if is_plain else _cleaned(column, cell)
        if isinstance(cell, Unreadable):
            return _broken_formula(column, cell)
        return shown(cell) if isinstance(cell, float) else Understood(shown(cell), shown(cell))

    return read


def _cleaned(column: Column, cell: str) -> Any:
    text = clean_text(cell)
    if len(text) > column.most:
        return Fault(
            f"{column.header}有{len(text)}个字，超过了{column.most}个字",
            f"请精简到{column.most}个字以内，详细内容可作为佐证材料另行报送。",
        )
    if INVISIBLE.search(cell):
        return Understood(text, text)
    return text


def _word_reader(column: Column, _: Setting) -> Reader:
    words: dict[Cell, Enum | None] = {word.value: word for word in column.words}
    variants = {text: word for text, word in VARIANTS.items() if word in column.words}
    choices = [word.value for word in column.words]
    words[""] = None

    def read(cell: Cell) -> Any:
        if cell in words:
            return words[cell]
        if isinstance(cell, Unreadable):
            return _broken_formula(column, cell)
        text = squeezed(shown(cell))
        word = words.get(text) or variants.get(text)
        if word:
            return Understood(word, word.value)
        return _no_word(column, cell, text, choices) if text else None

    return read


def _no_word(column: Column, cell: Cell, text: str, choices: list[str]) -> Fault:
    if text == RectificationStatus.CLOSED.value:
        cure = "已经改完的请选“申请销号”，没改完的请选“整改中”。"
        return _not(column, cell, "但销号由创安办核查后办理", cure)
    nearest = _nearest(text, choices)
    suggestion = f"是不是“{nearest}”？" if nearest else ""
    cure = f"{suggestion}请从下拉列表中选择：{'、'.join(choices)}。"
    return _not(column, cell, "不在可选的内容里", cure)


def _nearest(text: str, words: Iterable[str]) -> str:
    """The word that shares most characters with the text, if it shares half of them."""
    letters = set(text)
    likeness, best = max((len(letters.intersection(word)), word) for word in words)
    return best if likeness * 2 >= max(len(letters), len(best)) else ""


def _count_reader(column: Column, _: Setting) -> Reader:
    most = column.most

    def read(cell: Cell) -> Any:
        if isinstance(cell, float) and cell.is_integer() and 1 <= cell <= most:
            return int(cell)
        if isinstance(cell, Unreadable):
            return _broken_formula(column, cell)
        text = squeezed(shown(cell))
        if not text:
            return None
        number = COUNT.fullmatch(text)
        if number is None or not 1 <= int(number[1]) <= most:
            return _not(column, cell, f"不是1到{most}之间的整数", "请填整数，例如2。")
        count = int(number[1])
        return count if cell == number[1] else Understood(count, str(count))

    return read


def _percent_reader(column: Column, _: Setting) -> Reader:
    def read(cell: Cell) -> Any:
        if isinstance(cell, Unreadable):
            return _broken_formula(column, cell)
        text = squeezed(shown(cell))
        if not text:
            return None
        match = PERCENT.fullmatch(text)
        if match is None:
            return _not(column, cell, "不是0到100之间的数字", "请只填数字，例如完成八成填80。")
        return _percent(column, cell, Decimal(match[2]), bool(match[1] or match[3]))

    return read


def _percent(column: Column, cell: Cell, number: Decimal, has_sign: bool) -> Any:
    is_odd = has_sign or (isinstance(cell, str) and cell != str(number))
    if not has_sign and 0 < number <= 1:
        if not column.takes_fractions:
            return _not(
                column,
                cell,
                f"看不出是{plain(number * 100)}%还是{plain(number)}%",
                "请带上百分号，例如80%或0.8%。",
            )
        if number < 1:
            number, is_odd = number * 100, True
    percent = number.quantize(HUNDREDTH, ROUND_HALF_UP)
    if percent > column.most:
        return _not(column, cell, f"超过了{column.most}", f"请填0到{column.most}之间的数字。")
    if is_odd or abs(percent - number) > NOISE:
        return Understood(percent, f"{plain(percent)}%")
    return percent


def _date_reader(column: Column, setting: Setting) -> Reader:
    def read(cell: Cell) -> Any:
        if type(cell) is date:
            return cell
        if cell == "":
            return None
        if isinstance(cell, datetime):
            return Understood(cell.date(), str(cell.date()))
        if isinstance(cell, Unreadable):
            return _broken_formula(column, cell)
        found = _serial(cell, setting) if isinstance(cell, float) else None
        return found or _date_in_words(column, cell, setting)

    return read


def _serial(cell: float, setting: Setting) -> Understood | None:
    """A date whose cell lost its format, if it can be one of the programme's."""
    if not 0 < cell < 2_958_466:
        return None
    day = SERIAL_START + timedelta(days=int(cell))
    in_programme = setting.starts_on <= day <= setting.ends_on
    return Understood(day, str(day)) if in_programme else None


def _date_in_words(column: Column, cell: Cell, setting: Setting) -> Any:
    text = squeezed(shown(cell))
    if not text:
        return None
    numbers = _year_month_day(text, setting)
    if numbers is None:
        return _not(column, cell, "不是日期", "请填年月日，例如2021-06-30。")
    try:
        day = date(*numbers)
    except ValueError:
        return _not(column, cell, "没有这一天", "请填年月日，例如2021-06-30。")
    return day if cell == day.isoformat() else Understood(day, str(day))


def _year_month_day(text: str, setting: Setting) -> tuple[int, int, int] | None:
    if match := FULL_DATE.fullmatch(text):
        year, _, month, _, day = match.groups()
        return int(year), int(month), int(day)
    if match := COMPACT_DATE.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := DATE_WITHOUT_YEAR.fullmatch(text):
        return setting.round_year, int(match[1]), int(match[2])
    return None


def _code_reader(column: Column, setting: Setting) -> Reader:
    codes = {
        "work_point_code": setting.work_point_codes,
        "rule_code": setting.rule_codes,
        "number": setting.problem_numbers,
    }[column.key]
    written_otherwise = {code.casefold(): code for code in codes}

    def read(cell: Cell) -> Any:
        if isinstance(cell, str):
            if cell in codes or not cell:
                return cell
            text = squeezed(cell)
            code = written_otherwise.get(text.casefold())
            # A code nobody knows is for the check of keys, which can say more.
            return Understood(code, code) if code else text
        if isinstance(cell, Unreadable):
            return _broken_formula(column, cell)
        return _not_a_code(column, cell, codes)

    return read


def _not_a_code(column: Column, cell: Cell, codes: frozenset[str]) -> Fault:
    """Excel makes a date of 4-1 in a cell that is not text."""
    meant = f"{cell.month}-{cell.day}" if isinstance(cell, date) else ""
    cure = "请先把单元格设为文本格式，再填编号"
    return _not(
        column,
        cell,
        "是日期或数字，不是编号",
        f"{cure}，例如{meant if meant in codes else min(codes, default='4-1')}。",
    )


# A new kind of column: enter its reader here.
READERS: dict[Kind, Callable[[Column, Setting], Reader]] = {
    Kind.CODE: _code_reader,
    Kind.TEXT: _text_reader,
    Kind.WORD: _word_reader,
    Kind.COUNT: _count_reader,
    Kind.PERCENT: _percent_reader,
    Kind.DATE: _date_reader,
}
