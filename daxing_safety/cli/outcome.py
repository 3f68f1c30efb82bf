"""What a command says and how it exits."""

import json
from typing import Any

from daxing_safety.actions import audit
from daxing_safety.database import transaction

CLEAN, FAULTS, UNREADABLE, STORAGE = 0, 1, 2, 3


def note_export(name: str) -> None:
    """What left the system over the command line is in the log like a download."""
    with transaction() as session:
        audit.record(session, "导出", name, by=audit.SYSTEM)


def print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))
