"""佐证材料: what may be taken, told by its content; one file for several purposes; versions."""

import io
import struct
import zipfile
from datetime import date, datetime

import pytest
from problem_lives import register
from sqlmodel import Session, col, select

from daxing_safety import files
from daxing_safety.actions import evidence
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound, UserFacingError
from daxing_safety.evidence_files import kind_of, plain_name
from daxing_safety.models import (
    AuditEvent,
    Evidence,
    EvidenceUse,
    PeerAnswer,
    PeerCheck,
    Problem,
    Unit,
    User,
)
from daxing_safety.vocabulary import EvidenceOf, PhotoStage

NOW = datetime(2021, 5, 20, 10, 0)
PDF = b"%PDF-1.7\n..."
PLAN = (EvidenceOf.WORK_POINT, "1-05")  # 区水务局 leads it


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + struct.pack(">II", width, height)


TAKEN = {
    "规划.pdf": PDF,
    "照片.JPG": b"\xff\xd8\xff\xe0...",
    "照片.jpeg": b"\xff\xd8\xff\xe0...",
    "截图.png": png(1920, 1080),
    "方案.docx": zipped("[Content_Types].xml", "word/document.xml"),
    "台账.xlsx": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "汇报.pptx": zipped("[Content_Types].xml", "ppt/presentation.xml"),
    "材料.zip": zipped("会议通知.pdf", "签到.jpg"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_what_its_name_says_is_taken(name: str) -> None:
    assert kind_of(name, TAKEN[name])


REFUSED = {
    "an exe in a pdf's clothes": ("规划.pdf", b"MZ\x90\x00", "不是 pdf"),
    "html in a jpg's clothes": ("照片.jpg", b"<html><script>", "不是 jpg"),
    "an svg": ("图.svg", b"<svg onload='x'/>", "不是可以上传的类型"),
    "a script": ("清理.bat", b"del", "不是可以上传的类型"),
    "no extension": ("规划", PDF, "不是可以上传的类型"),
    "a second extension": ("规划.pdf.exe", PDF, "不是可以上传的类型"),
    "an empty file": ("规划.pdf", b"", "空文件"),
    "a zip that says it is a docx": ("方案.docx", zipped("a.txt"), "不是 docx"),
    "macros": ("方案.docx", zipped("word/document.xml", "word/vbaProject.bin"), "宏"),
    "a program in a zip": ("材料.zip", zipped("a.pdf", "setup.EXE"), "可执行文件"),
    "a path out of the zip": ("材料.zip", zipped("../../etc/passwd"), "路径"),
    "half a zip": ("材料.zip", zipped("a.pdf")[:30], "损坏"),
    "a picture of a billion pixels": ("图.png", png(40_000, 40_000), "像素太多"),
    "one byte too many": ("规划.pdf", PDF + b"x" * (20 * 2**20), "超过 20 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_is_refused_with_a_sentence(name: str) -> None:
    file, data, reason = REFUSED[name]
    with pytest.raises(BadInput, match=reason):
        kind_of(file, data)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..\\..\\规划.pdf", "规划.pdf"),
        ("/etc/规划.pdf", "规划.pdf"),
        ("规\u202e划\r\n.pdf", "规划.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("", "未命名"),
    ],
)
def test_a_files_name_is_only_ever_a_plain_name(given: str, kept: str) -> None:
    assert plain_name(given) == kept


def given_in(session: Session, unit: Unit, by: User, **changed: object) -> Evidence:
    values: dict[str, object] = {
        "data": PDF,
        "name": "排水防涝规划.pdf",
        "uses": [PLAN],
        "material_on": date(2020, 11, 3),
        "description": "规划印发文件",
    }
    return evidence.add(session, unit=unit, by=by, now=NOW, **(values | changed))  # type: ignore[arg-type]


def test_one_file_serves_several_purposes_and_is_kept_once(
    session: Session, water_bureau: Unit, clerk: User
) -> None:
    first = given_in(session, water_bureau, clerk)
    second = given_in(session, water_bureau, clerk, uses=[(EvidenceOf.RULE, "4-1")])
    assert first.id == second.id
    assert set(evidence.uses_of(session, first)) == {PLAN, (EvidenceOf.RULE, "4-1")}
    assert files.load(first.sha256) == PDF


def test_a_unit_can_only_prove_what_it_answers_for(
    session: Session, water_bureau: Unit, clerk: User
) -> None:
    with pytest.raises(NotFound, match="1-01"):
        given_in(session, water_bureau, clerk, uses=[(EvidenceOf.WORK_POINT, "1-01")])


def test_a_neighbour_cannot_upload_for_the_water_bureau(
    session: Session, water_bureau: Unit, neighbour: User
) -> None:
    with pytest.raises(NotAllowed):
        given_in(session, water_bureau, neighbour)


def test_a_newer_file_takes_over_the_uses_and_the_older_stays(
    session: Session, water_bureau: Unit, clerk: User
) -> None:
    old = given_in(session, water_bureau, clerk)
    new = evidence.replace(
        session,
        evidence=old,
        data=PDF + b"2",
        name="排水防涝规划（修订）.pdf",
        material_on=None,
        by=clerk,
        now=NOW,
    )
    assert (new.version, new.replaces_id, old.is_current) == (2, old.id, False)
    assert evidence.uses_of(session, new) == [PLAN]
    assert files.load(old.sha256) == PDF


def test_a_withdrawn_file_proves_nothing_any_more_but_is_in_the_log(
    session: Session, water_bureau: Unit, clerk: User
) -> None:
    kept = given_in(session, water_bureau, clerk)
    evidence.withdraw(session, evidence=kept, reason="传错了文件", by=clerk)
    assert evidence.uses_of(session, kept) == []
    with pytest.raises(Conflict):
        evidence.withdraw(session, evidence=kept, reason="再撤一次", by=clerk)
    logged = session.exec(
        select(AuditEvent.remark).where(col(AuditEvent.action) == "撤回佐证材料")
    ).all()
    assert logged == ["传错了文件"]


@pytest.mark.parametrize(
    "changed", [{"uses": []}, {"material_on": date(2021, 6, 1)}, {"name": "规划.exe"}]
)
def test_a_refused_file_leaves_nothing_behind(
    session: Session, water_bureau: Unit, clerk: User, changed: dict[str, object]
) -> None:
    with pytest.raises(UserFacingError):
        given_in(session, water_bureau, clerk, **changed)
    assert session.exec(select(Evidence)).all() == []


# ---- photos of a problem -----------------------------------------------------------------------


@pytest.fixture
def problem(session: Session, water_bureau: Unit, office: User) -> Problem:
    found = register(session, water_bureau, office)
    session.flush()
    return found


def photo_of(problem: Problem, stage: PhotoStage | None, **changed: object) -> dict[str, object]:
    uses = [(EvidenceOf.PROBLEM, problem.number)]
    usual = {"data": png(800, 600), "name": "照片.png", "uses": uses, "stage": stage}
    return usual | changed


def stage_of(session: Session, kept: Evidence) -> PhotoStage | None:
    uses = select(EvidenceUse).where(col(EvidenceUse.evidence_id) == kept.id)
    return session.exec(uses.where(col(EvidenceUse.subject) == EvidenceOf.PROBLEM)).one().stage


@pytest.mark.parametrize("stage", PhotoStage)
def test_a_photo_keeps_what_it_shows_of_a_problem(
    session: Session, problem: Problem, water_bureau: Unit, clerk: User, stage: PhotoStage
) -> None:
    kept = given_in(session, water_bureau, clerk, **photo_of(problem, stage))
    assert stage_of(session, kept) is stage


def test_the_office_may_show_how_it_was_before(
    session: Session, problem: Problem, water_bureau: Unit, office: User
) -> None:
    kept = given_in(session, water_bureau, office, **photo_of(problem, PhotoStage.BEFORE))
    assert (kept.uploaded_by, kept.unit_code) == ("office", water_bureau.code)


def test_only_a_photo_can_show_a_before_or_an_after(
    session: Session, problem: Problem, water_bureau: Unit, clerk: User
) -> None:
    paper = photo_of(problem, PhotoStage.AFTER, data=PDF, name="验收单.pdf")
    with pytest.raises(BadInput, match="不是照片，整改后请上传 jpg 或 png"):
        given_in(session, water_bureau, clerk, **paper)


def test_a_photo_replaced_or_given_again_still_shows_what_it_showed(
    session: Session, problem: Problem, water_bureau: Unit, clerk: User
) -> None:
    kept = given_in(session, water_bureau, clerk, **photo_of(problem, PhotoStage.AFTER))
    again = given_in(session, water_bureau, clerk, **photo_of(problem, None))
    assert again.id == kept.id
    assert stage_of(session, again) is PhotoStage.AFTER
    newer = evidence.replace(
        session,
        evidence=kept,
        data=png(1024, 768),
        name="更清楚.png",
        material_on=None,
        by=clerk,
        now=NOW,
    )
    assert stage_of(session, newer) is PhotoStage.AFTER


def test_a_photo_taken_for_the_wrong_stage_is_put_right_by_giving_it_again(
    session: Session, problem: Problem, water_bureau: Unit, clerk: User
) -> None:
    given_in(session, water_bureau, clerk, **photo_of(problem, PhotoStage.BEFORE))
    kept = given_in(session, water_bureau, clerk, **photo_of(problem, PhotoStage.AFTER))
    assert stage_of(session, kept) is PhotoStage.AFTER


def test_the_answer_to_a_check_is_proven_by_who_was_asked_only(
    session: Session,
    problem: Problem,
    water_bureau: Unit,
    city_management: Unit,
    clerk: User,
    neighbour: User,
) -> None:
    check = PeerCheck(
        problem_number=problem.number,
        rule_code="4-1",
        question="有没有同样的问题",
        due_on=NOW.date(),
        sent_at=NOW,
        sent_by="office",
    )
    session.add(check)
    session.flush()
    assert check.id is not None
    session.add(PeerAnswer(check_id=check.id, unit_code=city_management.code))
    use = [(EvidenceOf.PEER_CHECK, str(check.id))]
    assert given_in(session, city_management, neighbour, uses=use)
    with pytest.raises(NotFound, match="举一反三"):
        given_in(session, water_bureau, clerk, uses=use)
