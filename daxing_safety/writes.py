"""The writes of this process: how many are under way, whether they work, and their end.

When the server stops none begins any more, and those that have begun end.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from daxing_safety.errors import StorageFault


class Stopping(StorageFault):
    def __init__(self) -> None:
        super().__init__("系统正在停止或升级，刚才的操作没有保存。请过几分钟刷新页面再试。")


class Writes:
    """Those that wait for their turn are under way, too."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0
        self._failed: tuple[float, StorageFault] | None = None
        self.are_refused = False

    @contextmanager
    def one(self) -> Iterator[None]:
        with self._changed:
            if self.are_refused:
                raise Stopping
            self._number += 1
        try:
            yield
            self._failed = None
        except StorageFault as fault:
            self._failed = time.monotonic(), fault
            raise
        finally:
            with self._changed:
                self._number -= 1
                self._changed.notify_all()

    def fault(self, *, within_s: float) -> StorageFault | None:
        """What the last write failed of, if it did and that was not long ago."""
        failed = self._failed
        return failed[1] if failed and time.monotonic() - failed[0] < within_s else None

    def refuse(self) -> None:
        with self._changed:
            self.are_refused = True

    def wait(self, seconds: float) -> bool:
        """Until none is under way; False if some still are after so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._number == 0, seconds)


writes = Writes()
