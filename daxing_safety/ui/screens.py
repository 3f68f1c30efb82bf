"""The screens: what each is called, where it stands in the navigation and whom it is for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from daxing_safety import settings
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.ui import todo
from daxing_safety.ui.frame import TITLE
from daxing_safety.vocabulary import Role


@dataclass(frozen=True)
class Screen:
    """`file` under pages/ is the address too; whoever has one of the permissions sees it.

    Without permissions it is for everybody who has signed in.
    """

    file: str
    title: str
    icon: str
    section: str
    permissions: tuple[Permission, ...]
    waiting: Callable[[User], int] | None = None  # the number behind its title

    @property
    def path(self) -> Path:
        return settings.ROOT / "pages" / f"{self.file}.py"

    def is_for(self, user: User) -> bool:
        return not self.permissions or any(allows(user, each) for each in self.permissions)

    def title_for(self, user: User) -> str:
        number = self.waiting(user) if self.waiting else 0
        return f"{self.title} {number}" if number else self.title


EVERYBODY: tuple[Permission, ...] = ()
ANY_ROWS = (Permission.SEE_DISTRICT, Permission.SEE_OWN_UNIT)
WAITED_FOR = (*ANY_ROWS, Permission.SPOT_CHECK, Permission.MANAGE_ACCOUNTS)
CHECKS = (Permission.SEE_DISTRICT, Permission.SPOT_CHECK)
WORK, FIGURES = "工作", "情况"

# A new screen: write pages/<file>.py, which starts with require_user, and enter it here.
PAGES = (
    Screen("todo", "待办", "inbox", WORK, WAITED_FOR, todo.number_waiting),
    Screen("submit", "填报", "upload_file", WORK, (Permission.SUBMIT, Permission.SUBMIT_FOR_ANY)),
    Screen("review", "审核", "fact_check", WORK, (Permission.REVIEW,)),
    Screen("problems", "问题整改", "assignment_late", WORK, ANY_ROWS),
    Screen("hotline", "接诉即办", "support_agent", WORK, ANY_ROWS),
    Screen("spot_checks", "抽查评估", "shuffle", WORK, CHECKS),
    Screen("evidence", "佐证材料", "inventory_2", WORK, ANY_ROWS),
    Screen("overview", "总览", "dashboard", FIGURES, ANY_ROWS),
    Screen("losses", "失分与提分", "trending_up", FIGURES, ANY_ROWS),
    Screen("progress", "进度", "view_timeline", FIGURES, ANY_ROWS),
    Screen("portrait", "单位画像", "badge", FIGURES, ANY_ROWS),
    Screen("tasks", "任务分解", "account_tree", FIGURES, ANY_ROWS),
    Screen("honour_board", "红黑榜", "military_tech", FIGURES, (Permission.SEE_DISTRICT,)),
    Screen("compare", "两日对比", "compare_arrows", FIGURES, ANY_ROWS),
    Screen("meeting", "调度会", "co_present", "情况", (Permission.SEE_DISTRICT,)),
    Screen("wall", "大屏", "tv", "情况", (Permission.SEE_DISTRICT,)),
    Screen("accounts", "单位与账号", "group", "管理", (Permission.SEE_ACCOUNTS,)),
    Screen("preferences", "设置", "tune", "管理", (Permission.MANAGE_PROGRAMME,)),
    Screen("system", "系统", "dns", "管理", (Permission.MANAGE_SYSTEM,)),
    Screen("log", "操作日志", "history", "管理", (Permission.SEE_LOG,)),
    Screen("help", "帮助", "help", "其他", EVERYBODY),
)


# Where the bare address leads; whoever is not named here lands on the first screen of theirs.
HOMES = {Role.LEADER: "overview", Role.EXPERT: "spot_checks", Role.ADMIN: "accounts"}


def screens_of(user: User) -> list[Screen]:
    return [each for each in PAGES if each.is_for(user)]


def navigation(user: User) -> st.Page:
    """The page that was asked for, out of the viewer's own; the bare address leads home."""
    sections: dict[str, list[st.Page]] = {}
    pages: dict[str, st.Page] = {}
    for screen in screens_of(user):
        page = st.Page(
            screen.path,
            title=screen.title_for(user),
            icon=f":material/{screen.icon}:",
            url_path=screen.file,
        )
        sections.setdefault(screen.section, []).append(page)
        pages[screen.file] = page
    first = pages.get(HOMES.get(user.role, "")) or next(iter(pages.values()))
    home = st.Page(
        lambda: st.switch_page(first),
        title=TITLE,
        url_path="home",
        default=True,
        visibility="hidden",
    )
    return st.navigation({"": [home], **sections}, expanded=True)
