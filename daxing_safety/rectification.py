"""整改的闭环: which move leads a problem from where to where, and who may make it. Pure.

登记 → 交办 → 整改中 → 申请销号 → 复查 → 销号 or 退回;  误报, 合并 and back
"""

import re
import unicodedata
from typing import NamedTuple

from daxing_safety.permissions import Permission
from daxing_safety.vocabulary import OPEN_STATUSES, VOID_STATUSES, Move, Severity
from daxing_safety.vocabulary import RectificationStatus as Status


class Step(NamedTuple):
    """Where a move starts, where it ends (None: where it was), and the right it takes."""

    starts: tuple[Status, ...]
    ends: Status | None
    permission: Permission


UNDER_WAY = (Status.NOT_STARTED, Status.IN_PROGRESS)
IN_HAND = (*UNDER_WAY, Status.CLAIMED_FIXED)  # the unit has been told
NEEDS_REINSPECTION = (Severity.MAJOR, Severity.LISTED)  # before 销号
OFFICE, UNIT = Permission.MANAGE_PROBLEMS, Permission.RECTIFY

# A new move: a member of Move, its line here, its verb in actions/problems or actions/rectifying;
# tests/problems/test_rectification_moves.py tries every move from every status by every role.
MOVES: dict[Move, Step] = {
    Move.ASSIGN: Step((Status.UNASSIGNED,), Status.NOT_STARTED, OFFICE),
    Move.REASSIGN: Step((Status.UNASSIGNED, *UNDER_WAY), Status.NOT_STARTED, OFFICE),
    Move.CORRECT: Step(OPEN_STATUSES, None, OFFICE),
    Move.PLAN: Step(UNDER_WAY, None, UNIT),
    Move.START: Step((Status.NOT_STARTED,), Status.IN_PROGRESS, UNIT),
    Move.CLAIM_FIXED: Step(UNDER_WAY, Status.CLAIMED_FIXED, UNIT),
    Move.WITHDRAW_CLAIM: Step((Status.CLAIMED_FIXED,), Status.IN_PROGRESS, UNIT),
    Move.REINSPECT: Step((Status.CLAIMED_FIXED,), None, OFFICE),
    Move.CLOSE: Step((Status.CLAIMED_FIXED,), Status.CLOSED, OFFICE),
    Move.SEND_BACK: Step((Status.CLAIMED_FIXED,), Status.IN_PROGRESS, OFFICE),
    Move.REOPEN: Step((Status.CLOSED,), Status.IN_PROGRESS, OFFICE),
    Move.EXTEND: Step(UNDER_WAY, None, OFFICE),
    Move.ASK: Step(UNDER_WAY, None, UNIT),
    Move.REFUSE: Step(OPEN_STATUSES, None, OFFICE),
    Move.DISMISS: Step(OPEN_STATUSES, Status.DISMISSED, OFFICE),
    Move.MERGE: Step(OPEN_STATUSES, Status.MERGED, OFFICE),
    Move.RESTORE: Step(VOID_STATUSES, None, OFFICE),  # where it was before
}


def is_allowed(move: Move, status: Status) -> bool:
    return status in MOVES[move].starts


# What may stand between the characters of a site without making it another place; between two
# numbers it does: 1-2号楼 is not 12号楼.
BETWEEN = re.compile(r"(?<=\d)([\s\W_])[\s\W_]*(?=\d)|[\s\W_]+")


def plain_site(site: str) -> str:
    """A 点位 without spaces, punctuation and widths: two that agree are the same place."""
    text = unicodedata.normalize("NFKC", site).lower()
    return BETWEEN.sub(lambda between: "-" if between[1] else "", text)
