"""The tables. Words in vocabulary.py and docs/glossary.md; changes in daxing_safety/migrations/.

Points and percentages are stored as whole hundredths, so that sums in SQL are exact and no
binary float ever holds one. Timestamps are Beijing time without a zone (settings.py).
"""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import DateTime, Dialect, Index, Integer, TypeDecorator, UniqueConstraint, text
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from daxing_safety.vocabulary import (
    Complexity,
    Discovery,
    DrawnFrom,
    Duty,
    EvidenceOf,
    Finding,
    Judgement,
    MeetingItemKind,
    Move,
    PhotoStage,
    ProgressStatus,
    RectificationStatus,
    ReportStatus,
    RequestKind,
    ReviewState,
    Role,
    RoundState,
    Satisfaction,
    Severity,
    Sheet,
    SpotHandling,
    SpotVerdict,
    UnitKind,
)


class Hundredths(TypeDecorator[Decimal]):
    """A Decimal with at most two places, kept as a whole number of hundredths."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return as_hundredths(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


def as_hundredths(value: Decimal | None) -> int | None:
    """A number as Hundredths stores it, for rows that go to the driver directly."""
    return None if value is None else int(value * 100)


class Base(SQLModel, registry=registry()):
    # A registry of our own: hot reload imports this module again, and the global one would
    # then say "Table already defined".
    pass


def _word(words: type[Enum]) -> Any:
    """A column that stores a member's name; text and no database type, so words can be added."""
    return SqlEnum(words, native_enum=False, create_constraint=False, length=20)


# ---- the plan ----------------------------------------------------------------------------


class Unit(Base, table=True):
    code: str = Field(primary_key=True)
    name: str = Field(unique=True)
    full_name: str
    kind: UnitKind = Field(sa_type=_word(UnitKind))
    aliases: str  # separated by ;
    area_code: str
    is_ranked: bool
    is_confirmed: bool
    map_row: int | None
    map_col: int | None
    position: int  # the plan's order, also the order in which ties are broken


class Phase(Base, table=True):
    no: int = Field(primary_key=True)
    name: str
    starts_on: date
    ends_on: date
    gist: str


class Task(Base, table=True):
    no: int = Field(primary_key=True)
    action: str
    title: str


class TaskDuty(Base, table=True):
    __tablename__ = "task_duty"
    task_no: int = Field(primary_key=True, foreign_key="task.no")
    unit_code: str = Field(primary_key=True, foreign_key="unit.code")
    duty: Duty = Field(sa_type=_word(Duty))
    position: int


class WorkPoint(Base, table=True):
    __tablename__ = "work_point"
    code: str = Field(primary_key=True)
    task_no: int = Field(foreign_key="task.no", index=True)
    text: str
    evidence: str
    phase_no: int = Field(foreign_key="phase.no")
    due_on: date
    checkpoints: str  # ISO dates separated by ;
    cycle: str
    note: str
    position: int


class WorkPointDuty(Base, table=True):
    """Who answers for a work point, and how far each has come (its latest submission)."""

    __tablename__ = "work_point_duty"
    work_point_code: str = Field(primary_key=True, foreign_key="work_point.code")
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", index=True)
    duty: Duty = Field(sa_type=_word(Duty))
    position: int
    status: ProgressStatus = Field(
        default=ProgressStatus.NOT_STARTED, sa_type=_word(ProgressStatus)
    )
    percent: Decimal = Field(default=Decimal(0), sa_type=Hundredths)
    done_on: date | None = None
    remark: str = ""
    evidence: str = ""
    is_accepted: bool = False  # the office accepted the submission that says so


class CriteriaRevision(Base, table=True):
    """One immutable state of the standard (criteria.write_document)."""

    __tablename__ = "criteria_revision"
    id: int | None = Field(default=None, primary_key=True)
    version: str
    document: str
    loaded_at: datetime = Field(sa_type=DateTime)
    remark: str = ""


