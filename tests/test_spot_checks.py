"""抽查: drawn by lot so that it can be repeated, found by its expert, handled by the office."""

from datetime import date, datetime
from typing import Any

import pytest
from spot_check_lives import (
    AFTER,
    NAME,
    NOW,
    PHOTO,
    SEED,
    UNTIL,
    draw,
    find,
    hand_in_all,
    item_of,
    items_of,
    person,
    prepare,
    unit,
    user,
)
from sqlmodel import Session, col, select

from daxing_safety import spot_checks
from daxing_safety.actions import accounts, closings, spot_draws, spot_findings, spot_handling
from daxing_safety.actions.spot_draws import Scope
from daxing_safety.criteria import Criteria
from daxing_safety.errors import BadInput, Conflict, NotAllowed, NotFound
from daxing_safety.models import (
    AuditEvent,
    Evidence,
    EvidenceUse,
    Problem,
    ProblemEvent,
    SpotCheck,
    SpotCheckItem,
    SpotCheckPhoto,
    User,
)
from daxing_safety.spot_checks import Candidate
from daxing_safety.vocabulary import (
    Discovery,
    DrawnFrom,
    EvidenceOf,
    Group,
    Move,
    PhotoStage,
    RectificationStatus,
    Role,
    SpotHandling,
    SpotVerdict,
)

COMPLIANT, ALL = DrawnFrom.SELF_COMPLIANT, tuple(DrawnFrom)


@pytest.fixture(autouse=True)
def prepared(session: Session) -> None:
    prepare(session)


def candidates(session: Session, **limits: Any) -> list[str]:
    """The codes of what may be drawn."""
    return sorted(each.code for each in spot_draws.population(session, Scope(ALL, **limits)))


def logged(session: Session) -> list[tuple[str, str]]:
    session.flush()
    query = select(col(AuditEvent.action), col(AuditEvent.username)).order_by(col(AuditEvent.id))
    return list(session.exec(query))


def problem(session: Session, number: str) -> Problem:
    return session.exec(select(Problem).where(col(Problem.number) == number)).one()


# ---- pure ---------------------------------------------------------------------------------------

HUNDRED = [Candidate(COMPLIANT, f"U{number:02}", "4-1") for number in range(100)]


def test_the_same_seed_draws_the_same_and_another_seed_something_else() -> None:
    once = spot_checks.draw(HUNDRED, ["a", "b"], wanted=10, seed=SEED)
    again = spot_checks.draw(reversed(HUNDRED), ["b", "a"], wanted=10, seed=SEED)
    other = spot_checks.draw(HUNDRED, ["a", "b"], wanted=10, seed="another")
    assert once == again
    assert {each.candidate for each in once} != {each.candidate for each in other}


def test_what_is_drawn_follows_from_sha256_as_the_record_says() -> None:
    """Worked out apart: sha256sum of "2021-05-20/SELF_COMPLIANT U00 4-1" and so on."""
    first = spot_checks.draw(HUNDRED, ["a"], wanted=1, seed=SEED)[0].candidate
    lots = {each: spot_checks.lot(SEED, f"SELF_COMPLIANT {each.unit_code} 4-1") for each in HUNDRED}
    assert first == min(HUNDRED, key=lots.__getitem__)
    assert spot_checks.lot("a", "b") == (
        "c14cddc033f64b9dea80ea675cf280a015e672516090a5626781153dc68fea11"
    )


def test_every_expert_gets_as_many_give_or_take_one() -> None:
    drawn = spot_checks.draw(HUNDRED, ["a", "b", "c"], wanted=10, seed=SEED)
    numbers = sorted([each.expert for each in drawn].count(name) for name in "abc")
    assert numbers == [3, 3, 4]


def test_no_place_in_the_population_is_drawn_more_often_than_others() -> None:
    """400 draws of 10 out of 100: each is expected 40 times, 6 of which are one deviation."""
    times = dict.fromkeys(HUNDRED, 0)
    for number in range(400):
        for each in spot_checks.draw(HUNDRED, ["a"], wanted=10, seed=str(number)):
            times[each.candidate] += 1
    assert min(times.values()) > 15 and max(times.values()) < 65


def test_a_population_comes_back_from_its_text() -> None:
    assert spot_checks.from_text(spot_checks.as_text(HUNDRED)) == HUNDRED


# ---- what may be drawn --------------------------------------------------------------------------


