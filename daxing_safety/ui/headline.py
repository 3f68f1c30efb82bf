"""The figures at the top of 总览, in words: scores against the target, coverage, closing rate."""

from datetime import date
from decimal import Decimal

from daxing_safety import wording
from daxing_safety.reports.losses.tree import Side
from daxing_safety.reports.overview import Overview
from daxing_safety.reports.problems import counts as problems
from daxing_safety.reports.problems.counts import Rectification
from daxing_safety.reports.problems.filters import Filters, Sort
from daxing_safety.reports.scores import Basis, Totals, UnitScore
from daxing_safety.reports.trend import Moment
from daxing_safety.scoring import Range
from daxing_safety.ui import links
from daxing_safety.ui.panels import Card, Part, Track
from daxing_safety.vocabulary import RectificationStatus
from daxing_safety.wording import percent, plain, points

NONE = Decimal(0)
THIN = Decimal("0.5")  # below this coverage the scores rest on too little


def basis(facts: Basis, scope: str, today: date) -> list[tuple[str, bool]]:
    """Whose figures they are and what they rest on; True marks what is in doubt."""
    left_out = f"{len(facts.left_out)} 项指标不涉及，" if facts.left_out else "不涉及的指标"
    said = [
        (f"范围 {scope}", False),
        (f"截至 {wording.day(today)}", False),
        (f"评价细则 {facts.version} 版", False),
        (f"{left_out}{facts.policy.value}", False),
    ]
    if facts.indicators_unverified:
        said.append((f"分值待核对 {facts.indicators_unverified}／{facts.indicators} 项指标", True))
    if facts.rules_unverified:
        said.append((f"扣分标准待核对 {facts.rules_unverified}／{facts.rules} 条", True))
    return said


def footnote(facts: Overview) -> str:
    if facts.district:
        return (
            "区间下限：没有全部自查的条款按扣完计。区间上限：正在申请销号的问题全部销号。"
            "虚线为内部目标分，由创安办设定，不是官方合格线。"
        )
    return "得分率：承担的指标中没有失去的分值所占的比例。与其他单位共担的失分按各自扣分分摊。"


def since(facts: Overview) -> tuple[str, list[Part]]:
    """What has changed since the last round was frozen, each with what it is made of."""
    found, on = facts.since, facts.today
    if found is None:
        return "还没有封存的填报期，没有可以比较的变化", []
    name, unit = ("分", "分") if facts.district else ("得分率", "个百分点")
    newest, closed = Filters(sort=Sort.FOUND), Filters(status=(RectificationStatus.CLOSED,))
    return f"{found.label}封存（{wording.day_of_year(found.on)}）以来", [
        Part(_rise(f"核定{name}", found.confirmed, unit), links.loss_side(Side.CONFIRMED, on)),
        Part(_rise(f"自评{name}", found.claimed, unit), links.loss_side(Side.CLAIMED, on)),
        Part(_more("问题", found.problems, "新增", "个"), links.problems(newest)),
        Part(_more("销号", found.closed, "又", "个"), links.problems(closed)),
        Part(_more("完成工作要点", found.work_points_done, "又", "项"), links.progress({}, on)),
        Part("看当时的总览", links.overview(found.on)),
    ]


def _rise(name: str, change: Decimal, unit: str) -> str:
    way = "升" if change > 0 else "降"
    return f"{name}{way} {points(abs(change))} {unit}" if change else f"{name}持平"


def _more(what: str, change: int, more: str, counter: str) -> str:
    """又销号 9 个; 销号减少 1 个, where one was opened again."""
    return f"{what}减少 {-change} {counter}" if change < 0 else f"{more}{what} {change} {counter}"


def cards(facts: Overview) -> list[Card]:
    if facts.district:
        scored = _of_district(facts.district, facts.target, facts.history)
        coverage = facts.district.coverage
    else:
        scored = _of_unit(facts.units[0], facts.history)
        coverage = facts.units[0].coverage
    own = "" if facts.district else facts.units[0].unit.code
    portrait = links.portrait(own, facts.today)
    sides = (Side.CLAIMED, Side.CONFIRMED)
    return [
        *(
            card._replace(href=links.loss_side(side, facts.today))
            for card, side in zip(scored, sides, strict=True)
        ),
        _coverage(coverage, facts.units)._replace(href=portrait),
        _rectification(problems.total(facts.problems))._replace(href=links.problems(Filters())),
    ]


