"""催报: text ready to be pasted into a chat, for the units a round still waits for. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import Enum

from daxing_safety.models import Round
from daxing_safety.reports.submissions import Line
from daxing_safety.vocabulary import Group, ReviewState, RoundState
from daxing_safety.wording import day, moment, time_left

PRESSING = timedelta(days=3)


class Tone(Enum):
    FRIENDLY = "填报提醒"
    PRESSING = "催报通知"
    OVERDUE = "逾期催报"


# How each opens, given the round's name, its due time and how long there is still.
OPENINGS = {
    Tone.FRIENDLY: "“{name}”填报工作正在进行，请于{due}前完成报送，距截止还有 {left}。",
    Tone.PRESSING: "“{name}”填报将于{due}截止，距截止仅剩 {left}，请抓紧报送。",
    Tone.OVERDUE: "“{name}”填报已于{due}截止，至今已逾期 {left}。",
}

HOW_IN_TIME = (
    "报送方法：登录大兴创安工作台，在“填报”页下载本单位填报表（上次报送的内容已填好，没有变化的"
    "行不用动），填好后在同一页上传，核对无误后点“确认报送”。登录有困难的，可将填好的 Excel 文件"
    "发创安办代为上传。"
)
HOW_LATE = (
    "报送方法：截止后上传须由创安办开通补报。请上述单位立即与创安办联系，说明原因和预计报送时间；"
    "开通后登录大兴创安工作台，在“填报”页下载本单位填报表，填好后上传并点“确认报送”。"
)
CLOSINGS = {
    Tone.FRIENDLY: "请各单位合理安排时间，按时报送。感谢支持配合！",
    Tone.PRESSING: "请各单位督促落实，务必在截止时间前报送，以免影响全区汇总。感谢支持配合！",
    Tone.OVERDUE: "逾期情况将计入本期报送统计，请各单位高度重视，尽快补报。感谢支持配合！",
}


def tone(round_: Round, now: datetime) -> Tone:
    if now > round_.due_at or round_.state is not RoundState.OPEN:
        return Tone.OVERDUE
    return Tone.PRESSING if now >= round_.due_at - PRESSING else Tone.FRIENDLY


def reminder(round_: Round, lines: Sequence[Line], now: datetime) -> str:
    """Empty where nobody is missing, or the round is frozen and takes nothing more."""
    missing = [line for line in lines if line.version is None]
    returned = [line for line in lines if _is_returned(line)]
    if round_.state is RoundState.FROZEN or not (missing or returned):
        return ""
    chosen = tone(round_, now)
    due, left = moment(round_.due_at), time_left(now, round_.due_at)
    return "\n".join(
        [
            f"【{chosen.value}】{round_.name}",
            "各有关单位：",
            OPENINGS[chosen].format(name=round_.name, due=due, left=left),
            *_named(f"截至{moment(now)}，以下 {len(missing)} 个单位尚未报送：", missing),
            *_named(f"以下 {len(returned)} 个单位的填报表已退回，请修改后重新报送：", returned),
            HOW_LATE if chosen is Tone.OVERDUE else HOW_IN_TIME,
            CLOSINGS[chosen],
            "大兴区创安办",
            day(now),
        ]
    )


def _is_returned(line: Line) -> bool:
    return line.version is not None and line.version.state is ReviewState.RETURNED


def _named(heading: str, lines: Sequence[Line]) -> Iterable[str]:
    """A line a group; nothing where there is no unit."""
    if lines:
        yield heading
        for group in Group:
            names = [_name(line) for line in lines if line.group is group]
            if names:
                yield f"{group.value}（{len(names)} 个）：{'、'.join(names)}"


def _name(line: Line) -> str:
    if line.late_until is None:
        return line.unit
    at = line.late_until
    return f"{line.unit}（已同意补报至{at.month}月{at.day}日{at:%H:%M}）"