# ---- people -------------------------------------------------------------------------------


class User(Base, table=True):
    __tablename__ = "account"  # "user" is a reserved word in PostgreSQL
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True)
    display_name: str
    role: Role = Field(sa_type=_word(Role))
    unit_code: str | None = Field(default=None, foreign_key="unit.code")
    phone: str = ""
    password_hash: str
    must_change_password: bool = False
    is_disabled: bool = False
    created_at: datetime = Field(sa_type=DateTime)
    password_changed_at: datetime = Field(sa_type=DateTime)
    valid_until: date | None = None  # the last day on which it may sign in; None: no end


class OldPassword(Base, table=True):
    """The hash of a password that was replaced: it may not come back too soon."""

    __tablename__ = "old_password"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="account.id", index=True)
    password_hash: str
    replaced_at: datetime = Field(sa_type=DateTime)


class LoginSession(Base, table=True):
    """A sign-in; only the hash of its token is kept."""

    __tablename__ = "login_session"
    token_hash: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="account.id", index=True)
    started_at: datetime = Field(sa_type=DateTime)
    seen_at: datetime = Field(sa_type=DateTime)
    address: str
    browser: str
    is_wall: bool = False  # 大屏: opens nothing but the wall


class LoginFailure(Base, table=True):
    """Failed sign-ins of late, counted per account and per address."""

    __tablename__ = "login_failure"
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(index=True)
    address: str = Field(index=True)
    failed_at: datetime = Field(sa_type=DateTime)


class SavedView(Base, table=True):
    """A screen's filters under a name of its owner's choosing."""

    __tablename__ = "saved_view"
    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(index=True)
    page: str
    name: str
    query: str  # the address after the question mark


# ---- rounds and what comes in ---------------------------------------------------------------


