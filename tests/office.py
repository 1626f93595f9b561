"""LibreOffice without a window, as the office where files are opened and saved again.

Tests that save sheets need the program "LibreOffice Calc"; those of texts, "LibreOffice Writer".
"""

from __future__ import annotations

import subprocess
from pathlib import Path


def save_as(path: Path, *formats: str) -> Path:
    """``path`` opened and saved in each format in turn, each time from what was saved before.

    A format is a suffix, perhaps with its filter: ``csv``, ``txt:Text (encoded):UTF8``.
    """
    home = path.parent / "office"
    for number, each in enumerate(formats):
        folder = path.parent / f"saved-{number}"
        profile = f"-env:UserInstallation={(home / 'profile').as_uri()}"
        subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", each, "--outdir", folder, path],
            check=True,
            capture_output=True,
            timeout=120,
        )
        path = folder / f"{path.stem}.{each.partition(':')[0]}"
    return path
