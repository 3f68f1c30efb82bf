"""帮助: docs/使用手册.md on the screen, a tab a chapter, with its pictures."""

import re
from functools import cache
from typing import NamedTuple

import streamlit as st

from daxing_safety import settings
from daxing_safety.models import User
from daxing_safety.vocabulary import Role

DOCS = settings.ROOT / "docs"
MANUAL = DOCS / "使用手册.md"

# The chapter that is a role's own, by its heading; the others are for everybody.
OWN_CHAPTERS = {
    Role.UNIT: "填报人",
    Role.OFFICE: "创安办",
    Role.LEADER: "区领导",
    Role.EXPERT: "专家",
    Role.ADMIN: "系统管理员",
    Role.AUDITOR: "审计员",
}

CHAPTER = re.compile(r"^## (.+)$", re.M)
SECTION = re.compile(r"^### (.+)$", re.M)
PICTURE = re.compile(r"^!\[(.+)\]\((screenshots/[\w-]+\.png)\)$", re.M)

WIDTH = 920  # pixels: longer lines are hard to read


class Chapter(NamedTuple):
    title: str
    text: str


@cache
def manual() -> tuple[Chapter, ...]:
    _, *parts = CHAPTER.split(MANUAL.read_text("utf-8"))
    return tuple(map(Chapter, parts[::2], parts[1::2]))


def chapters_for(viewer: User) -> list[Chapter]:
    """The viewer's own first, then what is for everybody."""
    own = OWN_CHAPTERS.get(viewer.role)
    others = set(OWN_CHAPTERS.values()) - {own}
    chapters = [each for each in manual() if each.title not in others]
    return sorted(chapters, key=lambda each: each.title != own)


def show(chapter: Chapter) -> None:
    opening, *sections = SECTION.split(chapter.text)
    with st.container(width=WIDTH):
        _show_text(opening)
        for heading, text in zip(sections[::2], sections[1::2], strict=True):
            st.subheader(heading, anchor=False)
            _show_text(text)


def _show_text(text: str) -> None:
    """Words and pictures by turns: what is between, a caption, a file."""
    words, *pictures = PICTURE.split(text)
    _show_words(words)
    for caption, file, following in zip(*(pictures[at::3] for at in range(3)), strict=True):
        with st.container(border=True):
            st.image(DOCS / file, caption, width="content")
        _show_words(following)


def _show_words(words: str) -> None:
    if words.strip():
        st.markdown(words)
