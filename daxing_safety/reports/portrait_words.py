"""单位画像 in words, the same on the screen and on paper. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from daxing_safety import wording
from daxing_safety.reports.group_comparison import Compared
from daxing_safety.reports.losses.bills import Line
from daxing_safety.reports.portrait import Portrait, Reported, TaskStanding, Turn
from daxing_safety.reports.problems.claims import FEW, Promises
from daxing_safety.reports.problems.worth import AFTER_FINDING
from daxing_safety.reports.public_report_rates import Rates, Share
from daxing_safety.reports.submissions import MISSING
from daxing_safety.vocabulary import Light, RoundState
from daxing_safety.wording import plain, points

NONE = "—"
WORTH_SAYING = (Light.OVERDUE, Light.BEHIND, Light.DUE_SOON)
SHARES = {
    "answered": "按时答复率",
    "contacted": "响应率",
    "resolved": "解决率",
    "satisfied": "满意率",
}


def rate(value: Decimal | None) -> str:
    """91.3%, of a rate in percent. Only nothing is 0.0%, only all is 100.0%."""
    return NONE if value is None else wording.percent(value / 100)


# ---- within the group ---------------------------------------------------------------------------


def sample(compared: Compared) -> str:
    """What the rate is a share of: 21／23 项."""
    return f"{compared.rate.part}／{compared.rate.sample} 项" if compared.rate.sample else ""


def place(compared: Compared) -> str:
    return f"第 {compared.place} 名／{compared.among} 家" if compared.place else NONE


def beside_group(compared: Compared, group: str) -> list[str]:
    """镇组 14 家，中位数 78.3%; 第 2 名; what is to be minded."""
    said = []
    if compared.median is not None:
        said.append(f"{group}组 {compared.among} 家，中位数 {rate(compared.median)}")
    if compared.place:
        said.append(f"组内第 {compared.place} 名")
    return [*said, compared.remark] if compared.remark else said


# ---- duties -------------------------------------------------------------------------------------


def work_in_words(shown: Portrait) -> str:
    work = shown.work
    if not work.points:
        return "没有承担工作要点"
    late = f"逾期 {work.late} 条" if work.late else "没有逾期"
    return (
        f"承担 {len(shown.tasks)} 项任务的 {work.points} 条工作要点，"
        f"到期 {work.due} 条，已完成 {work.done} 条，{late}"
    )


def lights_in_words(task: TaskStanding) -> str:
    """What is not as it should be: 逾期 1 · 滞后 2."""
    lights = task.work.lights
    return " · ".join(f"{each.value} {lights[each]}" for each in WORTH_SAYING if lights[each])


# ---- points -------------------------------------------------------------------------------------


def loss_in_words(shown: Portrait) -> str:
    score = shown.score
    if not score.points_in_duty:
        return "没有承担评价指标"
    if not score.confirmed_lost:
        return f"承担的指标共 {plain(score.points_in_duty)} 分，没有核定失分"
    number = len(shown.bill.lines)
    return f"核定失 {points(score.confirmed_lost)} 分，涉及 {number} 条条款"


def regained(line: Line) -> str:
    """What closing all of the unit's problems under the rule brings the district."""
    if line.regained:
        return f"+{points(line.regained)}"
    counted = any(each.gain.startswith("+") for each in line.problems)
    return "+0.00" if counted else AFTER_FINDING


def turn_in_words(turn: Turn) -> str:
    """自2021年第一季度封存以来，追回 0.60 分，新失 0.40 分，失分由 1.00 分变为 0.80 分"""
    now = turn.lost_then + turn.lost_since - turn.won_back
    moved = [f"追回 {points(turn.won_back)} 分"] if turn.won_back else []
    moved += [f"新失 {points(turn.lost_since)} 分"] if turn.lost_since else []
    if not moved:
        return f"自{turn.since}封存以来没有变化，失 {points(now)} 分"
    change = f"失分由 {points(turn.lost_then)} 分变为 {points(now)} 分"
    return f"自{turn.since}封存以来{'，'.join([*moved, change])}"


