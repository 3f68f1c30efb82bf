"""One replica's writers: each hands in version after version for a unit, until input ends.

Says `stored UNIT VERSION` once a version is acknowledged, and `refused REASON` for what a user
would have seen.
"""

import sys
import threading
from pathlib import Path

from daxing_safety import settings
from daxing_safety.actions import submissions
from daxing_safety.database import through_restarts, transaction
from daxing_safety.errors import UserFacingError
from daxing_safety.permissions import operator
from daxing_safety.vocabulary import Role
from daxing_safety.workbooks.reading import RawWorkbook, read_workbook

over = threading.Event()


def hand_in_on_and_on(path: Path) -> None:
    data = path.read_bytes()
    raw, number = read_workbook(data), 0
    while not over.is_set():
        number += 1
        try:
            version = hand_in(raw, data + number.to_bytes(4))
        except UserFacingError as refusal:
            say(f"refused {refusal}")
        else:
            say(f"stored {path.stem} {version}")


@through_restarts
def hand_in(raw: RawWorkbook, data: bytes) -> int:
    with transaction() as session:
        receipt = submissions.submit(
            session,
            raw=raw,
            data=data,
            file_name="填报表.xlsx",
            by=operator(Role.OFFICE),
            now=settings.now(),
        )
    return receipt.submission.version


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    threads = [
        threading.Thread(target=hand_in_on_and_on, args=(Path(each),)) for each in sys.argv[1:]
    ]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
