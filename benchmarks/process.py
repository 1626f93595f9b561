"""A program as a whole process: wall clock, processor time and memory of all it starts."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """What one run took. Memory in MB: of the largest process, and of all together."""

    wall: float
    cpu: float
    largest: float
    together: float
    code: int
    output: str


def shared() -> dict[str, str]:
    """The environment without what conftest.py set for this process alone."""
    return {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}


def run(command: list[str], *, environment: dict[str, str] | None = None) -> Run:
    """Runs ``command`` to its end; its standard output is kept, its errors too on failure."""
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=shared() | (environment or {}),
    ) as child:
        peak = [0.0, 0.0]
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(child.pid, peak, done))
        watcher.start()
        assert child.stdout is not None
        output = child.stdout.read().decode(errors="replace")
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watcher.join()
    return Run(wall, used.ru_utime + used.ru_stime, peak[0], max(peak), child.returncode, output)


def _watch(pid: int, peak: list[float], done: threading.Event) -> None:
    """Keeps in ``peak`` the most memory that one process held, and all of them together.

    Not ``ru_maxrss``: that of a child begins with what its parent held when it was forked.  Shares
    are asked for only where there are several: adding them up holds the process up, a tenth of a
    scan.
    """
    while not done.wait(0.05):
        family = _family(pid)
        peak[0] = max(peak[0], *(_held(one, "status", "VmHWM:") for one in family))
        if len(family) > 1:
            peak[1] = max(peak[1], sum(_held(one, "smaps_rollup", "Pss:") for one in family))


def _family(pid: int) -> list[int]:
    """The process and all it started, that still run."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _held(pid: int, file: str, field: str) -> float:
    """A field of the process in MB: VmHWM, the most it ever held, or Pss, its share just now."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024
