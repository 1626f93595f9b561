"""Programs of the system that tests need, and the Debian package of each.

A test names its programs: ``@pytest.mark.program("openssl")``. It is skipped where one is missing.
As a script this prints the packages that .ci/run installs: ``python tests/programs.py``.
"""

import shutil
from typing import Final, NamedTuple


class Program(NamedTuple):
    """Commands of which one is enough, the package that has them, and the extra they serve.

    ``extra``: optional dependencies without which the tests are skipped even so.
    """

    commands: tuple[str, ...]
    package: str
    extra: str = ""


PROGRAMS: Final[dict[str, Program]] = {
    "bsdtar": Program(("bsdtar",), "libarchive-tools"),
    "chromium": Program(("chromium", "chromium-browser"), "chromium"),
    "genisoimage": Program(("genisoimage",), "genisoimage"),
    "git": Program(("git",), "git"),
    "java": Program(("java",), "default-jre-headless", "spark"),
    "LibreOffice Calc": Program(("localc",), "libreoffice-calc"),
    "LibreOffice Writer": Program(("lowriter",), "libreoffice-writer"),
    "mke2fs": Program(("mke2fs",), "e2fsprogs"),
    "mkntfs": Program(("mkntfs",), "ntfs-3g"),
    "openssl": Program(("openssl",), "openssl"),
    "rg": Program(("rg",), "ripgrep"),  # benchmarks only
    "sha256sum": Program(("sha256sum",), "coreutils"),
    "tar": Program(("tar",), "tar"),
}


def find_program(name: str) -> str | None:
    """Return the path of a program of ``PROGRAMS``; None if it is not installed."""
    return next(filter(None, map(shutil.which, PROGRAMS[name].commands)), None)


def missing_program(*names: str) -> str:
    """Return the sentence that names the first missing program's package; empty if none is."""
    for name in names:
        if find_program(name) is None:
            return f"{name} is not installed: apt-get install {PROGRAMS[name].package}"
    return ""


if __name__ == "__main__":
    for program, (_, package, extra) in PROGRAMS.items():
        if missing_program(program) and not extra:
            print(package)
