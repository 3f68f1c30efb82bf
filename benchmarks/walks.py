"""Who comes to the load test, and what they look at: accounts of all units and their ways.

A way is what somebody does in one go: screens from the navigation, filters, a tab, a problem.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random

from sqlmodel import Session, col, select

from benchmarks.sessions import Tab
from daxing_safety import prefill, settings
from daxing_safety.models import Problem, User
from daxing_safety.vocabulary import Role

# Of a district's people: three fill in for each unit, 15 in the office, 20 leaders.
SHARES = {Role.OFFICE: 0.075, Role.LEADER: 0.1}
PROBLEM = "{problem}"  # stands for a problem of the viewer's own


@dataclass(frozen=True)
class Look:
    """One rerun, and what the heading of its page begins with.

    Without a page it is a choice on the page that stands there: the label of a row of buttons or
    of a list, and the number of what is chosen.
    """

    title: str
    page: str = ""
    query: str = ""
    buttons: tuple[str, int] | None = None
    choice: tuple[str, int] | None = None

    @property
    def name(self) -> str:
        chosen = self.buttons or self.choice
        asked = f"，{chosen[0]}" if chosen else f"?{self.query}" if self.query else ""
        return self.title.replace(PROBLEM, "一个问题") + asked

    async def take(self, tab: Tab, problem: str) -> None:
        if self.buttons:
            await tab.choose_one_of(*self.buttons)
        elif self.choice:
            await tab.choose(*self.choice)
        else:
            query, title = (each.replace(PROBLEM, problem) for each in (self.query, self.title))
            await tab.visit(self.page, title, query)


Way = tuple[Look, ...]

TODO = Look("待办", "todo")
OVERVIEW = Look("总览", "overview")
PROBLEMS = Look("问题整改", "problems")
OF_ONE_STAGE = Look("问题整改", buttons=("阶段", 2))
OVERDUE = Look("问题整改", choice=("整改时限", 0))
ONE_PROBLEM = Look(PROBLEM, "problems", f"problem={PROBLEM}")
PROGRESS = Look("进度", "progress")
COURSE = Look("进度", "progress", "view=计划与实际")
TASKS = Look("任务分解", "tasks")
LOSSES = Look("失分与提分", "losses")
PORTRAIT = Look("单位画像", "portrait")

OF_PROBLEMS = (OF_ONE_STAGE, ONE_PROBLEM)
FIRST_LOOKS = {Role.UNIT: TODO, Role.OFFICE: TODO, Role.LEADER: OVERVIEW}
WAYS: dict[Role, tuple[Way, ...]] = {
    Role.UNIT: (
        (TODO, PROBLEMS, ONE_PROBLEM),
        (TODO, Look("填报", "submit")),
        (OVERVIEW, LOSSES),
        (PROBLEMS, OF_ONE_STAGE, OVERDUE, ONE_PROBLEM),
        (PROGRESS, TASKS),
        (Look("佐证材料", "evidence"), PORTRAIT),
    ),
    Role.OFFICE: (
        (TODO, PROBLEMS, OF_ONE_STAGE, ONE_PROBLEM),
        (TODO, Look("审核", "review")),
        (Look("填报", "submit"), OVERVIEW),
        (PROGRESS, COURSE, TASKS),
        (LOSSES, PORTRAIT, Look("接诉即办", "hotline")),
    ),
    Role.LEADER: (
        (OVERVIEW, Look("总览", buttons=("地图的颜色", 1)), LOSSES),
        (OVERVIEW, PROGRESS, COURSE),
        (TODO, PROBLEMS, OVERDUE, ONE_PROBLEM),
        (Look("红黑榜", "honour_board"), PORTRAIT),
    ),
}


@dataclass(frozen=True)
class Person:
    username: str
    role: Role
    unit_code: str
    problem: str  # a number

    def looks(self, chance: Random) -> Iterator[Look]:
        """Without end. A unit without problems has none to open or to sort out."""
        while True:
            way = chance.choice(WAYS[self.role])
            yield from (look for look in way if self.problem or look not in OF_PROBLEMS)


def viewers(session: Session, number: int, password_hash: str) -> list[Person]:
    """New accounts: the office's and the leaders' share, and clerks of the units in turn."""
    roles = [role for role, share in SHARES.items() for _ in range(round(number * share))]
    roles += [Role.UNIT] * (number - len(roles))
    return _people(session, "viewer", roles, password_hash)


def clerks(session: Session, number: int, password_hash: str) -> list[Person]:
    """Of the units in turn."""
    return _people(session, "clerk", [Role.UNIT] * number, password_hash)


def _people(session: Session, name: str, roles: list[Role], password_hash: str) -> list[Person]:
    codes = cycle([unit.code for unit in prefill.reporting_units(session)])
    found = []
    for place, role in enumerate(roles):
        unit_code = next(codes) if role is Role.UNIT else ""
        username = f"{name}{place:03}"
        session.add(account(username, role, unit_code, password_hash))
        found.append(Person(username, role, unit_code, _problem(session, unit_code, place)))
    return found


def account(username: str, role: Role, unit_code: str, password_hash: str) -> User:
    return User(
        username=username,
        display_name=username,
        role=role,
        unit_code=unit_code or None,
        password_hash=password_hash,
        created_at=settings.now(),
        password_changed_at=settings.now(),
    )


def _problem(session: Session, unit_code: str, place: int) -> str:
    """The number of one that the viewer sees; "" where there is none."""
    query = select(Problem.number).order_by(col(Problem.id))
    if unit_code:
        query = query.where(Problem.unit_code == unit_code)
    numbers = session.exec(query).all()
    return numbers[place % len(numbers)] if numbers else ""
