"""Paths, the database's address and the clock: read from the environment, in this one place.

All dates and times of the product are Beijing time without a zone: deadlines are said so
(“3月24日17:00前”), and so they are stored.
"""

import os
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "data"
BEIJING = ZoneInfo("Asia/Shanghai")
DEMO_DAY = date(2021, 5, 20)


def data_dir() -> Path:
    """Where the database, evidence and backups lie (DAXING_DATA_DIR)."""
    return Path(os.environ.get("DAXING_DATA_DIR", FACTS / "local"))


def backups_dir() -> Path:
    """Where the server puts its backups (DAXING_BACKUP_DIR): another disk, better."""
    return Path(os.environ.get("DAXING_BACKUP_DIR", data_dir() / "backups"))


def database_url() -> str:
    """DAXING_DATABASE_URL, or the SQLite file in the data directory."""
    return os.environ.get("DAXING_DATABASE_URL") or f"sqlite:///{data_dir() / 'daxing.db'}"


def fixed_day() -> date | None:
    """The business day that DAXING_TODAY fixes, for demo and tests; None on a working system."""
    value = os.environ.get("DAXING_TODAY")
    return date.fromisoformat(value) if value else None


def use_demo_day() -> None:
    """Fixes the business day to the demo's, unless the environment fixes another."""
    os.environ.setdefault("DAXING_TODAY", DEMO_DAY.isoformat())


def allowed_hosts() -> frozenset[str]:
    """The names under which browsers may call the server (DAXING_HOSTS, by commas); empty: any."""
    return frozenset(filter(None, os.environ.get("DAXING_HOSTS", "").lower().split(",")))


def clock() -> datetime:
    """This moment in Beijing, whatever the business day: what sign-ins expire by."""
    return datetime.now(BEIJING).replace(tzinfo=None, microsecond=0)


def now() -> datetime:
    """This moment in Beijing, on the fixed business day if there is one."""
    moment = clock()
    day = fixed_day()
    return datetime.combine(day, moment.time()) if day else moment


def today() -> date:
    return now().date()
