"""``piiscan scan`` as a whole process, into a complete case that verifies."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import process
import pytest
from dumps import Dump

PROGRAM = [sys.executable, "-m", "piiscan"]


@pytest.mark.parametrize("name", ["sale-7967", "sale-1M", "sale-10M"])
def test_scan(name: str, dump: Callable[..., Dump], benchmark: Any, tmp_path: Path) -> None:
    file, case, runs = dump(name), tmp_path / "case", []
    options = ["--key", str(tmp_path / "key"), "--as-of", "2026-01-01", "--lang", "en"]

    def clean() -> None:
        shutil.rmtree(case, ignore_errors=True)

    def scan() -> None:
        runs.append(process.run([*PROGRAM, "scan", str(file.path), "--case", str(case), *options]))

    benchmark.group = name
    rounds, warm = (1, 0) if name == "sale-10M" else (2, 1)
    benchmark.pedantic(scan, setup=clean, rounds=rounds, iterations=1, warmup_rounds=warm)
    last = min(runs[warm:], key=lambda one: one.wall)
    benchmark.extra_info.update(
        corpus=name, way="piiscan scan, process", mb=file.path.stat().st_size / 1e6, cpu=last.cpu,
        largest=max(one.largest for one in runs), together=max(one.together for one in runs),
    )  # fmt: skip
    assert last.code == 0, last.output
    assert counts(case) == file.reported()
    assert process.run([*PROGRAM, "verify", str(case)]).code == 0


def counts(case: Path) -> Counter[str]:
    """Findings by entity, as the report of the case says."""
    told = process.run([*PROGRAM, "report", str(case), "--format", "json"])
    rows = json.loads(told.output)["kinds"]
    skip = {"PERSON", "CN_ADDRESS"}
    return Counter({row["entity"]: row["hits"] for row in rows if row["entity"] not in skip})