class Round(Base, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    opens_at: datetime = Field(sa_type=DateTime)
    due_at: datetime = Field(sa_type=DateTime)
    sheets: str  # names of Sheet members separated by ,
    state: RoundState = Field(sa_type=_word(RoundState))
    criteria_revision_id: int = Field(foreign_key="criteria_revision.id")
    frozen_at: datetime | None = Field(default=None, sa_type=DateTime)


class Submission(Base, table=True):
    """One version of one unit's workbook in one round, stored whole."""

    __table_args__ = (UniqueConstraint("round_id", "unit_code", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    unit_code: str = Field(foreign_key="unit.code", index=True)
    version: int
    criteria_revision_id: int = Field(foreign_key="criteria_revision.id")
    submitted_at: datetime = Field(sa_type=DateTime)
    submitted_by: str  # username
    is_late: bool
    file_name: str
    file_sha256: str
    is_latest: bool = True  # of the unit, over all rounds
    state: ReviewState = Field(default=ReviewState.PENDING, sa_type=_word(ReviewState))
    reviewed_at: datetime | None = Field(default=None, sa_type=DateTime)
    reviewed_by: str | None = None
    review_remark: str = ""
    changes: str = "{}"  # counts of what this version changed, as JSON
    undo: str = ""  # how things stood before it (actions/withdrawals.py)


class LateAllowance(Base, table=True):
    """补报: a unit that may still hand in after the round's due time, until a moment of its own."""

    __tablename__ = "late_allowance"
    round_id: int = Field(primary_key=True, foreign_key="round.id")
    unit_code: str = Field(primary_key=True, foreign_key="unit.code")
    until: datetime = Field(sa_type=DateTime)
    reason: str
    granted_by: str


class ProgressEntry(Base, table=True):
    """A row of 工作进展 as submitted; never changed."""

    __tablename__ = "progress_entry"
    submission_id: int = Field(primary_key=True, foreign_key="submission.id")
    work_point_code: str = Field(primary_key=True)
    status: ProgressStatus = Field(sa_type=_word(ProgressStatus))
    percent: Decimal = Field(sa_type=Hundredths)
    done_on: date | None
    remark: str
    evidence: str


class FindingEntry(Base, table=True):
    """A row of 自评打分 as submitted; never changed."""

    __tablename__ = "finding_entry"
    submission_id: int = Field(primary_key=True, foreign_key="submission.id")
    rule_code: str = Field(primary_key=True)
    finding: Finding = Field(sa_type=_word(Finding))
    measured: Decimal | None = Field(sa_type=Hundredths)
    remark: str
    evidence: str


class RowVerdict(Base, table=True):
    """What the office says of a reported row; gone once a later version changes the row."""

    __tablename__ = "row_verdict"
    unit_code: str = Field(primary_key=True, foreign_key="unit.code")
    sheet: Sheet = Field(primary_key=True, sa_type=_word(Sheet))
    code: str = Field(primary_key=True)  # of the work point or rule
    submission_id: int = Field(foreign_key="submission.id")
    judgement: Judgement = Field(sa_type=_word(Judgement))
    # What the office holds instead, where it corrected: of a work point …
    held_status: ProgressStatus | None = Field(default=None, sa_type=_word(ProgressStatus))
    held_percent: Decimal | None = Field(default=None, sa_type=Hundredths)
    # … or of a yes/no rule or rate.
    held_finding: Finding | None = Field(default=None, sa_type=_word(Finding))
    held_measured: Decimal | None = Field(default=None, sa_type=Hundredths)
    reason: str = ""
    judged_at: datetime = Field(sa_type=DateTime)
    judged_by: str
    number: int = 1  # rises with every change: whoever judges must have seen the last one
    # 申诉, once, answered by somebody other than who judged.
    appeal: str = ""
    appealed_at: datetime | None = Field(default=None, sa_type=DateTime)
    appealed_by: str | None = None
    is_upheld: bool | None = None  # True: the unit was right
    answer: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=DateTime)
    answered_by: str | None = None


class DutyDecision(Base, table=True):
    """The office's answer to 不属本单位职责: given to another unit, or refused."""

    __tablename__ = "duty_decision"
    id: int | None = Field(default=None, primary_key=True)
    work_point_code: str = Field(foreign_key="work_point.code", index=True)
    unit_code: str = Field(foreign_key="unit.code", index=True)
    to_unit_code: str | None = Field(foreign_key="unit.code")  # None: refused
    unit_reason: str
    reason: str
    decided_at: datetime = Field(sa_type=DateTime)
    decided_by: str


class FindingConfirmation(Base, table=True):
    """What the office holds of a yes/no or rate rule; the newest row of a pair counts."""

    __tablename__ = "finding_confirmation"
    id: int | None = Field(default=None, primary_key=True)
    unit_code: str = Field(foreign_key="unit.code", index=True)
    rule_code: str
    finding: Finding = Field(sa_type=_word(Finding))
    measured: Decimal | None = Field(default=None, sa_type=Hundredths)
    remark: str = ""
    confirmed_at: datetime = Field(sa_type=DateTime)
    confirmed_by: str


class Problem(Base, table=True):
    """One line of the district's 问题清单 and 整改清单: the ledger every score comes from."""

    # One index and no more: each costs as much at a large import as the row itself. What is due
    # when is counted in due_count.
    __table_args__ = (Index("problem_of_unit", "unit_code", "status"),)
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)  # 问题编号
    rule_code: str | None
    unit_code: str = Field(foreign_key="unit.code")
    site: str
    description: str
    count: int
    severity: Severity = Field(default=Severity.GENERAL, sa_type=_word(Severity))
    discovery: Discovery = Field(sa_type=_word(Discovery))
    is_self_reported: bool  # came with the unit's own workbook: counts in 自评分
    found_on: date
    target: str = ""
    measure: str = ""
    responsible: str = ""
    due_on: date | None = None
    first_due_on: date | None = None
    status: RectificationStatus = Field(
        default=RectificationStatus.NOT_STARTED, sa_type=_word(RectificationStatus)
    )
    done_on: date | None = None
    remark: str = ""
    opened_at: datetime = Field(sa_type=DateTime)
    opened_by: str
    submission_id: int | None = Field(default=None, foreign_key="submission.id")
    claimed_at: datetime | None = Field(default=None, sa_type=DateTime)
    closed_on: date | None = None
    closed_by: str | None = None
    office_remark: str = ""  # the office's last word: closing or sending back
    # From here on a workbook's new lines say nothing.
    found_by: str = ""  # the person, team or report that found it
    task_no: int | None = Field(default=None, foreign_key="task.no")
    town_code: str | None = Field(default=None, foreign_key="unit.code")  # 属地 of the site
    assigned_on: date | None = None
    recurs: str | None = None  # 反复: the number of the closed problem that is back
    merged_into: str | None = None  # the number of the problem that stands for it
    revision: int = 1  # rises with every change: whoever writes must have seen the last one


class ProblemEvent(Base, table=True):
    """办理记录: what was done with a problem after it was entered; never changed."""

    __tablename__ = "problem_event"
    id: int | None = Field(default=None, primary_key=True)
    # No foreign key: taking back a workbook deletes the problems it opened.
    problem_number: str = Field(index=True)
    at: datetime = Field(sa_type=DateTime)
    by: str  # username
    move: Move = Field(sa_type=_word(Move))
    status_before: RectificationStatus = Field(sa_type=_word(RectificationStatus))
    status_after: RectificationStatus = Field(sa_type=_word(RectificationStatus))
    due_before: date | None = None
    due_after: date | None = None
    is_passed: bool | None = None  # of 复查
    remark: str = ""
    before: str = "{}"  # as JSON, the columns that the move changed, as they were


class ProblemRequest(Base, table=True):
    """申请: a unit asks for a later deadline, or says that there is no such problem."""

    __tablename__ = "problem_request"
    id: int | None = Field(default=None, primary_key=True)
    problem_number: str = Field(foreign_key="problem.number", index=True)
    kind: RequestKind = Field(sa_type=_word(RequestKind))
    due_on: date | None = None  # the deadline asked for
    reason: str
    submission_id: int | None = Field(default=None, foreign_key="submission.id")
    asked_at: datetime = Field(sa_type=DateTime)
    asked_by: str
    is_granted: bool | None = None
    answer: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=DateTime)
    answered_by: str | None = None


