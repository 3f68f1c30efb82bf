"""The demo's public reports: some at every stage, told the same way every time."""

from random import Random

from filling import NOW
from sqlmodel import Session, col, select

from daxing_safety import ledger
from daxing_safety.demo.hotline import hear_the_public
from daxing_safety.models import Problem, PublicReport, Unit, User
from daxing_safety.reports import public_report_rates as rates_of
from daxing_safety.reports import public_reports as reports
from daxing_safety.vocabulary import ReportStatus, Role


def add_clerks(session: Session) -> None:
    manned = set(session.exec(select(User.unit_code)))
    for unit in session.exec(select(Unit).where(col(Unit.code).not_in(manned - {None}))):
        session.add(
            User(
                username=unit.name,
                display_name=unit.name,
                role=Role.UNIT,
                unit_code=unit.code,
                password_hash="",
                created_at=NOW,
                password_changed_at=NOW,
            )
        )
    session.flush()


def test_there_are_reports_at_every_stage(session: Session, office: User) -> None:
    add_clerks(session)
    hear_the_public(session, Random(1), NOW)
    counts = reports.counts(session, viewer=office, now=NOW)
    assert counts.total == 26
    assert all(counts.by_status[status] >= 3 for status in ReportStatus)
    assert counts.overdue
    found = session.exec(select(PublicReport)).all()
    assert any(report.town_code is None for report in found)
    assert all(report.received_at <= NOW for report in found)
    linked = {report.problem_number for report in found} - {None}
    assert linked == set(session.exec(select(Problem.number))) and linked
    assert ledger.differences(session) == []
    rates = rates_of.overall(rates_of.rates_by_unit(session, viewer=office, now=NOW))
    assert all(share.value is not None for share in rates[1:])
