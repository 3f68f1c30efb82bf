"""佐证材料 as Streamlit runs it: gaps first, files in, replaced and withdrawn, signed pages."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from filling import hand_in, work_points
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import evidence, rounds
from daxing_safety.database import reading, transaction
from daxing_safety.models import Evidence, EvidenceUse, Submission, Unit, User
from daxing_safety.vocabulary import EvidenceOf, ProgressStatus

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]

PDF = b"%PDF-1.7\n..."
PLAN = "WORK_POINT 1-05"  # 区水务局 leads it


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def water_bureau(session: Session) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()


@pytest.fixture
def plan_is_done(data_dir: object) -> None:
    """区水务局 says that 1-05 is done, and has shown nothing for it."""
    fill = work_points(
        _1_05={
            "status": ProgressStatus.DONE,
            "percent": Decimal(100),
            "done_on": date(2021, 3, 31),
        }
    )
    with transaction() as session:
        round_ = rounds.open_round(
            session,
            name="2021年第二季度",
            due_at=datetime(2021, 5, 25, 17, 0),
            by=user(session, "office"),
            now=settings.now(),
        )
        hand_in(session, round_, water_bureau(session), fill, by=user(session, "区水务局"))


@pytest.fixture
def proof(plan_is_done: None) -> str:
    """The number of the file that 区水务局 has shown for 1-05."""
    with transaction() as session:
        kept = evidence.add(
            session,
            unit=water_bureau(session),
            data=PDF,
            name="排水**规划**.pdf",
            uses=[(EvidenceOf.WORK_POINT, "1-05")],
            material_on=date(2020, 11, 3),
            description="",
            by=user(session, "区水务局"),
            now=settings.now(),
        )
        return str(kept.id)


def stored() -> list[Evidence]:
    with reading() as session:
        return list(session.exec(select(Evidence).order_by(col(Evidence.id))))


def texts(screen: AppTest) -> str:
    kinds = ("markdown", "text", "caption", "error", "info", "success", "warning")
    said = (str(each.value) for kind in kinds for each in screen.get(kind))
    return "\n".join(said).replace("\\", "")


def labels(screen: AppTest) -> list[str]:
    return [each.label for each in screen.button]


def click(screen: AppTest, key: str) -> AppTest:
    screen = screen.button(key=key).click().run()
    assert not screen.exception
    return screen


def frame(screen: AppTest, column: str) -> list[object]:
    """The first table with such a column."""
    found = next(each.value for each in screen.dataframe if column in each.value)
    return list(found[column])


# ---- a clerk ----


def test_a_clerk_first_sees_what_still_lacks_a_proof(
    sign_in: SignIn, open_page: OpenPage, plan_is_done: None
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence")
    assert not screen.exception
    assert frame(screen, "code")[0] == "1-05"
    assert frame(screen, "verdict")[0] == ["缺材料"]
    assert screen.button(key="upload").disabled


def test_the_gaps_alone_have_an_address(
    sign_in: SignIn, open_page: OpenPage, plan_is_done: None
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence", lacking="true")
    assert frame(screen, "code") == ["1-05"]


def test_several_files_come_in_at_once_and_the_form_is_empty_again(
    sign_in: SignIn, open_page: OpenPage, plan_is_done: None
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence", subject=PLAN)
    uploader = screen.file_uploader(key="proof_0_files")
    screen = uploader.upload("规划.pdf", PDF).upload("照片.jpg", b"\xff\xd8\xff\xe0").run()
    screen = screen.date_input(key="proof_0_date").set_value(date(2020, 11, 3)).run()
    screen = click(screen, "store_files")
    assert "已上传 2 份材料" in texts(screen)
    assert [(each.name, each.material_on) for each in stored()] == [
        ("规划.pdf", date(2020, 11, 3)),
        ("照片.jpg", date(2020, 11, 3)),
    ]
    assert not screen.file_uploader(key="proof_1_files").value
    assert frame(screen, "verdict")[0] != ["缺材料"]


def test_what_is_refused_is_told_and_keeps_nothing_else_out(
    sign_in: SignIn, open_page: OpenPage, plan_is_done: None
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence", subject=PLAN)
    uploader = screen.file_uploader(key="proof_0_files")
    screen = uploader.upload("规划.pdf", PDF).upload("假的.pdf", b"MZ").run()
    screen = click(screen, "store_files")
    assert "“假的.pdf”的内容不是 pdf" in texts(screen)
    assert "已上传 1 份材料" in texts(screen)
    assert [each.name for each in stored()] == ["规划.pdf"]


def test_a_date_outside_the_programme_is_warned_of(
    sign_in: SignIn, open_page: OpenPage, plan_is_done: None
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence", subject=PLAN)
    assert "没有材料日期也能上传" in texts(screen)
    screen = screen.date_input(key="proof_0_date").set_value(date(2018, 1, 1)).run()
    assert "这个日期不在其中，请核对" in texts(screen)


def test_the_same_file_again_is_said_to_be_known(
    sign_in: SignIn, open_page: OpenPage, proof: str
) -> None:
    with transaction() as session:
        known = session.get_one(Evidence, int(proof))
        known.uploaded_at = datetime(2021, 5, 19, 9, 0)
        session.add(known)
    sign_in("区水务局")
    screen = open_page("evidence", subject="RULE 4-1")
    screen = screen.file_uploader(key="proof_0_files").upload("又一份.pdf", PDF).run()
    screen = click(screen, "store_files")
    assert "没有重复保存，只加上了新的用途" in texts(screen)
    assert len(stored()) == 1


def test_a_newer_file_takes_the_olders_place(
    sign_in: SignIn, open_page: OpenPage, proof: str
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence", material=proof)
    assert "排水**规划**.pdf" in texts(screen)
    screen = screen.file_uploader(key="newer_0").upload("修订.pdf", PDF + b"2").run()
    screen = click(screen, "replace")
    assert "已更换为“修订.pdf”" in texts(screen)
    assert "第2版　修订.pdf" in texts(screen)
    assert [(each.version, each.is_current) for each in stored()] == [(1, False), (2, True)]


def test_withdrawing_asks_for_a_reason(sign_in: SignIn, open_page: OpenPage, proof: str) -> None:
    sign_in("区水务局")
    screen = click(open_page("evidence", material=proof), "withdraw")
    assert "请写明撤回原因" in texts(screen)
    assert stored()[0].is_current
    screen.text_input(key="reason_1").set_value("传错了")
    screen = click(screen, "withdraw")
    assert "已撤回这份材料" in texts(screen)
    assert not stored()[0].is_current
    assert frame(screen, "verdict")[0] == ["缺材料"]


def test_the_files_stand_with_what_they_serve_and_older_ones_on_demand(
    sign_in: SignIn, open_page: OpenPage, proof: str
) -> None:
    with transaction() as session:
        kept = session.get_one(Evidence, int(proof))
        evidence.withdraw(session, evidence=kept, reason="传错了", by=user(session, "区水务局"))
    sign_in("区水务局")
    assert "还没有上传过佐证材料" in texts(open_page("evidence", view="材料清单"))
    screen = open_page("evidence", view="材料清单", older="true")
    assert frame(screen, "state") == ["已撤回"]


def test_a_signed_page_is_filed_back_to_its_version(
    sign_in: SignIn, open_page: OpenPage, plan_is_done: None
) -> None:
    sign_in("区水务局")
    screen = open_page("evidence", view="签字页")
    assert frame(screen, "state") == [["未交"]]
    screen = screen.file_uploader(key="signed_0_files").upload("签字页.pdf", PDF).run()
    screen = click(screen, "store_scans")
    assert "签字页已交回，共 1 份" in texts(screen)
    assert frame(screen, "state") == [["已交"]]
    assert not screen.file_uploader
    with reading() as session:
        use = session.exec(select(EvidenceUse)).one()
        submission = session.exec(select(Submission)).one()
    assert (use.subject, use.code) == (EvidenceOf.SIGNED_PAGE, str(submission.id))


def test_another_units_clerk_sees_nothing_of_it(
    sign_in: SignIn, open_page: OpenPage, proof: str
) -> None:
    sign_in("区城管委")
    assert "1-05" not in frame(open_page("evidence", unit="区水务局"), "code")
    screen = open_page("evidence", material=proof)
    assert "可能是别的单位的" in texts(screen)
    assert "规划" not in texts(screen)


# ---- who sees the district ----


@pytest.mark.parametrize("viewer", ["office", "leader"])
def test_who_sees_the_district_counts_the_gaps_and_uploads_nothing(
    sign_in: SignIn, open_page: OpenPage, plan_is_done: None, viewer: str
) -> None:
    sign_in(viewer)
    screen = open_page("evidence")
    assert frame(screen, "unit")[0] == "区水务局"
    assert frame(screen, "lacking")[0] == 1
    screen = open_page("evidence", unit="区水务局", subject=PLAN)
    assert frame(screen, "verdict")[0] == ["缺材料"]
    assert not screen.file_uploader
    assert "上传材料" not in labels(screen)


def test_the_office_sees_whose_signed_page_is_missing(
    sign_in: SignIn, open_page: OpenPage, plan_is_done: None
) -> None:
    sign_in("office")
    screen = open_page("evidence", all="签字页")
    assert frame(screen, "unit")[0] == "区水务局"
    assert frame(screen, "state")[0] == ["未交"]
    assert "未报送" in str(frame(screen, "state")[1])
