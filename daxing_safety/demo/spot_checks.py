"""抽查 in the demo: one that was handed in and is half handled, one that experts are at work on."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import cycle

from sqlmodel import Session, col, select

from daxing_safety.actions import spot_draws, spot_findings, spot_handling
from daxing_safety.actions.spot_draws import Scope
from daxing_safety.database import transaction
from daxing_safety.demo.clerk import examples, place_of
from daxing_safety.demo.days import on
from daxing_safety.demo.people import colleague
from daxing_safety.demo.photos import photo
from daxing_safety.models import Problem, SpotCheck, SpotCheckItem, Unit, User
from daxing_safety.spot_checks import DOUBTED
from daxing_safety.vocabulary import DrawnFrom, PhotoStage, SpotVerdict

EXPERTS = ("expert", "expert2")
FIRST, SECOND = "2021年4月自评抽查", "2021年5月销号回头看"
FIRST_DRAWN_ON, FIRST_UNTIL = date(2021, 4, 26), date(2021, 5, 10)
SECOND_DRAWN_ON, SECOND_UNTIL = date(2021, 5, 17), date(2021, 6, 4)
HANDLED_ON = date(2021, 5, 14)

TRUE, PARTLY, FALSE, UNVERIFIABLE = SpotVerdict
VERDICTS = (TRUE, FALSE, TRUE, TRUE, PARTLY, TRUE, TRUE, FALSE, TRUE, UNVERIFIABLE, TRUE)
SEEN = {
    TRUE: "现场逐处查看，台账和现场一致。",
    UNVERIFIABLE: "点位正在施工，无法进入，待完工后再看。",
}
SUGGESTION = "明确专人每周巡查，检查情况当天记入台账。"


def draw_first() -> None:
    with on(FIRST_DRAWN_ON) as now, transaction() as session:
        spot_draws.draw(
            session,
            name=FIRST,
            until=FIRST_UNTIL,
            experts=EXPERTS,
            scope=Scope((DrawnFrom.SELF_COMPLIANT, DrawnFrom.CLOSED)),
            wanted=16,
            seed="8c1f0a6b2d47e935",
            by=colleague(session),
            now=now,
        )


def go_on() -> None:
    """The first is handed in, and of its doubts two are handled; the second is half done."""
    _hand_in_first()
    _handle_some()
    with on(SECOND_DRAWN_ON) as now, transaction() as session:
        spot_draws.draw(
            session,
            name=SECOND,
            until=SECOND_UNTIL,
            experts=EXPERTS,
            scope=Scope((DrawnFrom.CLAIMED_FIXED, DrawnFrom.CLOSED)),
            wanted=12,
            seed="51d2e7c09ab8643f",
            by=colleague(session),
            now=now,
        )
    with transaction() as session:
        own = _items(session, SECOND, EXPERTS[0])
        _look_at(session, own[: len(own) // 2], SECOND_DRAWN_ON)


def _hand_in_first() -> None:
    with transaction() as session:
        check = session.exec(select(SpotCheck).where(col(SpotCheck.name) == FIRST)).one()
        for username in EXPERTS:
            _look_at(session, _items(session, FIRST, username), FIRST_DRAWN_ON)
            with on(FIRST_UNTIL - timedelta(days=2)) as now:
                by = _user(session, username)
                spot_findings.hand_in(session, check=check, by=by, now=now)


def _look_at(session: Session, items: Sequence[SpotCheckItem], drawn_on: date) -> None:
    """Three things a day, from the day after the draw."""
    for place, (item, verdict) in enumerate(zip(items, cycle(VERDICTS))):
        with on(drawn_on + timedelta(days=1 + place // 3)) as now:
            by = session.get_one(User, item.user_id)
            site, description = _place(session, item)
            is_doubted = verdict in DOUBTED
            spot_findings.record(
                session,
                item=item,
                verdict=verdict,
                found=f"{description}，与所报不符。" if is_doubted else SEEN[verdict],
                site=site if is_doubted else "",
                count=1 if is_doubted else None,
                suggestion=SUGGESTION if is_doubted else "",
                by=by,
                now=now,
            )
            if is_doubted:
                drawn = photo(site, PhotoStage.BEFORE, now.date(), has_hydrant="消" in description)
                spot_findings.add_photo(
                    session, item=item, data=drawn, name=f"{site}.jpg", by=by, now=now
                )


def _place(session: Session, item: SpotCheckItem) -> tuple[str, str]:
    """Where something is not in order, and what."""
    if item.source is not DrawnFrom.SELF_COMPLIANT:
        problem = session.exec(select(Problem).where(col(Problem.number) == item.code)).one()
        return problem.site, f"原点位复看，{problem.description}"
    unit = session.get_one(Unit, item.unit_code)
    known = examples().get(item.code)
    if not known:
        return f"{place_of(unit.name)}办公区", "台账有记录，现场没有落实"
    return known[0].site.format(p=place_of(unit.name)), known[0].description


def _handle_some() -> None:
    with on(HANDLED_ON) as now, transaction() as session:
        office = colleague(session)
        doubts = [
            item
            for item in _items(session, FIRST, *EXPERTS)
            if item.verdict in DOUBTED and item.source is DrawnFrom.SELF_COMPLIANT
        ]
        adopted, filed = doubts[:2]
        spot_handling.register_problem(
            session,
            item=adopted,
            site=adopted.site,
            description=adopted.found,
            count=adopted.count or 1,
            by=office,
            now=now,
        )
        reason = "单位当场改正并补交照片，不再登记。"
        spot_handling.file(session, item=filed, reason=reason, by=office, now=now)


def _items(session: Session, name: str, *usernames: str) -> Sequence[SpotCheckItem]:
    query = (
        select(SpotCheckItem)
        .join(SpotCheck, col(SpotCheck.id) == col(SpotCheckItem.check_id))
        .join(User, col(User.id) == col(SpotCheckItem.user_id))
        .where(col(SpotCheck.name) == name, col(User.username).in_(usernames))
    )
    return session.exec(query.order_by(col(SpotCheckItem.id))).all()


def _user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()
