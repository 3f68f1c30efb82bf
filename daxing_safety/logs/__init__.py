"""运行日志: what happened to the server, one JSON object a line, for who looks after it.

Not 操作日志: what people did stands in the database (actions/audit.py). Set up once a process, by
`python -m daxing_safety`, by the server and by its worker processes, which share the file.
"""

from daxing_safety.logs.keeping import file, find, set_up
from daxing_safety.logs.lines import failure
from daxing_safety.logs.scene import asked_from, asks

__all__ = ["asked_from", "asks", "failure", "file", "find", "set_up"]
