"""docs/nginx.conf as it stands, but for the addresses, in front of servers that a test started."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daxing_safety import settings

CONFIGURATION = settings.ROOT / "docs" / "nginx.conf"
MAIN = """\
daemon off;
pid {folder}/pid;
error_log {folder}/main.log;
events {{ }}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    include {folder}/daxing.conf;
}}
"""


def adapted(folder: Path, servers: list[str], *, plain: int, secure: int) -> str:
    text = CONFIGURATION.read_text(encoding="utf-8")
    for old, new in (
        ("127.0.0.1:8501", servers[0]),
        ("127.0.0.1:8502", servers[1]),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        ("/etc/ssl/daxing", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        assert old in text
        text = text.replace(old, new)
    return text


@contextmanager
def running(folder: Path, servers: list[str], *, plain: int, secure: int) -> Iterator[None]:
    (folder / "daxing.conf").write_text(adapted(folder, servers, plain=plain, secure=secure))
    # Started by root, its workers are nobody's.
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + MAIN.format(folder=folder))
    make_certificate(folder)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def make_certificate(folder: Path) -> None:
    """Signed by itself: the tests' browser is told to take it."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-keyout", folder / "server.key", "-out", folder / "server.crt"),
        ],
        check=True,
        capture_output=True,
    )
