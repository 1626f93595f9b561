"""Process that runs a statement and ends itself by SIGKILL at one point of it."""

import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import importlib, os, signal, sys
from pathlib import Path
import piiscan.detect.catalog.catalog as catalog
from piiscan import merge
from piiscan.case.store import shard_runs
from tests.case.dump import scan_dump

shard_runs.BLOCK = 2
rules, statement, module, name, calls, *arguments = sys.argv[1:]
catalog.shipped_folder = lambda: Path(rules)
owner = importlib.import_module(module)
*path, attribute = name.split(".")
for part in path:
    owner = getattr(owner, part)
real, left = getattr(owner, attribute), [int(calls)]

def die_at_last(*args, **more):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **more)

setattr(owner, attribute, die_at_last)
paths = [Path(each) for each in arguments]
exec(statement)
print("not killed")
"""


def run_killed(rules: Path, statement: str, point: tuple[str, str, int], *paths: Path) -> None:
    """Run ``statement``, which may use ``paths``, ``scan_dump`` and ``merge``, until its end.

    ``point``: module, name in it, and the call of it that ends it. Shards have two sources.
    """
    module, name, calls = point
    arguments = [rules, statement, module, name, calls, *paths]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == -9, done.stderr
