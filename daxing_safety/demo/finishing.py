"""What makes the demo's open round look lived in: evidence, rows returned, a 申诉."""

from datetime import datetime, timedelta
from random import Random

from sqlmodel import Session, col, select

from daxing_safety.actions import appeals, evidence, reviews, verdicts
from daxing_safety.demo.people import colleague
from daxing_safety.models import Submission, Unit, User, WorkPoint, WorkPointDuty
from daxing_safety.vocabulary import EvidenceOf, ProgressStatus, ReviewState, Sheet

SHARE_WITH_EVIDENCE = 0.35  # of the work points that are done
RETURNED = "佐证材料只有照片，没有写明时间地点，请补充说明后重报。"
APPEAL = "照片说明已在附件中注明，请予认可。"


def upload_evidence(session: Session, random: Random, now: datetime) -> None:
    """A file for some of what is done; one file may serve the same task's other work points."""
    query = (
        select(WorkPointDuty, WorkPoint, Unit, User)
        .join(WorkPoint, col(WorkPoint.code) == col(WorkPointDuty.work_point_code))
        .join(Unit, col(Unit.code) == col(WorkPointDuty.unit_code))
        .join(User, col(User.unit_code) == col(Unit.code))
        .where(col(WorkPointDuty.status) == ProgressStatus.DONE)
        .order_by(col(Unit.position), col(WorkPoint.position))
    )
    for duty, point, unit, clerk in session.exec(query).all():
        if random.random() < SHARE_WITH_EVIDENCE and duty.done_on:
            title = point.evidence.split("；")[0]
            evidence.add(
                session,
                unit=unit,
                data=blank_page(f"{unit.code} {point.code}"),
                name=f"{title}.pdf",
                uses=[(EvidenceOf.WORK_POINT, point.code)],
                material_on=duty.done_on - timedelta(days=random.randint(0, 20)),
                description="演示材料",
                by=clerk,
                now=now,
            )


def send_one_back(session: Session, reason: str, now: datetime) -> None:
    """The version that has waited longest comes back to its unit."""
    longest = session.exec(
        select(Submission)
        .where(col(Submission.state) == ReviewState.PENDING)
        .order_by(col(Submission.id))
    ).first()
    assert longest is not None
    reviews.send_back(session, submission=longest, reason=reason, by=colleague(session), now=now)


def answer_rows(session: Session, now: datetime) -> None:
    """Of two versions that wait, some changed rows are returned; one of the units contests."""
    waiting = session.exec(
        select(Submission)
        .where(col(Submission.state) == ReviewState.PENDING)
        .order_by(col(Submission.id))
    )
    changed = [(submission, _changed_rows(session, submission)) for submission in waiting]
    for submission, rows in [each for each in changed if each[1]][-2:]:
        verdicts.return_rows(
            session,
            submission=submission,
            rows=rows,
            reason=RETURNED,
            seen={},
            by=colleague(session),
            now=now,
        )
    unit = session.get_one(Unit, submission.unit_code)
    clerk = session.exec(select(User).where(col(User.unit_code) == unit.code)).one()
    appeals.contest(session, unit=unit, row=rows[0], reason=APPEAL, by=clerk, now=now)


def _changed_rows(session: Session, submission: Submission) -> list[tuple[Sheet, str]]:
    """Two rows of 工作进展 that this version changed and nobody has judged yet."""
    changed = (
        select(WorkPointDuty.work_point_code)
        .where(
            col(WorkPointDuty.unit_code) == submission.unit_code,
            col(WorkPointDuty.is_accepted).is_(False),
        )
        .order_by(col(WorkPointDuty.work_point_code))
        .limit(2)
    )
    return [(Sheet.PROGRESS, code) for code in session.exec(changed)]


def blank_page(title: str) -> bytes:
    """The smallest whole PDF: one empty A4 page that bears a title, so that no two are alike."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        b"<< /Title (" + title.encode("ascii") + b") >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\n" % (len(objects) + 1)
    return out + head + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(out)
