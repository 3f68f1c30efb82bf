"""安全设置: what passwords must be, how long they and sign-ins last, and when guessing locks.

The administrator's, not the office's. Every number has bounds, so that nobody can lock everybody
out or leave the doors open. They are kept as one preference: whoever looks a sign-in up reads
them in the same query.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from sqlmodel import Session

from daxing_safety.actions import audit
from daxing_safety.errors import BadInput
from daxing_safety.models import Preference, User
from daxing_safety.passwords import Strength
from daxing_safety.permissions import Permission, require

KEPT_AS = "security_rules"


@dataclass(frozen=True, slots=True)
class SecurityRules:
    shortest: int = 10
    kinds: int = 3
    not_again: int = 0
    expires_after: int = 0
    idle_minutes: int = 30
    absolute_hours: int = 12
    free_per_account: int = 5
    free_per_address: int = 30  # a whole office may sit behind one address
    longest_lock: int = 15
    unused_days: int = 90

    @property
    def strength(self) -> Strength:
        return Strength(self.shortest, self.kinds)

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        return timedelta(hours=self.absolute_hours)

    def last_day_of(self, user: User) -> date | None:
        """On which the account's password will do; None: no end."""
        if not self.expires_after or not user.password_hash:
            return None
        return user.password_changed_at.date() + timedelta(days=self.expires_after - 1)

    def has_expired(self, user: User, at: datetime) -> bool:
        last = self.last_day_of(user)
        return last is not None and at.date() > last


class Bounds(NamedTuple):
    """`off` is the number that stands for "not at all", where there is one."""

    label: str
    unit: str
    least: int
    most: int
    help: str
    off: int | None = None

    def hold(self, number: int) -> bool:
        return number == self.off or self.least <= number <= self.most


# A new number to set: its default above, its bounds here.
BOUNDS: dict[str, Bounds] = {
    # At the most as long as the initial passwords, which must be strong by every rule.
    "shortest": Bounds("密码最短长度", "位", 8, 14, "等保要求不少于 8 位。"),
    "kinds": Bounds(
        "字符种类", "类", 2, 4, "大写字母、小写字母、数字、符号中至少几类；16 位以上的不限。"
    ),
    "not_again": Bounds(
        "不得重复最近用过的密码", "个", 1, 12, "0 为只不许与现用的相同。建议 5。", off=0
    ),
    "expires_after": Bounds(
        "密码有效期",
        "天",
        30,
        365,
        "到期的，下次登录须先换密码。0 为不限期；等保要求定期更换，建议 90。",
        off=0,
    ),
    "idle_minutes": Bounds("不操作自动退出", "分钟", 5, 240, "等保要求不操作时自动退出。"),
    "absolute_hours": Bounds(
        "一次登录最长", "小时", 1, 24, "从登录时起算，一直在用的也要重新登录；大屏也按它。"
    ),
    "free_per_account": Bounds(
        "同一账号可错几次", "次", 3, 20, "一小时内错满这个数，暂停登录 30 秒，再错逐次加倍。"
    ),
    "free_per_address": Bounds(
        "同一地址可错几次", "次", 10, 500, "几个单位共用一个出口地址的，不宜太小。"
    ),
    "longest_lock": Bounds("暂停登录最长", "分钟", 1, 60, "加倍到这个数为止。"),
    "unused_days": Bounds(
        "久未登录的提醒", "天", 14, 365, "超过这个天数没有登录的账号，在账号列表中标出。"
    ),
}


def in_force(session: Session) -> SecurityRules:
    kept = session.get(Preference, KEPT_AS)
    return read(kept.value if kept else None)


@lru_cache(maxsize=8)
def read(kept: str | None) -> SecurityRules:
    """Out of what the preference holds; None: nothing was ever set."""
    known = json.loads(kept) if kept else {}
    return SecurityRules(**{name: known[name] for name in BOUNDS if name in known})


def set_rules(session: Session, *, changed: Mapping[str, int], by: User) -> None:
    """`changed` names some of the numbers; the others stay."""
    require(by, Permission.MANAGE_ACCOUNTS)
    for name, number in changed.items():
        _check(BOUNDS[name], number)
    before = asdict(in_force(session))
    new = {name: number for name, number in changed.items() if number != before[name]}
    if not new:
        raise BadInput("没有改动，不用保存。")
    rules = replace(in_force(session), **new)
    if rules.free_per_address < rules.free_per_account:
        raise BadInput("同一地址可错的次数不能少于同一账号可错的次数。")
    session.merge(Preference(name=KEPT_AS, value=json.dumps(asdict(rules))))
    old = {name: before[name] for name in new}
    audit.record(session, "修改安全设置", "、".join(map(_label, new)), by=by, before=old, after=new)


def _check(bounds: Bounds, number: int) -> None:
    if not bounds.hold(number):
        unless = f"，或填 {bounds.off}" if bounds.off is not None else ""
        raise BadInput(
            f"“{bounds.label}”须在 {bounds.least} 至 {bounds.most} {bounds.unit}之间{unless}。"
        )


def _label(name: str) -> str:
    return BOUNDS[name].label
