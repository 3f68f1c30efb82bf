"""Sessions against a real server: what a page's rerun costs it, against an empty page's.

A session speaks Streamlit's own protocol over a websocket, signed in through the gate. The empty
page runs in the same server, behind the same gate (benchmarks/server.py).
"""

import http.cookiejar
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from benchmarks.timing import process_cpu_ms

HERE = Path(__file__).parent
RERUNS = 200


@dataclass(frozen=True)
class Server:
    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_ms(self) -> float:
        return process_cpu_ms(self.pid)


@contextmanager
def running(script: str, data_dir: Path | None = None) -> Iterator[Server]:
    """A server of one of the scripts beside this file, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": str(HERE.parent)}
    if data_dir:
        environment["DAXING_DATA_DIR"] = str(data_dir)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", str(HERE / script)),
            *(f"--server.port={port}", "--server.address=127.0.0.1"),
        ],
        cwd=HERE.parent,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


class Visitor:
    """One browser tab, signed in (or, for a server without a gate, not)."""

    def __init__(self, server: Server, username: str = "", password: str = "") -> None:
        self._server = server
        self._cookies = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies)
        ).open
        if username:
            self._sign_in(username, password)
        self._socket: ClientConnection = connect(
            f"ws://127.0.0.1:{server.port}/_stcore/stream",
            origin=Origin(server.address),
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={
                "Cookie": "; ".join(f"{each.name}={each.value}" for each in self._cookies)
            },
            max_size=None,
        )

    def _sign_in(self, username: str, password: str) -> None:
        page = self._open(f"{self._server.address}/login").read().decode()
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf, "the sign-in page has no form"
        form = {"csrf": csrf[1], "username": username, "password": password, "next": "/"}
        self._open(f"{self._server.address}/login", urllib.parse.urlencode(form).encode())

    def visit(self, page: str, query: str = "") -> None:
        """Runs a page to its end."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        self._socket.send(message.SerializeToString())
        while True:
            received = self._socket.recv()
            assert isinstance(received, bytes)
            answer = ForwardMsg.FromString(received)
            assert not answer.HasField("auth_redirect"), "sent back to the sign-in page"
            is_over = answer.WhichOneof("type") == "script_finished"
            if is_over and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return

    def close(self) -> None:
        self._socket.close()


def rerun_cost(server: Server, visitor: Visitor, page: str, query: str = "") -> float:
    """The server's CPU for one rerun, in ms: the median of four batches, after a warm-up."""
    for _ in range(5):
        visitor.visit(page, query)
    batches = []
    for _ in range(4):
        before = server.cpu_ms()
        for _ in range(RERUNS // 4):
            visitor.visit(page, query)
        batches.append((server.cpu_ms() - before) / (RERUNS // 4))
    return statistics.median(batches)