def test_what_units_call_compliant_and_what_is_said_to_be_mended_may_be_drawn(
    session: Session,
) -> None:
    assert candidates(session) == ["17-1", "17-1", "20-1", "7-1", "7-1", "P00001", "P00002"]


@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        ({"rules": ("7-1",)}, ["7-1", "7-1"]),
        ({"rules": ("4-1",)}, ["P00001", "P00002"]),  # of a problem it is its rule
        ({"groups": (Group.TOWNS,)}, []),
        ({"groups": (Group.DEPARTMENTS,), "rules": ("20-1",)}, ["20-1"]),
    ],
)
def test_a_draw_may_be_limited(session: Session, limits: dict[str, Any], codes: list[str]) -> None:
    assert candidates(session, **limits) == codes


def test_limits_hold_together(session: Session) -> None:
    bureau = unit(session, "区水务局").code
    assert candidates(session, units=(bureau,), rules=("7-1",)) == ["7-1"]


def test_a_task_limits_to_the_rules_of_its_indicators(session: Session, criteria: Criteria) -> None:
    task_no, _ = criteria.indicator["20"].tasks[0]
    under_it = {
        rule.code
        for indicator in criteria.indicators
        if task_no in [number for number, _ in indicator.tasks]
        for rule in indicator.rules
    }
    found = candidates(session, tasks=(task_no,))
    assert "20-1" in found
    assert "7-1" not in under_it and "7-1" not in found


# ---- the draw -----------------------------------------------------------------------------------


def test_a_draw_can_be_repeated_from_what_is_kept(session: Session) -> None:
    check = draw(session, wanted=4)
    again = spot_checks.draw(
        spot_checks.from_text(check.population), ["expert", "expert2"], wanted=4, seed=check.seed
    )
    on_record = [
        (each.source, each.unit_code, each.code, session.get_one(User, each.user_id).username)
        for each in items_of(session, check)
    ]
    assert on_record == [(*each.candidate, each.expert) for each in again]
    assert len(spot_checks.from_text(check.population)) == 7
    assert ("抽取", "office") in logged(session)


def test_nothing_is_drawn_twice_in_one_check(session: Session) -> None:
    drawn = [(item.unit_code, item.code) for item in items_of(session, draw(session))]
    assert len(drawn) == len(set(drawn)) == 7


