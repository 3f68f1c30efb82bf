"""Every verb of actions/: who may do it, and a call of it on 区水务局's things that would pass.

Written by hand. A call must be right in everything but who makes it, or its refusal proves
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from filling import written
from marked_lives import DUE, JPEG, NOW, PDF, RULE, Life, unit_named, user
from problem_list_files import exported
from sqlmodel import Session, col, select

from daxing_safety.actions import sessions, spot_draws, verdicts, voidings
from daxing_safety.actions.accounts import NewAccount
from daxing_safety.actions.peer_checks import SameProblem
from daxing_safety.actions.public_reports import Received
from daxing_safety.honour_board import BoardRule
from daxing_safety.log_chain import Head
from daxing_safety.models import (
    Evidence,
    LoginSession,
    Meeting,
    MeetingItem,
    PeerCheck,
    Problem,
    ProblemRequest,
    PublicReport,
    RectificationStep,
    Round,
    SpotCheck,
    SpotCheckItem,
    SpotCheckPhoto,
    Submission,
    Unit,
)
from daxing_safety.verification import Verification
from daxing_safety.vocabulary import (
    Complexity,
    Discovery,
    DrawnFrom,
    EvidenceOf,
    ProgressStatus,
    RectificationStatus,
    Role,
    Satisfaction,
    ScopePolicy,
    Severity,
    Sheet,
    SpotVerdict,
)
from daxing_safety.workbooks.hotline import Field
from daxing_safety.workbooks.hotline_rows import Interpreted
from daxing_safety.workbooks.reading import read_workbook

Given = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """What stands in the database, by whatever a verb takes."""

    session: Session
    life: Life

    def get(self, model: type[Any], key: Any) -> Any:
        return self.session.get_one(model, key)

    @property
    def unit(self) -> Unit:
        return self.get(Unit, self.life.code)

    @property
    def round_(self) -> Round:
        return self.session.exec(select(Round)).one()

    @property
    def meeting(self) -> Meeting:
        return self.session.exec(select(Meeting)).one()

    @property
    def submission(self) -> Submission:
        return self.get(Submission, self.life.submission)

    @property
    def workbook(self) -> bytes:
        return written(self.session, self.round_, self.unit)

    def problem(self, number: str = "") -> Problem:
        wanted = number or self.life.problem
        return self.session.exec(select(Problem).where(col(Problem.number) == wanted)).one()

    @property
    def untouched_problem(self) -> Problem:
        problem = self.problem()
        problem.status = RectificationStatus.NOT_STARTED
        self.session.add(problem)
        self.session.flush()
        return problem

    @property
    def dismissed_problem(self) -> Problem:
        problem, by = self.problem(), user(self.session, "office")
        voidings.dismiss(self.session, problem=problem, reason=WORDS, by=by, now=NOW)
        self.session.flush()
        return problem

    def sign_in_of(self, username: str) -> str:
        """Its handle in the list of sign-ins."""
        who = sessions.Visitor(address="10.0.0.9", browser="", token="")
        sessions.start(self.session, username=username, visitor=who, now=datetime.now())
        return self.session.exec(select(LoginSession.token_hash)).all()[-1][:20]


Call = Callable[[Stage], Given]


@dataclass(frozen=True)
class Verb:
    """Who may do it, and how it is called. A clerk may do its own unit's only."""

    by: frozenset[Role]
    given: Call


def _of(*roles: Role) -> Callable[[Call], Verb]:
    return lambda given: Verb(frozenset(roles), given)


office, clerk, admin, expert = map(_of, (Role.OFFICE, Role.UNIT, Role.ADMIN, Role.EXPERT))
handing_in = _of(Role.UNIT, Role.OFFICE)  # workbooks and evidence also come by mail
seeing_the_district = _of(Role.OFFICE, Role.LEADER)

AT, WORDS = {"now": NOW}, "写明的理由"
SEEN: dict[Any, int] = {}
NO_HEAD = Head(0, "", None)


def _problem(**more: Any) -> Call:
    return lambda stage: {"problem": stage.problem(), **AT, **more}


def _claimed(**more: Any) -> Call:
    return lambda stage: {"problem": stage.problem(stage.life.claimed), **AT, **more}


def _report(**more: Any) -> Call:
    return lambda stage: {"report": stage.get(PublicReport, stage.life.unanswered), **AT, **more}


def _row(stage: Stage) -> tuple[Sheet, str]:
    return Sheet.PROGRESS, stage.life.points[0]


