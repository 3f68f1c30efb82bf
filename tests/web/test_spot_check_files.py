"""The files of 抽查 over the wire: an expert gets those of the own things, until the date."""

import io

import pytest
from openpyxl import load_workbook
from spot_check_lives import NAME, NOW, draw, hand_in_all, items_of, prepare, user
from sqlmodel import col, select
from starlette.testclient import TestClient
from visits import sign_in

from daxing_safety.actions import spot_draws, spot_findings
from daxing_safety.actions.spot_draws import Scope
from daxing_safety.database import reading, transaction
from daxing_safety.demo.photos import photo as drawn_photo
from daxing_safety.models import AuditEvent, Evidence, SpotCheck, User
from daxing_safety.vocabulary import DrawnFrom, PhotoStage, SpotVerdict


@pytest.fixture(autouse=True)
def cast_with_passwords(data_dir: object, cast_with_passwords: None) -> None:
    """周工 may sign in like 孙工."""
    with transaction() as session:
        prepare(session)
        known = user(session, "expert").password_hash
        second = user(session, "expert2")
        second.password_hash = known
        session.add(second)


def as_user(client: TestClient, username: str) -> TestClient:
    client.cookies.clear()
    assert sign_in(client, username).status_code == 303
    return client


def one_claim() -> SpotCheck:
    """Drawn for 孙工 alone: the problem that waits for 销号."""
    with transaction() as session:
        scope = Scope((DrawnFrom.CLAIMED_FIXED,))
        return draw(session, scope=scope, wanted=1, experts=["expert"])


def evidence_ids() -> dict[str, int]:
    with reading() as session:
        return {file.name: file.id or 0 for file in session.exec(select(Evidence))}


def last_event() -> tuple[str, str, str]:
    with reading() as session:
        query = select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)
        event = session.exec(query).one()
    return event.username, event.action, event.subject


def test_an_expert_gets_the_file_of_an_own_thing_and_no_other(stranger: TestClient) -> None:
    one_claim()
    files, expert = evidence_ids(), as_user(stranger, "expert")
    own = f"evidence/{files['整改后P00001.jpg']}"
    other = f"evidence/{files['整改后P00002.jpg']}"
    assert expert.get(f"/download/{own}").status_code == 200
    assert last_event() == ("expert", "下载", "整改后P00001.jpg")
    assert expert.get(f"/download/{other}").status_code == 403
    assert last_event() == ("expert", "越权访问", other)
    assert expert.get(f"/download/photo/{files['整改后P00002.jpg']}").status_code == 403


def test_another_expert_gets_nothing_of_it(stranger: TestClient) -> None:
    one_claim()
    number = evidence_ids()["整改后P00001.jpg"]
    assert as_user(stranger, "expert2").get(f"/download/evidence/{number}").status_code == 403


@pytest.mark.parametrize("end", ["date", "withdrawal"])
def test_once_it_is_over_the_expert_gets_nothing_any_more(
    stranger: TestClient, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    check, number = one_claim(), evidence_ids()["整改后P00001.jpg"]
    if end == "date":
        monkeypatch.setenv("DAXING_TODAY", "2021-06-01")
    else:
        with transaction() as session:
            office = user(session, "office")
            found = session.get_one(SpotCheck, check.id)
            spot_draws.withdraw(session, check=found, reason="x", by=office, now=NOW)
    expert = as_user(stranger, "expert")
    assert expert.get(f"/download/evidence/{number}").status_code == 403


@pytest.fixture
def photo_id() -> int:
    """孙工's, not handed in."""
    with transaction() as session:
        check = draw(session)
        item = items_of(session, check, "expert")[0]
        data = drawn_photo("林校北路", PhotoStage.BEFORE, NOW.date(), has_hydrant=True)
        expert = user(session, "expert")
        photo = spot_findings.add_photo(
            session, item=item, data=data, name="现场.jpg", by=expert, now=NOW
        )
        session.flush()
        assert photo
        return photo.id or 0


def test_an_experts_photo_is_drawn_anew_and_is_the_experts_until_it_stands(
    stranger: TestClient, photo_id: int
) -> None:
    small, original = (f"/download/{kind}/{photo_id}" for kind in ("spot_photo", "spot_photo_file"))
    expert = as_user(stranger, "expert")
    assert expert.get(small).headers["content-type"] == "image/jpeg"
    assert expert.get(original).headers["content-type"] == "application/octet-stream"
    for username in ("expert2", "office", "leader", "区水务局", "admin", "auditor"):
        client = as_user(stranger, username)
        assert {client.get(small).status_code, client.get(original).status_code} == {403}
    with transaction() as session:
        hand_in_all(session, session.exec(select(SpotCheck)).one())
    assert as_user(stranger, "office").get(small).status_code == 200
    assert as_user(stranger, "区水务局").get(small).status_code == 403


def test_the_results_come_as_excel_with_the_record_of_the_draw(stranger: TestClient) -> None:
    with transaction() as session:
        check = draw(session, wanted=4)
        hand_in_all(session, check, **{"7_1": SpotVerdict.FALSE})
    answer = as_user(stranger, "leader").get(f"/download/spot_check/{check.id}")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["抽查结果", "各单位可信度", "各条款可信度", "抽取记录"]
    results = list(book["抽查结果"].iter_rows(min_row=4, values_only=True))
    assert len(results) == 4
    record = book["抽取记录"]
    assert "按种子重抽：与名单一致" in str(record["A2"].value)
    lots = list(record.iter_rows(min_row=4, values_only=True))
    assert len(lots) == 7 and [bool(row[6]) for row in lots] == [True] * 4 + [False] * 3
    assert NAME in str(book["抽查结果"]["A1"].value)


def test_what_an_expert_writes_is_text_in_excel(stranger: TestClient) -> None:
    with transaction() as session:
        check = draw(session, wanted=2, experts=["expert"])
        for item in items_of(session, check):
            by = session.get_one(User, item.user_id)
            spot_findings.record(
                session,
                item=item,
                verdict=SpotVerdict.FALSE,
                found='=HYPERLINK("http://x")',
                site="@SUM(1)",
                count=1,
                suggestion="+1",
                by=by,
                now=NOW,
            )
        spot_findings.hand_in(session, check=check, by=user(session, "expert"), now=NOW)
    answer = as_user(stranger, "office").get(f"/download/spot_check/{check.id}")
    sheet = load_workbook(io.BytesIO(answer.content))["抽查结果"]
    assert (sheet["J4"].value, sheet["J4"].data_type) == ('=HYPERLINK("http://x")', "s")
    assert (sheet["K4"].value, sheet["M4"].value) == ("@SUM(1)", "+1")


@pytest.mark.parametrize("username", ["expert", "区水务局", "admin", "auditor"])
def test_the_results_are_for_who_sees_the_district(stranger: TestClient, username: str) -> None:
    check = one_claim()
    answer = as_user(stranger, username).get(f"/download/spot_check/{check.id}")
    assert answer.status_code == 403
    assert last_event()[1] == "越权访问"


@pytest.mark.parametrize("wanted", ["99", "x", "-1", "1;2"])
def test_what_there_is_not_is_refused_in_a_sentence(stranger: TestClient, wanted: str) -> None:
    office = as_user(stranger, "office")
    for kind in ("spot_check", "spot_photo", "spot_photo_file"):
        answer = office.get(f"/download/{kind}/{wanted}")
        assert answer.status_code in (403, 404) and answer.text.endswith("。")
