"""A telephone line to the database server that can be cut at the moment of a COMMIT."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

COMMIT = b"COMMIT"


class Line:
    """Passes on what it hears; `cut` is done once, when the next COMMIT is on its way."""

    def __init__(self, port: int) -> None:
        self.cut: Literal["", "before it arrives", "before it is answered"] = ""
        self._far = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._take_calls, daemon=True).start()

    def _take_calls(self) -> None:
        with suppress(OSError):  # the line is closed
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._far))
                threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()
                threading.Thread(target=self._answer, args=(far, near), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while said := near.recv(65536):
                if self.cut and COMMIT in said:
                    when, self.cut = self.cut, ""
                    near.shutdown(socket.SHUT_RDWR)
                    if when == "before it arrives":
                        break
                far.sendall(said)
        with suppress(OSError):
            far.shutdown(socket.SHUT_WR)

    def _answer(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while said := far.recv(65536):
                near.sendall(said)
        far.close()
        near.close()

    def close(self) -> None:
        self._listener.close()


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    line = Line(port)
    yield line
    line.close()
