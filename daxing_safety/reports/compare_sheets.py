"""两日对比 as Excel: every change, also those that a screen has no room for."""

from collections.abc import Iterable

from daxing_safety import wording
from daxing_safety.documents.sheet import Cell, Sheet, columns
from daxing_safety.reports import compare_words as words
from daxing_safety.reports.compare import Change, Comparison, TallyChange


def sheets(found: Comparison) -> tuple[Sheet, ...]:
    return (_overall(found), _units(found), _rules(found), _problems(found), _work(found))


def _sheet(
    found: Comparison, name: str, header: Iterable[str], rows: Iterable[tuple[Cell, ...]]
) -> Sheet:
    return Sheet(name, f"两日对比：{name}", words.span(found), columns(*header), tuple(rows))


def _days(found: Comparison, what: str) -> tuple[str, str, str]:
    then, now = (wording.day(each.on) for each in (found.before, found.after))
    return f"{what} {then}", f"{what} {now}", f"{what}变化"


def _overall(found: Comparison) -> Sheet:
    before, after = found.before.totals, found.after.totals
    ranges: list[tuple[Cell, ...]] = []
    if before and after:
        for name, then, now in (
            ("自评分", before.claimed, after.claimed),
            ("核定分", before.confirmed, after.confirmed),
        ):
            for part, field in (("", "score"), ("区间下限", "low"), ("区间上限", "high")):
                change = Change(getattr(then, field), getattr(now, field))
                ranges.append(("全区", f"{name}{part}", *_points(change)))
    rows = [
        (each.name, f"{kind}得分", *_points(change))
        for each in found.sections
        for kind, change in (("自评", each.claimed), ("核定", each.confirmed))
    ]
    header = ("范围", "项目", *_days(found, "分值"))
    return _sheet(found, "总体", header, [*ranges, *rows])


def _points(change: Change) -> tuple[Cell, Cell, Cell]:
    return change.before, change.after, words.points_turn(change)


def _units(found: Comparison) -> Sheet:
    header = (
        "单位",
        *_days(found, "核定失分"),
        *_days(found, "得分率（%）"),
        *_days(found, "到期完成率（%）"),
        *_days(found, "整改率（%）"),
    )
    rows = [_unit(each, f"{each.name}组") for each in found.groups]
    rows += [_unit(each, each.name) for each in found.units]
    return _sheet(found, "分组和单位", header, rows)


def _unit(each: TallyChange, name: str) -> tuple[Cell, ...]:
    rates = (each.points_rate, each.done_rate, each.closed_rate)
    cells = [cell for rate in rates for cell in (rate.before, rate.after, words.rate_turn(rate))]
    return (name, each.lost.before, each.lost.after, words.lost_turn(each.lost), *cells)


def _rules(found: Comparison) -> Sheet:
    header = ("条款", "扣分条件", *_days(found, "核定失分"))
    rows = [
        (each.code, each.condition, each.lost.before, each.lost.after, words.lost_turn(each.lost))
        for each in found.rules
    ]
    return _sheet(found, "条款", header, rows)


def _problems(found: Comparison) -> Sheet:
    header = (
        "变化",
        "问题编号",
        "单位",
        "问题",
    )
    rows = [(each.fate.value, each.number, each.unit, each.about) for each in found.problems]
    return _sheet(found, "问题", header, rows)


def _work(found: Comparison) -> Sheet:
    header = (
        "变化",
        "单位",
        "任务",
        "工作要点",
        "内容",
    )
    rows = [
        (
            words.done_word(each),
            each.work.unit,
            each.work.task_no,
            each.code,
            each.work.text,
        )
        for each in found.work
    ]
    return _sheet(found, "工作要点", header, rows)
