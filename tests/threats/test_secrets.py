"""Nothing that opens a door stands in the program, and nothing of it comes into a log."""

import contextlib
import http.cookiejar
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from daxing_safety import database, passwords, settings
from daxing_safety.actions.sessions import hash_of
from daxing_safety.models import User

# ---- in the program -----------------------------------------------------------------------------

KINDS = (".py", ".toml", ".md", ".html", ".js", ".css", ".csv", ".txt", ".in", ".cfg", ".ini",
         ".json", ".yml", ".yaml", ".conf", ".service", ".sh", ".mako", "Makefile")  # fmt: skip
NOT_OURS = {".git", ".venv", "local", "out", "dist", "wheels"}
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    "a key of a cloud": re.compile(r"\b(AKIA[0-9A-Z]{16}|LTAI[0-9A-Za-z]{12,}|ghp_\w{30,})"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."),
    "a password in an address": re.compile(
        r"://[\w.-]+:(?=[^@]*[a-z0-9])[^\s/@:{}'\"*…]{3,}@[\w.-]+"
    ),
    "a hash of a password": re.compile(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[\w+/]+"),
    "an 身份证号": re.compile(
        r"(?<![0-9A-Za-z_.])[1-9]\d{5}(19|20)\d{2}[01]\d[0-3]\d{4}[0-9Xx](?!\w)"
    ),
    "a mobile number": re.compile(r"(?<![0-9A-Za-z_.])1[3-9]\d{9}(?![0-9A-Za-z_])"),
}
# A literal that is given to something called a password, in the product itself.
GIVEN = re.compile(
    r"""(?i)\b(password|passwd|secret|api_?key|token)\b["']?\s*[:=]\s*["'](?:(?!["'{}])[!-~]){6,}["']"""
)


def sources(*, with_tests: bool) -> list[Path]:
    found = []
    for path in settings.ROOT.rglob("*"):
        parts = set(path.relative_to(settings.ROOT).parts)
        is_left_out = parts & NOT_OURS or (not with_tests and parts & {"tests", "benchmarks"})
        if path.is_file() and path.name.endswith(KINDS) and not is_left_out:
            found.append(path)
    return found


@pytest.mark.parametrize("what", SECRETS)
def test_the_program_holds_no_secret(what: str) -> None:
    found = [
        f"{path.relative_to(settings.ROOT)}: {match[0]}"
        for path in sources(with_tests=False)
        if (match := SECRETS[what].search(path.read_text("utf-8")))
    ]
    assert found == []


def test_the_program_names_no_password() -> None:
    allowed = {'COOKIE = "daxing_session"'}
    found = [
        f"{path.relative_to(settings.ROOT)}: {match[0]}"
        for path in sources(with_tests=False)
        if path.suffix == ".py"
        for match in GIVEN.finditer(path.read_text("utf-8"))
        if match[0] not in allowed
    ]
    assert found == []


@pytest.mark.parametrize("what", ["a private key", "a key of a cloud", "a signed token"])
def test_nor_do_its_tests(what: str) -> None:
    here = Path(__file__)
    found = [path for path in sources(with_tests=True) if path != here]
    assert [path for path in found if SECRETS[what].search(path.read_text("utf-8"))] == []


def test_no_account_comes_with_the_program(data_dir: Path) -> None:
    with database.reading() as session:
        hashes = [user.password_hash for user in session.exec(select(User))]
    assert not any(passwords.matches("", each) for each in hashes)
    assert not list(settings.FACTS.rglob("*.db"))


# ---- in the log ----------------------------------------------------------------------------------

PASSWORD, WRONG, NEW = "Lin-hai-7788", "Wrong-guess-4321", "Gan-shui-5566"
ID_NUMBER, MOBILE = "110115198807154328", "13800138000"


class Visitor:
    def __init__(self, url: str) -> None:
        self.url, self.jar = url, http.cookiejar.CookieJar()
        keeper = urllib.request.HTTPCookieProcessor(self.jar)
        self.opener = urllib.request.build_opener(keeper)

    def get(self, path: str, **headers: str) -> str:
        return self._ask(urllib.request.Request(self.url + path, headers=headers))

    def post(self, path: str, **fields: str) -> str:
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.get(path))
        data = urllib.parse.urlencode({"csrf": csrf[1] if csrf else "", **fields}).encode()
        return self._ask(urllib.request.Request(self.url + path, data=data))

    def put(self, path: str, data: bytes) -> str:
        return self._ask(urllib.request.Request(self.url + path, data=data, method="PUT"))

    def _ask(self, request: urllib.request.Request) -> str:
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as refusal:
            return refusal.read().decode("utf-8", "replace")

    @property
    def token(self) -> str:
        return next((each.value or "" for each in self.jar if each.name == "daxing_session"), "")