class RectificationStep(Base, table=True):
    """整改步骤: one of the steps into which a unit splits a rectification."""

    __tablename__ = "rectification_step"
    id: int | None = Field(default=None, primary_key=True)
    problem_number: str = Field(foreign_key="problem.number", index=True)
    text: str
    responsible: str
    due_on: date
    done_on: date | None = None


class PeerCheck(Base, table=True):
    """举一反三: a confirmed problem, sent as a question to the units that answer for its rule."""

    __tablename__ = "peer_check"
    id: int | None = Field(default=None, primary_key=True)
    problem_number: str = Field(foreign_key="problem.number", index=True)
    rule_code: str
    question: str
    due_on: date
    sent_at: datetime = Field(sa_type=DateTime)
    sent_by: str


class PeerAnswer(Base, table=True):
    """What one peer says; a line stands from the day the question was sent."""

    __tablename__ = "peer_answer"
    check_id: int = Field(primary_key=True, foreign_key="peer_check.id")
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", index=True)
    has_same: bool | None = None  # None: not answered
    remark: str = ""
    problem_number: str | None = None  # the problem that the answer opened
    answered_at: datetime | None = Field(default=None, sa_type=DateTime)
    answered_by: str | None = None


class PublicReport(Base, table=True):
    """接诉即办: what the public reports, over 12345 or otherwise; no caller's data is kept."""

    __tablename__ = "public_report"
    id: int | None = Field(default=None, primary_key=True)
    source_number: str | None = Field(default=None, unique=True)  # the hotline's own number
    discovery: Discovery = Field(sa_type=_word(Discovery))  # HOTLINE or PUBLIC_REPORT
    received_at: datetime = Field(sa_type=DateTime)
    content: str
    site: str
    town_code: str | None = Field(default=None, foreign_key="unit.code")
    unit_code: str | None = Field(default=None, foreign_key="unit.code", index=True)
    rule_code: str | None = None
    complexity: Complexity = Field(sa_type=_word(Complexity))
    due_at: datetime = Field(sa_type=DateTime)
    status: ReportStatus = Field(sa_type=_word(ReportStatus))
    dispatched_at: datetime | None = Field(default=None, sa_type=DateTime)
    dispatched_by: str | None = None
    answer: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=DateTime)
    answered_by: str | None = None
    is_contacted: bool | None = None
    is_resolved: bool | None = None
    satisfaction: Satisfaction | None = Field(default=None, sa_type=_word(Satisfaction))
    rated_at: datetime | None = Field(default=None, sa_type=DateTime)
    rated_by: str | None = None
    problem_number: str | None = Field(default=None, index=True)  # the problem it became


