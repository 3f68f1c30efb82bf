"""The columns of the workbook's three sheets: one table drives template, reading and checks.

A column is known by its header, never by its place. What a cell of a kind may hold is said in
cells.py, how it looks in template.py.
"""

import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from daxing_safety.vocabulary import (
    Discovery,
    Finding,
    ProgressStatus,
    RectificationStatus,
    Sheet,
)


class Kind(Enum):
    CODE = auto()  # of a work point, a rule or a problem
    TEXT = auto()
    WORD = auto()  # one of an enumeration's words
    PERCENT = auto()
    COUNT = auto()
    DATE = auto()
    POINTS = auto()
    FORMULA = auto()  # the workbook counts it itself


class Filled(Enum):
    """Whose a cell is."""

    BY_US = auto()
    ON_NEW_ROWS = auto()  # says which problem it is, so it stays as it was reported
    BY_UNIT = auto()


@dataclass(frozen=True, slots=True)
class Column:
    key: str  # the field of the row in content.py, or what template.py derives from it
    header: str
    kind: Kind
    width: float
    filled: Filled = Filled.BY_US
    is_required: bool = False
    words: tuple[Enum, ...] = ()
    most: int = 0  # characters of a text, or the largest number
    is_past: bool = False  # a date that cannot lie after today
    takes_fractions: bool = False  # of a percentage: 0.8 can only mean 80%
    hint: str = ""  # shown beside the cell while it is filled in
    is_compared: bool = False  # ours, and read all the same: that it was changed can be told

    @property
    def written_header(self) -> str:
        return self.header + "*" if self.is_required else self.header

    @property
    def is_read(self) -> bool:
        """What is only shown to the unit is not read back."""
        return self.kind is Kind.CODE or self.filled is not Filled.BY_US or self.is_compared


SHORT_TEXT, MEDIUM_TEXT, LONG_TEXT = 100, 500, 1000
MOST_COUNT = 9999

PROGRESS_COLUMNS = (
    Column("work_point_code", "编号", Kind.CODE, 8),
    Column("task", "任务", Kind.TEXT, 14),
    Column("work_point", "工作要点", Kind.TEXT, 28),
    Column("duty", "本单位职责", Kind.TEXT, 8),
    Column("due_on", "完成时限", Kind.DATE, 12),
    Column("evidence_required", "佐证材料要求", Kind.TEXT, 19),
    Column(
        "status",
        "进展状态",
        Kind.WORD,
        14,
        Filled.BY_UNIT,
        is_required=True,
        words=tuple(ProgressStatus),
        hint="从下拉列表中选择。选“已完成”须填完成日期；选“不属本单位职责”须在进展说明中写明理由。",
    ),
    Column(
        "percent",
        "完成比例(%)",
        Kind.PERCENT,
        10,
        Filled.BY_UNIT,
        most=100,
        takes_fractions=True,
        hint="填0到100之间的数字，例如完成八成填80，不用写百分号。",
    ),
    Column(
        "done_on",
        "完成日期",
        Kind.DATE,
        12.5,
        Filled.BY_UNIT,
        is_past=True,
        hint="只有“已完成”的才填，例如2021-06-30，不能晚于填报当天。",
    ),
    Column(
        "remark",
        "进展说明",
        Kind.TEXT,
        26,
        Filled.BY_UNIT,
        most=LONG_TEXT,
        hint=f"简要写明做了什么、做到哪一步，最多{LONG_TEXT}个字。",
    ),
    Column(
        "evidence",
        "佐证材料名称",
        Kind.TEXT,
        18,
        Filled.BY_UNIT,
        most=LONG_TEXT,
        hint="写材料的名称或文号，几份材料用分号隔开。材料本身另行报送。",
    ),
)

FINDING_COLUMNS = (
    Column("rule_code", "条款编号", Kind.CODE, 9),
    Column("indicator", "三级指标", Kind.TEXT, 16),
    Column("points", "分值", Kind.POINTS, 6.5),
    Column("condition", "扣分条件", Kind.TEXT, 30),
    Column("standard", "扣分标准", Kind.TEXT, 15),
    Column("cap", "封顶", Kind.POINTS, 6.5),
    Column(
        "finding",
        "自查结论",
        Kind.WORD,
        12,
        Filled.BY_UNIT,
        is_required=True,
        words=tuple(Finding),
        hint="从下拉列表中选择。选“存在问题”的，要在《问题整改》表中逐个登记。",
    ),
    Column(
        "measured",
        "实测值(%)",
        Kind.PERCENT,
        10,
        Filled.BY_UNIT,
        most=100,
        hint="填0到100之间的百分数，例如85.5。不足1的请带上百分号，例如0.8%。",
    ),
    Column(
        "remark",
        "自评说明",
        Kind.TEXT,
        24,
        Filled.BY_UNIT,
        most=LONG_TEXT,
        hint=f"简要写明自查了什么、依据是什么，最多{LONG_TEXT}个字。",
    ),
    Column(
        "evidence",
        "佐证材料名称",
        Kind.TEXT,
        18,
        Filled.BY_UNIT,
        most=LONG_TEXT,
        hint="写材料的名称或文号，几份材料用分号隔开。材料本身另行报送。",
    ),
    Column("open_count", "问题数", Kind.FORMULA, 8),
    Column("deduction", "扣分", Kind.FORMULA, 8),
)

