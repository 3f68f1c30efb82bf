"""Reads data/programme: the district's plan as tables. Knows no database.

The plan's 各镇街 and 各基地 are expanded to the units they mean. A table that does not fit
is refused with file, line and reason (BrokenTable), never half read.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from daxing_safety.errors import BrokenTable
from daxing_safety.settings import FACTS
from daxing_safety.vocabulary import GROUP_OF, Duty, Group, UnitKind
from daxing_safety.wording import typeset

NAME = "大兴区创建国家安全发展示范城市"
ALL_TOWNS = "各镇街"
ALL_BASES = "各基地"


@dataclass(frozen=True, slots=True)
class Unit:
    code: str
    name: str
    full_name: str
    kind: UnitKind
    aliases: tuple[str, ...]
    area_code: str
    is_ranked: bool
    is_confirmed: bool  # False: the plan leaves open whether the unit takes part (待确认)
    map_row: int | None
    map_col: int | None

    @property
    def group(self) -> Group:
        return GROUP_OF[self.kind]


@dataclass(frozen=True, slots=True)
class Phase:
    no: int
    name: str
    starts_on: date
    ends_on: date
    gist: str


@dataclass(frozen=True, slots=True)
class PhaseOutput:
    phase_no: int  # 0: through all phases
    output: str
    content: str
    responsible: str
    due: str


@dataclass(frozen=True, slots=True)
class Task:
    no: int
    action: str
    title: str
    duties: tuple[tuple[str, Duty], ...]  # unit name, duty, in the plan's order


@dataclass(frozen=True, slots=True)
class WorkPoint:
    code: str
    task_no: int
    text: str
    evidence: str
    phase_no: int
    due_on: date  # last day of the due month
    checkpoints: tuple[date, ...]
    cycle: str
    duties: tuple[tuple[str, Duty], ...]
    note: str


@dataclass(frozen=True)
class Programme:
    units: tuple[Unit, ...]
    phases: tuple[Phase, ...]
    phase_outputs: tuple[PhaseOutput, ...]
    tasks: tuple[Task, ...]
    work_points: tuple[WorkPoint, ...]

    @cached_property
    def unit_named(self) -> dict[str, Unit]:
        return {unit.name: unit for unit in self.units}

    @property
    def starts_on(self) -> date:
        return min(phase.starts_on for phase in self.phases)

    @property
    def ends_on(self) -> date:
        return max(phase.ends_on for phase in self.phases)


def load_programme(folder: Path = FACTS / "programme") -> Programme:
    """The whole plan; raises BrokenTable."""
    units = tuple(read_table(folder / "units.csv", _unit))
    expand = Expansion(units)
    duties = _task_duties(folder / "task_units.csv", expand)
    tasks = tuple(read_table(folder / "tasks.csv", lambda row: _task(row, duties)))
    phases = tuple(read_table(folder / "phases.csv", _phase))
    return Programme(
        units=units,
        phases=phases,
        phase_outputs=tuple(read_table(folder / "phase_outputs.csv", _phase_output)),
        tasks=tasks,
        work_points=tuple(
            read_table(
                folder / "work_points.csv", lambda row: _work_point(row, expand, tasks, phases)
            )
        ),
    )


class Expansion:
    """Turns a name of the plan into units' names; raises ValueError for a name nobody bears."""

    def __init__(self, units: tuple[Unit, ...]) -> None:
        self._kinds = {unit.name: unit.kind for unit in units}
        self._members = {
            ALL_TOWNS: tuple(u.name for u in units if u.group in (Group.TOWNS, Group.SUBDISTRICTS)),
            ALL_BASES: tuple(u.name for u in units if u.kind is UnitKind.BASE),
        }

    def __call__(self, name: str) -> tuple[str, ...]:
        if name in self._members:
            return self._members[name]
        if name not in self._kinds:
            raise ValueError(f"no unit is named {name!r}")
        return (name,)

    def is_local(self, unit: str) -> bool:
        return GROUP_OF[self._kinds[unit]] is not Group.DEPARTMENTS


