"""审核 row by row: accept, correct, return.

A verdict stands until a later version changes its row. Who judges names the verdict that was on
the screen (`seen`); if somebody else has judged meanwhile, nothing is changed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import String, bindparam, type_coerce
from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.actions import audit
from daxing_safety.criteria import Rule
from daxing_safety.database import delete_rows
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import (
    FindingConfirmation,
    FindingEntry,
    ProgressEntry,
    RowVerdict,
    Submission,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.scoring import rate_loses
from daxing_safety.vocabulary import (
    Finding,
    Judgement,
    ProgressStatus,
    ReviewState,
    RuleKind,
    Sheet,
)

Row = tuple[Sheet, str]  # a sheet and the code of one of its rows
Place = tuple[str, str, str]  # the same with its unit, the sheet by name
Seen = Mapping[Row, int]  # the number of the verdict that was on the screen; 0: none

JUDGED = select(
    col(RowVerdict.unit_code), type_coerce(RowVerdict.sheet, String), col(RowVerdict.code)
).where(col(RowVerdict.unit_code).in_(bindparam("units", expanding=True)))


@dataclass(frozen=True, slots=True)
class Held:
    """What the office holds instead of what a row says."""

    status: ProgressStatus | None = None
    percent: Decimal | None = None
    finding: Finding | None = None
    measured: Decimal | None = None


def accept_rows(
    session: Session,
    *,
    submission: Submission,
    rows: Collection[Row],
    seen: Seen,
    by: User,
    now: datetime,
) -> None:
    _require_reviewable(session, submission, by)
    for row in rows:
        _judge(session, submission, row, Judgement.ACCEPTED, seen, by=by, now=now)
    ledger.raise_data_version(session)
    _record(session, "逐项认可", submission, rows, by=by)


def return_rows(
    session: Session,
    *,
    submission: Submission,
    rows: Collection[Row],
    reason: str,
    seen: Seen,
    by: User,
    now: datetime,
) -> None:
    """These rows are to be reported anew; the unit is shown why."""
    if not reason.strip():
        raise BadInput("请写明退回原因，填报单位会看到。")
    _require_reviewable(session, submission, by)
    for row in rows:
        verdict = _judge(session, submission, row, Judgement.RETURNED, seen, by=by, now=now)
        verdict.reason = reason.strip()
    ledger.raise_data_version(session)
    _record(session, "逐项退回", submission, rows, by=by, remark=reason.strip())


def correct_row(
    session: Session,
    *,
    submission: Submission,
    row: Row,
    held: Held,
    reason: str,
    seen: Seen,
    by: User,
    now: datetime,
) -> None:
    """The office holds something else; what the unit said stays beside it."""
    if not reason.strip():
        raise BadInput("请写明更正理由，填报单位会看到。")
    _require_reviewable(session, submission, by)
    _check_held(session, row, held)
    verdict = _judge(session, submission, row, Judgement.CORRECTED, seen, by=by, now=now)
    verdict.reason = reason.strip()
    verdict.held_status, verdict.held_percent = held.status, held.percent
    verdict.held_finding, verdict.held_measured = held.finding, held.measured
    session.add(verdict)
    session.flush()
    if held.finding is not None:
        confirm(session, submission.unit_code, verdict, by=by, now=now)
    ledger.refresh(session, {submission.unit_code})
    _record(session, "逐项更正", submission, [row], by=by, remark=reason.strip())


def confirm(
    session: Session, unit_code: str, verdict: RowVerdict, *, by: User, now: datetime
) -> None:
    """What the office holds of a yes/no rule or a rate becomes what confirmed points count by."""
    assert verdict.held_finding is not None
    session.add(
        FindingConfirmation(
            unit_code=unit_code,
            rule_code=verdict.code,
            finding=verdict.held_finding,
            measured=verdict.held_measured,
            remark=verdict.reason,
            confirmed_at=now,
            confirmed_by=by.username,
        )
    )


def accept_the_rest(
    session: Session, submission: Submission, *, by: User, now: datetime
) -> set[str]:
    """Accepts every row not judged yet; returns the rules whose finding was corrected.

    Raises Conflict while a row stands as returned.
    """
    judged = {
        (verdict.sheet, verdict.code): verdict
        for verdict in session.exec(
            select(RowVerdict).where(col(RowVerdict.unit_code) == submission.unit_code)
        )
    }
    returned = [v.code for v in judged.values() if v.judgement is Judgement.RETURNED]
    if returned:
        raise Conflict(f"{'、'.join(returned[:5])} 已逐项退回，请退回整份，或先改为认可。")
    session.add_all(
        RowVerdict(
            unit_code=submission.unit_code,
            sheet=sheet,
            code=code,
            submission_id=submission.id or 0,
            judgement=Judgement.ACCEPTED,
            judged_at=now,
            judged_by=by.username,
        )
        for sheet, code in _rows_of(session, submission)
        if (sheet, code) not in judged
    )
    session.flush()
    return {v.code for v in judged.values() if v.held_finding is not None}


def _rows_of(session: Session, submission: Submission) -> list[Row]:
    points = select(ProgressEntry.work_point_code).where(
        col(ProgressEntry.submission_id) == submission.id
    )
    rules = select(FindingEntry.rule_code).where(col(FindingEntry.submission_id) == submission.id)
    return [
        *((Sheet.PROGRESS, code) for code in session.exec(points)),
        *((Sheet.SELF_ASSESSMENT, code) for code in session.exec(rules)),
    ]


def reopen(session: Session, changed: Collection[Place]) -> None:
    """A later version says something else of these rows: they wait for review again."""
    units = list({unit for unit, _, _ in changed})
    judged = session.connection().execute(JUDGED, {"units": units})
    delete_rows(session, RowVerdict, [row for row in map(tuple, judged) if row in changed])


def _require_reviewable(session: Session, submission: Submission, by: User) -> None:
    require(by, Permission.REVIEW)
    session.refresh(submission)
    if submission.state is not ReviewState.PENDING:
        raise Conflict(
            f"这一版现在是“{submission.state.value}”，不在待审核之列，请刷新页面看最新情况。"
        )


def _judge(
    session: Session,
    submission: Submission,
    row: Row,
    judgement: Judgement,
    seen: Seen,
    *,
    by: User,
    now: datetime,
) -> RowVerdict:
    sheet, code = row
    _require_entry(session, submission, row)
    verdict = session.get(RowVerdict, (submission.unit_code, sheet, code), populate_existing=True)
    number = verdict.number if verdict else 0
    if number != seen.get(row, 0):
        who = f"（{verdict.judged_by}）" if verdict else ""
        raise Conflict(f"{code} 刚刚已由其他审核人处理{who}，没有改动，请刷新页面再看。")
    if verdict is None:
        verdict = RowVerdict(
            unit_code=submission.unit_code,
            sheet=sheet,
            code=code,
            submission_id=submission.id or 0,
            judgement=judgement,
            judged_at=now,
            judged_by=by.username,
            number=0,
        )
    verdict.submission_id, verdict.judgement = submission.id or 0, judgement
    verdict.judged_at, verdict.judged_by, verdict.reason = now, by.username, ""
    verdict.held_status = verdict.held_percent = None
    verdict.held_finding = verdict.held_measured = None
    verdict.number += 1
    session.add(verdict)
    session.flush()
    return verdict


def _require_entry(session: Session, submission: Submission, row: Row) -> None:
    sheet, code = row
    model = ProgressEntry if sheet is Sheet.PROGRESS else FindingEntry
    if session.get(model, (submission.id, code)) is None:
        raise NotFound(f"这一版里没有编号为 {code} 的行。")


def _check_held(session: Session, row: Row, held: Held) -> None:
    sheet, code = row
    if sheet is Sheet.PROGRESS:
        _check_held_progress(held)
    else:
        _check_held_finding(ledger.criteria_in_force(session).rules[code], held)


def _check_held_progress(held: Held) -> None:
    if held.status is None or held.percent is None:
        raise BadInput("请填写更正后的进展状态和完成比例。")
    if not 0 <= held.percent <= 100:
        raise BadInput("完成比例请填 0 到 100 之间的数。")


def _check_held_finding(rule: Rule, held: Held) -> None:
    if rule.kind is RuleKind.PER_FINDING:
        raise BadInput(
            f"条款 {rule.code} 按问题扣分：有问题请在台账登记，没有问题请销号，不在此更正。"
        )
    if held.finding is None:
        raise BadInput("请选择更正后的自查结论。")
    if rule.kind is RuleKind.RATE and held.finding in (Finding.COMPLIANT, Finding.HAS_PROBLEM):
        if held.measured is None or not 0 <= held.measured <= 100:
            raise BadInput("请填写更正后的实测值，0 到 100 之间。")
        if rate_loses(rule, held.measured) != (held.finding is Finding.HAS_PROBLEM):
            raise BadInput(f"实测值 {held.measured}% 与“{held.finding.value}”不一致，请核对。")


def verdict_of(session: Session, unit_code: str, row: Row) -> RowVerdict:
    """The verdict that stands on a row; raises NotFound."""
    verdict = session.get(RowVerdict, (unit_code, *row), populate_existing=True)
    if verdict is None:
        raise NotFound("这一项还没有审核意见，或之后报送的新版已改动它。")
    return verdict


def _record(
    session: Session,
    action: str,
    submission: Submission,
    rows: Collection[Row],
    *,
    by: User,
    remark: str = "",
) -> None:
    subject = f"{submission.unit_code} 第{submission.version}版"
    codes = [f"{sheet.value} {code}" for sheet, code in rows]
    audit.record(session, action, subject, by=by, remark=remark, after={"rows": codes})
