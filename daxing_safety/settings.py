"""Paths, the database's address and the clock: read from the environment, in this one place.

All dates and times of the product are Beijing time without a zone: deadlines are said so
(“3月24日17:00前”), and so they are stored.
"""

import os
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo

from daxing_safety.errors import UserFacingError

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "data"
BEIJING = ZoneInfo("Asia/Shanghai")
DEMO_DAY = date(2021, 5, 20)
TAKEN_HEADERS = {"host", "cookie", "origin", "referer", "user-agent", "x-forwarded-for"}


def data_dir() -> Path:
    """Where the database, evidence and backups lie (DAXING_DATA_DIR)."""
    return Path(os.environ.get("DAXING_DATA_DIR", FACTS / "local"))


def backups_dir() -> Path:
    """Where the server puts its backups (DAXING_BACKUP_DIR): another disk, better."""
    return Path(os.environ.get("DAXING_BACKUP_DIR", data_dir() / "backups"))


def logs_dir() -> Path:
    """Where 运行日志 is written (DAXING_LOG_DIR)."""
    return Path(os.environ.get("DAXING_LOG_DIR", data_dir() / "logs"))


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


@dataclass(frozen=True)
class Portal:
    """统一认证: the header that names who is signed in there, and the proxies that may send it."""

    header: bytes
    addresses: frozenset[str]


def portal() -> Portal | None:
    """DAXING_PROXY_USER_HEADER and DAXING_PROXY_ADDRESSES; None: signing in is by password only."""
    header = os.environ.get("DAXING_PROXY_USER_HEADER", "").strip()
    addresses = os.environ.get("DAXING_PROXY_ADDRESSES", "").strip()
    return _portal(header, addresses) if header or addresses else None


@lru_cache(maxsize=4)
def _portal(header: str, addresses: str) -> Portal:
    if not (header and addresses):
        raise UserFacingError(
            "统一认证没有设好：DAXING_PROXY_USER_HEADER（请求头的名称）和 DAXING_PROXY_ADDRESSES"
            "（反向代理的地址）必须同时设置。不用统一认证的，请把两个都去掉。"
        )
    is_name = re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", header)
    if not is_name or header.lower() in TAKEN_HEADERS or header.lower().startswith("x-daxing-"):
        raise UserFacingError(f"DAXING_PROXY_USER_HEADER 不能是“{header}”，请用如 X-Remote-User。")
    return Portal(header.lower().encode(), frozenset(map(_address, addresses.split(","))))


def _address(text: str) -> str:
    try:
        return plain_address(text.strip())
    except ValueError as wrong:
        raise UserFacingError(
            f"DAXING_PROXY_ADDRESSES 中的“{text.strip()}”不是 IP 地址，请用逗号分隔各个地址。"
        ) from wrong


def plain_address(text: str) -> str:
    """One way of writing each, IPv4 as seen by a server on IPv6, too. Raises ValueError."""
    address = ip_address(text)
    return str(getattr(address, "ipv4_mapped", None) or address)


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
