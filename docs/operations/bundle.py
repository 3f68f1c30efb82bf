"""One archive to install from where there is no network: `make bundle`.

It holds the source as committed, the wheels of one platform by the hashes of requirements.txt, the
installers, a bill of materials (CycloneDX) and SHA256SUMS over all of it. The same commit and
wheels give the same bytes. It runs on any platform for any of the targets.
"""

import argparse
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import uuid
import zipfile
from collections.abc import Iterator
from datetime import datetime
from email.message import Message
from email.parser import Parser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote

from packaging.requirements import Requirement

from daxing_safety import __version__, settings

NAME = f"daxing-workbench-{__version__}"
OPERATIONS = Path(__file__).parent
INSTALLERS = ("install.py", "install.sh", "install.bat")
OLDEST_GLIBC, NEWEST_GLIBC = 17, 28  # 2.28: 麒麟 V10, 统信 UOS 20, openEuler 20.03


class Target(NamedTuple):
    platforms: tuple[str, ...]  # of wheels, the best first
    marker: dict[str, str]  # how requirements.txt tells it from others
    is_zip: bool


def _linux(machine: str) -> Target:
    versions = range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)
    platforms = (*(f"manylinux_2_{minor}_{machine}" for minor in versions), f"manylinux1_{machine}")
    platforms += (f"manylinux2014_{machine}", f"manylinux2010_{machine}")
    marker = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": machine}
    return Target(platforms, marker, is_zip=False)


TARGETS = {
    "linux-x86_64": _linux("x86_64"),
    "linux-aarch64": _linux("aarch64"),
    "windows-amd64": Target(
        ("win_amd64",),
        {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
        is_zip=True,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--out", type=Path, default=settings.ROOT / "dist")
    options = parser.parse_args()
    if _git("status", "--porcelain", "--untracked-files=no").strip():
        raise SystemExit("There are changes that are not committed: a bundle holds a commit.")
    with TemporaryDirectory() as wheels:
        download(options.target, Path(wheels))
        path = write(options.target, Path(wheels), options.out)
    sys.stdout.write(f"{path}  {path.stat().st_size / 10**6:.1f} MB\n")


def requirements_of(target: str) -> str:
    """The lines of requirements.txt that the target needs, without their conditions."""
    text = (settings.ROOT / "requirements.txt").read_text("utf-8")
    lines = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return "".join(f"{line}\n" for line in _unconditional(lines, TARGETS[target].marker))


def _unconditional(lines: list[str], marker: dict[str, str]) -> Iterator[str]:
    for line in filter(str.strip, lines):
        named, *hashes = line.split("--hash=")
        requirement = Requirement(named.strip())
        if requirement.marker is None or requirement.marker.evaluate(marker):
            pinned = f"{requirement.name}{requirement.specifier}"
            yield " ".join((pinned, *(f"--hash={each.strip()}" for each in hashes)))


def download(target: str, folder: Path) -> None:
    """The wheels, each by its hash, and beside them what was asked for."""
    (folder / "requirements.txt").write_text(requirements_of(target), "utf-8")
    platforms = [f"--platform={each}" for each in TARGETS[target].platforms]
    pip = [sys.executable, "-m", "pip", "--quiet", "download", "--require-hashes", "--no-deps"]
    of_python = ["--only-binary=:all:", "--implementation=cp", "--python-version=3.11"]
    subprocess.run(
        [*pip, *of_python, *platforms, "--dest", folder, "-r", folder / "requirements.txt"],
        check=True,
    )


def write(target: str, wheels: Path, out: Path) -> Path:
    """The archive, of the last commit and of wheels that `download` has fetched."""
    commit, committed_at = _git("show", "-s", "--format=%H %ct").split()
    made_at = datetime.fromtimestamp(int(committed_at), settings.BEIJING)
    with TemporaryDirectory() as stage:
        root = Path(stage) / NAME
        _unpack_source(root)
        shutil.copytree(wheels, root / "wheels")
        for name in INSTALLERS:
            shutil.copy(OPERATIONS / name, root / name)
        (root / "VERSION").write_text(f"{__version__} {target} {commit}\n", "utf-8")
        bill = bill_of_materials(sorted(wheels.glob("*.whl")), made_at)
        (root / "sbom.cdx.json").write_text(json.dumps(bill, indent=1), "utf-8")
        (root / "SHA256SUMS").write_text(_sums(root), "utf-8")
        out.mkdir(parents=True, exist_ok=True)
        pack = _zip if TARGETS[target].is_zip else _tar
        return pack(root, out / f"{NAME}-{target}", made_at)


def _git(*arguments: str) -> str:
    git = ["git", "-C", str(settings.ROOT), *arguments]
    return subprocess.run(git, check=True, capture_output=True, encoding="utf-8").stdout


def _unpack_source(root: Path) -> None:
    """Tracked files only: no data, no passwords that lie about."""
    root.mkdir()
    archive = root.with_suffix(".tar")
    _git("archive", "--format=tar", f"--output={archive}", "HEAD")
    with tarfile.open(archive) as source:
        source.extractall(root, filter="data")
    archive.unlink()


def bill_of_materials(wheels: list[Path], made_at: datetime) -> dict[str, Any]:
    """CycloneDX 1.6, from what the wheels say of themselves."""
    parts = [_component(wheel) for wheel in wheels]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([NAME, parts]))
    product = {"type": "application", "name": "daxing-workbench", "version": __version__}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"timestamp": made_at.isoformat(), "component": product},
        "components": parts,
    }


def _component(wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        (path,) = [
            name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)
        ]
        told = Parser().parsestr(archive.read(path).decode("utf-8"), headersonly=True)
    name, version = told["Name"], told["Version"]
    address = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{quote(version)}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "purl": address,
        "hashes": [{"alg": "SHA-256", "content": _digest(wheel)}],
        "licenses": _licences(told),
    }


def _licences(told: Message) -> list[dict[str, Any]]:
    if expression := told["License-Expression"]:
        return [{"expression": expression}]
    words = (told["License"] or "").strip()
    if words and "\n" not in words:  # some put the whole text there
        return [{"license": {"name": words}}]
    kinds = [each for each in told.get_all("Classifier", []) if each.startswith("License ::")]
    return [{"license": {"name": each.rpartition(" :: ")[2]}} for each in kinds]


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def _sums(root: Path) -> str:
    """As sha256sum writes and checks them."""
    return "".join(
        f"{_digest(path)}  {path.relative_to(root).as_posix()}\n" for path in _files(root)
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _mode(path: Path) -> int:
    return 0o755 if path.suffix == ".sh" else 0o644


def _tar(root: Path, path: Path, made_at: datetime) -> Path:
    path = path.with_name(f"{path.name}.tar.gz")
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", 6, file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for each in _files(root):
            entry = tarfile.TarInfo(each.relative_to(root.parent).as_posix())
            entry.size, entry.mode = each.stat().st_size, _mode(each)
            entry.mtime = int(made_at.timestamp())
            with each.open("rb") as content:
                archive.addfile(entry, content)
    return path


def _zip(root: Path, path: Path, made_at: datetime) -> Path:
    path = path.with_name(f"{path.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in _files(root):
            name = each.relative_to(root.parent).as_posix()
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = (
                zipfile.ZIP_STORED if each.suffix == ".whl" else zipfile.ZIP_DEFLATED
            )
            archive.writestr(entry, each.read_bytes())
    return path


if __name__ == "__main__":
    main()
