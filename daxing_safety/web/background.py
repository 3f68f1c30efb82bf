"""What goes on beside the requests for as long as the server does."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress

from daxing_safety import logs

Run = Callable[[], Coroutine[None, None, None]]


class Background:
    """A run that a bug ended is logged and begun anew: without the sweep nobody is signed out.

    Each run pauses before it does anything, so one that fails every time does no harm.
    """

    def __init__(self, *runs: Run) -> None:
        self._tasks: dict[Run, asyncio.Task[None]] = {}
        for run in runs:
            self._begin(run)

    def _begin(self, run: Run) -> None:
        self._tasks[run] = asyncio.create_task(run())
        self._tasks[run].add_done_callback(lambda ended: self._ended(run, ended))

    def _ended(self, run: Run, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        if error := task.exception():
            logs.failure(error)
        self._begin(run)

    async def stop(self) -> None:
        for task in tuple(self._tasks.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
