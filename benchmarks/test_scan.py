"""Speed of ``piiscan scan`` as a process, with a complete case that verifies."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import process
import pyarrow.parquet as pq
import pytest
from dumps import Dump

SCRIPT = Path(sys.executable).with_name("piiscan")
PROGRAM = (
    [str(SCRIPT)]
    if SCRIPT.exists()
    else [sys.executable, "-c", "from piiscan.cli.process import run; run()"]
)


@pytest.mark.parametrize("name", ["sale-7967", "sale-1M", "sale-10M"])
def test_scan(name: str, dump: Callable[..., Dump], benchmark: Any, tmp_path: Path) -> None:
    file, case, runs = dump(name), tmp_path / "case", []
    options = ["--key", str(tmp_path / "key"), "--as-of", "2026-01-01", "--lang", "en"]

    def clean() -> None:
        shutil.rmtree(case, ignore_errors=True)

    def scan() -> None:
        runs.append(process.run([*PROGRAM, "scan", str(file.path), "--case", str(case), *options]))

    benchmark.group = name
    rounds, warm = (1, 0) if name == "sale-10M" else (5, 1)
    benchmark.pedantic(scan, setup=clean, rounds=rounds, iterations=1, warmup_rounds=warm)
    fastest = min(runs[warm:], key=lambda run: run.wall)
    benchmark.extra_info.update(
        corpus=name, way="piiscan scan, process", mb=file.path.stat().st_size / 1e6,
        cpu=fastest.cpu,
        largest=max(run.largest_mb for run in runs), together=max(run.total_mb for run in runs),
    )  # fmt: skip
    assert fastest.code == 0, fastest.output
    assert counts(case) == file.reported()
    assert process.run([*PROGRAM, "verify", str(case)]).code == 0


def test_first_scan_ever(dump: Callable[..., Dump], benchmark: Any, tmp_path: Path) -> None:
    file, case, runs = dump("sale-7967"), tmp_path / "case", []
    command = [*PROGRAM, "scan", str(file.path), "--case", str(case), "--key", str(tmp_path / "k")]
    nothing = {"PIISCAN_CACHE_DIR": "", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    benchmark.group = file.name
    benchmark.pedantic(lambda: runs.append(process.run(command, environment=nothing)), rounds=1)
    benchmark.extra_info.update(
        corpus=file.name, way="piiscan scan, first ever", mb=file.path.stat().st_size / 1e6,
        cpu=runs[0].cpu, largest=runs[0].largest_mb, together=runs[0].total_mb,
    )  # fmt: skip
    assert runs[0].code == 0, runs[0].output
    assert counts(case) == file.reported()


def counts(case: Path) -> Counter[str]:
    """Return entity -> number of findings in a case's shards, without names and addresses."""
    found: Counter[str] = Counter()
    for shard in sorted((case / "findings").glob("*.parquet")):
        column = pq.read_table(shard, columns=["entity"])["entity"]
        for row in column.value_counts().to_pylist():
            found[row["values"]] += row["counts"]
    return Counter({kind: n for kind, n in found.items() if kind not in {"PERSON", "CN_ADDRESS"}})
