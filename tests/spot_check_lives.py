"""抽查 brought as far as a test asks, with the real verbs. Nothing here judges.

区水务局 calls three rules 达标 and 区城管委 two; of 区水务局's problems P00001 waits for 销号 and
P00002 is closed. 孙工 and 周工 are experts.
"""

from datetime import date, datetime
from typing import Any

from filling import hand_in, rules
from sqlmodel import Session, col, select

from daxing_safety.actions import (
    closings,
    evidence,
    problems,
    rectifying,
    rounds,
    spot_draws,
    spot_findings,
)
from daxing_safety.actions.spot_draws import Scope
from daxing_safety.models import Problem, Round, SpotCheck, SpotCheckItem, Unit, User
from daxing_safety.vocabulary import (
    Discovery,
    DrawnFrom,
    EvidenceOf,
    Finding,
    PhotoStage,
    Role,
    SpotVerdict,
)

NOW = datetime(2021, 5, 20, 10, 0)
TODAY = NOW.date()
UNTIL = date(2021, 5, 31)
AFTER = datetime(2021, 6, 1, 9, 0)
SEED = "2021-05-20"
NAME = "第二季度专家抽查"
EVERYTHING = Scope(tuple(DrawnFrom))
COMPLIANT = {"区水务局": ("7-1", "17-1", "20-1"), "区城管委": ("7-1", "17-1")}
PHOTO = b"\xff\xd8\xff\xe0 taken on the spot"


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def unit(session: Session, name: str) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == name)).one()


def person(username: str, name: str, role: Role, within: str | None = None) -> User:
    return User(
        username=username,
        display_name=name,
        role=role,
        unit_code=within,
        password_hash="",
        created_at=NOW,
        password_changed_at=NOW,
    )


def prepare(session: Session) -> None:
    """Seven things that may be drawn, and a second expert."""
    office = user(session, "office")
    session.add(person("expert2", "周工", Role.EXPERT))
    due_at = datetime(2021, 5, 25, 17, 0)
    round_ = rounds.open_round(session, name="第二季度", due_at=due_at, by=office, now=NOW)
    for name, codes in COMPLIANT.items():
        _say_compliant(session, round_, name, codes)
    _claim(session, "黄村西大街12号院北门")
    closings.close(
        session, problem=_claim(session, "林校北路3号"), remark="看过照片", by=office, now=NOW
    )
    session.flush()


def _claim(session: Session, site: str) -> Problem:
    """区水务局 says that a dry hydrant there is mended."""
    office = user(session, "office")
    problem = problems.register(
        session,
        unit=unit(session, "区水务局"),
        rule_code="4-1",
        site=site,
        description="消火栓无水",
        count=1,
        discovery=Discovery.INSPECTION,
        found_on=TODAY,
        by=office,
        now=NOW,
    )
    problems.assign(session, problem=problem, by=office, now=NOW)
    clerk = user(session, "区水务局")
    evidence.add(
        session,
        unit=unit(session, "区水务局"),
        data=PHOTO + problem.number.encode(),
        name=f"整改后{problem.number}.jpg",
        uses=[(EvidenceOf.PROBLEM, problem.number)],
        material_on=None,
        description="",
        by=clerk,
        now=NOW,
        stage=PhotoStage.AFTER,
    )
    rectifying.claim_fixed(
        session, problem=problem, done_on=TODAY, remark="阀门已换，已试水", by=clerk, now=NOW
    )
    return problem


def _say_compliant(session: Session, round_: Round, name: str, codes: tuple[str, ...]) -> None:
    said = {"finding": Finding.COMPLIANT, "remark": f"{name}已逐处排查"}
    findings = {f"_{code.replace('-', '_')}": said for code in codes}
    hand_in(session, round_, unit(session, name), rules(**findings), by=user(session, name))


def draw(session: Session, **said: Any) -> SpotCheck:
    """All seven, dealt to both experts, unless something else is said."""
    usual: dict[str, Any] = {
        "name": NAME,
        "until": UNTIL,
        "experts": ["expert", "expert2"],
        "scope": EVERYTHING,
        "wanted": 7,
        "seed": SEED,
        "by": user(session, "office"),
        "now": NOW,
    }
    check = spot_draws.draw(session, **(usual | said))
    session.flush()
    return check


def items_of(session: Session, check: SpotCheck, *usernames: str) -> list[SpotCheckItem]:
    query = select(SpotCheckItem).where(col(SpotCheckItem.check_id) == check.id)
    if usernames:
        ids = [user(session, each).id for each in usernames]
        query = query.where(col(SpotCheckItem.user_id).in_(ids))
    return list(session.exec(query.order_by(col(SpotCheckItem.id))))


def item_of(session: Session, check: SpotCheck, code: str, name: str = "区水务局") -> SpotCheckItem:
    of_unit = unit(session, name).code
    found = (
        item for item in items_of(session, check) if item.code == code and item.unit_code == of_unit
    )
    return next(found)


def find(session: Session, item: SpotCheckItem, verdict: SpotVerdict, **said: Any) -> None:
    """The item's own expert records it."""
    usual: dict[str, Any] = {
        "found": "现场放水，阀门锈死",
        "site": "林校北路3号",
        "count": 2,
        "suggestion": "更换阀门",
        "by": session.get_one(User, item.user_id),
        "now": NOW,
    }
    spot_findings.record(session, item=item, verdict=verdict, **(usual | said))


def hand_in_all(session: Session, check: SpotCheck, **verdicts: SpotVerdict) -> None:
    """hand_in_all(session, check, P00001=SpotVerdict.FALSE): all the rest is 属实."""
    for item in items_of(session, check):
        find(session, item, verdicts.get(item.code.replace("-", "_"), SpotVerdict.TRUE))
    for username in ("expert", "expert2"):
        if items_of(session, check, username):
            spot_findings.hand_in(session, check=check, by=user(session, username), now=NOW)