def _of_district(totals: Totals, target: Decimal, history: list[Moment]) -> list[Card]:
    claimed, confirmed, coverage = totals
    return [
        Card(
            "自评分",
            points(claimed.score),
            "分",
            Track(claimed.low, claimed.high, at=claimed.score, target=target),
            (*_standing(claimed, target, coverage), *_turn(history, "claimed", "分")),
            tone="claimed",
        ),
        Card(
            "核定分",
            points(confirmed.score),
            "分",
            Track(confirmed.low, confirmed.high, at=confirmed.score, target=target),
            (*_standing(confirmed, target, coverage), *_turn(history, "confirmed", "分")),
            tone="confirmed",
        ),
    ]


def _standing(ranged: Range, target: Decimal, coverage: Decimal) -> tuple[str, str]:
    """The range, and where the score stands to the target, once enough has been looked at."""
    spread = f"区间 {points(ranged.low)}—{points(ranged.high)} 分"
    if coverage < THIN:
        aim = f"内部目标分 {plain(target)}"
        return spread, f"自查只覆盖 {percent(coverage)}，还不能与{aim} 比较"
    gap = ranged.score - target
    way = "高" if gap > 0 else "低"
    against = f"比内部目标分 {plain(target)} {way} {points(abs(gap))} 分"
    return spread, against if gap else f"与内部目标分 {plain(target)} 持平"


def _of_unit(score: UnitScore, history: list[Moment]) -> list[Card]:
    labels = "自评得分率", "核定得分率"
    if not score.points_in_duty:
        return [_empty(label, "没有承担评价指标") for label in labels]
    duty = f"承担的指标共 {plain(score.points_in_duty)} 分"
    return [
        Card(
            labels[0],
            str(score.claimed_rate),
            "%",
            Track(NONE, score.claimed_rate),
            (
                f"自评失 {points(score.claimed_lost)} 分，{duty}",
                *_turn(history, "claimed", "个百分点"),
            ),
            tone="claimed",
        ),
        Card(
            labels[1],
            str(score.confirmed_rate),
            "%",
            Track(NONE, score.confirmed_rate),
            (
                f"核定失 {points(score.confirmed_lost)} 分，{duty}",
                *_turn(history, "confirmed", "个百分点"),
            ),
            tone="confirmed",
        ),
    ]


def _turn(history: list[Moment], name: str, unit: str) -> tuple[str, ...]:
    """What became of it since the last frozen round, if there is one."""
    if len(history) < 2:
        return ()
    before, now = history[-2], history[-1]
    change = getattr(now.scores, name) - getattr(before.scores, name)
    turn = f"{'升' if change > 0 else '降'} {points(abs(change))} {unit}" if change else "持平"
    return (f"较{before.label}{turn}",)


def _coverage(coverage: Decimal, units: list[UnitScore]) -> Card:
    asked, seen = sum(row.pairs for row in units), sum(row.pairs_seen for row in units)
    if not asked:
        return _empty("自评覆盖率", "没有要自查的条款")
    doubt = ("不足一半，分数只能作参考",) if coverage < THIN else ()
    return Card(
        label="自评覆盖率",
        value=percent(coverage).removesuffix("%"),
        unit="%",
        track=Track(NONE, coverage * 100),
        lines=(f"应自查 {asked} 条（按单位计），已查 {seen} 条", *doubt),
    )


def _rectification(mending: Rectification) -> Card:
    if mending.rate is None:
        return _empty("问题整改率", "还没有登记问题")
    return Card(
        label="问题整改率",
        value=percent(mending.rate).removesuffix("%"),
        unit="%",
        track=Track(NONE, mending.rate * 100),
        lines=(
            f"{mending.problems} 个问题，已销号 {mending.closed} 个，挂账 {mending.open} 个",
            f"挂账中：申请销号 {mending.pending}、逾期 {mending.overdue}、无时限 {mending.undated}",
        ),
    )


def _empty(label: str, why: str) -> Card:
    return Card(label, "—", "", Track(NONE, NONE), (why,))
