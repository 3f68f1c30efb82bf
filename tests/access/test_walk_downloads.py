"""Every kind of download × every role × another unit's ids, and whatever else may be asked for."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from marked_lives import OWN, SECRET, Life
from reading_screens import unpacked
from sqlmodel import col, select
from starlette.testclient import TestClient
from test_walk_pages import USERNAMES

from daxing_safety.database import reading
from daxing_safety.models import AuditEvent, User
from daxing_safety.vocabulary import Role
from daxing_safety.web import slips
from daxing_safety.web.downloads import DOWNLOADS, DRAWN

Visit = Callable[..., TestClient]
OFFICE, UNIT, LEADER, EXPERT, ADMIN, AUDITOR = Role
DISTRICT = frozenset({OFFICE, LEADER})
BACKUP = "daxing-manual-20210520-100000.zip"
SLIPS = "kept-for-the-administrator"


@dataclass(frozen=True)
class Kind:
    """How 区水务局's is asked for; who gets it; whether others get their own part instead."""

    wanted: Callable[[Life], str]
    for_roles: frozenset[Role]
    units_get: str = "nothing"  # "theirs": what is in it of their own; "all": the same


def _named(text: str) -> Callable[[Life], str]:
    return lambda _: text


# A new kind: say here for whom it is.
KINDS: dict[str, Kind] = {
    "tasks": Kind(lambda life: life.code, DISTRICT, "all"),  # the plan is nobody's secret
    "template": Kind(lambda life: life.code, frozenset({OFFICE})),
    "templates": Kind(_named("1"), frozenset({OFFICE})),
    "submission": Kind(lambda life: str(life.submission), DISTRICT),
    "signed_page": Kind(lambda life: str(life.submission), DISTRICT),
    "evidence": Kind(lambda life: str(life.evidence), DISTRICT),
    "photo": Kind(lambda life: str(life.photo), DISTRICT),
    "portrait": Kind(lambda life: f"{life.code}_2021-05-20", DISTRICT),
    "compare": Kind(_named("2021-05-13_2021-05-20"), DISTRICT, "theirs"),
    "figure": Kind(_named("overview.sections.2021-05-20"), DISTRICT, "theirs"),
    "losses": Kind(_named("CONFIRMED"), DISTRICT, "theirs"),
    "loss_bill": Kind(lambda life: life.code, DISTRICT),
    "improvement": Kind(_named("90_FEWEST_60_3_7_2_3"), DISTRICT),
    "problems": Kind(lambda life: f"unit={life.code}", DISTRICT, "theirs"),
    "public_reports": Kind(lambda life: f"unit={life.code}", DISTRICT, "theirs"),
    "minutes": Kind(_named("1"), DISTRICT),
    "spot_check": Kind(lambda life: str(life.check_over), DISTRICT),
    "spot_photo": Kind(lambda life: str(life.photo_taken), DISTRICT),
    "spot_photo_file": Kind(lambda life: str(life.photo_taken), DISTRICT),
    "account_list": Kind(_named("new"), frozenset({ADMIN})),
    "slips": Kind(_named(SLIPS), frozenset({ADMIN})),
    "backup": Kind(_named(BACKUP), frozenset({ADMIN})),
    "log": Kind(_named("all"), frozenset({AUDITOR})),
}
RUBBISH = (
    *("0", "-1", "999999999", "9" * 40, "１", "x", "U05'--", '"', "<script>", "%00", "%0d%0ax"),
    *("..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "..%5c..%5cdaxing.db", "%F0%9F%98%80", "a" * 3000),
)
REFUSED = (403, 404)


@pytest.fixture(autouse=True)
def something_to_take(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data_dir / "backups").mkdir(exist_ok=True)
    with zipfile.ZipFile(data_dir / "backups" / BACKUP, "w") as archive:
        archive.writestr("manifest.json", "{}")
    with reading() as session:
        admin = session.exec(select(User.id).where(col(User.username) == "admin")).one()
    monkeypatch.setitem(slips._kept, SLIPS, slips.Kept(admin, "密码条.docx", b"PK"))


def test_of_every_kind_it_is_said_for_whom_it_is() -> None:
    assert KINDS.keys() == DOWNLOADS.keys()


def tells(data: bytes, mark: str) -> bool:
    return any(mark.encode() in each for each in unpacked(data))


def last_noted(username: str) -> AuditEvent:
    query = select(AuditEvent).where(col(AuditEvent.username) == username)
    with reading() as session:
        return session.exec(query.order_by(col(AuditEvent.id).desc()).limit(1)).one()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_goes_to_its_roles_and_to_nobody_else(kind: str, visit: Visit, water: Life) -> None:
    asked = KINDS[kind]
    address = f"/download/{kind}/{asked.wanted(water)}"
    for role in set(Role) - {UNIT}:
        answer = visit(USERNAMES[role]).get(address)
        if role in asked.for_roles:
            assert answer.status_code == 200, (role, answer.text)
            continue
        assert answer.status_code in REFUSED, role
        assert answer.text.endswith("。") and answer.text.isprintable()
        assert last_noted(USERNAMES[role]).subject == f"{kind}/{asked.wanted(water)}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_neighbour_gets_nothing_of_the_water_bureaus(
    kind: str, visit: Visit, water: Life
) -> None:
    asked = KINDS[kind]
    answer = visit("区城管委").get(f"/download/{kind}/{asked.wanted(water)}")
    assert not tells(answer.content, SECRET)
    if asked.units_get == "nothing":
        assert answer.status_code in REFUSED
        assert last_noted("区城管委").action in ("越权访问", "下载未果")
    else:
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("kind", ["submission", "evidence", "problems", "public_reports"])
def test_the_walk_finds_what_a_clerk_takes_of_its_own(kind: str, visit: Visit, city: Life) -> None:
    answer = visit("区城管委").get(f"/download/{kind}/{KINDS[kind].wanted(city)}")
    assert answer.status_code == 200
    assert tells(answer.content, OWN)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_asked_for_gets_a_sentence_and_is_noted(kind: str, visit: Visit) -> None:
    clerk = visit("区城管委")
    for wanted in RUBBISH:
        answer = clerk.get(f"/download/{kind}/{wanted}")
        assert answer.status_code in (200, *REFUSED), wanted
        assert not tells(answer.content, SECRET), wanted
        if answer.status_code != 200 and answer.text != "Not Found":
            assert answer.text.endswith("。") and answer.text.isprintable(), answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_gets_no_file_of_any_kind(kind: str, visit: Visit, water: Life) -> None:
    stranger = visit()
    assert stranger.get(f"/download/{kind}/{KINDS[kind].wanted(water)}").status_code == 401
    stranger.cookies.set("daxing_session", "guessed")
    assert stranger.get(f"/download/{kind}/{KINDS[kind].wanted(water)}").status_code == 401


@pytest.mark.parametrize("kind", sorted(DOWNLOADS.keys() - DRAWN))
def test_what_was_taken_is_in_the_log(kind: str, visit: Visit, water: Life) -> None:
    asked = KINDS[kind]
    username = USERNAMES[min(asked.for_roles, key=lambda role: role.name)]
    assert visit(username).get(f"/download/{kind}/{asked.wanted(water)}").status_code == 200
    noted = last_noted(username)
    assert (noted.action, noted.remark) == ("下载", f"{kind}/{asked.wanted(water)}")
    assert noted.address == "testclient"
