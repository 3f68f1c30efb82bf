"""Many clerks who hand in at the same moment: what each waits, and that every version is stored."""

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

from benchmarks.clerks import Acknowledged, Clerk, clerks, gaps
from benchmarks.timing import Result
from daxing_safety import verification
from daxing_safety.errors import UserFacingError

WRITERS, EACH = 100, 10
OF_ONE_UNIT = 10
LONGEST_S = 5
Outcome = tuple[Acknowledged | UserFacingError, float]


def results() -> list[Result]:
    """Needs the settings to point at a district with an open round."""
    everybody = clerks(most=WRITERS)
    one, others = everybody[0], everybody[1:]
    return [
        *_of_many(list(islice(cycle(others), WRITERS))),
        _of_one_unit([one] * OF_ONE_UNIT),
        Result("what 核对 finds after all that", _faults(), "", 1, 0, unit="differences"),
    ]


def _of_many(people: Sequence[Clerk]) -> list[Result]:
    outcomes = _at_once(people)
    stored = [each for each, _ in outcomes if isinstance(each, Acknowledged)]
    waits = [wait for _, wait in outcomes]
    said = f"{len(people)} clerks at once, {EACH} submissions each"
    p95 = statistics.quantiles(waits, n=20)[-1]
    refused, wrong = len(outcomes) - len(stored), gaps(stored)
    return [
        Result(f"{said}: refused", refused, "handed in", len(outcomes), 0, unit=""),
        Result(f"{said}: versions missing or double", wrong, "stored", len(stored), 0, unit=""),
        Result(f"{said}: 95 of 100 wait", p95, "the limit", LONGEST_S, 1, unit="s"),
        Result(f"{said}: the longest wait", max(waits), "the limit", LONGEST_S, 1, unit="s"),
    ]


def _of_one_unit(people: Sequence[Clerk]) -> Result:
    outcomes = _at_once(people)
    stored = [each for each, _ in outcomes if isinstance(each, Acknowledged)]
    name = f"{len(people)} people of one unit at once: refused, or versions missing or double"
    wrong = len(outcomes) - len(stored) + gaps(stored)
    return Result(name, wrong, "handed in", len(outcomes), 0, unit="")


def _at_once(people: Sequence[Clerk]) -> list[Outcome]:
    def works(place: int) -> list[Outcome]:
        # Of a unit's several people each has numbers of their own.
        first = place * EACH
        return [_hand_in(people[place], number) for number in range(first, first + EACH)]

    with ThreadPoolExecutor(len(people)) as threads:
        return [outcome for some in threads.map(works, range(len(people))) for outcome in some]


def _hand_in(clerk: Clerk, number: int) -> Outcome:
    started = time.perf_counter()
    try:
        outcome: Acknowledged | UserFacingError = clerk.hand_in(number)
    except UserFacingError as refusal:
        outcome = refusal
    return outcome, time.perf_counter() - started


def _faults() -> int:
    return len(verification.verify().differences)
