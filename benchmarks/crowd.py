"""People at work at the same time: viewers who come over a minute and stay, clerks at a deadline.

Who meets anything but the page that was asked for leaves, and it counts as an error.
"""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import httpx2
from websockets.exceptions import WebSocketException

from benchmarks.handing_in import SCREEN, Acknowledged, Workbook, hand_in
from benchmarks.sessions import Broken, Browser
from benchmarks.timing import memory_mb
from benchmarks.visiting import Server
from benchmarks.walks import FIRST_LOOKS, Person

FAULTS = (Broken, WebSocketException, httpx2.HTTPError, TimeoutError, OSError)

HEALTH_EVERY_S, MEMORY_EVERY_S = 0.5, 1.0
CALM_S = 15  # between the parts: everybody has come, all clerks have 填报 open


@dataclass(frozen=True)
class Wait:
    """For what, since when (of time.perf_counter), how long."""

    name: str
    since: float
    seconds: float


@dataclass(frozen=True)
class Times:
    """In seconds: how long the parts of the test last."""

    arrival_s: float
    viewing_s: float
    deadline_s: float


@dataclass
class Span:
    """A part of the test, and what it took of the server's CPU."""

    begun: float = 0.0
    ended: float = 0.0
    cpu_ms: float = 0.0
    own_cpu_ms: float = 0.0  # of the generator

    def of(self, waits: Sequence[Wait]) -> list[Wait]:
        return [each for each in waits if self.begun <= each.since < self.ended]


@dataclass
class Seen:
    first_pages: list[Wait] = field(default_factory=list)
    reruns: list[Wait] = field(default_factory=list)
    submissions: list[Wait] = field(default_factory=list)
    health: list[Wait] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    bytes_of_reruns: int = 0


class Crowd:
    def __init__(self, server: Server, password: str, think_s: float) -> None:
        self._server = server
        self._password = password
        self._think_s = think_s
        self._is_over = asyncio.Event()
        self.seen = Seen()
        self.viewing, self.deadline = Span(), Span()

    async def come_and_go(
        self,
        viewers: Sequence[Person],
        clerks: Sequence[Person],
        files: Sequence[Workbook],
        times: Times,
    ) -> None:
        """The viewers come and stay; after a while the files are handed in besides."""
        async with asyncio.TaskGroup() as present:
            for work in (self._ask_for_health(), self._weigh()):
                present.create_task(self._counted(work))
            for number, person in enumerate(viewers):
                arrival = number * times.arrival_s / len(viewers)
                present.create_task(self._counted(self._view(person, arrival, number)))
            await asyncio.sleep(times.arrival_s + CALM_S)
            with self._measured(self.viewing):
                await asyncio.sleep(times.viewing_s)
            begins = time.perf_counter() + CALM_S
            plan = _plan(clerks, files, begins, times.deadline_s)
            handing_in = [self._counted(self._hand_in(*each)) for each in plan.items()]
            at_work = [present.create_task(each) for each in handing_in]
            await asyncio.sleep(CALM_S)
            with self._measured(self.deadline):
                await asyncio.gather(asyncio.sleep(times.deadline_s), *at_work)
            self._is_over.set()

    async def _view(self, person: Person, arrival_s: float, number: int) -> None:
        chance = Random(number)
        await asyncio.sleep(arrival_s)
        async with Browser(self._server.address) as browser:
            await browser.sign_in(person.username, self._password)
            first = FIRST_LOOKS[person.role]
            begun = time.perf_counter()
            tab = await browser.open(first.page, first.title)
            self.seen.first_pages.append(_since(first.name, begun))
            for look in person.looks(chance):
                if await self._is_over_within(chance.expovariate(1 / self._think_s)):
                    break
                begun, received = time.perf_counter(), tab.bytes_received
                await look.take(tab, person.problem)
                self.seen.reruns.append(_since(look.name, begun))
                self.seen.bytes_of_reruns += tab.bytes_received - received
            await tab.close()

    async def _hand_in(self, clerk: Person, plan: Sequence["Due"]) -> None:
        async with Browser(self._server.address) as browser:
            await browser.sign_in(clerk.username, self._password)
            tab = await browser.open(*SCREEN)
            for due, workbook in plan:
                await asyncio.sleep(max(0, due - time.perf_counter()))
                self.seen.acknowledged.append(await hand_in(tab, workbook))
                # Since it was due: who is still busy with the file before has waited, too.
                self.seen.submissions.append(_since("报送", due))
            await tab.close()

    async def _counted(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except FAULTS as fault:
            self.seen.errors.append(f"{type(fault).__name__}: {fault}")

    async def _ask_for_health(self) -> None:
        async with httpx2.AsyncClient(base_url=self._server.address, timeout=60) as client:
            while not await self._is_over_within(HEALTH_EVERY_S):
                begun = time.perf_counter()
                (await client.get("/healthz")).raise_for_status()
                self.seen.health.append(_since("/healthz", begun))

    async def _weigh(self) -> None:
        while not await self._is_over_within(MEMORY_EVERY_S):
            self.seen.memory_mb.append(memory_mb(self._server.pid))

    async def _is_over_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._is_over.wait()
        except TimeoutError:
            return False

    @contextmanager
    def _measured(self, span: Span) -> Iterator[None]:
        span.begun, cpu_ms, own_s = time.perf_counter(), self._server.cpu_ms(), time.process_time()
        yield
        span.ended = time.perf_counter()
        span.cpu_ms = self._server.cpu_ms() - cpu_ms
        span.own_cpu_ms = 1000 * (time.process_time() - own_s)


Due = tuple[float, Workbook]


def _plan(
    clerks: Sequence[Person], files: Sequence[Workbook], begins: float, deadline_s: float
) -> dict[Person, list[Due]]:
    """Evenly over the time; the clerks of a unit take its files by turns."""
    of_unit = {
        code: itertools.cycle([each for each in clerks if each.unit_code == code])
        for code in {each.unit_code for each in clerks}
    }
    plan = defaultdict(list)
    for number, workbook in enumerate(files):
        due = begins + number * deadline_s / len(files)
        plan[next(of_unit[workbook.unit_code])].append((due, workbook))
    return plan


def _since(name: str, begun: float) -> Wait:
    return Wait(name, begun, time.perf_counter() - begun)