def test_the_units_words_are_kept_as_they_were_when_it_was_drawn(session: Session) -> None:
    check = draw(session)
    assert item_of(session, check, "7-1").statement == "区水务局已逐处排查"
    assert item_of(session, check, "P00001").statement == "阀门已换，已试水"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": " "}, "请写明抽查名称"),
        ({"until": date(2021, 5, 19)}, "已经过去"),
        ({"experts": []}, "请选择参加抽查的专家"),
        ({"experts": ["expert", "区水务局"]}, "须是没有停用的专家账号"),
        ({"wanted": 1}, "每位专家至少一项"),
        ({"wanted": 8}, "共有 7 项"),
        ({"scope": Scope(())}, "没有可以抽取的事项"),
    ],
)
def test_a_draw_that_cannot_be_made_is_refused_in_words(
    session: Session, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        draw(session, **said)


def test_a_name_is_given_once(session: Session) -> None:
    draw(session)
    with pytest.raises(Conflict, match=NAME):
        draw(session)


def test_an_expert_whose_account_ends_before_is_not_asked(session: Session) -> None:
    expert = user(session, "expert")
    expert.valid_until = date(2021, 5, 30)
    session.add(expert)
    session.flush()
    with pytest.raises(BadInput, match="孙工的账号 2021-05-30 到期"):
        draw(session)


@pytest.mark.parametrize("username", ["区水务局", "leader", "admin", "auditor", "expert"])
def test_only_the_office_draws(session: Session, username: str) -> None:
    with pytest.raises(NotAllowed):
        draw(session, by=user(session, username))


# ---- 指定, 延期, 撤销 ---------------------------------------------------------------------------


def designated(session: Session, check: SpotCheck, code: str, **said: Any) -> SpotCheckItem:
    usual: dict[str, Any] = {
        "candidate": Candidate(COMPLIANT, unit(session, "区水务局").code, code),
        "expert": "expert",
        "reason": "群众多次反映",
        "by": user(session, "office"),
        "now": NOW,
    }
    item = spot_draws.designate(session, check=check, **(usual | said))
    session.flush()
    return item


def test_what_is_added_by_hand_shows_as_such(session: Session) -> None:
    check = draw(session, scope=Scope((DrawnFrom.CLOSED,)), wanted=1, experts=["expert"])
    assert designated(session, check, "7-1").designated_because == "群众多次反映"
    assert [item.designated_because for item in items_of(session, check)] == ["", "群众多次反映"]


@pytest.mark.parametrize(
    ("code", "said", "words"),
    [
        ("7-1", {}, "已经在本次抽查中"),
        ("13-1", {}, "没有可以核查的这一项"),
        ("13-1", {"reason": ""}, "请写明指定的理由"),
        ("13-1", {"expert": "office"}, "没有参加这次抽查"),
        ("13-1", {"now": AFTER}, "已经结束"),
    ],
)
def test_not_everything_can_be_added(
    session: Session, code: str, said: dict[str, Any], words: str
) -> None:
    check = draw(session)
    with pytest.raises((BadInput, Conflict, NotFound), match=words):
        designated(session, check, code, **said)


def test_a_later_day_opens_it_again_for_who_has_not_handed_in(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    item = items_of(session, check)[0]
    with pytest.raises(Conflict, match="已经结束"):
        find(session, item, SpotVerdict.TRUE, now=AFTER)
    spot_draws.prolong(
        session, check=check, until=date(2021, 6, 10), reason="汛期", by=office, now=AFTER
    )
    find(session, item, SpotVerdict.TRUE, now=AFTER)
    assert item.verdict is SpotVerdict.TRUE
    with pytest.raises(BadInput, match="晚于原期限 2021-06-10"):
        spot_draws.prolong(session, check=check, until=UNTIL, reason="x", by=office, now=AFTER)


def test_a_withdrawn_check_stays_to_be_seen_and_takes_nothing_more(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    spot_draws.withdraw(session, check=check, reason="范围选错", by=office, now=NOW)
    with pytest.raises(Conflict, match="已经结束"):
        find(session, items_of(session, check)[0], SpotVerdict.TRUE)
    with pytest.raises(Conflict, match="已经撤销"):
        spot_draws.withdraw(session, check=check, reason="再来", by=office, now=NOW)
    assert len(items_of(session, check)) == 7
    assert ("撤销抽查", "office") in logged(session)


# ---- the expert ---------------------------------------------------------------------------------


def test_an_expert_may_say_it_anew_until_it_is_handed_in(session: Session) -> None:
    check = draw(session)
    item = items_of(session, check, "expert")[0]
    find(session, item, SpotVerdict.FALSE)
    assert (item.verdict, item.site, item.count) == (SpotVerdict.FALSE, "林校北路3号", 2)
    find(session, item, SpotVerdict.TRUE)
    assert (item.verdict, item.count) == (SpotVerdict.TRUE, None)
    hand_in_all(session, check)
    with pytest.raises(Conflict, match="您已经交回"):
        find(session, item, SpotVerdict.FALSE)


@pytest.mark.parametrize(
    ("verdict", "said", "words"),
    [
        (None, {}, "请选择核查结论"),
        (SpotVerdict.TRUE, {"found": " "}, "请写明核查的情况"),
        (SpotVerdict.FALSE, {"site": ""}, "请写明有问题的点位"),
        (SpotVerdict.PARTLY, {"count": None}, "请填有问题的处数"),
    ],
)
def test_a_conclusion_rests_on_something(
    session: Session, verdict: SpotVerdict, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        find(session, items_of(session, draw(session))[0], verdict, **said)


@pytest.mark.parametrize("username", ["expert2", "office", "区水务局", "leader"])
def test_nobody_else_records_for_an_expert(session: Session, username: str) -> None:
    item = items_of(session, draw(session), "expert")[0]
    with pytest.raises((NotAllowed, NotFound)):
        find(session, item, SpotVerdict.TRUE, by=user(session, username))


def test_all_has_to_be_answered_before_it_is_handed_in(session: Session) -> None:
    check, expert = draw(session), user(session, "expert")
    own = items_of(session, check, "expert")
    for item in own[:-1]:
        find(session, item, SpotVerdict.TRUE)
    with pytest.raises(BadInput, match="还有 1 项没有填写"):
        spot_findings.hand_in(session, check=check, by=expert, now=NOW)
    find(session, own[-1], SpotVerdict.UNVERIFIABLE)
    spot_findings.hand_in(session, check=check, by=expert, now=NOW)
    with pytest.raises(Conflict, match="您已经交回"):
        spot_findings.hand_in(session, check=check, by=expert, now=NOW)


def test_an_expert_who_takes_no_part_hands_nothing_in(session: Session) -> None:
    check = draw(session, experts=["expert"])
    with pytest.raises(NotFound):
        spot_findings.hand_in(session, check=check, by=user(session, "expert2"), now=NOW)


def test_photos_are_photos_and_kept_once(session: Session) -> None:
    item = items_of(session, draw(session), "expert")[0]
    expert = user(session, "expert")

    def add(data: bytes, name: str) -> SpotCheckPhoto | None:
        return spot_findings.add_photo(session, item=item, data=data, name=name, by=expert, now=NOW)

    photo = add(PHOTO, "现场.jpg")
    assert photo and photo.name == "现场.jpg"
    session.flush()
    assert add(PHOTO, "又一张.jpg") is None
    with pytest.raises(BadInput, match="不是照片"):
        add(b"%PDF-1.7", "报告.pdf")
    with pytest.raises(NotFound):
        spot_findings.add_photo(
            session, item=item, data=PHOTO, name="a.jpg", by=user(session, "expert2"), now=NOW
        )
    spot_findings.remove_photo(session, photo=photo, by=expert, now=NOW)
    assert not session.exec(select(SpotCheckPhoto)).all()


# ---- the office ---------------------------------------------------------------------------------


def test_a_doubted_self_assessment_becomes_a_problem_with_its_photos(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    item = item_of(session, check, "7-1")
    by = session.get_one(User, item.user_id)
    spot_findings.add_photo(session, item=item, data=PHOTO, name="现场.jpg", by=by, now=NOW)
    hand_in_all(session, check, **{"7_1": SpotVerdict.FALSE})
    registered = spot_handling.register_problem(
        session, item=item, site=item.site, description=item.found, count=2, by=office, now=NOW
    )
    assert registered.discovery is Discovery.EXPERT
    assert (registered.rule_code, registered.unit_code) == ("7-1", item.unit_code)
    assert registered.found_by == NAME, "the unit learns of the check, not of its expert"
    assert (item.handling, item.problem_number) == (SpotHandling.ADOPTED, registered.number)
    shown = session.exec(
        select(Evidence, col(EvidenceUse.stage))
        .join(EvidenceUse, col(EvidenceUse.evidence_id) == col(Evidence.id))
        .where(
            col(EvidenceUse.subject) == EvidenceOf.PROBLEM,
            col(EvidenceUse.code) == registered.number,
        )
    ).all()
    assert [(file.name, stage) for file, stage in shown] == [("现场.jpg", PhotoStage.BEFORE)]


@pytest.mark.parametrize(("number", "move"), [("P00001", Move.SEND_BACK), ("P00002", Move.REOPEN)])
def test_what_is_not_mended_goes_back_by_the_usual_move(
    session: Session, number: str, move: Move
) -> None:
    check, office = draw(session), user(session, "office")
    hand_in_all(session, check, **{number: SpotVerdict.PARTLY})
    item = item_of(session, check, number)
    spot_handling.return_problem(session, item=item, reason="阀门仍锈死", by=office, now=NOW)
    assert problem(session, number).status is RectificationStatus.IN_PROGRESS
    events = session.exec(
        select(ProblemEvent).where(col(ProblemEvent.problem_number) == number)
    ).all()
    assert (events[-1].move, events[-1].remark) == (move, "阀门仍锈死")
    assert item.problem_number == number


def test_what_went_back_meanwhile_is_only_filed(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    hand_in_all(session, check, P00001=SpotVerdict.FALSE)
    closings.send_back(
        session, problem=problem(session, "P00001"), reason="照片不清", by=office, now=NOW
    )
    item = item_of(session, check, "P00001")
    with pytest.raises(Conflict, match="现在是“整改中”，不用再退回"):
        spot_handling.return_problem(session, item=item, reason="未改", by=office, now=NOW)
    spot_handling.file(session, item=item, reason="已经退回", by=office, now=NOW)
    assert (item.handling, item.handling_reason) == (SpotHandling.FILED, "已经退回")


def test_each_doubt_is_handled_once_and_in_its_own_way(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    hand_in_all(session, check, P00001=SpotVerdict.FALSE, **{"7_1": SpotVerdict.FALSE})
    rule, claimed = item_of(session, check, "7-1"), item_of(session, check, "P00001")
    with pytest.raises(BadInput, match="请采纳并登记"):
        spot_handling.return_problem(session, item=rule, reason="x", by=office, now=NOW)
    with pytest.raises(BadInput, match="不另行登记"):
        spot_handling.register_problem(
            session, item=claimed, site="a", description="b", count=1, by=office, now=NOW
        )
    spot_handling.file(session, item=rule, reason="证据不足", by=office, now=NOW)
    session.flush()
    with pytest.raises(Conflict, match="已由 office 阅存"):
        spot_handling.file(session, item=rule, reason="证据不足", by=office, now=NOW)
    with pytest.raises(Conflict, match="只有“部分属实”和“不属实”"):
        spot_handling.file(
            session, item=item_of(session, check, "20-1"), reason="x", by=office, now=NOW
        )


def test_the_office_waits_until_it_is_handed_in_or_its_date_is_over(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    item = item_of(session, check, "7-1")
    find(session, item, SpotVerdict.FALSE)
    session.flush()
    with pytest.raises(Conflict, match="专家还没有交回"):
        spot_handling.file(session, item=item, reason="x", by=office, now=NOW)
    spot_handling.file(session, item=item, reason="证据不足", by=office, now=AFTER)
    assert item.handling is SpotHandling.FILED


def test_a_colleague_within_the_unit_files_nothing_of_it(session: Session) -> None:
    check = draw(session)
    hand_in_all(session, check, **{"7_1": SpotVerdict.FALSE})
    insider = person("office2", "李工", Role.OFFICE, within=unit(session, "区水务局").code)
    with pytest.raises(NotAllowed, match="您所在单位"):
        spot_handling.file(
            session, item=item_of(session, check, "7-1"), reason="x", by=insider, now=NOW
        )


@pytest.mark.parametrize("username", ["区水务局", "leader", "admin", "auditor", "expert"])
def test_only_the_office_handles(session: Session, username: str) -> None:
    check, by = draw(session), user(session, username)
    hand_in_all(session, check, P00001=SpotVerdict.FALSE, **{"7_1": SpotVerdict.FALSE})
    rule, claimed = item_of(session, check, "7-1"), item_of(session, check, "P00001")
    with pytest.raises(NotAllowed):
        spot_handling.file(session, item=rule, reason="x", by=by, now=NOW)
    with pytest.raises(NotAllowed):
        spot_handling.register_problem(
            session, item=rule, site="a", description="b", count=1, by=by, now=NOW
        )
    with pytest.raises(NotAllowed):
        spot_handling.return_problem(session, item=claimed, reason="x", by=by, now=NOW)
    assert problem(session, "P00001").status is RectificationStatus.CLAIMED_FIXED


def test_a_check_of_which_something_was_handled_cannot_be_withdrawn(session: Session) -> None:
    check, office = draw(session), user(session, "office")
    hand_in_all(session, check, **{"7_1": SpotVerdict.FALSE})
    item = item_of(session, check, "7-1")
    spot_handling.file(session, item=item, reason="证据不足", by=office, now=NOW)
    session.flush()
    with pytest.raises(Conflict, match="已有处理过的事项"):
        spot_draws.withdraw(session, check=check, reason="x", by=office, now=NOW)


def test_every_verb_stands_in_the_log_with_who_did_it(session: Session) -> None:
    check, office = draw(session, experts=["expert"]), user(session, "office")
    hand_in_all(session, check, P00001=SpotVerdict.FALSE, **{"7_1": SpotVerdict.FALSE})
    spot_handling.file(
        session, item=item_of(session, check, "7-1"), reason="证据不足", by=office, now=NOW
    )
    spot_handling.return_problem(
        session, item=item_of(session, check, "P00001"), reason="未改", by=office, now=NOW
    )
    spot_draws.prolong(
        session, check=check, until=date(2021, 6, 2), reason="汛期", by=office, now=NOW
    )
    assert {
        ("抽取", "office"),
        ("记录抽查结论", "expert"),
        ("交回抽查", "expert"),
        ("阅存抽查结论", "office"),
        ("采纳抽查结论", "office"),
        ("退回问题", "office"),
        ("抽查延期", "office"),
    } <= set(logged(session))


def test_a_disabled_expert_is_not_drawn_for(session: Session) -> None:
    accounts.disable(session, username="expert2", by=user(session, "admin"))
    with pytest.raises(BadInput, match="没有停用"):
        draw(session, now=datetime(2021, 5, 20, 11))
