"""佐证材料 and 签字页 as they are read: what is asked, what has come, who sees it."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from filling import NOW, dry_hydrant, hand_in, problems, rules, work_points
from python_calamine import CalamineWorkbook
from sqlmodel import Session

from daxing_safety import files
from daxing_safety.actions import evidence as actions
from daxing_safety.actions import withdrawals
from daxing_safety.documents.signed_page import code_of, write_signed_page
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import Evidence, Round, Submission, Unit, User
from daxing_safety.reports import evidence, materials, signed_pages
from daxing_safety.reports.evidence import Filters, Subject
from daxing_safety.vocabulary import EvidenceOf, Finding, ProgressStatus, RectificationStatus
from daxing_safety.workbooks.reading import read_workbook

PDF = b"%PDF-1.7\n..."
PLAN = (EvidenceOf.WORK_POINT, "1-05")  # 区水务局 leads it
HYDRANTS = (EvidenceOf.RULE, "4-1")

plan_is_done = work_points(
    _1_05={
        "status": ProgressStatus.DONE,
        "percent": Decimal(100),
        "done_on": date(2021, 3, 31),
        "evidence": "排水防涝规划",
    }
)
hydrant_is_dry = rules(_4_1={"finding": Finding.HAS_PROBLEM})


def given(session: Session, unit: Unit, by: User, **changed: object) -> Evidence:
    values: dict[str, object] = {
        "data": PDF,
        "name": "排水防涝规划.pdf",
        "uses": [PLAN],
        "material_on": date(2020, 11, 3),
        "description": "",
    }
    return actions.add(session, unit=unit, by=by, now=NOW, **(values | changed))  # type: ignore[arg-type]


def of_unit(session: Session, viewer: User, unit: Unit) -> list[Subject]:
    return evidence.subjects(session, viewer=viewer, unit_code=unit.code)


def named(found: list[Subject], use: tuple[EvidenceOf, str]) -> Subject:
    return next(each for each in found if (each.of, each.code) == use)


# ---- what is asked for ----


def test_what_is_done_without_a_proof_stands_first_until_the_proof_is_there(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    hand_in(session, second_quarter, water_bureau, plan_is_done, by=clerk)
    first, *others = of_unit(session, clerk, water_bureau)
    assert (first.of, first.code, first.verdict) == (*PLAN, "缺材料")
    assert (first.said, first.standing) == ("排水防涝规划", "已完成")
    assert not any(each.lacks for each in others)
    assert evidence.done_and_lacking([first, *others]) == (1, 1)

    given(session, water_bureau, clerk)
    plan = named(of_unit(session, clerk, water_bureau), PLAN)
    assert plan.verdict == "有材料"
    assert [each.name for each in plan.materials] == ["排水防涝规划.pdf"]


def test_the_plan_says_what_a_work_point_needs(
    session: Session, water_bureau: Unit, clerk: User
) -> None:
    found = of_unit(session, clerk, water_bureau)
    assert all(each.asked for each in found)
    assert {each.of for each in found} == {EvidenceOf.WORK_POINT, EvidenceOf.RULE}


def test_a_problem_that_is_claimed_fixed_needs_a_proof(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    fixed = dry_hydrant(
        status=RectificationStatus.CLAIMED_FIXED, done_on=date(2021, 5, 18), remark="已更换阀门"
    )
    hand_in(session, second_quarter, water_bureau, problems(fixed), by=clerk)
    problem = of_unit(session, clerk, water_bureau)[0]
    assert (problem.of, problem.lacks) == (EvidenceOf.PROBLEM, True)
    assert problem.tasks == {3, 22}


def test_filters_narrow_down_by_kind_task_and_gap(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    hand_in(session, second_quarter, water_bureau, plan_is_done, by=clerk)
    found = of_unit(session, clerk, water_bureau)
    points = evidence.matching(found, Filters(of=EvidenceOf.WORK_POINT))
    assert len(points) == 16
    of_task = evidence.matching(found, Filters(of=EvidenceOf.WORK_POINT, task_no=1))
    assert {each.code.split("-")[0] for each in of_task} == {"1"}
    assert [each.code for each in evidence.matching(found, Filters(only_lacking=True))] == ["1-05"]


# ---- what has come ----


def test_one_file_that_serves_several_says_so(
    session: Session, water_bureau: Unit, clerk: User
) -> None:
    given(session, water_bureau, clerk, uses=[HYDRANTS, PLAN])
    (material,) = materials.materials(session, viewer=clerk, unit_code=water_bureau.code)
    assert material.serves == ("工作要点 1-05", "扣分条款 4-1")
    found = of_unit(session, clerk, water_bureau)
    assert named(found, PLAN).materials == named(found, HYDRANTS).materials == (material,)


@pytest.mark.parametrize(
    ("material_on", "remark"),
    [
        (None, "没有材料日期"),
        (date(2019, 12, 31), "日期不在创建期内"),
        (date(2020, 11, 3), ""),
    ],
)
def test_an_odd_date_is_remarked_on_and_not_refused(
    session: Session, water_bureau: Unit, clerk: User, material_on: date | None, remark: str
) -> None:
    given(session, water_bureau, clerk, material_on=material_on)
    (material,) = materials.materials(session, viewer=clerk, unit_code=water_bureau.code)
    assert material.remark == remark


def test_an_older_version_stays_readable_and_proves_nothing_any_more(
    session: Session, water_bureau: Unit, clerk: User
) -> None:
    old = given(session, water_bureau, clerk)
    actions.replace(
        session,
        evidence=old,
        data=PDF + b"2",
        name="规划（修订）.pdf",
        material_on=None,
        by=clerk,
        now=NOW,
    )
    found = materials.materials(session, viewer=clerk, unit_code=water_bureau.code)
    assert [(each.version, each.state) for each in found] == [(2, "现行"), (1, "已更换")]
    assert materials.versions_of(found, found[0]) == found
    plan = named(of_unit(session, clerk, water_bureau), PLAN)
    assert [each.version for each in plan.materials] == [2]


def test_a_withdrawn_file_leaves_the_gap_open_again(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, office: User
) -> None:
    hand_in(session, second_quarter, water_bureau, plan_is_done, by=clerk)
    kept = given(session, water_bureau, clerk)
    actions.withdraw(session, evidence=kept, reason="传错了", by=clerk)
    (material,) = materials.materials(session, viewer=clerk, unit_code=water_bureau.code)
    assert (material.state, material.serves) == ("已撤回", ())
    assert named(of_unit(session, clerk, water_bureau), PLAN).lacks


# ---- who sees it ----


def test_another_units_clerk_gets_nothing(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User, neighbour: User
) -> None:
    receipt = hand_in(session, second_quarter, water_bureau, plan_is_done, by=clerk)
    kept = given(session, water_bureau, clerk)
    code = water_bureau.code
    assert of_unit(session, neighbour, water_bureau) == []
    assert materials.materials(session, viewer=neighbour, unit_code=code) == []
    assert signed_pages.of_unit(session, viewer=neighbour, unit_code=code) == []
    assert {each.unit for each in evidence.by_unit(session, viewer=neighbour)} == {"区城管委"}
    with pytest.raises(NotFound):
        materials.material(session, viewer=neighbour, evidence_id=kept.id or 0)
    with pytest.raises(NotFound):
        printed(session, neighbour, receipt.submission)
    with pytest.raises(NotAllowed):
        signed_pages.of_round(session, viewer=neighbour, round_id=second_quarter.id or 0)


def test_the_office_and_the_leader_see_how_many_proofs_each_unit_lacks(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    clerk: User,
    office: User,
    leader: User,
) -> None:
    also_done = work_points(
        _3_13={
            "status": ProgressStatus.DONE,
            "percent": Decimal(100),
            "done_on": date(2021, 3, 31),
        }
    )
    hand_in(session, second_quarter, water_bureau, plan_is_done, also_done, by=clerk)
    given(session, water_bureau, clerk)
    counts = evidence.by_unit(session, viewer=office)
    assert counts == evidence.by_unit(session, viewer=leader)
    of_water = next(each for each in counts if each.unit == "区水务局")
    assert (of_water.done, of_water.proven, of_water.lacking, of_water.materials) == (2, 1, 1, 1)
    assert evidence.unit_table(counts).iloc[0]["unit"] == "区水务局"


# ---- 签字页 ----


def printed(session: Session, viewer: User, submission: Submission) -> signed_pages.SignedPage:
    raw = read_workbook(files.load(submission.file_sha256))
    return signed_pages.page(session, viewer=viewer, submission_id=submission.id or 0, raw=raw)


def test_a_page_shows_its_own_version_also_after_a_later_one(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    found = (hydrant_is_dry, problems(dry_hydrant()))
    first = hand_in(session, second_quarter, water_bureau, plan_is_done, *found, by=clerk)
    before = printed(session, clerk, first.submission)
    fixed = work_points(_1_05={"status": ProgressStatus.IN_PROGRESS, "done_on": None})
    hand_in(session, second_quarter, water_bureau, fixed, by=clerk)

    page = printed(session, clerk, first.submission)
    assert page == before
    figures = {label: value for of_sheet in page.figures.values() for label, value in of_sheet}
    assert (figures["工作要点"], figures["已完成"]) == (16, 1)
    assert (figures["问题（项）"], figures["问题（处）"]) == (1, 2)
    assert figures["自评扣分"] == Decimal("0.40")


def test_the_code_is_made_of_round_version_and_file() -> None:
    assert code_of(round_id=2, version=1, sha256="7f3a9c" + "0" * 58) == "SW-2-1-7F3A9C"


def test_the_printed_page_bears_unit_code_and_figures(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    receipt = hand_in(session, second_quarter, water_bureau, plan_is_done, by=clerk)
    page = printed(session, clerk, receipt.submission)
    book = CalamineWorkbook.from_filelike(io.BytesIO(write_signed_page(page)))
    (name,) = book.sheet_names
    cells = [cell for row in book.get_sheet_by_name(name).to_python() for cell in row if cell != ""]
    assert name == "签字页"
    assert {page.code, water_bureau.full_name, "第1版", "单位（盖章）", 16.0} <= set(cells)


def test_a_scan_is_filed_back_to_its_version_and_the_office_sees_who_is_missing(
    session: Session,
    second_quarter: Round,
    water_bureau: Unit,
    city_management: Unit,
    clerk: User,
    neighbour: User,
    office: User,
) -> None:
    signed = hand_in(session, second_quarter, water_bureau, plan_is_done, by=clerk).submission
    hand_in(session, second_quarter, city_management, by=neighbour)
    page_of = [(EvidenceOf.SIGNED_PAGE, str(signed.id))]
    given(session, water_bureau, clerk, uses=page_of, material_on=None, name="签字页.pdf")

    (signing,) = signed_pages.of_unit(session, viewer=clerk, unit_code=water_bureau.code)
    assert (signing.state, [scan.name for scan in signing.scans]) == ("已交", ["签字页.pdf"])
    assert signing.scans[0].serves == (f"签字页 {signing.code}",)
    assert signing.scans[0].remark == ""  # its date is the version's
    board = signed_pages.of_round(session, viewer=office, round_id=second_quarter.id or 0)
    states = {each.line.unit: each.state for each in board}
    assert (states["区水务局"], states["区城管委"], states["区教委"]) == ("已交", "未交", "未报送")
    assert signed_pages.unit_table(board).iloc[0]["unit"] == "区城管委"
    assert not evidence.by_unit(session, viewer=clerk)[0].materials


def test_a_new_version_asks_for_a_new_page(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    first = hand_in(session, second_quarter, water_bureau, plan_is_done, by=clerk).submission
    given(session, water_bureau, clerk, uses=[(EvidenceOf.SIGNED_PAGE, str(first.id))])
    hand_in(
        session, second_quarter, water_bureau, hydrant_is_dry, problems(dry_hydrant()), by=clerk
    )
    signings = signed_pages.of_unit(session, viewer=clerk, unit_code=water_bureau.code)
    assert [(each.version.number, each.state) for each in signings] == [(2, "未交"), (1, "已交")]
    assert signings[0].code != signings[1].code


def test_a_version_taken_back_has_no_page(
    session: Session, second_quarter: Round, water_bureau: Unit, clerk: User
) -> None:
    submission = hand_in(session, second_quarter, water_bureau, plan_is_done, by=clerk).submission
    now = NOW + timedelta(hours=1)
    withdrawals.take_back(session, submission=submission, by=clerk, now=now)
    assert signed_pages.of_unit(session, viewer=clerk, unit_code=water_bureau.code) == []
    with pytest.raises(NotFound, match="撤回"):
        printed(session, clerk, submission)
