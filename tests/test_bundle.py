"""The archive for offices without a network: complete, provable, installed from itself alone."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from daxing_safety import settings
from docs.operations import bundle

TINY = "tiny-1.0-py3-none-any.whl"
pytestmark = pytest.mark.skipif(
    not (settings.ROOT / ".git").exists(), reason="a bundle holds a commit"
)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small wheel in the place of sixty large ones."""
    folder = tmp_path_factory.mktemp("wheels")
    kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    about = "Metadata-Version: 2.4\nName: Tiny\nVersion: 1.0\nLicense-Expression: MIT\n"
    made = {
        "tiny.py": "SIZE = 1\n",
        "tiny-1.0.dist-info/METADATA": about,
        "tiny-1.0.dist-info/WHEEL": kind,
        "tiny-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(folder / TINY, "w") as wheel:
        for name, text in made.items():
            wheel.writestr(name, text)
    pinned = f"tiny==1.0 --hash=sha256:{digest_of(folder / TINY)}\n"
    (folder / "requirements.txt").write_text(pinned, "utf-8")
    return folder


@pytest.fixture(scope="module")
def archive(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle.write("linux-x86_64", wheels, tmp_path_factory.mktemp("dist"))


@pytest.fixture
def unpacked(archive: Path, tmp_path: Path) -> Path:
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / bundle.NAME


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def install(folder: Path) -> "subprocess.CompletedProcess[str]":
    """As an administrator does, without any package index."""
    return subprocess.run(
        ["sh", folder / "install.sh"],
        env=os.environ | {"PYTHON": sys.executable, "PIP_NO_INDEX": "1"},
        capture_output=True,
        encoding="utf-8",
    )


def test_windows_gets_what_windows_needs() -> None:
    def names(target: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+", bundle.requirements_of(target), re.MULTILINE))

    assert names("linux-x86_64") - names("windows-amd64") == {"uvloop"}
    assert names("linux-x86_64") == names("linux-aarch64")


@pytest.mark.parametrize("target", bundle.TARGETS)
def test_every_requirement_is_pinned_with_its_hashes(target: str) -> None:
    for line in bundle.requirements_of(target).splitlines():
        assert re.fullmatch(r"[\w.\[\]-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+", line), line


def test_it_holds_what_is_committed_and_the_wheels(unpacked: Path) -> None:
    tracked = bundle._git("ls-tree", "-r", "--name-only", "-z", "HEAD").split("\0")
    besides = {*bundle.INSTALLERS, "VERSION", "SHA256SUMS", "sbom.cdx.json"}
    besides |= {f"wheels/{TINY}", "wheels/requirements.txt"}
    found = {
        path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()
    }
    assert found == {*filter(None, tracked), *besides}


def test_its_sums_cover_every_file(unpacked: Path) -> None:
    lines = (unpacked / "SHA256SUMS").read_text("utf-8").splitlines()
    told = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = [path for path in unpacked.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    assert told == {path.relative_to(unpacked).as_posix(): digest_of(path) for path in files}


def test_its_bill_of_materials_names_every_wheel_with_its_hash(unpacked: Path) -> None:
    bill = json.loads((unpacked / "sbom.cdx.json").read_text("utf-8"))
    (part,) = bill["components"]
    assert (part["purl"], part["licenses"]) == ("pkg:pypi/tiny@1.0", [{"expression": "MIT"}])
    assert part["hashes"] == [{"alg": "SHA-256", "content": digest_of(unpacked / "wheels" / TINY)}]


def test_the_same_commit_makes_the_same_bytes(wheels: Path, archive: Path, tmp_path: Path) -> None:
    again = bundle.write("linux-x86_64", wheels, tmp_path)
    assert digest_of(again) == digest_of(archive)


def test_it_installs_from_itself_alone(unpacked: Path) -> None:
    done = install(unpacked)
    assert (done.returncode, done.stderr) == (0, "")
    installed = [unpacked / ".venv/bin/python", "-c", "import tiny; print(tiny.SIZE)"]
    assert subprocess.run(installed, capture_output=True, text=True).stdout == "1\n"


@pytest.mark.parametrize("damaged", [f"wheels/{TINY}", "app.py", "wheels/requirements.txt"])
def test_a_changed_or_missing_file_is_named_and_nothing_is_installed(
    unpacked: Path, damaged: str
) -> None:
    with (unpacked / damaged).open("ab") as file:
        file.write(b"#")
    (unpacked / "README.md").unlink()
    refused = install(unpacked)
    assert refused.returncode == 1
    assert damaged in refused.stderr
    assert "README.md" in refused.stderr
    assert not (unpacked / ".venv").exists()


def test_for_windows_it_is_a_zip(wheels: Path, tmp_path: Path) -> None:
    path = bundle.write("windows-amd64", wheels, tmp_path)
    shutil.unpack_archive(path, tmp_path)
    assert (tmp_path / bundle.NAME / "install.bat").exists()
    assert (tmp_path / bundle.NAME / "docs" / "使用手册.md").exists()
