"""PDF of the page of a case, printed by the browser of the machine, else by LibreOffice.

Neither has a network: the page needs none, and the browser resolves no name.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from piiscan.errors import CaseError

_BROWSERS: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("microsoft-edge", "msedge", "chrome"),
)
_OFFICES: Final = ("soffice", "libreoffice", "localc")
#: Longest time (seconds) of one program.
_PATIENCE: Final = 300


def print_page(page: bytes) -> bytes:
    """Return a page (HTML) as PDF. Raise CaseError without a program for it, or if it fails."""
    with tempfile.TemporaryDirectory(prefix="piiscan-") as name:
        folder = Path(name)
        (folder / "report.html").write_bytes(page)
        commands = [*_browser_commands(folder), *_office_commands(folder)]
        if not commands:
            raise CaseError("report.no_printer")
        for command in commands:
            try:
                subprocess.run(
                    command, cwd=folder, capture_output=True, check=False, timeout=_PATIENCE
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
            written = folder / "report.pdf"
            if written.is_file() and (content := written.read_bytes()).startswith(b"%PDF"):
                return content
        raise CaseError("report.not_printed", program=Path(commands[0][0]).name)


def _browser_commands(folder: Path) -> list[list[str]]:
    """Return the command that prints ``report.html`` with each browser of the machine."""
    options = (
        *(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
        ),
        *("--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}"),
        f"--print-to-pdf={folder / 'report.pdf'}",
    )
    found = dict.fromkeys(filter(None, map(shutil.which, _BROWSERS)))
    return [[path, *options, (folder / "report.html").as_uri()] for path in found]


def _office_commands(folder: Path) -> list[list[str]]:
    """Return the command that converts ``report.html`` with LibreOffice, if it is installed."""
    profile = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    options = ("--headless", profile, "--convert-to", "pdf:writer_web_pdf_Export", "report.html")
    found = next(filter(None, map(shutil.which, _OFFICES)), None)
    return [] if found is None else [[found, *options]]
