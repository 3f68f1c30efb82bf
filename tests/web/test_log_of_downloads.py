"""Every download, and every one that was refused, stands in the log with where it came from."""

import io

from openpyxl import load_workbook
from sqlmodel import col, select
from starlette.testclient import TestClient
from visits import sign_in

from daxing_safety import settings
from daxing_safety.actions import audit, upkeep
from daxing_safety.database import reading, transaction
from daxing_safety.models import AuditEvent
from daxing_safety.web import upkeep as server

Line = tuple[str, str, str, str]


def last() -> Line:
    with reading() as session:
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc()).limit(1)).one()
    return event.username, event.address, event.action, event.subject


def test_a_download_is_one_line(wang: TestClient) -> None:
    assert wang.get("/download/tasks/all").status_code == 200
    assert last() == ("区水务局", "testclient", "下载", "任务分解表.xlsx")


def test_what_was_refused_is_a_line_too(wang: TestClient) -> None:
    assert wang.get("/download/log/all").status_code == 403
    assert last() == ("区水务局", "testclient", "越权访问", "log/all")
    assert wang.get("/download/submission/77").status_code == 404
    assert last() == ("区水务局", "testclient", "下载未果", "submission/77")


def test_an_endless_address_is_noted_in_part(wang: TestClient) -> None:
    wang.get("/download/submission/" + "7" * 3000)
    assert len(last()[3]) < 300


def test_signing_in_tells_from_where(wang: TestClient) -> None:
    assert last() == ("区水务局", "testclient", "登录", "区水务局")


def test_the_auditor_takes_the_log_along_as_text_and_that_is_logged(stranger: TestClient) -> None:
    with transaction() as session:
        audit.record(session, "修改设置", "=1+1", by="office", remark="@SUM(A1)")
    sign_in(stranger, "auditor")
    answer = stranger.get("/download/log/who%253Doffice")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    row = next(row for row in sheet.iter_rows(min_row=4) if row[6].value == "=1+1")
    assert {cell.data_type for cell in row if cell.value} == {"s"}
    assert {row[2].value for row in sheet.iter_rows(min_row=4)} == {"office"}
    assert last()[2:] == ("下载", f"操作日志_{settings.now():%Y%m%d}.xlsx")


def test_a_backup_is_for_the_administrator_alone(stranger: TestClient) -> None:
    name = server.back_up(upkeep.BY_HAND, by=audit.SYSTEM)
    for username in ("office", "auditor", "leader", "区水务局", "expert"):
        sign_in(stranger, username)
        assert stranger.get(f"/download/backup/{name}").status_code == 403
        assert last()[2] == "越权访问"
        stranger.cookies.clear()
    sign_in(stranger, "admin")
    answer = stranger.get(f"/download/backup/{name}")
    assert answer.content.startswith(b"PK")
    assert last() == ("admin", "testclient", "下载", name)
    assert stranger.get("/download/backup/daxing.db").status_code == 404
