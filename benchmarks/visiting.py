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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from benchmarks.timing import peak_memory_mb, process_cpu_ms

HERE = Path(__file__).parent
RERUNS = 200
XSRF, BOUNDARY = "_streamlit_xsrf", "one-file-of-many"


@dataclass(frozen=True)
class Server:
    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_ms(self) -> float:
        return process_cpu_ms(self.pid)

    def peak_memory_mb(self) -> float:
        return peak_memory_mb(self.pid)


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
        self.screens: list[str] = []  # that stand in the navigation, once a page was visited
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
                "Cookie": "; ".join(f"{name}={it}" for name, it in self._cookie_values().items())
            },
            max_size=None,
        )

    def _sign_in(self, username: str, password: str) -> None:
        page = self._open(f"{self._server.address}/login").read().decode()
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf, "the sign-in page has no form"
        form = {"csrf": csrf[1], "username": username, "password": password, "next": "/"}
        self._open(f"{self._server.address}/login", urllib.parse.urlencode(form).encode())

    def visit(self, page: str, query: str = "") -> list[Element]:
        """Runs a page to its end; what it drew."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        return self._run(message)

    def upload(self, page: str, files: Mapping[str, bytes]) -> list[Element]:
        """Drops files, by their names, into a page's uploader, and runs it to its end."""
        drawn = self.visit(page)
        uploader = next(each.file_uploader.id for each in drawn if each.HasField("file_uploader"))
        message = BackMsg()
        message.rerun_script.page_name = page
        state = message.rerun_script.widget_states.widgets.add(id=uploader)
        for place, (name, data) in zip(self._places_for(list(files)), files.items(), strict=True):
            self._put(place.upload_url, name, data)
            state.file_uploader_state_value.uploaded_file_info.add(
                file_id=place.file_id, name=name, size=len(data), file_urls=place
            )
        return self._run(message)

    def download(self, path: str) -> bytes:
        """A file, through the product's own route."""
        return self._open(f"{self._server.address}/download/{path}").read()

    def cookies(self) -> dict[str, str]:
        """Who is signed in, for a browser to be the same."""
        return self._cookie_values()

    def _places_for(self, names: list[str]) -> Sequence[FileURLs]:
        message = BackMsg()
        message.file_urls_request.request_id = "upload"
        message.file_urls_request.file_names.extend(names)
        self._socket.send(message.SerializeToString())
        while True:
            answer = self._next()
            if answer.HasField("file_urls_response"):
                return answer.file_urls_response.file_urls

    def _put(self, place: str, name: str, data: bytes) -> None:
        # The token's cookie comes with the first answer that has one.
        if XSRF not in self._cookie_values():
            self._open(f"{self._server.address}/_stcore/health")
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"'
        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "X-Xsrftoken": self._cookie_values()[XSRF],
        }
        body = f"{head}\r\n\r\n".encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
        address = urllib.parse.urljoin(self._server.address, place)
        self._open(urllib.request.Request(address, body, headers, method="PUT"))

    def _cookie_values(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self._cookies}

    def _run(self, message: BackMsg) -> list[Element]:
        self._socket.send(message.SerializeToString())
        drawn = []
        while True:
            answer = self._next()
            if answer.HasField("navigation"):
                self.screens = [
                    each.url_pathname
                    for each in answer.navigation.app_pages
                    if not (each.is_hidden or each.is_default)
                ]
            if answer.delta.HasField("new_element"):
                drawn.append(answer.delta.new_element)
            is_over = answer.WhichOneof("type") == "script_finished"
            if is_over and answer.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return drawn

    def _next(self) -> ForwardMsg:
        received = self._socket.recv()
        assert isinstance(received, bytes)
        answer = ForwardMsg.FromString(received)
        assert not answer.HasField("auth_redirect"), "sent back to the sign-in page"
        return answer

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