def read_table(path: Path, build: Callable[[dict[str, str]], object]) -> Iterator:
    """Builds one object a row of a csv file; a row that cannot be built raises BrokenTable."""
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        for row in reader:
            if None in row or None in row.values():
                raise BrokenTable(
                    path, reader.line_num, "the number of fields differs from the header's"
                )
            try:
                yield build(row)
            except KeyError as missing:
                raise BrokenTable(
                    path, reader.line_num, f"no column or word {missing}"
                ) from missing
            except ValueError as wrong:
                raise BrokenTable(path, reader.line_num, str(wrong)) from wrong


def _unit(row: dict[str, str]) -> Unit:
    return Unit(
        code=row["code"],
        name=row["name"],
        full_name=row["full_name"],
        kind=UnitKind(row["kind"]),
        aliases=tuple(filter(None, row["aliases"].split(";"))),
        area_code=row["area_code"],
        is_ranked=_yes_or_no(row["ranked"], "是", "否"),
        is_confirmed=_yes_or_no(row["scope"], "确认", "待确认"),
        map_row=int(row["map_row"]) if row["map_row"] else None,
        map_col=int(row["map_col"]) if row["map_col"] else None,
    )


def _yes_or_no(value: str, yes: str, no: str) -> bool:
    if value not in (yes, no):
        raise ValueError(f"{value!r} is neither {yes} nor {no}")
    return value == yes


def _phase(row: dict[str, str]) -> Phase:
    phase = Phase(
        no=int(row["no"]),
        name=typeset(row["name"]),
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]),
        gist=typeset(row["gist"]),
    )
    if phase.ends_on < phase.starts_on:
        raise ValueError("the phase ends before it starts")
    return phase


def _phase_output(row: dict[str, str]) -> PhaseOutput:
    return PhaseOutput(
        int(row["phase_no"]), *(typeset(row[name]) for name in PhaseOutput.__slots__[1:])
    )


def _task_duties(path: Path, expand: Expansion) -> dict[int, tuple[tuple[str, Duty], ...]]:
    duties: dict[int, list[tuple[str, Duty]]] = {}

    def add(row: dict[str, str]) -> None:
        entries = duties.setdefault(int(row["task_no"]), [])
        for unit in expand(row["unit"]):
            if any(unit == named for named, _ in entries):
                raise ValueError(f"task {row['task_no']} names {unit} twice")
            entries.append((unit, Duty(row["role"])))

    for _ in read_table(path, add):
        pass
    return {task_no: tuple(entries) for task_no, entries in duties.items()}


def _task(row: dict[str, str], duties: dict[int, tuple[tuple[str, Duty], ...]]) -> Task:
    no = int(row["no"])
    if no not in duties:
        raise ValueError(f"task {no} has no responsible unit")
    return Task(no=no, action=row["action"], title=typeset(row["title"]), duties=duties[no])


def _work_point(
    row: dict[str, str], expand: Expansion, tasks: tuple[Task, ...], phases: tuple[Phase, ...]
) -> WorkPoint:
    task_no, phase_no = int(row["task_no"]), int(row["phase_no"])
    if task_no not in {task.no for task in tasks}:
        raise ValueError(f"no task {task_no}")
    if phase_no not in {phase.no for phase in phases}:
        raise ValueError(f"no phase {phase_no}")
    return WorkPoint(
        code=row["code"],
        task_no=task_no,
        text=typeset(row["work_point"]),
        evidence=typeset(row["evidence"]),
        phase_no=phase_no,
        due_on=last_day_of(row["due_month"]),
        checkpoints=tuple(map(last_day_of, row["checkpoints"].split(";"))),
        cycle=row["cycle"],
        duties=_work_point_duties(row["lead_unit"], row["supporting_units"], expand),
        note=typeset(row["note"]),
    )


def _work_point_duties(
    lead: str, supporting: str, expand: Expansion
) -> tuple[tuple[str, Duty], ...]:
    duties: dict[str, Duty] = {}
    for unit in expand(lead):
        # Some points are led by 各镇街: each then leads its own.
        duties[unit] = Duty.LEAD
    for name in filter(None, supporting.split(";")):
        for unit in expand(name):
            duties.setdefault(unit, Duty.LOCAL if expand.is_local(unit) else Duty.SUPPORT)
    return tuple(duties.items())


def last_day_of(month: str) -> date:
    """ "2021-03" → 2021-03-31: what is due in a month is due by its end."""
    year, number = map(int, month.split("-"))
    first_of_next = date(year + number // 12, number % 12 + 1, 1)
    return date.fromordinal(first_of_next.toordinal() - 1)