# ---- problems -----------------------------------------------------------------------------------


def problems_in_words(shown: Portrait) -> str:
    counts = shown.rectification
    if counts.rate is None:
        return "没有登记问题"
    overdue = f"，其中逾期 {counts.overdue} 个" if counts.overdue else ""
    return f"{counts.problems} 个问题已销号 {counts.closed} 个，挂账 {counts.open} 个{overdue}"


def promises_in_words(kept: Promises) -> str:
    """申请销号 3 次认可 3 次，到期的 4 个问题守时 1 个"""
    said = [f"申请销号 {kept.claims} 次认可 {kept.confirmed} 次"] if kept.claims else []
    said += [f"到期的 {kept.promised} 个问题守时 {kept.kept} 个"] if kept.promised else []
    return "，".join(said)


def promise_facts(kept: Promises) -> dict[str, str]:
    """Empty where nothing can be said yet."""
    facts = {}
    if kept.claims:
        decided = kept.confirmed + kept.sent_back
        facts["申请销号"] = (
            f"{kept.claims} 次，认可 {kept.confirmed} 次，退回 {kept.sent_back} 次"
            + _share("认可率", kept.confirmed_rate, decided)
        )
    if kept.promised:
        facts["到期的问题"] = f"{kept.promised} 个，守时 {kept.kept} 个" + _share(
            "守时率", kept.kept_rate, kept.promised
        )
        facts["按最初时限"] = f"{kept.first_promised} 个中守时 {kept.first_kept} 个（不计延期）"
    if kept.median_days_to_close is not None:
        facts["销号用时"] = f"从交办到销号的中间值 {plain(kept.median_days_to_close)} 天"
    return facts


def _share(name: str, value: Decimal | None, whole: int) -> str:
    if value is not None:
        return f"，{name} {wording.percent(value)}"
    return f"（不足 {FEW} 件，不算{name}）" if whole else ""


# ---- what was sent in ---------------------------------------------------------------------------


def state_of(reported: Reported) -> str:
    if reported.version:
        return reported.version.state.value
    return "尚未报送" if reported.round.state is RoundState.OPEN else MISSING


def sent_at(reported: Reported) -> str:
    version = reported.version
    return f"{version.submitted_at:%Y-%m-%d %H:%M}" if version else NONE


def punctuality(reported: Reported) -> str:
    return reported.version.punctuality if reported.version else NONE


def reported_in_words(rounds: Iterable[Reported]) -> str:
    """Of the rounds that are over, and of the open one only what came in."""
    over = [each for each in rounds if each.version or each.round.state is not RoundState.OPEN]
    if not over:
        return "还没有报送过"
    sent = [each.version for each in over if each.version]
    late = sum(version.is_late for version in sent)
    missing = len(over) - len(sent)
    said = [f"{len(over)} 期中按时报送 {len(sent) - late} 期"]
    said += [f"逾期 {late} 期"] if late else []
    said += [f"未报送 {missing} 期"] if missing else []
    return "，".join(said)


def proof_in_words(shown: Portrait) -> str:
    lacking = len(shown.lacking)
    if not shown.proven and not lacking:
        return "还没有报完成的事项"
    all_told = f"报完成的 {shown.proven + lacking} 项"
    return f"{all_told}中 {lacking} 项缺佐证材料" if lacking else f"{all_told}都有佐证材料"


# ---- 接诉即办 -----------------------------------------------------------------------------------


def report_facts(rates: Rates) -> dict[str, str]:
    shares = {name: getattr(rates, key) for key, name in SHARES.items()}
    return {"派单": f"{rates.dispatched} 件"} | {
        name: _part(share) for name, share in shares.items()
    }


def _part(share: Share) -> str:
    if not share.of:
        return NONE
    rest = f"不足 {FEW} 件，不算比例" if share.value is None else wording.percent(share.value)
    return f"{share.part}／{share.of} 件，{rest}"
