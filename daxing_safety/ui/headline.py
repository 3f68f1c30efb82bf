"""The figures at the top of 总览, in words: scores against the target, coverage, closing rate."""

from datetime import date
from decimal import Decimal

from daxing_safety import wording
from daxing_safety.reports.problems import Rectification
from daxing_safety.reports.scores import Basis, Totals, UnitScore
from daxing_safety.reports.trend import Moment
from daxing_safety.scoring import Range
from daxing_safety.ui.panels import Card, Track
from daxing_safety.wording import percent, plain, points

NONE, ALL = Decimal(0), Decimal(100)
THIN = Decimal("0.5")  # below this coverage the scores rest on too little

DISTRICT_FOOTNOTE = (
    "区间下限：没有全部自查的条款按扣完计。区间上限：正在申请销号的问题全部销号。"
    "虚线为内部目标分，由创安办设定，不是官方合格线。"
)
OWN_FOOTNOTE = "得分率：承担的指标中没有失去的分值所占的比例。与其他单位共担的失分按各自扣分分摊。"


def of_district(
    totals: Totals,
    units: list[UnitScore],
    mending: Rectification,
    target: Decimal,
    history: list[Moment],
) -> list[Card]:
    pairs = sum(row.pairs_seen for row in units), sum(row.pairs for row in units)
    claimed, confirmed, coverage = totals
    return [
        _score("自评分", "claimed", claimed, target, _turn(history, "claimed", "分")),
        _score("核定分", "confirmed", confirmed, target, _turn(history, "confirmed", "分")),
        _coverage(coverage, pairs),
        _rectification(mending),
    ]


def of_unit(score: UnitScore, mending: Rectification, history: list[Moment]) -> list[Card]:
    duty = f"承担的指标共 {plain(score.points_in_duty)} 分"
    claimed = f"自评失 {points(score.claimed_lost)} 分，{duty}"
    confirmed = f"核定失 {points(score.confirmed_lost)} 分，{duty}"
    turns = [_turn(history, name, "个百分点") for name in ("claimed", "confirmed")]
    return [
        _rate("自评得分率", "claimed", score.claimed_rate, (claimed, *turns[0])),
        _rate("核定得分率", "confirmed", score.confirmed_rate, (confirmed, *turns[1])),
        _coverage(score.coverage, (score.pairs_seen, score.pairs)),
        _rectification(mending),
    ]


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


def _score(label: str, tone: str, ranged: Range, target: Decimal, turn: tuple[str, ...]) -> Card:
    spread = f"区间 {points(ranged.low)}—{points(ranged.high)} 分"
    return Card(
        label=label,
        value=points(ranged.score),
        unit="分",
        track=Track(ranged.low, ranged.high, at=ranged.score, target=target),
        lines=(spread, _against(ranged.score, target), *turn),
        tone=tone,
    )


def _against(score: Decimal, target: Decimal) -> str:
    gap = score - target
    if not gap:
        return f"与内部目标分 {target} 持平"
    return f"比内部目标分 {target} {'高' if gap > 0 else '低'} {points(abs(gap))} 分"


def _turn(history: list[Moment], name: str, unit: str) -> tuple[str, ...]:
    """What became of it since the last frozen round, if there is one."""
    if len(history) < 2:
        return ()
    before, now = history[-2], history[-1]
    change = getattr(now.scores, name) - getattr(before.scores, name)
    turn = f"{'升' if change > 0 else '降'} {points(abs(change))} {unit}" if change else "持平"
    return (f"较{before.label}{turn}",)


def _rate(label: str, tone: str, rate: Decimal, lines: tuple[str, ...]) -> Card:
    return Card(label, str(rate), "%", Track(NONE, rate), lines, tone)


def _coverage(coverage: Decimal, pairs: tuple[int, int]) -> Card:
    seen, asked = pairs
    doubt = ("覆盖不足一半，分数只能作参考",) if coverage < THIN else ()
    return Card(
        label="自评覆盖率",
        value=percent(coverage).removesuffix("%"),
        unit="%",
        track=Track(NONE, coverage * 100),
        lines=(f"应自查 {asked} 条（按单位计），已查 {seen} 条", *doubt),
    )


def _rectification(mending: Rectification) -> Card:
    if mending.rate is None:
        return Card("问题整改率", "—", "", Track(NONE, NONE), ("还没有登记问题",))
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
