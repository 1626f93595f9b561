"""Digests of all that a case says about sources: ``python -m tests.case.same_bytes FOLDER KEY``.

    [--reversed] [--relative] [--workers N]

Any Python can run it, and two that run it on the same folder must print the same.
"""

import argparse
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Final

from piiscan import count, scan
from tests.case.dump import DAY

#: What tells of the run itself: moments, versions, the order of work.
_OF_THE_RUN: Final = ("ledger.sqlite", "log.", "manifest.", "report.html", "tmp/", "count.json")


def digests(
    folder: Path, key: Path, *, backwards: bool = False, relative: bool = False, workers: int = 2
) -> dict[str, str]:
    """Scan and count the entries of ``folder``; return file of the case -> SHA-256."""
    paths = sorted(folder.iterdir(), reverse=backwards)
    if relative:
        os.chdir(folder.parent)
        paths = [path.relative_to(folder.parent) for path in paths]
    with tempfile.TemporaryDirectory() as home:
        case = Path(home, "case")
        done = scan(paths, case=case, key=key, as_of=DAY, workers=workers, reveal=True)
        count(done)
        names = {path.relative_to(case).as_posix(): path for path in case.rglob("*")}
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in sorted(names.items())
            if path.is_file() and not any(part in name for part in _OF_THE_RUN)
        }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("key", type=Path)
    parser.add_argument("--reversed", dest="backwards", action="store_true")
    parser.add_argument("--relative", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    print(json.dumps(digests(**vars(parser.parse_args())), indent=1))
