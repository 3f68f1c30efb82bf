"""What a workbook says about itself: 问题数, 扣分 and the words of 扣分标准.

Only this unit's own rows are known here; the district's score is made of all units' rows
elsewhere.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from daxing_safety.vocabulary import Comparison, Finding, RectificationStatus, RuleKind
from daxing_safety.wording import plain
from daxing_safety.workbooks.content import FindingRow, ProblemRow

NOTHING = Decimal(0)
UNSEEN = (Finding.NOT_CHECKED, Finding.NOT_APPLICABLE)


def open_counts(problems: Iterable[ProblemRow]) -> Counter[str]:
    """处数 by rule of the problems that the unit does not claim to have fixed."""
    counts: Counter[str] = Counter()
    for problem in problems:
        if problem.status is not RectificationStatus.CLAIMED_FIXED:
            counts[problem.rule_code] += problem.count
    return counts


def deduction(row: FindingRow, count: int) -> Decimal:
    """What a rule costs by this workbook alone."""
    if row.kind is RuleKind.PER_FINDING:
        lost = min(count * row.deduct, row.cap)  # 扣完为止
    elif row.kind is RuleKind.ONCE:
        lost = row.deduct if row.finding is Finding.HAS_PROBLEM else NOTHING
    else:
        is_lost = row.finding not in UNSEEN and loses_by_rate(row, row.measured)
        lost = row.deduct if is_lost else NOTHING
    return lost.quantize(Decimal("0.01"), ROUND_HALF_UP)


def loses_by_rate(row: FindingRow, measured: Decimal | None) -> bool:
    """Whether a measured percentage loses the points of a rate rule."""
    if measured is None or row.threshold is None:
        return False
    if row.comparison is Comparison.NOT_ABOVE:
        return measured <= row.threshold
    return measured < row.threshold


def by_indicator(findings: Iterable[FindingRow]) -> list[tuple[Decimal, list[FindingRow]]]:
    """The rules that share an indicator, with its points: together they cost no more."""
    groups = groupby(findings, key=lambda row: (row.rule_code.rpartition("-")[0], row.points))
    return [(points, list(rows)) for (_, points), rows in groups]


def total_deduction(findings: Iterable[FindingRow], counts: Counter[str]) -> Decimal:
    total = NOTHING
    for points, rows in by_indicator(findings):
        total += min(sum((deduction(row, counts[row.rule_code]) for row in rows), NOTHING), points)
    return total


def standard_of(row: FindingRow) -> str:
    """扣分标准 in words; 待核对 stands beside a figure that was not checked."""
    if row.kind is RuleKind.PER_FINDING:
        text = f"每{row.per}扣{plain(row.deduct)}分"
    elif row.kind is RuleKind.ONCE:
        text = f"存在即扣{plain(row.deduct)}分"
    else:
        word = "不高于" if row.comparison is Comparison.NOT_ABOVE else "低于"
        text = f"实测值{word}{plain(row.threshold or NOTHING)}%，扣{plain(row.deduct)}分"
    return text if row.is_verified else text + "\n（待核对）"
