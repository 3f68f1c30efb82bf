"""What a changed row asks for, and whether it may be had: told by cell. Pure.

The office corrects, sets deadlines and extends; a unit plans, asks for more time, starts and
claims. Neither closes anything here.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from daxing_safety.vocabulary import OPEN_STATUSES, Move
from daxing_safety.vocabulary import RectificationStatus as Status
from daxing_safety.workbooks.problem_list.columns import LIST_COLUMNS, UNIT_STATUSES, Audience
from daxing_safety.workbooks.problem_list.content import Line, ListRow, Standing

REGISTERED = ("town", "rule_code", "site", "description", "count", "severity")
PLAN = ("target", "measure", "responsible")
HEADERS = {column.key: column.header for column in LIST_COLUMNS}
UNDER_WAY = (Status.NOT_STARTED, Status.IN_PROGRESS)


class Refusal(NamedTuple):
    key: str  # of the cell
    message: str
    cure: str


Refusals = Iterator[Refusal]


def changed(row: ListRow, was: ListRow, *keys: str) -> list[str]:
    """Which of these differ; of all of them where none are named."""
    return [key for key in keys or row._fields if getattr(row, key) != getattr(was, key)]


def without_what_is_done(row: ListRow, was: ListRow, standing: Standing) -> ListRow:
    """A list that is handed in again: its extension was made, or asked for, the first time."""
    if row.due_on and row.extension_reason and row.due_on in (was.due_on, standing.asked_until):
        return row._replace(due_on=was.due_on, extension_reason="")
    return row


def is_later(row: ListRow, was: ListRow) -> bool:
    return bool(was.due_on and row.due_on and row.due_on > was.due_on)


def moves_of(line: Line, audience: Audience) -> list[Move]:
    """What is to be done for a line that was found in order, one after the other."""
    row, was = line
    if was is None:
        wanted = {Move.REGISTER: True, Move.ASSIGN: row.due_on is not None}
    elif audience is Audience.OFFICE:
        is_new_deadline, is_told = row.due_on != was.due_on, was.status is not Status.UNASSIGNED
        wanted = {
            Move.CORRECT: bool(changed(row, was, *REGISTERED, *PLAN)),
            Move.ASSIGN: is_new_deadline and not is_told,
            Move.EXTEND: is_new_deadline and is_told,
        }
    elif was.status is Status.CLAIMED_FIXED:
        wanted = {Move.WITHDRAW_CLAIM: True}
    else:
        wanted = {
            Move.PLAN: needs_plan(row, was),
            Move.ASK: is_later(row, was),
            Move.START: (was.status, row.status) == UNDER_WAY,
            Move.CLAIM_FIXED: row.status is Status.CLAIMED_FIXED,
        }
    return [move for move, is_wanted in wanted.items() if is_wanted]


# ---- the office ----------------------------------------------------------------------------------


def of_new(row: ListRow, today: date) -> Refusals:
    """登记, and 交办 where a deadline is given."""
    if row.due_on is None:
        for key in PLAN:
            if getattr(row, key):
                cure = "请同时填整改时限，登记后就交办；还不交办的请清空。"
                yield Refusal(key, f"填了{HEADERS[key]}，没有填整改时限", cure)
    elif row.due_on < today:
        yield _is_over(row.due_on)


def of_office(row: ListRow, was: ListRow, standing: Standing, today: date) -> Refusals:
    if was.status not in OPEN_STATUSES:
        yield _ended(row, was)
        return
    for key in ("site", "description", "count", "severity", *PLAN):
        if getattr(was, key) and not getattr(row, key):
            yield Refusal(key, f"{HEADERS[key]}被清空了", "请填回，或改成新的内容。")
    if row.due_on != was.due_on:
        yield from _office_deadline(row, was, today)


def _office_deadline(row: ListRow, was: ListRow, today: date) -> Refusals:
    if row.due_on is None:
        yield Refusal("due_on", f"整改时限{was.due_on}被清空了", "请填回原来的日期。")
    elif was.status is Status.CLAIMED_FIXED:
        cure = "请改回原来的日期，复查后销号或退回。"
        yield Refusal("due_on", "已申请销号的不能改整改时限", cure)
    elif was.due_on and row.due_on < was.due_on:
        message = f"整改时限由{was.due_on}提前到{row.due_on}"
        yield Refusal("due_on", message, "清单里只能交办或延期；要提前的，请与责任单位商定。")
    elif row.due_on < today:
        yield _is_over(row.due_on)
    elif was.due_on and was.status in UNDER_WAY and not row.extension_reason:
        yield _without_reason(row, was)


# ---- a unit --------------------------------------------------------------------------------------


def of_unit(row: ListRow, was: ListRow, standing: Standing, today: date) -> Refusals:
    if was.status is Status.UNASSIGNED:
        what = HEADERS[changed(row, was)[0]]
        yield Refusal(changed(row, was)[0], f"还没有交办，不能填{what}", "请等创安办交办后再填。")
    elif was.status not in OPEN_STATUSES:
        yield _ended(row, was)
    elif row.status not in UNIT_STATUSES:
        yield _foreign_status(row)
    elif was.status is Status.CLAIMED_FIXED:
        yield from _after_claim(row, was)
    else:
        yield from _unit_status(row, was, standing, today)
        yield from _unit_plan(row, was)
        if row.due_on != was.due_on:
            yield from _unit_deadline(row, was, standing, today)


def _foreign_status(row: ListRow) -> Refusal:
    words = "、".join(status.value for status in UNIT_STATUSES)
    said = f"是“{row.status.value}”，单位不能这样填" if row.status else "没有填"
    cure = f"请从下拉列表中选择：{words}。销号由创安办复查后办理。"
    return Refusal("status", f"整改状态{said}", cure)


def _after_claim(row: ListRow, was: ListRow) -> Refusals:
    """撤回申请, or nothing."""
    if row.status is Status.CLAIMED_FIXED:
        key = changed(row, was)[0]
        cure = "请改回；确实要改的，先把整改状态改为“整改中”撤回申请，并在整改说明里写明原因。"
        yield Refusal(key, f"已申请销号，等创安办复查，不能改{HEADERS[key]}", cure)
    elif row.status is Status.NOT_STARTED:
        yield Refusal("status", "已申请销号的不能改回“未整改”", "撤回申请请选“整改中”。")
    elif not row.remark or row.remark == was.remark:
        yield Refusal("remark", "撤回销号申请没有写原因", "请在整改说明里写明为什么撤回。")
    if row.status is Status.IN_PROGRESS and row.done_on:
        yield Refusal("done_on", "“整改中”的填了完成日期", "撤回申请的请清空完成日期。")
    if row.status is Status.IN_PROGRESS:
        for key in changed(row, was, *PLAN, "due_on"):
            message = f"撤回申请的同时改了{HEADERS[key]}"
            yield Refusal(key, message, "请先改回，撤回申请以后再改。")


def _unit_status(row: ListRow, was: ListRow, standing: Standing, today: date) -> Refusals:
    if row.status is Status.NOT_STARTED and was.status is Status.IN_PROGRESS:
        yield Refusal("status", "已经开始整改的不能改回“未整改”", "请改回“整改中”。")
    if row.status is not Status.CLAIMED_FIXED:
        if row.done_on:
            cure = "改完了请选“申请销号”；没有改完请清空完成日期。"
            message = f"“{row.status.value if row.status else ''}”的填了完成日期"
            yield Refusal("done_on", message, cure)
        return
    if row.done_on is None:
        cure = "请填改完的日期，例如2021-06-30。"
        yield Refusal("done_on", "“申请销号”的没有填完成日期", cure)
    elif not was.found_on <= row.done_on <= today:
        message = f"完成日期{row.done_on}不在发现日期{was.found_on}和今天之间"
        yield Refusal("done_on", message, "请核对这两个日期。")
    if not row.remark:
        cure = "请写明怎么改好的、有什么材料证明。"
        yield Refusal("remark", "“申请销号”的没有写整改说明", cure)
    yield from _grounds(standing)


def _grounds(standing: Standing) -> Refusals:
    if not standing.has_evidence:
        message = "还没有整改后的照片或其他佐证材料，不能申请销号"
        yield Refusal("status", message, "请先在系统里给这个问题上传材料，再上传清单。")
    elif standing.steps_until:
        message = "还有没完成的整改步骤，不能申请销号"
        yield Refusal("status", message, "请先在系统里办完或删去这些步骤，再上传清单。")


def _unit_plan(row: ListRow, was: ListRow) -> Refusals:
    if needs_plan(row, was):
        for key in (*PLAN, "due_on"):
            if not getattr(row, key) and not (key == "due_on" and was.due_on):
                cure = "目标、措施、责任人、时限四项都要填。"
                yield Refusal(key, f"{HEADERS[key]}没有填", cure)


def needs_plan(row: ListRow, was: ListRow) -> bool:
    """Whether anything but the status and a request is said anew."""
    is_claim = row.status is Status.CLAIMED_FIXED
    is_set = row.due_on != was.due_on and not is_later(row, was)
    return bool(changed(row, was, *PLAN)) or is_set or (row.remark != was.remark and not is_claim)


def _unit_deadline(row: ListRow, was: ListRow, standing: Standing, today: date) -> Refusals:
    if row.due_on is None:
        yield Refusal("due_on", f"整改时限{was.due_on}被清空了", "请填回原来的日期。")
    elif row.due_on < today:
        yield _is_over(row.due_on)
    elif is_later(row, was):
        yield from _request(row, was, standing)
    elif standing.steps_until and row.due_on < standing.steps_until:
        message = f"整改时限{row.due_on}早于整改步骤的时限{standing.steps_until}"
        yield Refusal("due_on", message, "请先在系统里调整步骤，或把时限改晚一些。")


def _request(row: ListRow, was: ListRow, standing: Standing) -> Refusals:
    if row.status is Status.CLAIMED_FIXED:
        yield Refusal(
            "due_on", "申请销号的同时推迟了整改时限", "改完了就不用延期，请改回原来的日期。"
        )
    elif standing.asked_until:
        message = f"已申请延期到{standing.asked_until}，创安办还没有答复，不能再申请"
        yield Refusal("due_on", message, f"请改回{was.due_on}，等答复后再定。")
    elif not row.extension_reason:
        yield _without_reason(row, was)


# ---- said to both --------------------------------------------------------------------------------


def _is_over(due_on: date) -> Refusal:
    return Refusal("due_on", f"整改时限{due_on}已经过去", "请改为今天或以后的日期。")


def _without_reason(row: ListRow, was: ListRow) -> Refusal:
    message = f"整改时限由{was.due_on}推迟到{row.due_on}，没有写延期原因"
    return Refusal("extension_reason", message, "请写明为什么要延期。")


def _ended(row: ListRow, was: ListRow) -> Refusal:
    key = changed(row, was)[0]
    word = was.status.value if was.status else ""
    message = f"“{word}”的问题不能在清单里改{HEADERS[key]}"
    return Refusal(key, message, "请改回原来的内容；要重新挂账或恢复，请在系统里办理。")
