"""The fixed cast and an installed database of its own for every test that asks for one.

小王 fills in for 区水务局, 小刘 for 区城管委 and must never see 区水务局's rows, 李区长 looks,
张工 of 创安办 does everything. With --postgresql all that use a database run on a real server.
"""

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import clusters
import pytest
from clusters import INSTALLED, Cluster, Settle, point_at, settling
from sqlmodel import Session, col, select

from daxing_safety import database, settings
from daxing_safety.actions import installation, rounds
from daxing_safety.criteria import Criteria, load_criteria
from daxing_safety.models import Round, Unit, User
from daxing_safety.programme import Programme, load_programme
from daxing_safety.vocabulary import Role
from daxing_safety.workbooks import worker

TODAY = date(2021, 5, 20)
NOW = datetime(2021, 5, 20, 10, 0)


@pytest.fixture(scope="session", autouse=True)
def workers() -> Iterator[None]:
    """Whatever worker processes a test started end with the run."""
    yield
    worker.shutdown()


@pytest.fixture(scope="session")
def programme() -> Programme:
    return load_programme()


@pytest.fixture(scope="session")
def criteria(programme: Programme) -> Criteria:
    return load_criteria(programme)


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "run what uses a database, and only that, on a PostgreSQL server of the tests' own"
    parser.addoption("--postgresql", action="store_true", help=told)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    on_server = config.getoption("--postgresql")
    left_out = [item for item in items if belongs_on_server(item, on_server) is not on_server]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def belongs_on_server(item: pytest.Item, on_server: bool) -> bool:
    """What is marked belongs in one run; what uses any database, in whichever goes on."""
    if item.get_closest_marker("postgresql"):
        return True
    if item.get_closest_marker("sqlite") or item.get_closest_marker("browser"):
        return False
    return on_server and "cluster" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster | None]:
    """None: every database is a file in its data folder."""
    if not request.config.getoption("--postgresql"):
        yield None
        return
    with clusters.running() as started:
        yield started


@pytest.fixture(scope="session")
def installed(cluster: Cluster | None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the plan, the criteria and the cast; copied for each test."""
    folder = tmp_path_factory.mktemp("installed")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAXING_TODAY", TODAY.isoformat())
        point_at(folder, environment, cluster.make(INSTALLED) if cluster else "")
        database.upgrade()
        with database.transaction() as session:
            installation.install(session)
            session.add_all(cast(session))
        database.engines(settings.database_url()).dispose()
    return folder


def cast(session: Session) -> list[User]:
    def person(username: str, name: str, role: Role, unit: str | None = None) -> User:
        code = session.scalar(select(Unit.code).where(col(Unit.name) == unit)) if unit else None
        return User(
            username=username,
            display_name=name,
            role=role,
            unit_code=code,
            password_hash="",
            created_at=NOW,
            password_changed_at=NOW,
        )

    return [
        person("区水务局", "小王", Role.UNIT, "区水务局"),
        person("区城管委", "小刘", Role.UNIT, "区城管委"),
        person("leader", "李区长", Role.LEADER),
        person("office", "张工", Role.OFFICE),
        person("admin", "赵工", Role.ADMIN),
        person("auditor", "钱工", Role.AUDITOR),
        person("expert", "孙工", Role.EXPERT),
    ]


@pytest.fixture
def settle(cluster: Cluster | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settle]:
    """Moves the test to an empty place, or one like another: `settle(tmp_path / "new")`."""
    with settling(cluster, monkeypatch) as settle:
        yield settle


@pytest.fixture
def data_dir(
    installed: Path, settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The installed database as this test's own; the environment points at it."""
    folder = tmp_path / "data"
    shutil.copytree(installed, folder)
    monkeypatch.setenv("DAXING_TODAY", TODAY.isoformat())
    return settle(folder, like=INSTALLED)


@pytest.fixture
def session(data_dir: Path) -> Iterator[Session]:
    """One transaction that the test reads and writes in; undone at its end."""
    with database.engines(settings.database_url()).writer.connect() as connection:
        transaction = connection.begin()
        with Session(connection, expire_on_commit=False) as session:
            yield session
        transaction.rollback()


def _user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


@pytest.fixture
def clerk(session: Session) -> User:
    """小王 of 区水务局."""
    return _user(session, "区水务局")


@pytest.fixture
def neighbour(session: Session) -> User:
    """小刘 of 区城管委."""
    return _user(session, "区城管委")


@pytest.fixture
def leader(session: Session) -> User:
    return _user(session, "leader")


@pytest.fixture
def office(session: Session) -> User:
    return _user(session, "office")


@pytest.fixture
def admin(session: Session) -> User:
    return _user(session, "admin")


@pytest.fixture
def water_bureau(session: Session) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()


@pytest.fixture
def city_management(session: Session) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == "区城管委")).one()


@pytest.fixture
def second_quarter(session: Session, office: User) -> Round:
    """The round that is open today."""
    return rounds.open_round(
        session, name="2021年第二季度", due_at=datetime(2021, 5, 25, 17, 0), by=office, now=NOW
    )
