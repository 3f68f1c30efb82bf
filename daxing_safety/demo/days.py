"""Other days: the demo is lived through one after another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time


@contextmanager
def on(day: date) -> Iterator[datetime]:
    """Makes it this day, ten in the morning, for everything inside."""
    before = os.environ.get("DAXING_TODAY")
    os.environ["DAXING_TODAY"] = day.isoformat()
    try:
        yield datetime.combine(day, time(10, 0))
    finally:
        if before is None:
            del os.environ["DAXING_TODAY"]
        else:
            os.environ["DAXING_TODAY"] = before
