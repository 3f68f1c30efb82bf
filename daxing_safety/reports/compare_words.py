"""两日对比 in words and signs, the same on the screen and in Excel. Pure."""

from decimal import ROUND_HALF_UP, Decimal

from daxing_safety import wording
from daxing_safety.reports.compare import Change, Comparison, Fate, WorkChange
from daxing_safety.wording import points

TENTH = Decimal("0.1")
ALIKE = "持平"


def turn(by: Decimal, words: tuple[str, str], text: str) -> str:
    """▲ 升 1.30, ▼ 降 0.40, 持平: a sign and a word, `text` is the size of the change."""
    if not by:
        return ALIKE
    return f"▲ {words[0]} {text}" if by > 0 else f"▼ {words[1]} {text}"


def unknown(change: Change) -> str:
    """Of what could be measured on one of the days, or on none."""
    if change.before is None:
        return "" if change.after is None else "此前没有"
    return "现在没有"


def points_turn(change: Change, words: tuple[str, str] = ("升", "降")) -> str:
    return turn(change.by, words, points(abs(change.by))) if change.is_known else unknown(change)


def lost_turn(change: Change) -> str:
    return points_turn(change, ("多失", "少失"))


def rate_turn(change: Change) -> str:
    """In 百分点, with one place; a smaller change is said to be one."""
    if not change.is_known:
        return unknown(change)
    size = abs(change.by).quantize(TENTH, ROUND_HALF_UP)
    return turn(change.by, ("升", "降"), str(size) if size else "不足 0.1")


def number_turn(before: int, after: int) -> str:
    return turn(Decimal(after - before), ("多", "少"), str(abs(after - before)))


def done_word(change: WorkChange) -> str:
    return "完成" if change.is_done else "退回未完成"


def span(found: Comparison) -> str:
    return f"{wording.day(found.before.on)}与{wording.day(found.after.on)}相比"


def finding(found: Comparison) -> str:
    """核定分 ▼ 降 0.80 分，新增问题 9 个、销号问题 4 个; of a unit its 得分率."""
    if found.before.totals and found.after.totals:
        score = Change(found.before.totals.confirmed.score, found.after.totals.confirmed.score)
        name, unit = "核定分", "分"
    else:
        score = Change(found.before.whole.points_rate, found.after.whole.points_rate)
        name, unit = "核定得分率", "个百分点"
    moved = "、".join(
        f"{fate.value}问题 {found.number(fate)} 个"
        for fate in (Fate.OPENED, Fate.CLOSED)
        if found.number(fate)
    )
    done = sum(each.is_done for each in found.work)
    rest = [moved] if moved else []
    rest += [f"完成工作要点 {done} 项"] if done else []
    text = f"{points_turn(score)} {unit}" if score.by else ALIKE
    return "，".join([f"{name} {text}", *rest])
