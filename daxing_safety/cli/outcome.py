"""What a command says and how it exits."""

import json
from typing import Any

CLEAN, FAULTS, UNREADABLE = 0, 1, 2


def print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))
