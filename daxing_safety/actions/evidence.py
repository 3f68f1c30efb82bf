"""佐证材料: files uploaded against work points, rules and problems; replaced and withdrawn."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlmodel import Session, col, delete, select

from daxing_safety import evidence_files, files, ledger
from daxing_safety.actions import audit
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import (
    Evidence,
    EvidenceUse,
    PairState,
    PeerAnswer,
    Problem,
    Submission,
    Unit,
    User,
    WorkPointDuty,
)
from daxing_safety.permissions import require_unit
from daxing_safety.vocabulary import EvidenceOf, PhotoStage

Use = tuple[EvidenceOf, str]


def add(
    session: Session,
    *,
    unit: Unit,
    data: bytes,
    name: str,
    uses: Collection[Use],
    material_on: date | None,
    description: str,
    by: User,
    now: datetime,
    stage: PhotoStage | None = None,
) -> Evidence:
    """Keeps a file for what it proves; raises BadInput for a kind that is not taken.

    The very same file of the unit is kept once and only gets the new uses. `stage` says what a
    photo of a problem shows.
    """
    require_unit(by, unit.code)
    kind = _kind_of(name, data, stage)
    if not uses:
        raise BadInput("请选择这份材料对应的工作要点、条款或问题。")
    if material_on and material_on > now.date():
        raise BadInput(f"材料日期 {material_on} 在今天之后，请核对。")
    _require_own(session, unit, uses)
    digest = files.keep(data)
    evidence = _same_file(session, unit, digest)
    if evidence is None:
        evidence = Evidence(
            unit_code=unit.code,
            name=evidence_files.plain_name(name),
            kind=kind,
            size=len(data),
            sha256=digest,
            material_on=material_on,
            description=description.strip(),
            uploaded_at=now,
            uploaded_by=by.username,
        )
        session.add(evidence)
        session.flush()
    _attach(session, evidence, dict.fromkeys(uses, stage))
    ledger.raise_data_version(session)
    named = [f"{subject.value} {code}{stage.value if stage else ''}" for subject, code in uses]
    after = {"uses": named, "sha256": digest}
    audit.record(session, "上传佐证材料", f"{unit.name} {evidence.name}", by=by, after=after)
    return evidence


def _kind_of(name: str, data: bytes, stage: PhotoStage | None) -> str:
    kind = evidence_files.kind_of(name, data)
    if stage and kind not in evidence_files.PHOTOS:
        file = evidence_files.plain_name(name)
        raise BadInput(f"“{file}”不是照片，{stage.value}请上传 jpg 或 png。")
    return kind


def replace(
    session: Session,
    *,
    evidence: Evidence,
    data: bytes,
    name: str,
    material_on: date | None,
    by: User,
    now: datetime,
) -> Evidence:
    """A newer file in an older one's place: same uses, next version; the older stays readable."""
    require_unit(by, evidence.unit_code)
    _require_current(session, evidence)
    kind = evidence_files.kind_of(name, data)
    newer = Evidence(
        unit_code=evidence.unit_code,
        name=evidence_files.plain_name(name),
        kind=kind,
        size=len(data),
        sha256=files.keep(data),
        material_on=material_on,
        description=evidence.description,
        version=evidence.version + 1,
        replaces_id=evidence.id,
        uploaded_at=now,
        uploaded_by=by.username,
    )
    evidence.is_current = False
    session.add_all([evidence, newer])
    session.flush()
    _attach(session, newer, _stages(session, evidence))
    ledger.raise_data_version(session)
    audit.record(session, "更换佐证材料", newer.name, by=by, before={"name": evidence.name})
    return newer


def withdraw(session: Session, *, evidence: Evidence, reason: str, by: User) -> None:
    """Takes a file that proves nothing out of use; its bytes and its record stay."""
    require_unit(by, evidence.unit_code)
    _require_current(session, evidence)
    if not reason.strip():
        raise BadInput("请写明撤回原因。")
    before = {"uses": [f"{subject.value} {code}" for subject, code in uses_of(session, evidence)]}
    session.exec(delete(EvidenceUse).where(col(EvidenceUse.evidence_id) == evidence.id))
    evidence.is_current = False
    session.add(evidence)
    ledger.raise_data_version(session)
    audit.record(
        session, "撤回佐证材料", evidence.name, by=by, remark=reason.strip(), before=before
    )


def uses_of(session: Session, evidence: Evidence) -> list[Use]:
    return list(_stages(session, evidence))


def _stages(session: Session, evidence: Evidence) -> dict[Use, PhotoStage | None]:
    """What the file is used for, and what it shows of a problem."""
    query = select(EvidenceUse).where(col(EvidenceUse.evidence_id) == evidence.id)
    return {(use.subject, use.code): use.stage for use in session.exec(query)}


def _same_file(session: Session, unit: Unit, digest: str) -> Evidence | None:
    return session.exec(
        select(Evidence).where(
            col(Evidence.unit_code) == unit.code,
            col(Evidence.sha256) == digest,
            col(Evidence.is_current),
        )
    ).first()


def _attach(session: Session, evidence: Evidence, stages: Mapping[Use, PhotoStage | None]) -> None:
    """A file that is attached again without saying what it shows keeps what was said before."""
    assert evidence.id is not None
    said = _stages(session, evidence)
    for (subject, code), stage in stages.items():
        session.merge(
            EvidenceUse(
                evidence_id=evidence.id,
                subject=subject,
                code=code,
                stage=stage or said.get((subject, code)),
            )
        )
    session.flush()


def _require_current(session: Session, evidence: Evidence) -> None:
    session.refresh(evidence)
    if not evidence.is_current:
        raise Conflict(f"“{evidence.name}”已经更换或撤回，请刷新页面看最新的一版。")


def _require_own(session: Session, unit: Unit, uses: Collection[Use]) -> None:
    """A file can only prove what its unit answers for."""
    for subject, code in uses:
        if not _answers_for(session, unit, subject, code):
            raise NotFound(f"{unit.name}没有编号为 {code} 的{subject.value}。")


def _answers_for(session: Session, unit: Unit, subject: EvidenceOf, code: str) -> bool:
    if subject is EvidenceOf.WORK_POINT:
        return session.get(WorkPointDuty, (code, unit.code)) is not None
    if subject is EvidenceOf.RULE:
        return session.get(PairState, (code, unit.code)) is not None
    if subject is EvidenceOf.PROBLEM:
        problem = session.exec(select(Problem).where(col(Problem.number) == code)).first()
        return problem is not None and problem.unit_code == unit.code
    if subject is EvidenceOf.PEER_CHECK:
        return session.get(PeerAnswer, (int(code), unit.code)) is not None
    submission = session.get(Submission, int(code))
    return submission is not None and submission.unit_code == unit.code