@pytest.fixture(scope="module")
def said(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, set[str]]:
    """What a working day left in the logs and on the terminal, and what must not be there."""
    folder = tmp_path_factory.mktemp("logged") / "data"
    shutil.copytree(installed, folder)
    _give_passwords(folder)
    terminal = folder.parent / "terminal.txt"
    with terminal.open("wb") as out, _served(folder, out) as url:
        secret = _a_working_day(url)
    logs = [*(folder / "logs").glob("*"), terminal]
    text = "\n".join(path.read_text("utf-8", "replace") for path in logs)
    return text, secret


def _give_passwords(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DAXING_DATA_DIR", str(folder))
        environment.delenv("DAXING_DATABASE_URL", raising=False)
        with database.transaction() as session:
            for user in session.exec(select(User).where(col(User.username) != "expert")):
                user.password_hash = passwords.hash_of(PASSWORD)
                user.password_changed_at = settings.clock()
                session.add(user)
        database.engines(settings.database_url()).dispose()


@contextlib.contextmanager
def _served(folder: Path, out: object) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "daxing_safety", "serve", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=settings.ROOT,
        env=os.environ | {"DAXING_DATA_DIR": str(folder), "DAXING_TODAY": "2021-05-20"},
        stdout=out,  # type: ignore[call-overload]
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/healthz", process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended while starting"
        with contextlib.suppress(urllib.error.URLError, TimeoutError, ConnectionError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.2)
    raise AssertionError("the server did not start")


def _a_working_day(url: str) -> set[str]:
    """Signs in rightly and wrongly, changes a password, uploads, goes astray. What is secret."""
    clerk, stranger = Visitor(url), Visitor(url)
    stranger.post("/login", username=ID_NUMBER, password=WRONG)
    stranger.post("/login", username="区水务局", password=WRONG)
    clerk.post("/login", username="区水务局", password=PASSWORD)
    first = clerk.token
    assert first, "nobody could sign in, so nothing was tried"
    clerk.post("/password", current=PASSWORD, new=NEW, again=NEW)
    session_id = "6a1f3c52-7f0e-4a7e-9b0d-2f1c3e4d5a6b"
    clerk.put(f"/_stcore/upload_file/{session_id}/{session_id}", b"x" * 100)
    clerk.get(f"/problems?q={ID_NUMBER}{MOBILE}")
    clerk.get(f"/download/evidence/{MOBILE}")
    clerk.get(f"/nowhere/{first}", cookie2=first)
    tokens = {first, clerk.token}
    secret = {PASSWORD, WRONG, NEW, ID_NUMBER, MOBILE, session_id, *tokens, *map(hash_of, tokens)}
    return secret | {each.value or "" for each in clerk.jar}


@pytest.mark.sqlite
def test_the_server_s_log_and_terminal_hold_no_secret(said: tuple[str, set[str]]) -> None:
    text, secret = said
    assert "Started version" in text  # there is a log at all
    assert [each for each in secret if each and each in text] == []


@pytest.mark.sqlite
def test_every_line_of_the_log_is_one_object(said: tuple[str, set[str]]) -> None:
    text, _ = said
    lines = [line for line in text.splitlines() if line.startswith("{")]
    assert lines
    for line in lines:
        assert json.loads(line)["time"]