PROBLEM_COLUMNS = (
    Column("number", "问题编号", Kind.CODE, 14),
    Column(
        "rule_code",
        "条款编号",
        Kind.CODE,
        9,
        Filled.ON_NEW_ROWS,
        is_required=True,
        hint="从下拉列表中选择，条款内容见《自评打分》表。",
    ),
    Column(
        "site",
        "点位",
        Kind.TEXT,
        15,
        Filled.ON_NEW_ROWS,
        is_required=True,
        most=SHORT_TEXT,
        hint=f"问题在哪里，写到能找到，例如“兴华大街二段3号院”，最多{SHORT_TEXT}个字。",
    ),
    Column(
        "description",
        "问题描述",
        Kind.TEXT,
        24,
        Filled.ON_NEW_ROWS,
        is_required=True,
        most=MEDIUM_TEXT,
        hint=f"是什么问题，最多{MEDIUM_TEXT}个字。",
    ),
    Column(
        "count",
        "处数",
        Kind.COUNT,
        7,
        Filled.ON_NEW_ROWS,
        is_required=True,
        most=MOST_COUNT,
        hint="填整数，例如2。",
    ),
    Column(
        "discovery",
        "发现方式",
        Kind.WORD,
        11,
        Filled.ON_NEW_ROWS,
        words=tuple(Discovery),
        hint="从下拉列表中选择，不选按“自查”计。",
    ),
    Column(
        "found_on",
        "发现日期",
        Kind.DATE,
        12.5,
        Filled.ON_NEW_ROWS,
        is_required=True,
        is_past=True,
        hint="例如2021-05-20，不能晚于填报当天。",
    ),
    Column(
        "target",
        "整改目标",
        Kind.TEXT,
        15,
        Filled.BY_UNIT,
        is_required=True,
        most=MEDIUM_TEXT,
        hint=f"改到什么程度，最多{MEDIUM_TEXT}个字。",
    ),
    Column(
        "measure",
        "整改措施",
        Kind.TEXT,
        18,
        Filled.BY_UNIT,
        is_required=True,
        most=LONG_TEXT,
        hint=f"怎么改，最多{LONG_TEXT}个字。",
    ),
    Column(
        "responsible",
        "责任人",
        Kind.TEXT,
        10,
        Filled.BY_UNIT,
        is_required=True,
        most=SHORT_TEXT,
        hint="写姓名，不写身份证号和手机号。",
    ),
    Column(
        "due_on",
        "整改时限",
        Kind.DATE,
        12.5,
        Filled.BY_UNIT,
        is_required=True,
        hint="改完的最后日期，例如2021-06-30，不早于发现日期。",
    ),
    Column(
        "status",
        "整改状态",
        Kind.WORD,
        11,
        Filled.BY_UNIT,
        is_required=True,
        words=(
            RectificationStatus.NOT_STARTED,
            RectificationStatus.IN_PROGRESS,
            RectificationStatus.CLAIMED_FIXED,
        ),
        hint="从下拉列表中选择。改完了选“申请销号”，并填完成日期和整改说明。",
    ),
    Column(
        "done_on",
        "完成日期",
        Kind.DATE,
        12.5,
        Filled.BY_UNIT,
        is_past=True,
        hint="“申请销号”时填改完的日期，不能晚于填报当天。",
    ),
    Column(
        "remark",
        "整改说明",
        Kind.TEXT,
        18,
        Filled.BY_UNIT,
        most=LONG_TEXT,
        hint=f"“申请销号”时写明怎么改好的、有什么材料证明，最多{LONG_TEXT}个字。",
    ),
)

COLUMNS = {
    Sheet.PROGRESS: PROGRESS_COLUMNS,
    Sheet.SELF_ASSESSMENT: FINDING_COLUMNS,
    Sheet.RECTIFICATION: PROBLEM_COLUMNS,
}

# The workbook's other sheets: two to read, two hidden, and one that comes with a marked return.
INSTRUCTIONS, SIGN_OFF = "填报说明", "签字页"
META, RULE_LIST = "_meta", "_rules"
FAULT_LIST = "错误清单"

# The last row of 自评打分 stands under this word in the code column.
TOTAL = "合计"

NOT_PART_OF_A_HEADER = str.maketrans("", "", "*＊ \t\r\n\u3000\u00a0\u200b\u200c\u200d\ufeff")


@lru_cache(maxsize=1024)
def plain_header(text: object) -> str:
    """A header as it is compared: without stars and blanks, all half-width."""
    return unicodedata.normalize("NFKC", str(text)).translate(NOT_PART_OF_A_HEADER)