class Meeting(Base, table=True):
    """调度会: what the figures were when it was opened, a slide a unit."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    day: date  # at whose end the figures stood so; the day of opening: at that moment
    figures: str  # as JSON, in the slides' order (reports/meeting_figures.py)
    opened_at: datetime = Field(sa_type=DateTime)
    opened_by: str
    closed_at: datetime | None = Field(default=None, sa_type=DateTime)
    closed_by: str | None = None


class MeetingItem(Base, table=True):
    """What was recorded of a unit in a 调度会."""

    __tablename__ = "meeting_item"
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    unit_code: str = Field(foreign_key="unit.code", index=True)
    kind: MeetingItemKind = Field(sa_type=_word(MeetingItemKind))
    text: str
    # No foreign key: taking back a workbook deletes the problems it opened.
    problem_number: str | None = None
    due_on: date
    recorded_at: datetime = Field(sa_type=DateTime)
    recorded_by: str
    # Of a promise, as the office has checked; of the others their problem tells.
    is_kept: bool | None = None
    checked_at: datetime | None = Field(default=None, sa_type=DateTime)
    checked_by: str | None = None


class SpotCheck(Base, table=True):
    """抽查: what was drawn by lot for experts to look at again, and how it was drawn."""

    __tablename__ = "spot_check"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    until: date  # the last day on which the experts may work on it
    # With these three the draw can be repeated (spot_checks.py).
    seed: str
    wanted: int
    population: str  # as JSON, whatever could have been drawn
    scope: str  # what the population was limited to, in words
    drawn_at: datetime = Field(sa_type=DateTime)
    drawn_by: str
    withdrawn_at: datetime | None = Field(default=None, sa_type=DateTime)
    withdrawn_by: str | None = None
    withdrawal_reason: str = ""


class SpotCheckExpert(Base, table=True):
    """Who takes part, and when they handed in (交回)."""

    __tablename__ = "spot_check_expert"
    check_id: int = Field(primary_key=True, foreign_key="spot_check.id")
    user_id: int = Field(primary_key=True, foreign_key="account.id", index=True)
    handed_in_at: datetime | None = Field(default=None, sa_type=DateTime)


class SpotCheckItem(Base, table=True):
    """One thing to look at: drawn or 指定 by the office, found by its expert, handled."""

    __tablename__ = "spot_check_item"
    __table_args__ = (UniqueConstraint("check_id", "unit_code", "code"),)
    id: int | None = Field(default=None, primary_key=True)
    check_id: int = Field(foreign_key="spot_check.id")
    user_id: int = Field(foreign_key="account.id", index=True)
    source: DrawnFrom = Field(sa_type=_word(DrawnFrom))
    unit_code: str = Field(foreign_key="unit.code", index=True)
    code: str  # of the rule or the problem
    statement: str  # the unit's own words when it was drawn
    designated_because: str = ""  # empty: it was drawn by lot
    # What the expert found …
    verdict: SpotVerdict | None = Field(default=None, sa_type=_word(SpotVerdict))
    found: str = ""
    site: str = ""
    count: int | None = None
    suggestion: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=DateTime)
    # … and what the office made of it.
    handling: SpotHandling | None = Field(default=None, sa_type=_word(SpotHandling))
    handling_reason: str = ""
    problem_number: str | None = None  # that was registered or went back to its unit
    handled_at: datetime | None = Field(default=None, sa_type=DateTime)
    handled_by: str | None = None


class SpotCheckPhoto(Base, table=True):
    """What an expert has photographed; its unit has it only once the office adopts the item."""

    __tablename__ = "spot_check_photo"
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="spot_check_item.id", index=True)
    name: str
    kind: str
    size: int
    sha256: str
    uploaded_at: datetime = Field(sa_type=DateTime)


class Evidence(Base, table=True):
    """佐证材料: a file of a unit, kept by its content; a replaced one stays as an older version."""

    id: int | None = Field(default=None, primary_key=True)
    unit_code: str = Field(foreign_key="unit.code", index=True)
    name: str
    kind: str  # pdf, jpg …
    size: int
    sha256: str
    material_on: date | None  # the date the material itself bears
    description: str = ""
    version: int = 1
    replaces_id: int | None = Field(default=None, foreign_key="evidence.id")
    is_current: bool = True  # neither replaced nor withdrawn
    uploaded_at: datetime = Field(sa_type=DateTime)
    uploaded_by: str


class EvidenceUse(Base, table=True):
    """One file may serve several work points, rules and problems."""

    __tablename__ = "evidence_use"
    evidence_id: int = Field(primary_key=True, foreign_key="evidence.id")
    subject: EvidenceOf = Field(primary_key=True, sa_type=_word(EvidenceOf))
    code: str = Field(primary_key=True)
    stage: PhotoStage | None = Field(default=None, sa_type=_word(PhotoStage))  # of a problem


class OutOfScope(Base, table=True):
    """不涉及: an indicator that does not apply to the district, by the office's decision."""

    __tablename__ = "out_of_scope"
    indicator_code: str = Field(primary_key=True)
    reason: str
    decided_by: str
    decided_at: datetime = Field(sa_type=DateTime)


