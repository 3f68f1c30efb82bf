"""Initial passwords that were just issued: seen once, and printed as slips.

They stand in no table. The slips wait in the server's memory for whoever issued them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import streamlit as st

from daxing_safety import passwords, settings
from daxing_safety.actions import sessions
from daxing_safety.documents.slips import Slip
from daxing_safety.models import User
from daxing_safety.reports.account_list import Holder
from daxing_safety.ui.messages import plain
from daxing_safety.web import slips

ISSUED, ADDRESS = "issued_passwords", "slip_address"


@dataclass(frozen=True)
class Prepared:
    """New initial passwords, not yet stored: the hashes by username, and the slips."""

    hashes: dict[str, str]
    slips: bytes
    at: datetime
    password: str  # where there is but one


@dataclass(frozen=True)
class Issued:
    """`password` is shown where there is but one."""

    usernames: tuple[str, ...]
    slips: str
    password: str


def ask_address() -> None:
    st.text_input(
        "系统地址",
        value=_here(),
        key=ADDRESS,
        max_chars=80,
        help="印在密码条上，请写各单位在自己电脑上打开本系统用的地址",
        width=320,
    )


def _here() -> str:
    """As the administrator's own browser calls it."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def prepare(holders: Sequence[Holder], *, by: User) -> Prepared:
    """What takes long, so before the transaction that stores the hashes."""
    now = settings.clock()
    new = {holder.username: passwords.issue() for holder in holders}
    made = slips.document(
        [Slip(*holder, new[holder.username].password) for holder in holders],
        address=st.session_state.get(ADDRESS) or _here(),
        by=f"系统管理员{by.display_name}{f'（{by.phone}）' if by.phone else ''}",
        now=now,
    )
    only = next(iter(new.values())).password if len(new) == 1 else ""
    return Prepared({name: each.hash for name, each in new.items()}, made, now, only)


def hand_over(prepared: Prepared, *, by: User) -> None:
    """After they were stored."""
    kept = slips.keep(prepared.slips, by=by, now=prepared.at)
    st.session_state[ISSUED] = Issued(tuple(prepared.hashes), kept, prepared.password)


def show() -> None:
    """The password as long as nothing else is clicked; the slips until they are fetched."""
    place = st.container()  # also when empty: what follows must not move, or tabs fall shut
    issued: Issued | None = st.session_state.get(ISSUED)
    if issued is None:
        return
    if not slips.is_waiting(issued.slips):
        st.session_state.pop(ISSUED)
        return
    if issued.password:
        st.session_state[ISSUED] = Issued(issued.usernames, issued.slips, "")
    with place.container(border=True):
        _show(issued)


def _show(issued: Issued) -> None:
    days = sessions.INITIAL_PASSWORD_LASTS.days
    names = "、".join(issued.usernames[:3])
    whose = f"{names} 等 {len(issued.usernames)} 个账号" if len(issued.usernames) > 3 else names
    st.markdown(
        f"**{plain(whose)}** 的初始密码已生成，{days} 天内首次登录有效，登录后须自行修改。"
        "密码不在系统中保存：密码条**只能下载一次**，十分钟内有效，请打印后分发，再删去下载的文件。"
    )
    if issued.password:
        st.code(issued.password, language=None)
    st.link_button(
        f"下载密码条（{len(issued.usernames)} 张）",
        f"/download/slips/{issued.slips}",
        type="primary",
        icon=":material/print:",
    )
