"""双随机: what is looked at and who looks, drawn by lot in a way that anybody can repeat. Pure.

Whatever may be drawn is put in the order of the SHA-256 of `seed/key`, its key being
`source unit code`; the first so many are drawn. The experts are put in the order of the SHA-256 of
`seed/username`, and what was drawn is dealt to them by turns.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from daxing_safety.models import SpotCheck, SpotCheckItem
from daxing_safety.vocabulary import DrawnFrom, SpotVerdict

BETWEEN = ","  # two keys of a population's text; none holds one
DOUBTED = (SpotVerdict.PARTLY, SpotVerdict.FALSE)  # the office has to make something of them


class Candidate(NamedTuple):
    """A thing that may be drawn: a rule or a problem (`code`) of a unit."""

    source: DrawnFrom
    unit_code: str
    code: str

    @property
    def key(self) -> str:
        return f"{self.source.name} {self.unit_code} {self.code}"


class Drawn(NamedTuple):
    candidate: Candidate
    expert: str  # username


def draw(
    population: Iterable[Candidate], experts: Iterable[str], *, wanted: int, seed: str
) -> list[Drawn]:
    """The same seed over the same population and experts always draws the same."""
    chosen = sorted(population, key=lambda each: lot(seed, each.key))[:wanted]
    in_turn = sorted(experts, key=lambda name: lot(seed, name))
    return [Drawn(each, in_turn[place % len(in_turn)]) for place, each in enumerate(chosen)]


def lot(seed: str, name: str) -> str:
    return hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()


def as_text(population: Sequence[Candidate]) -> str:
    return json.dumps([each.key for each in population], separators=(BETWEEN, ":"))


def from_text(text: str) -> list[Candidate]:
    parts = (key.split(" ") for key in json.loads(text))
    return [Candidate(DrawnFrom[source], unit, code) for source, unit, code in parts]


def is_open(check: SpotCheck, today: date) -> bool:
    """The last day itself is still in time."""
    return check.withdrawn_at is None and today <= check.until


def is_settled(check: SpotCheck, handed_in_at: datetime | None, today: date) -> bool:
    """Whether an expert's conclusions stand: handed in, or closed by the date."""
    return handed_in_at is not None or not is_open(check, today)


def waits_for_office(item: SpotCheckItem) -> bool:
    """Of what stands: a doubt that nobody has made anything of."""
    return item.verdict in DOUBTED and item.handling is None
