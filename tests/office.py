"""LibreOffice without a window, as the office where sheets are opened and saved again."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice")
needed = pytest.mark.skipif(
    SOFFICE is None, reason="soffice is not installed: apt-get install libreoffice-calc"
)


def save_as(path: Path, *suffixes: str) -> Path:
    """``path`` opened and saved in each format in turn, each time from what was saved before."""
    home = path.parent / "office"
    for number, suffix in enumerate(suffixes):
        folder = path.parent / f"saved-{number}"
        profile = f"-env:UserInstallation={(home / 'profile').as_uri()}"
        subprocess.run(
            [str(SOFFICE), profile, "--headless", "--convert-to", suffix, "--outdir", folder, path],
            check=True,
            capture_output=True,
            timeout=120,
        )
        path = folder / f"{path.stem}.{suffix}"
    return path
