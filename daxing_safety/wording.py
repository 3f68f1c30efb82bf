"""How points, shares, days and lists of names are written in Chinese. Pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

BESIDE_CHINESE = re.compile(r"(?<=[一-鿿”）》%])[,;:!?]|[,;:!?](?=[一-鿿“（《])")
ROUND_CHINESE = re.compile(r"\(([^()]*[一-鿿][^()]*)\)")
TENTH = Decimal("0.1")
WEEKDAYS = "一二三四五六日"
FULL_WIDTH = str.maketrans(",;:!?", "，；：！？")


def typeset(text: str) -> str:
    """Chinese text with Chinese punctuation: the official tables were typed without."""
    text = ROUND_CHINESE.sub(r"（\1）", text)
    return BESIDE_CHINESE.sub(lambda mark: mark.group().translate(FULL_WIDTH), text)


def points(value: Decimal) -> str:
    """A score or a loss, always with two places: 92.50."""
    return f"{value:.2f}"


def plain(value: Decimal) -> str:
    """A number without needless noughts: 18, 0.5."""
    return f"{value.normalize():f}"


def percent(share: Decimal) -> str:
    """A share between 0 and 1, with one place: 64.2%. Only nothing is 0.0%, only all is 100.0%."""
    rounded = (share * 100).quantize(TENTH, ROUND_HALF_UP)
    return f"{min(max(rounded, TENTH), 100 - TENTH) if 0 < share < 1 else rounded}%"


def task(number: int, title: str) -> str:
    """As the choice of a task shows it, so as addresses name it, too."""
    return f"{number}. {title}"


def day(when: date) -> str:
    return f"{when.year}年{when.month}月{when.day}日"


def day_of_year(when: date) -> str:
    return f"{when.month}月{when.day}日"


def moment(at: datetime) -> str:
    """2021年5月25日（星期二）17:00"""
    return f"{day(at)}（星期{WEEKDAYS[at.weekday()]}）{at:%H:%M}"


def time_left(now: datetime, due_at: datetime) -> str:
    """5 天 7 小时, 7 小时 20 分, 20 分钟; of a time that is over, how long ago."""
    minutes = int(abs(due_at - now).total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} 天 {hours} 小时"
    return f"{hours} 小时 {minutes % 60} 分" if hours else f"{minutes} 分钟"


def listing(names: Sequence[str], *, most: int = 3, counter: str = "家") -> str:
    """区水务局、区城管委、区教委等 5 家"""
    named = "、".join(names[:most])
    return f"{named}等 {len(names)} {counter}" if len(names) > most else named


def shortened(text: str, most: int) -> str:
    """On one line, of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def gist(text: str, most: int) -> str:
    """The first clause of a longer text, without what stands in brackets behind it."""
    return shortened(re.split(r"[;；(（]", text, maxsplit=1)[0], most)