class Preference(Base, table=True):
    """What the office may set: 内部目标分, 不涉及 policy … (actions/preferences.py)."""

    name: str = Field(primary_key=True)
    value: str


# ---- kept sums: written with every write, rebuilt and compared by `verify` --------------------
# Keyed by round: 0 is now, a round's number is how things stood when it was frozen.

NOW = 0


class PairState(Base, table=True):
    """A rule and a unit that answers for it: what stands, claimed and confirmed."""

    __tablename__ = "pair_state"
    rule_code: str = Field(primary_key=True)
    unit_code: str = Field(primary_key=True, foreign_key="unit.code", index=True)
    indicator_code: str = Field(index=True)
    is_seen: bool = False  # the unit has looked, or somebody has found something
    is_held: bool = False  # the same as the office sees it: a yes/no or a rate once confirmed
    claimed_count: int = 0
    confirmed_count: int = 0
    pending_count: int = 0  # of confirmed_count: waiting for the office's 销号
    claimed_finding: Finding = Field(default=Finding.NOT_CHECKED, sa_type=_word(Finding))
    claimed_measured: Decimal | None = Field(default=None, sa_type=Hundredths)
    confirmed_finding: Finding = Field(default=Finding.NOT_CHECKED, sa_type=_word(Finding))
    confirmed_measured: Decimal | None = Field(default=None, sa_type=Hundredths)


