"""Run of a program as a process: wall-clock time, processor time and memory of its process tree."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """Result of one run: seconds, exit code, output, and the peak memory in MB.

    ``largest_mb``: of the largest process. ``total_mb``: of all processes at one time.
    """

    wall: float
    cpu: float
    largest_mb: float
    total_mb: float
    code: int
    output: str


def inherited_environment() -> dict[str, str]:
    """Return the environment without the variable that conftest.py sets for its own process."""
    return {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}


def run(command: list[str], *, environment: dict[str, str] | None = None) -> Run:
    """Run ``command`` to its end and return its times, memory, exit code and output."""
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=inherited_environment() | (environment or {}),
    ) as child:
        peak = [0.0, 0.0]
        done = threading.Event()
        watcher = threading.Thread(target=_watch_memory, args=(child.pid, peak, done))
        watcher.start()
        assert child.stdout is not None
        output = child.stdout.read().decode(errors="replace")
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watcher.join()
    return Run(wall, used.ru_utime + used.ru_stime, peak[0], max(peak), child.returncode, output)


def _watch_memory(pid: int, peak: list[float], done: threading.Event) -> None:
    """Write peak memory in MB to ``peak`` (one process, all processes) until ``done`` is set.

    ``ru_maxrss`` of a child begins with its parent's memory at the fork, so it is not used. Pss is
    read only if there are several processes, because reading it slows the process down.
    """
    while not done.wait(0.05):
        processes = _process_tree(pid)
        peak[0] = max(peak[0], *(_memory_mb(process, "status", "VmHWM:") for process in processes))
        if len(processes) > 1:
            peak[1] = max(
                peak[1], sum(_memory_mb(process, "smaps_rollup", "Pss:") for process in processes)
            )


def _process_tree(pid: int) -> list[int]:
    """Return the process ids of ``pid`` and of all its running descendants."""
    found, pending = [], [pid]
    while pending:
        process = pending.pop()
        found.append(process)
        try:
            for task in Path(f"/proc/{process}/task").iterdir():
                pending += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _memory_mb(pid: int, file: str, field: str) -> float:
    """Return ``field`` of a file in /proc/``pid`` in MB: VmHWM (peak) or Pss (memory now).

    Return 0.0 if the process has ended.
    """
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024
