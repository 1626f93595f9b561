"""LibreOffice without a window, as the office where files are opened and saved again.

Tests that save sheets need the program "LibreOffice Calc"; those of texts, "LibreOffice Writer".
"""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path


@cache
def _profile() -> Path:
    """The profile of this process: the first start makes it, which takes longer than saving."""
    folder = Path(tempfile.mkdtemp(prefix="office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def save_as(path: Path, *formats: str) -> Path:
    """``path`` opened and saved in each format in turn, each time from what was saved before.

    A format is a suffix, perhaps with its filter: ``csv``, ``txt:Text (encoded):UTF8``.
    """
    profile = f"-env:UserInstallation={_profile().as_uri()}"
    for number, each in enumerate(formats):
        folder = path.parent / f"saved-{number}"
        subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", each, "--outdir", folder, path],
            check=True,
            capture_output=True,
            timeout=120,
        )
        path = folder / f"{path.stem}.{each.partition(':')[0]}"
    return path