class RuleLoss(Base, table=True):
    """What one rule takes off as confirmed: what closing a problem under it brings follows.

    Lost by the indicator: min(`others` + min(`found` × `deduct`, `most`), `points`).
    """

    __tablename__ = "rule_loss"
    rule_code: str = Field(primary_key=True)
    indicator_code: str = Field(index=True)
    found: int  # 处数 of the open problems of all units
    deduct: Decimal = Field(sa_type=Hundredths)  # a 处; 0 where problems do not count
    most: Decimal = Field(sa_type=Hundredths)  # the rule's own cap, or the indicator's points
    others: Decimal = Field(sa_type=Hundredths)  # what the indicator's other rules take off
    points: Decimal = Field(sa_type=Hundredths)


class IndicatorScore(Base, table=True):
    __tablename__ = "indicator_score"
    round_id: int = Field(primary_key=True)
    indicator_code: str = Field(primary_key=True)
    points: Decimal = Field(sa_type=Hundredths)
    in_scope: bool
    claimed: Decimal = Field(sa_type=Hundredths)
    claimed_low: Decimal = Field(sa_type=Hundredths)
    confirmed: Decimal = Field(sa_type=Hundredths)
    confirmed_low: Decimal = Field(sa_type=Hundredths)
    confirmed_high: Decimal = Field(sa_type=Hundredths)
    pairs: int
    pairs_seen: int


class Loss(Base, table=True):
    """失分: the share of one pair in its indicator's loss, claimed and confirmed."""

    round_id: int = Field(primary_key=True)
    rule_code: str = Field(primary_key=True)
    unit_code: str = Field(primary_key=True)
    indicator_code: str = Field(index=True)
    claimed: Decimal = Field(sa_type=Hundredths)
    confirmed: Decimal = Field(sa_type=Hundredths)


class UnitSummary(Base, table=True):
    """A unit's counts; its points come from Loss."""

    __tablename__ = "unit_summary"
    round_id: int = Field(primary_key=True)
    unit_code: str = Field(primary_key=True)
    points_in_duty: Decimal = Field(sa_type=Hundredths)
    claimed_lost: Decimal = Field(sa_type=Hundredths)
    confirmed_lost: Decimal = Field(sa_type=Hundredths)
    pairs: int
    pairs_seen: int
    problems: int
    problems_closed: int
    problems_claimed: int  # 申请销号
    work_points: int
    work_points_done: int


class DueCount(Base, table=True):
    """Open problems of a unit by the day they are due: what 逾期 is counted from."""

    __tablename__ = "due_count"
    unit_code: str = Field(primary_key=True)
    due_on: date = Field(primary_key=True)
    problems: int


class DataVersion(Base, table=True):
    """Rises with every write: what a cached chart is keyed by."""

    __tablename__ = "data_version"
    id: int = Field(primary_key=True)
    number: int


class ProblemNumber(Base, table=True):
    """The last 问题编号 given out; none is ever given twice."""

    __tablename__ = "problem_number"
    id: int = Field(primary_key=True)
    number: int


# ---- the log --------------------------------------------------------------------------------


class AuditEvent(Base, table=True):
    """操作日志: only ever added to (triggers see to it), each line bound to the one before."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(
            "audit_event_set_back",
            "id",
            sqlite_where=text("is_set_back"),
            postgresql_where=text("is_set_back"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)  # without gaps
    at: datetime = Field(sa_type=DateTime, index=True)
    username: str
    action: str
    subject: str = Field(index=True)
    remark: str = ""
    before: str = ""  # JSON
    after: str = ""  # JSON
    address: str = ""  # from where; empty: on the server itself
    is_set_back: bool = False  # the clock showed less than at the event before
    hash: str  # of all of this and the hash before (log_chain.py)


class AuditHead(Base, table=True):
    """The end of the log, kept apart so that one cut short is noticed; a trigger moves it on."""

    __tablename__ = "audit_head"
    id: int = Field(primary_key=True)
    number: int
    hash: str
    at: datetime | None = Field(default=None, sa_type=DateTime)
