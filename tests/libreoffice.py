"""LibreOffice as other people use it: a file opened, calculated and saved again."""

import shutil
import subprocess
from pathlib import Path

OFFICE = shutil.which("soffice")


def converted(data: bytes, folder: Path, *kinds: str) -> bytes:
    """An .xlsx saved as the first kind, that file as the next, and so on."""
    file = folder / "填报表.xlsx"
    file.write_bytes(data)
    for kind in kinds:
        out = folder / "out" / kind
        subprocess.run(
            [
                str(OFFICE),
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                "--headless",
                "--convert-to",
                kind,
                "--outdir",
                str(out),
                str(file),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        file = out / f"填报表.{kind}"
    return file.read_bytes()
