"""``piiscan count`` as a whole process: ten million findings of twenty lists, two suspects."""

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
    """Name -> SHA-256 of every file of a count but its own description, which has a time."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "count.json"
    }


def rows(folder: Path, table: str, **wanted: Any) -> list[dict[str, Any]]:
    told = json.loads((folder / f"{table}.json").read_text("utf-8"))["rows"]
    return [row for row in told if all(row[key] == value for key, value in wanted.items())]


def steps(folder: Path, kind: str, scope: str) -> list[int]:
    return [row["count"] for row in rows(folder, "ladder", scope_kind=kind, scope=scope)]


def test_count(benchmark: Any, tmp_path: Path) -> None:
    case, dump, runs, told = tmp_path / "case", tmp_path / "dump", [], []
    counting.write_dump(dump)
    scan = ["scan", str(dump), "--case", str(case), "--key", str(tmp_path / "key")]
    assert process.run([*PROGRAM, *scan, "--as-of", "2026-01-01"]).code == 0
    assert process.run([sys.executable, str(HERE / "counting.py"), str(case)]).code == 0
    register = tmp_path / "register.csv"
    register.write_text(
        f"路径,嫌疑人,设备\n{dump}/甲,甲某,电脑一\n{dump}/乙,乙某,电脑二\n", "utf-8"
    )

    def count() -> None:
        asked = ["count", str(case), "--register", str(register), "--lang", "en"]
        runs.append(process.run([*PROGRAM, *asked]))

    def clean() -> None:
        for folder in case.glob("counts-*"):
            told.append(content(folder))
            shutil.rmtree(folder)

    benchmark.group = "count-10M"
    benchmark.pedantic(count, setup=clean, rounds=2, iterations=1)
    last = min(runs, key=lambda one: one.wall)
    benchmark.extra_info.update(
        corpus="count-10M", way="piiscan count, process", cpu=last.cpu,
        largest=max(one.largest for one in runs), together=max(one.together for one in runs),
    )  # fmt: skip
    assert last.code == 0, last.output
    folder, right = case / "counts-0001", counting.expected()
    assert steps(folder, "total", "total") == right.total
    assert steps(folder, "suspect", "甲某") == steps(folder, "suspect", "乙某") == right.suspect
    (fell,) = rows(folder, "ladder_reasons", scope_kind="total", reason="DUP_KEY")
    assert fell["count"] == right.duplicate_keys
    assert {row["shared"] for row in rows(folder, "shared", scope_kind="suspect")} == {right.shared}
    records, keys = (
        rows(folder, "tiers", scope="total", unit=unit, category="basic", insider=False)
        for unit in ("U1", "U2")
    )
    assert [row["count"] for row in records + keys] == [right.total[0], right.total[5]]
    assert told == [content(folder)]
