"""A repository with a guard: what is known passes, a new number in staged lines does not."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import piiscan

#: The command line takes the key from PIISCAN_BASELINE_KEY, a secret of the pipeline.
KNOWN = {"baseline": "piiscan-baseline.json", "key": "a secret of the pipeline"}
start = Path.cwd()


def states(result: piiscan.Check) -> list[tuple[str, int | None, str]]:
    """Return file, line and state of each finding."""
    return [(each.file, each.line, each.state) for each in result.findings]


with TemporaryDirectory() as name:
    home = Path(shutil.copytree(Path(__file__).parent / "repository", Path(name, "shop")))
    os.chdir(home)
    try:
        subprocess.run(["git", "init", "-q"], check=True)
        print("pipeline:", states(piiscan.check(**KNOWN)))
        (home / "new.py").write_text('PHONE = "13912345678"\n', "utf-8")
        subprocess.run(["git", "add", "new.py"], check=True)
        result = piiscan.check(staged=True, **KNOWN)
        print("commit:", states(result), "exit code", result.exit_code)
    finally:
        os.chdir(start)
