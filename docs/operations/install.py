"""Installs the unpacked bundle that it lies in, without a network: `install.sh`, `install.bat`.

For Python 3.11 as it comes, so with the standard library only.
"""

import hashlib
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
VERSION = (3, 11)
WHEELS = ROOT / "wheels"
WANTED = WHEELS / "requirements.txt"
QUIETLY = ("--quiet", "--disable-pip-version-check")
FROM_HERE_ONLY = ("--no-index", "--no-deps", "--require-hashes")


def main() -> None:
    if sys.version_info[:2] != VERSION:
        raise SystemExit("需要 Python 3.11，本机运行的是 {}.{}。".format(*sys.version_info[:2]))
    if changed := list(differences()):
        raise SystemExit("安装包不完整或被改动，没有安装：" + "、".join(changed))
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    run("pip", "install", *QUIETLY, *FROM_HERE_ONLY, "--find-links", WHEELS, "-r", WANTED)
    run("pip", "check", *QUIETLY)
    run("compileall", "-q", ROOT / "daxing_safety", ROOT / "pages")
    sys.stdout.write(f"已安装到 {ROOT}。接下来：\n    {PYTHON} -m daxing_safety serve\n")


def differences() -> Iterator[str]:
    """Files that are not as SHA256SUMS says."""
    for line in (ROOT / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split("  ", 1)
        path = ROOT / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield name


def run(module: str, *arguments: object) -> None:
    subprocess.run([PYTHON, "-m", module, *map(str, arguments)], check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
