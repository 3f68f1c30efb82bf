"""Every page with every key of its address holding another unit's ids: not one byte of theirs.

小刘 of 区城管委 asks for 区水务局's things; experts, the administrator and the auditor ask for
anybody's. What a unit has written bears its mark (marked_lives.py), so that a leak is seen
wherever it stands: a text, a table's bytes, a figure, an option, an address.
"""

from collections.abc import Callable, Iterator

import pytest
from marked_lives import OWN, SECRET, Life
from reading_screens import PAGES, Reader, keys_of
from test_walk_pages import MAY_OPEN, USERNAMES

from daxing_safety.ui import evidence, hotline, improvement, losses, progress, tasks
from daxing_safety.vocabulary import Role

SignIn = Callable[[str], str]
PAST = "2021-05-15"

# A new key of an address: say here what of another unit it may hold, or below that it names none.
WITH_IDS: dict[str, Callable[[Life], tuple[str, ...]]] = {
    "unit": lambda life: (life.code, life.unit),
    "bill": lambda life: (life.code,),
    "cell": lambda life: (f"{life.code}.1", f"{life.code}.3"),
    "point": lambda life: life.points,
    "problem": lambda life: (life.problem, life.claimed, life.closed),
    "closed": lambda life: (f"{life.problem},{life.claimed}",),
    "submission": lambda life: (str(life.submission), str(life.returned)),
    "material": lambda life: (str(life.evidence), str(life.photo), str(life.withdrawn)),
    "subject": lambda life: (f"PROBLEM {life.problem}", "RULE 4-1", f"WORK_POINT {life.points[0]}"),
    "report": lambda life: (str(life.report), str(life.unanswered)),
    "meeting": lambda _: ("1",),
    "q": lambda life: (life.problem, "甲乙"),
    "find": lambda life: (life.unit, "甲乙"),
    "event": lambda _: ("1", "20", "60"),
    "who": lambda life: (life.unit,),
    "check": lambda life: (str(life.check_over), str(life.check_open)),
    "item": lambda life: (str(life.doubted), str(life.to_check)),
}
WITHOUT_IDS = {
    *("account_states", "unused", "part"),
    *("accounts_by", "all", "chapter", "groups", "kind", "lacking", "map", "older", "page", "view"),
    *("phase", "places", "review_groups", "round", "scope", "side", "states", "status", "aim"),
    *("as_of", "group", "due", "task", "town", "rule", "section", "indicator", "complexity"),
    *("action", "address", "from", "to", "only", "days", "load", "delay", "major", "listed"),
    *("target", "met", "added", "severity", "discovery", "sort", "name"),
}
# Where the code computes the key: which ones these are.
COMPUTED: dict[str, set[str]] = {
    "compare._asked:key": {"from", "to"},
    "compare._choose:key": {"from", "to"},
    "hotline._choose:key": {"unit", "town", "due", "complexity"},
    "improvement._ask_many:key": {"closed", "met", "added"},
    "improvement._keep_in_address:key": {"closed", "met", "added"},
    "improvement._ask_number:key": {"target", "major", "listed"},
    "improvement._slide:key": {"days", "load", "delay"},
    "losses.show_tree:level": {"section", "indicator", "rule", "unit"},
    "losses._go:level": {"section", "indicator", "rule", "unit"},
    "meeting._go:address": {"meeting", "unit", "view"},
    "log.ask:{name: value for name, value in query.items() if value}": {
        *("who", "action", "q", "from", "to", "address", "only")
    },
    "problems.:Filters.read(st.query_params, choices)": {
        *("status", "unit", "group", "rule", "task", "town", "severity", "discovery"),
        *("due", "only", "q", "sort", "page", "view"),
    },
    "problems.filters.ask:{name: value for name, value in query.items() if value}": {"q"},
    "problems.filters.clear:{name: value for name, value in kept.items() if value}": {"sort"},
    "problems.filters.clear:name": {"sort", "view"},
    "spot_checks.address.go:{CHECK: str(check_id)} if check_id else {}": {"check"},
    "spot_checks.expert._go:{ITEM: str(item_id)} if item_id else {}": {"item"},
    "saved_views.open_view:query": {"q", "view"},
}
VIEWS = {
    "evidence": (evidence.BY_FILE, evidence.SIGNED),
    "hotline": (hotline.RATES, hotline.IMPORT),
    "losses": (losses.BILLS, improvement.PATH, improvement.WHAT_IF),
    "progress": (progress.COURSE, progress.GANTT),
    "problems": ("board", "promises"),
    "tasks": (tasks.BY_TASK,),
    "meeting": ("minutes",),
    "spot_checks": ("可信度",),
}
# Who looks after accounts sees people's phones, who looks after the log what was done; by title.
MAY_READ = {Role.ADMIN: {"单位与账号"}, Role.AUDITOR: {"操作日志"}, Role.EXPERT: set()}
IN_USE = sorted(page.stem for page in PAGES.glob("*.py"))


