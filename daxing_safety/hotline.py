"""接诉即办: what may be done with a public report when, its number, no personal data. Pure.

登记 → 派单 → 答复 → 回访;  what is not resolved is dispatched again
"""

import re
from enum import Enum
from typing import NamedTuple

from daxing_safety.models import PublicReport, User
from daxing_safety.permissions import Permission, allows
from daxing_safety.vocabulary import ReportStatus


class Handling(Enum):
    """办理: what may be done with a report once it is in; the log and its history tell of it."""

    DISPATCH = "派单"
    ANSWER = "答复"
    RATE = "回访"
    REDISPATCH = "重新派单"
    RECLASSIFY = "调整难易"
    TURN_INTO_PROBLEM = "转为问题"
    CORRECT = "补正"


class Step(NamedTuple):
    starts: tuple[ReportStatus, ...]
    permission: Permission


OFFICE, UNIT = Permission.MANAGE_PROBLEMS, Permission.RECTIFY
EVERY_STATUS = tuple(ReportStatus)

# A new one: a member of Handling, its line here, its verb in actions/public_reports.py.
STEPS: dict[Handling, Step] = {
    Handling.DISPATCH: Step((ReportStatus.RECEIVED,), OFFICE),
    Handling.ANSWER: Step((ReportStatus.DISPATCHED,), UNIT),
    Handling.RATE: Step((ReportStatus.ANSWERED,), OFFICE),
    Handling.REDISPATCH: Step(EVERY_STATUS[1:], OFFICE),  # once rated only what is not resolved
    Handling.RECLASSIFY: Step((ReportStatus.RECEIVED, ReportStatus.DISPATCHED), OFFICE),
    Handling.TURN_INTO_PROBLEM: Step(EVERY_STATUS, OFFICE),  # once
    Handling.CORRECT: Step(EVERY_STATUS, OFFICE),
}

# Not answered yet: what the clock runs for.
UNANSWERED = (ReportStatus.RECEIVED, ReportStatus.DISPATCHED)

NUMBER = re.compile(r"[Ss](\d{5,9})")


def number_of(report_id: int | None) -> str:
    """诉求 S00012, as it is shown and spoken of."""
    return f"S{report_id or 0:05d}"


def id_in(number: str) -> int | None:
    """Of S00012, or of 12 as it stands in an address."""
    found = NUMBER.fullmatch(number.strip())
    digits = found[1] if found else number
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 9
    return int(digits) if is_number else None


def why_not(handling: Handling, report: PublicReport) -> str:
    """The sentence that refuses it in the state the report is in; empty: it may be done."""
    number = number_of(report.id)
    if report.status not in STEPS[handling].starts:
        return f"{number} 现在是“{report.status.value}”，不能{handling.value}，没有改动。"
    if handling is Handling.REDISPATCH and _is_settled(report):
        return f"{number} 回访时已经解决，不用重新派单。"
    if handling is Handling.TURN_INTO_PROBLEM and report.problem_number:
        return f"{number} 已经转为问题 {report.problem_number}，不用再转。"
    return ""


def _is_settled(report: PublicReport) -> bool:
    return report.status is ReportStatus.RATED and bool(report.is_resolved)


def open_to(report: PublicReport, user: User) -> list[Handling]:
    """What this user may do with it now, in the order in which it usually comes."""
    return [
        handling
        for handling, step in STEPS.items()
        if allows(user, step.permission)
        and _is_of(step, report, user)
        and not why_not(handling, report)
    ]


def _is_of(step: Step, report: PublicReport, user: User) -> bool:
    return step.permission is not UNIT or user.unit_code == report.unit_code


# ---- personal data ---------------------------------------------------------------------------

PERSONAL = (
    (
        "身份证号",
        re.compile(
            r"(?<!\d)[1-8]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
            r"(?!\d)"
        ),
    ),
    (
        "手机号",
        re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    ),
    ("电话号码", re.compile(r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)")),
    ("电话号码", re.compile(r"(?<=电话|座机|号码|[话机码][:：是为])\s*[2-8]\d{6,7}(?!\d)")),
)
DIGITS = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), 0xFF38, 0xFF58)}


class Masked(NamedTuple):
    """A text without numbers that tell who somebody is, and which kinds were taken out."""

    text: str
    hidden: tuple[str, ...]


def without_personal_data(text: str) -> Masked:
    """Names and addresses cannot be told from what is reported, and stay."""
    text, hidden = text.translate(DIGITS), []
    for kind, pattern in PERSONAL:
        text, found = pattern.subn(f"〔{kind}已隐去〕", text)
        if found and kind not in hidden:
            hidden.append(kind)
    return Masked(text, tuple(hidden))