def _rows(stage: Stage, **more: Any) -> Given:
    return {"submission": stage.submission, "rows": [_row(stage)], "seen": SEEN, **AT, **more}


def _handed_in(stage: Stage) -> Given:
    data = stage.workbook
    return {"raw": read_workbook(data), "data": data, "file_name": "填报表.xlsx", **AT}


def _listed(stage: Stage) -> Given:
    """区水务局's own 问题整改清单, which only its own clerk hands in."""
    data = exported(stage.session, user(stage.session, stage.life.unit))
    return {"raw": read_workbook(data), "data": data, **AT}


def _item(stage: Stage) -> SpotCheckItem:
    return stage.get(SpotCheckItem, stage.life.doubted)


def _check(stage: Stage) -> SpotCheck:
    return stage.get(SpotCheck, stage.life.check_open)


def _candidate(stage: Stage) -> Any:
    scope = spot_draws.Scope(tuple(DrawnFrom))
    return spot_draws.population(stage.session, scope)[-1]


FOUND = {
    "rule_code": RULE,
    "site": "林校北路3号",
    "description": "井盖破损",
    "count": 1,
}
PLAN = {"target": "恢复", "measure": "更换", "responsible": "王科长", "due_on": DUE}

# A new verb: its line here says who may do it.
VERBS: dict[str, Verb] = {
    # accounts
    "accounts.add_user": admin(
        lambda _: {
            "username": "新人",
            "display_name": "新人",
            "role": Role.LEADER,
            "unit_code": None,
            "password": "Lin-hai-7788",
            **AT,
        }
    ),
    "accounts.add_users": admin(
        lambda _: {"new": [(NewAccount("新人", "新人", Role.LEADER, None), "hash")], **AT}
    ),
    "accounts.disable": admin(lambda stage: {"username": stage.life.unit}),
    "accounts.disable_all": admin(lambda stage: {"usernames": [stage.life.unit]}),
    "accounts.enable": admin(lambda _: {"username": "disabled"}),
    "accounts.end_sessions": admin(lambda stage: {"username": stage.life.unit}),
    "accounts.reset_password": admin(
        lambda stage: {"username": stage.life.unit, "password": "Lin-hai-7788", **AT}
    ),
    "accounts.reset_passwords": admin(lambda stage: {"hashes": {stage.life.unit: "hash"}, **AT}),
    "accounts.set_unit": admin(lambda stage: {"username": "office", "unit_code": stage.life.code}),
    "accounts.set_valid_until": admin(
        lambda stage: {"username": stage.life.unit, "valid_until": DUE, **AT}
    ),
    "security_rules.set_rules": admin(lambda _: {"changed": {"free_per_account": 4}}),
    "sessions.end_one": admin(lambda stage: {"handle": stage.sign_in_of(stage.life.unit)}),
    "sessions.open_wall": seeing_the_district(
        lambda _: {"visitor": sessions.Visitor(address="", browser="", token=""), **AT}
    ),
    "upkeep.set_schedule": admin(lambda _: {"at": "03:00", "keep": 7}),
    "upkeep.note_check": admin(lambda _: {"found": Verification([], [], 0, 0, NO_HEAD), **AT}),
    "upkeep.note_failed_backup": admin(lambda _: {"reason": "磁盘已满", **AT}),
    # 填报
    "rounds.open_round": office(
        lambda _: {"name": "第三季度", "due_at": datetime(2021, 8, 25, 17), **AT}
    ),
    "rounds.close_round": office(lambda stage: {"round_": stage.round_}),
    "rounds.reopen_round": office(
        lambda stage: {"round_": stage.round_, "due_at": datetime(2021, 8, 25, 17)}
    ),
    "rounds.freeze_round": office(lambda stage: {"round_": stage.round_, **AT}),
    "rounds.allow_late": office(
        lambda stage: {
            "round_": stage.round_,
            "unit": stage.unit,
            "reason": WORDS,
            "until": datetime(2021, 5, 29, 17),
        }
    ),
    "submissions.submit": handing_in(_handed_in),
    "submissions.check": handing_in(
        lambda stage: {"raw": read_workbook(stage.workbook), "today": NOW.date()}
    ),
    "withdrawals.take_back": handing_in(lambda stage: {"submission": stage.submission, **AT}),
    "evidence.add": handing_in(
        lambda stage: {
            "unit": stage.unit,
            "data": PDF + b"new",
            "name": "新.pdf",
            "uses": [(EvidenceOf.RULE, RULE)],
            "material_on": None,
            "description": "",
            **AT,
        }
    ),
    "evidence.replace": handing_in(
        lambda stage: {
            "evidence": stage.get(Evidence, stage.life.evidence),
            "data": PDF + b"newer",
            "name": "更新.pdf",
            "material_on": None,
            **AT,
        }
    ),
    "evidence.withdraw": handing_in(
        lambda stage: {"evidence": stage.get(Evidence, stage.life.evidence), "reason": WORDS}
    ),
    # 审核
    "reviews.accept": office(lambda stage: {"submission": stage.submission, **AT}),
    "reviews.send_back": office(
        lambda stage: {"submission": stage.submission, "reason": WORDS, **AT}
    ),
    "verdicts.accept_rows": office(_rows),
    "verdicts.return_rows": office(lambda stage: _rows(stage, reason=WORDS)),
    "verdicts.correct_row": office(
        lambda stage: {
            "submission": stage.submission,
            "row": _row(stage),
            "seen": SEEN,
            **AT,
            "held": verdicts.Held(status=ProgressStatus.IN_PROGRESS, percent=10),
            "reason": WORDS,
        }
    ),
    "appeals.contest": handing_in(
        lambda stage: {"unit": stage.unit, "row": _row(stage), "reason": WORDS, **AT}
    ),
    "appeals.answer": office(
        lambda stage: {
            "unit": stage.unit,
            "row": _row(stage),
            "is_upheld": True,
            "text": WORDS,
            **AT,
        }
    ),
    "duties.reassign": office(
        lambda stage: {
            "work_point_code": stage.life.points[2],
            "unit": stage.unit,
            "reason": WORDS,
            "to_unit": unit_named(stage.session, "区教委"),
            **AT,
        }
    ),
    "duties.refuse": office(
        lambda stage: {
            "work_point_code": stage.life.points[2],
            "unit": stage.unit,
            "reason": WORDS,
            **AT,
        }
    ),
    # 设置
    "board_rule.set_board_rule": office(lambda _: {"rule": BoardRule(red=2)}),
    "preferences.leave_out": office(lambda _: {"indicator_code": "4", "reason": WORDS, **AT}),
    "preferences.take_in": office(lambda _: {"indicator_code": "4"}),
    "preferences.mark_as_demo": office(lambda _: {}),
    "preferences.set_scope_policy": office(lambda _: {"policy": ScopePolicy.RESCALE}),
    "preferences.set_target_score": office(lambda _: {"score": "91"}),
    "preferences.set_time_limit": office(
        lambda _: {"severity": Severity.GENERAL, "limit": "12个工作日"}
    ),
    "preferences.set_answer_limit": office(
        lambda _: {"complexity": Complexity.SIMPLE, "limit": "12小时"}
    ),
    # 问题: the office
    "problems.register": office(
        lambda stage: {
            "unit": stage.unit,
            "discovery": Discovery.EXPERT,
            "found_on": NOW.date(),
            **FOUND,
            **AT,
        }
    ),
    "problems.assign": office(_problem()),
    "problems.assign_all": office(lambda stage: {"problems": [stage.problem()], **AT}),
    "problems.correct": office(
        lambda stage: {
            "problem": stage.problem(),
            "severity": Severity.GENERAL,
            "reason": WORDS,
            **FOUND,
            **AT,
        }
    ),
    "problems.reassign": office(
        lambda stage: {
            "problem": stage.problem(),
            "rule_code": RULE,
            "reason": WORDS,
            **AT,
            "unit": unit_named(stage.session, "区城管委"),
        }
    ),
    "closings.reinspect": office(_claimed(is_passed=True, remark=WORDS)),
    "closings.close": office(_claimed(remark=WORDS)),
    "closings.send_back": office(_claimed(reason=WORDS)),
    "closings.reopen": office(
        lambda stage: {"problem": stage.problem(stage.life.closed), "reason": WORDS, **AT}
    ),
    "voidings.dismiss": office(_problem(reason=WORDS)),
    "voidings.merge": office(
        lambda stage: {
            "problem": stage.problem(),
            "into": stage.problem(stage.life.claimed),
            "reason": WORDS,
            **AT,
        }
    ),
    "voidings.restore": office(
        lambda stage: {"problem": stage.dismissed_problem, "reason": WORDS, **AT}
    ),
    "requests.extend": office(_problem(due_on=date(2021, 8, 1), reason=WORDS)),
    "requests.extend_all": office(
        lambda stage: {
            "problems": [stage.problem()],
            "due_on": date(2021, 8, 1),
            "reason": WORDS,
            **AT,
        }
    ),
    "requests.grant": office(
        lambda stage: {"request": stage.get(ProblemRequest, stage.life.request), **AT}
    ),
    "requests.refuse": office(
        lambda stage: {
            "request": stage.get(ProblemRequest, stage.life.request),
            "reason": WORDS,
            **AT,
        }
    ),
    # 问题: its unit
    "rectifying.report": clerk(lambda stage: {"unit": stage.unit, **FOUND, **PLAN, **AT}),
    "rectifying.plan": clerk(_problem(**PLAN)),
    "rectifying.start": clerk(lambda stage: {"problem": stage.untouched_problem, **AT}),
    "rectifying.claim_fixed": clerk(_problem(done_on=NOW.date(), remark=WORDS)),
    "rectifying.withdraw_claim": clerk(_claimed(reason=WORDS)),
    "rectifying.ask_extension": clerk(_problem(due_on=date(2021, 8, 1), reason=WORDS)),
    "rectifying.ask_misreport": clerk(_problem(reason=WORDS)),
    "rectifying.add_step": clerk(
        _problem(text=WORDS, responsible="王科长", due_on=date(2021, 6, 1))
    ),
    "rectifying.finish_step": clerk(
        lambda stage: {**_problem()(stage), "step": stage.get(RectificationStep, stage.life.step)}
    ),
    "rectifying.drop_step": clerk(
        lambda stage: {**_problem()(stage), "step": stage.get(RectificationStep, stage.life.step)}
    ),
    "problem_imports.submit": clerk(lambda stage: {**_listed(stage), "file_name": "清单.xlsx"}),
    "problem_imports.check": handing_in(_listed),
    # 举一反三
    "peer_checks.send": office(
        lambda stage: {"problem": stage.problem(), "question": "请核查。", **AT}
    ),
    "peer_checks.withdraw": office(
        lambda stage: {"check": stage.get(PeerCheck, stage.life.check), "reason": WORDS}
    ),
    "peer_checks.answer_no": clerk(
        lambda stage: {"check": stage.get(PeerCheck, stage.life.asked), "checked": WORDS, **AT}
    ),
    "peer_checks.answer_yes": clerk(
        lambda stage: {
            "check": stage.get(PeerCheck, stage.life.asked),
            "found": SameProblem(
                **{key: FOUND[key] for key in ("site", "description", "count")}, **PLAN
            ),
            **AT,
        }
    ),
    # 接诉即办
    "public_reports.receive": office(
        lambda _: {"received": Received(received_at=NOW, content="路灯不亮"), **AT}
    ),
    "public_reports.receive_all": office(
        lambda _: {"received": [Received(received_at=NOW, content="路灯不亮")], **AT}
    ),
    "public_reports.dispatch": office(
        lambda stage: {**_report()(stage), "unit": stage.unit, "complexity": Complexity.SIMPLE}
    ),
    "public_reports.dispatch_all": office(
        lambda stage: {
            "reports": [stage.get(PublicReport, stage.life.unanswered)],
            "unit": stage.unit,
            **AT,
        }
    ),
    "public_reports.redispatch": office(
        lambda stage: {
            "report": stage.get(PublicReport, stage.life.report),
            "unit": stage.unit,
            "complexity": Complexity.SIMPLE,
            "reason": WORDS,
            **AT,
        }
    ),
    "public_reports.reclassify": office(_report(complexity=Complexity.COMPLEX, reason=WORDS)),
    "public_reports.correct": office(
        lambda stage: {
            "report": stage.get(PublicReport, stage.life.unanswered),
            "site": "林校北路",
            "town": None,
            "rule_code": None,
        }
    ),
    "public_reports.answer": clerk(_report(text=WORDS)),
    "public_reports.rate": office(
        lambda stage: {
            "report": stage.get(PublicReport, stage.life.report),
            "is_contacted": True,
            "is_resolved": True,
            "satisfaction": Satisfaction.SATISFIED,
            **AT,
        }
    ),
    "public_reports.turn_into_problem": office(
        lambda stage: {
            **_report(rule_code=RULE, site="林校北路", description="井盖破损")(stage),
            "unit": stage.unit,
        }
    ),
    "hotline_import.remember_columns": office(
        lambda _: {
            "headers": ["编号", "时间", "内容"],
            "columns": {
                Field.SOURCE_NUMBER: "编号",
                Field.RECEIVED_AT: "时间",
                Field.CONTENT: "内容",
            },
        }
    ),
    "hotline_import.remember_rule": office(lambda _: {"category": "消防", "rule_code": RULE}),
    "hotline_import.take_in": office(lambda _: {"interpreted": Interpreted((), ()), **AT}),
    # 调度会
    "meetings.open_meeting": office(
        lambda _: {"name": "六月调度会", "day": NOW.date(), "figures": "[]", **AT}
    ),
    "meetings.close_meeting": office(lambda stage: {"meeting": stage.meeting, **AT}),
    "meetings.record_promise": office(
        lambda stage: {
            "meeting": stage.meeting,
            "unit": stage.unit,
            "text": WORDS,
            "due_on": DUE,
            **AT,
        }
    ),
    "meetings.record_deadline": office(
        lambda stage: {
            "meeting": stage.meeting,
            **_problem(due_on=date(2021, 8, 1))(stage),
        }
    ),
    "meetings.record_problem": office(
        lambda stage: {
            "meeting": stage.meeting,
            "unit": stage.unit,
            "severity": Severity.GENERAL,
            **FOUND,
            "due_on": None,
            **AT,
        }
    ),
    "meetings.strike_promise": office(
        lambda stage: {"item": stage.get(MeetingItem, stage.life.promise)}
    ),
    "meetings.check_promise": office(
        lambda stage: {"item": stage.get(MeetingItem, stage.life.promise), "is_kept": True, **AT}
    ),
    # 抽查
    "spot_draws.draw": office(
        lambda _: {
            "name": "又一次抽查",
            "until": DUE,
            "experts": ["expert"],
            "wanted": 1,
            "scope": spot_draws.Scope(tuple(DrawnFrom)),
            "seed": "1",
            **AT,
        }
    ),
    "spot_draws.designate": office(
        lambda stage: {
            "check": _check(stage),
            "candidate": _candidate(stage),
            "expert": "expert2",
            "reason": WORDS,
            **AT,
        }
    ),
    "spot_draws.prolong": office(
        lambda stage: {"check": _check(stage), "until": DUE, "reason": WORDS, **AT}
    ),
    "spot_draws.withdraw": office(lambda stage: {"check": _check(stage), "reason": WORDS, **AT}),
    "spot_findings.record": expert(
        lambda stage: {
            "item": stage.get(SpotCheckItem, stage.life.to_check),
            "found": WORDS,
            **AT,
            "verdict": SpotVerdict.TRUE,
            "site": "",
            "count": None,
            "suggestion": "",
        }
    ),
    "spot_findings.add_photo": expert(
        lambda stage: {
            "item": stage.get(SpotCheckItem, stage.life.to_check),
            "data": JPEG + b"new",
            "name": "现场.jpg",
            **AT,
        }
    ),
    "spot_findings.remove_photo": expert(
        lambda stage: {"photo": stage.get(SpotCheckPhoto, stage.life.photo_taken), **AT}
    ),
    "spot_findings.hand_in": expert(lambda stage: {"check": _check(stage), **AT}),
    "spot_handling.register_problem": office(
        lambda stage: {
            "item": _item(stage),
            "site": "林校北路",
            "description": "井盖破损",
            "count": 1,
            **AT,
        }
    ),
    "spot_handling.return_problem": office(
        lambda stage: {"item": _item(stage), "reason": WORDS, **AT}
    ),
    "spot_handling.file": office(lambda stage: {"item": _item(stage), "reason": WORDS, **AT}),
}

# What each owner does with its own alone; another's is not there at all.
OF_ONES_OWN = {
    "saved_views.save": "a view holds an address; what that shows is decided by who opens it",
    "saved_views.delete": "below: another's view is not there",
}
# `by` is told to the log; the right was asked for by the verb that calls them.
PARTS = {
    "audit.record": "every verb's last line",
    "audit.record_all": "every verb's last line",
    "cases.cases_of": "hands a refusal back for each workbook; submissions raises it",
    "entries.restore_problems": "of withdrawals.take_back",
    "installation.install": "before there is any account",
    "meetings.require_open": "of the verbs of a meeting",
    "moves.begin": "of every move of a problem; tests of the moves try each with every role",
    "moves.let_requests_lapse": "of closings, voidings and problems.reassign",
    "moves.require_outsider": "of closings and voidings",
    "verdicts.accept_the_rest": "of reviews.accept",
    "verdicts.confirm": "of verdicts.correct_row and appeals.answer",
    "upkeep.note_backup": "takes a backup's manifest; web.upkeep.back_up asks for the right first",
    "submissions.submit_all": "hands a refusal back for each workbook: below",
    "submissions.preview_all": "hands a refusal back for each workbook: below",
}