def _keys(page: str) -> set[str]:
    found = set(keys_of(page))
    return (found - COMPUTED.keys()).union(*(COMPUTED[key] for key in found & COMPUTED.keys()))


@pytest.mark.parametrize("page", IN_USE)
def test_of_every_key_that_a_page_reads_it_is_said_what_it_may_hold(page: str) -> None:
    assert _keys(page) <= WITH_IDS.keys() | WITHOUT_IDS


def test_nothing_is_said_of_keys_that_no_page_reads() -> None:
    read = {key for page in IN_USE for key in _keys(page)} | {"name"}
    assert WITH_IDS.keys() | WITHOUT_IDS == read
    assert COMPUTED.keys() <= {key for page in IN_USE for key in keys_of(page)}


def addresses(page: str, life: Life) -> Iterator[dict[str, str]]:
    """Bare; each view, today and of a past day; and each key with each thing of theirs."""
    yield {}
    for view in ("", *VIEWS.get(page, ())):
        for on in ("", PAST):
            asked = {"view": view, "as_of": on, "unit": life.code, "bill": life.code}
            yield {key: value for key, value in asked.items() if value}
    for key in sorted(_keys(page) & WITH_IDS.keys()):
        for value in WITH_IDS[key](life):
            yield {key: value}


@pytest.mark.parametrize(
    "page", [each for each in IN_USE if Role.UNIT in MAY_OPEN.get(each, set())]
)
def test_the_neighbour_reads_nothing_of_the_water_bureau_whatever_the_address_says(
    page: str, reader: Reader, sign_in: SignIn, water: Life
) -> None:
    sign_in("区城管委")
    leaks = [asked for asked in addresses(page, water) if reader.open(page, **asked).holds(SECRET)]
    assert leaks == []


@pytest.mark.parametrize(
    "page", [each for each in IN_USE if Role.UNIT not in MAY_OPEN.get(each, set())]
)
def test_pages_that_are_not_a_clerks_tell_it_nothing(
    page: str, reader: Reader, sign_in: SignIn, water: Life
) -> None:
    sign_in("区城管委")
    for asked in addresses(page, water):
        screen = reader.run_file(page, **asked)
        assert screen.is_refused and not screen.holds(SECRET), asked


@pytest.mark.parametrize("role", MAY_READ, ids=lambda role: role.name)
def test_who_has_no_business_with_the_units_reads_nothing_of_any(
    role: Role, reader: Reader, sign_in: SignIn, water: Life, city: Life
) -> None:
    sign_in(USERNAMES[role])
    ids = {key: values(water)[0] for key, values in WITH_IDS.items()}
    titles = {
        screen.title
        for page in IN_USE
        for asked in ({}, ids)
        for screen in [reader.open(page, **asked)]
        if screen.holds(SECRET) or screen.holds(OWN)
    }
    assert titles <= MAY_READ[role]


# ---- and that the walk would see it -------------------------------------------------------------


@pytest.mark.parametrize("page", ["problems", "hotline", "evidence", "submit", "todo"])
def test_the_walk_finds_what_a_clerk_may_read_of_its_own(
    page: str, reader: Reader, sign_in: SignIn
) -> None:
    sign_in("区城管委")
    assert reader.open(page).holds(OWN)


@pytest.mark.parametrize(
    ("page", "key"),
    [
        *(("problems", "problem"), ("review", "submission"), ("hotline", "report")),
        *(("evidence", "unit"), ("meeting", "meeting"), ("progress", "point")),
    ],
)
def test_the_same_address_shows_it_to_the_office(
    page: str, key: str, reader: Reader, sign_in: SignIn, water: Life
) -> None:
    sign_in("office")
    assert any(reader.open(page, **{key: value}).holds(SECRET) for value in WITH_IDS[key](water))
