"""Real servers on one data folder, and clerks who hand in through their screens."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from httpx2 import TransportError
from websockets.exceptions import ConnectionClosed

from benchmarks.handing_in import SCREEN, Acknowledged, Workbook, hand_in
from benchmarks.sessions import Browser
from daxing_safety import settings

STARTS_WITHIN_S = 120  # other tests run beside
PASSWORD = "Lin-hai-7788"


@dataclass(frozen=True)
class Server:
    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def serving() -> Iterator[Server]:
    """On the data folder that the environment names."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = ["--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "daxing_safety", "serve", *place],
        cwd=settings.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield Server(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address).close()
        except (OSError, urllib.error.URLError):
            assert process.poll() is None, "the server did not start"
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


async def hand_in_all(
    server: Server, username: str, files: Sequence[Workbook], answers: list[Acknowledged]
) -> None:
    """Notes what the screen acknowledges, until the server is gone."""
    async with Browser(server.address) as browser:
        await browser.sign_in(username, PASSWORD)
        tab = await browser.open(*SCREEN)
        try:
            for file in files:
                answers.append(await hand_in(tab, file))
                await tab.visit(*SCREEN)
        except (ConnectionClosed, TransportError):
            return
