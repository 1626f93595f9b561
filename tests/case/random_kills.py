"""Kills of a verb at random moments: ``python -m tests.case.random_kills VERB COUNT [SEED]``.

Each attempt is a child of this process, ended by SIGKILL after a random part of the time that the
verb takes, then done again.  What it leaves must be, byte for byte, what a whole run leaves; only
the log, and what quotes it, says that there were two runs.
"""

import contextlib
import datetime
import hashlib
import importlib
import io
import itertools
import os
import pkgutil
import random
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Final

import piiscan
from piiscan.case.store import audit_log
from piiscan.cli import main
from tests.case.dump import write_dump

_NOW: Final = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
#: What quotes the log or the moment, and differs after two runs.
_QUOTES: Final = ("log.", "ledger.sqlite", "ledger.sha256", "manifest.")
#: What quotes the manifest, which a scan makes, or the count of it.
_OF_THE_MANIFEST: Final = ("report.", "statement.docx", "tables.xlsx", "count.json")
_SCAN: Final = ["scan", "in", "--key", "key", "--as-of", "2026-01-01", "--case"]
#: Verb -> arguments, and what must be there before.
VERBS: Final[dict[str, tuple[list[str], list[str]]]] = {
    "scan": ([*_SCAN, "case"], []),
    "part": ([*_SCAN, "p1", "--part", "1/2"], []),
    "other part": ([*_SCAN, "p2", "--part", "2/2"], []),
    "merge": (["merge", "p1", "p2", "--case", "case", "--key", "key"], ["part", "other part"]),
    "count": (["count", "case"], ["scan"]),
    "report": (["report", "case", "--format", "xlsx", "-o", "book.xlsx"], ["scan", "count"]),
    "seal": (["seal", "case", "-o", "case.zip"], ["scan", "count"]),
    "run": (["run", "in", "-o", "out", "--key", "key"], []),
    "redact": (["redact", "in", "--out", "out"], []),
}


def _load() -> None:
    """Import all modules, and fix the clock; no thread may start before a fork."""
    for module in pkgutil.walk_packages(piiscan.__path__, "piiscan."):
        if ".cli.process" not in module.name and ".presidio" not in module.name:
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)
    real = audit_log.now
    for module in list(sys.modules.values()):
        if getattr(module, "now", None) is real:
            module.now = lambda: _NOW  # type: ignore[attr-defined]


def _start(arguments: list[str], folder: Path) -> int:
    """Start a command in ``folder`` as a child; return its process id."""
    child = os.fork()
    if child:
        return child
    os.chdir(folder)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(arguments, {"LANG": "en"})
    (folder / "said").write_text(said.getvalue(), "utf-8")
    os._exit(code)


def _finish(arguments: list[str], folder: Path) -> None:
    """Run a command in ``folder`` to its end."""
    code = os.waitstatus_to_exitcode(os.waitpid(_start(arguments, folder), 0)[1])
    assert code in (0, 1), (folder / "said").read_text("utf-8")
    (folder / "said").unlink()


def _content(folder: Path, verb: str) -> dict[str, bytes]:
    """Return name -> bytes of all that must be equal after a kill of ``verb``."""
    left_out = (*_QUOTES, *(_OF_THE_MANIFEST if verb in ("scan", "merge", "run") else ()))
    if verb == "seal":  # the log in it says that there were two runs
        with zipfile.ZipFile(folder / "case.zip") as archive:
            return {
                name: archive.read(name)
                for name in archive.namelist()
                if not any(word in name for word in left_out)
            }
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(word in path.name for word in left_out)
    }


def try_kills(verb: str, count: int, seed: int, home: Path) -> int:
    """Kill a verb at work ``count`` times and finish it; return how often it was started.

    Raise AssertionError with the name of the first file that differs.
    """
    _load()
    rng = random.Random(seed)
    arguments, before = VERBS[verb]
    base, whole = home / "base", home / "whole"
    base.mkdir()
    write_dump(base / "in")
    (base / "key").touch(0o600)
    (base / "key").write_text(hashlib.sha256(b"key").hexdigest(), "ascii")
    for each in before:
        _finish(VERBS[each][0], base)
    shutil.copytree(base, whole)
    started = time.monotonic()
    _finish(arguments, whole)
    duration = time.monotonic() - started
    expected, killed = _content(whole, verb), 0
    for number in itertools.count(1):
        folder = home / f"{number}"
        shutil.copytree(base, folder)
        child = _start(arguments, folder)
        time.sleep(rng.uniform(0.0, duration))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        (folder / "said").unlink(missing_ok=True)
        if verb != "seal" or not (folder / "case.zip").exists():  # never written over
            _finish(arguments, folder)
        found = _content(folder, verb)
        wrong = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
        assert not wrong, f"after kill {number}: {sorted(wrong)[:9]}"
        shutil.rmtree(folder)
        if killed == count:
            return number
    raise AssertionError


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        tries = int(sys.argv[2])
        done = try_kills(sys.argv[1], tries, int((*sys.argv, "1")[3]), Path(place))
        print(f"{sys.argv[1]}: {tries} of {done} runs killed at work, all ended with equal bytes")
