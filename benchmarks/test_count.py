"""Speed of ``piiscan count`` as a process: ten million findings of twenty lists, two suspects."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import counting
import process
from test_scan import PROGRAM

HERE = Path(__file__).parent


def content(folder: Path) -> dict[str, str]:
    """Return file name -> SHA-256 of each file of a count, without ``count.json``.

    That file has a time.
    """
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "count.json"
    }


def rows(folder: Path, table: str, **wanted: Any) -> list[dict[str, Any]]:
    """Return the rows of a count's table whose columns have the values ``wanted``."""
    contents = json.loads((folder / f"{table}.json").read_text("utf-8"))["rows"]
    return [row for row in contents if all(row[key] == value for key, value in wanted.items())]


def steps(folder: Path, kind: str, scope: str) -> list[int]:
    """Return the counts of ladder steps R0 to R6 for one scope."""
    return [row["count"] for row in rows(folder, "ladder", scope_kind=kind, scope=scope)]


def test_count(benchmark: Any, tmp_path: Path) -> None:
    case, dump, runs, copies = tmp_path / "case", tmp_path / "dump", [], []
    counting.write_dump(dump)
    scan = ["scan", str(dump), "--case", str(case), "--key", str(tmp_path / "key")]
    assert process.run([*PROGRAM, *scan, "--as-of", "2026-01-01"]).code == 0
    assert process.run([sys.executable, str(HERE / "counting.py"), str(case)]).code == 0
    register = tmp_path / "register.csv"
    register.write_text(
        f"路径,嫌疑人,设备\n{dump}/甲,甲某,电脑一\n{dump}/乙,乙某,电脑二\n", "utf-8"
    )

    def count(copy: Path) -> None:
        command = ["count", str(copy), "--register", str(register), "--lang", "en"]
        runs.append(process.run([*PROGRAM, *command]))

    benchmark.group = "count-10M"

    def copied() -> tuple[tuple[Path], dict[str, Any]]:
        copies.append(tmp_path / f"copy-{len(copies)}")
        return (shutil.copytree(case, copies[-1]),), {}

    benchmark.pedantic(count, setup=copied, rounds=2, iterations=1)
    fastest = min(runs, key=lambda run: run.wall)
    benchmark.extra_info.update(
        corpus="count-10M", way="piiscan count, process", cpu=fastest.cpu,
        largest=max(run.largest_mb for run in runs), together=max(run.total_mb for run in runs),
    )  # fmt: skip
    assert fastest.code == 0, fastest.output
    folder, again = (each / "counts-0001" for each in copies)
    expected = counting.expected()
    assert steps(folder, "total", "total") == expected.total
    assert steps(folder, "suspect", "甲某") == steps(folder, "suspect", "乙某") == expected.suspect
    (dropped,) = rows(folder, "ladder_reasons", scope_kind="total", reason="DUP_KEY")
    assert dropped["count"] == expected.duplicate_keys
    assert {row["shared"] for row in rows(folder, "shared", scope_kind="suspect")} == {
        expected.shared
    }
    records, keys = (
        rows(folder, "tiers", scope="total", unit=unit, category="basic", insider=False)
        for unit in ("U1", "U2")
    )
    assert [row["count"] for row in records + keys] == [expected.total[0], expected.total[5]]
    assert content(folder) == content(again)
