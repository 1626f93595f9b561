"""Runs all benchmarks once, prints the ratios in one table and records them.

Usage: python benchmarks/table.py [--name MACHINE] [--json FILE] [pytest options]

``--json FILE`` reads an earlier run's pytest-benchmark file instead of running. The record goes to
benchmarks/record/DATE-MACHINE.json and .md.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
STOCK, RE, RG = "stock Presidio, char", "python re", "ripgrep, process"
ENGINE, SCAN = "piiscan engine", "piiscan scan, process"
NAMED = "piiscan engine with names"

Row = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Runs, prints, records; the exit code is pytest's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default=f"{platform.machine()}-{os.cpu_count()}-cores")
    parser.add_argument("--json", type=Path)
    options, rest = parser.parse_known_args(arguments)
    code, told = (0, options.json) if options.json else measure(rest)
    if not told.exists():
        return code or 1
    raw = json.loads(told.read_text(encoding="utf-8"))
    found = [row(one) for one in raw["benchmarks"]]
    text = "\n\n".join(
        part
        for part in (facts(raw), speeds(found), names(found), checks(found), marks(found))
        if part
    )
    print(text)
    target = HERE / "record" / f"{datetime.date.today().isoformat()}-{options.name}"
    target.parent.mkdir(exist_ok=True)
    record = {"machine": machine(raw), "rows": found}
    target.with_suffix(".json").write_text(
        json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    target.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return code


def measure(rest: list[str]) -> tuple[int, Path]:
    """Exit code and result file of one run of all benchmarks."""
    file = Path(tempfile.mkdtemp(prefix="bench-")) / "run.json"
    command = [sys.executable, "-m", "pytest", str(HERE), "-q", "--benchmark-only"]
    command += [f"--benchmark-json={file}", "--benchmark-columns=min", *rest]
    return subprocess.run(command, cwd=HERE.parent, check=False).returncode, file


def row(one: Row) -> Row:
    """The facts of one benchmark: seconds are the fastest round's."""
    facts = dict(one["extra_info"])
    facts["seconds"] = one["stats"]["min"]
    if "mb" in facts:
        facts["speed"] = facts["mb"] / facts["seconds"]
    if "characters" in facts:
        facts["pace"] = facts["characters"] / facts["seconds"] / 1e3
    return facts


def machine(raw: Row) -> Row:
    """What ran: processor, cores, Python; not the machine's name."""
    info = raw["machine_info"]
    cpu = info.get("cpu", {})
    return {
        "processor": cpu.get("brand_raw", info.get("processor", "")),
        "cores": os.cpu_count(),
        "system": info.get("system"),
        "python": info.get("python_version"),
    }


def facts(raw: Row) -> str:
    """One line on the machine."""
    known = machine(raw)
    return (
        f"{known['processor'] or platform.machine()}, {known['cores']} cores, "
        f"{known['system']}, Python {known['python']}"
    )


def lines(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(one) + " |" for one in [head, ["---"] * len(head), *rows])


def ratio(one: Row, other: Row | None) -> str:
    """How many times as fast ``one`` is, or nothing to compare with."""
    return f"{one['speed'] / other['speed']:.3g}" if other else ""


def speeds(found: list[Row]) -> str:
    """MB/s of every way on every corpus, and the ratio to the three baselines."""
    by = {(one["corpus"], one["way"]): one for one in found if "speed" in one}
    out = []
    for (corpus, way), one in by.items():
        memory = f"{one['together']:.0f}" if "together" in one else ""
        compared = [ratio(one, by.get((corpus, base))) for base in (STOCK, RE, RG)]
        shown = way if one["right"] else f"{way} (WRONG COUNT)"
        out.append(
            [corpus, shown, f"{one['seconds']:.3f}", f"{one['speed']:.4g}", *compared, memory]
        )
    head = ["corpus", "way", "s", "MB/s", "x stock Presidio", "x re", "x rg", "peak MB"]
    return lines(head, sorted(out, key=lambda one: (one[0], -float(one[3])))) if out else ""


def checks(found: list[Row]) -> str:
    """Million values a second of every check."""
    out = [
        [one["way"], f"{one['rows'] / one['seconds'] / 1e6:.2f}"]
        for one in found
        if one.get("corpus") == "checks"
    ]
    return lines(["check", "million values/s"], sorted(out)) if out else ""


def names(found: list[Row]) -> str:
    """Thousand characters a second of every tagger of names, and how many times each is passed."""
    paced = {one["way"]: one for one in found if "pace" in one}
    own = paced.get(NAMED)
    out = [
        [
            way if one["right"] else f"{way} (WRONG COUNT)",
            f"{one['pace']:.0f}",
            f"{own['pace'] / one['pace']:.3g}" if own and one is not own else "",
        ]
        for way, one in sorted(paced.items(), key=lambda item: -item[1]["pace"])
    ]
    head = ["names in prose", "thousand characters/s", "piiscan, x as fast"]
    return lines(head, out) if out else ""


def marks(found: list[Row]) -> str:
    """What was asked for, and what was reached."""
    by = {(one["corpus"], one["way"]): one for one in found if one["right"]}
    tried = {(one["corpus"], one["way"]) for one in found}
    out: list[list[str]] = []

    def mark(what: str, asked: str, needed: list[tuple[str, str]], reached: Any, good: Any) -> None:
        if all(key in by for key in needed):
            value = reached(*(by[key] for key in needed))
            out.append([what, asked, f"{value:.3g}", "yes" if good(value) else "NO"])
        elif tried.issuperset(needed):
            out.append([what, asked, "wrong count", "NO"])

    sale, stock, prose = ("sale-1M", ENGINE), ("sale-1M", STOCK), ("prose-40MB", ENGINE)
    scan, rg, ten = ("sale-1M", SCAN), ("sale-1M", RG), ("sale-10M", SCAN)
    small = ("sale-7967", SCAN)
    mark("engine, 1M sale rows, x stock Presidio", ">= 400", [sale, stock],
         lambda a, b: a["speed"] / b["speed"], lambda v: v >= 400)  # fmt: skip
    mark("engine, prose, MB/s", ">= 300", [prose], lambda a: a["speed"], lambda v: v >= 300)
    mark("scan, sale-7967, warm, s", "<= 2", [small], lambda a: a["seconds"], lambda v: v <= 2)
    first = ("sale-7967", "piiscan scan, first ever")
    mark("scan, sale-7967, first run ever, s", "<= 20", [first],
         lambda a: a["seconds"], lambda v: v <= 20)  # fmt: skip
    mark("scan, 1M sale rows, x time of rg", "<= 10", [scan, rg],
         lambda a, b: a["seconds"] / b["seconds"], lambda v: v <= 10)  # fmt: skip
    mark("scan, 1M sale rows, peak MB", "<= 1000", [scan],
         lambda a: a["together"], lambda v: v <= 1000)  # fmt: skip
    mark("peak of ten times as many rows, x", "about 1", [scan, ten],
         lambda a, b: b["together"] / a["together"], lambda v: v <= 1.15)  # fmt: skip
    mark("names in prose, thousand characters/s", ">= 300", [("names-prose", NAMED)],
         lambda a: a["pace"], lambda v: v >= 300)  # fmt: skip
    mark("columns of names and addresses, MB/s", ">= 20", [("names-table", NAMED)],
         lambda a: a["speed"], lambda v: v >= 20)  # fmt: skip
    mark("weights of names loaded, s", "<= 0.2", [("names", "weights loaded")],
         lambda a: a["seconds"], lambda v: v <= 0.2)  # fmt: skip
    count = ("count-10M", "piiscan count, process")
    mark("count, 10M findings, s", "<= 60", [count], lambda a: a["seconds"], lambda v: v <= 60)
    mark("count, 10M findings, peak MB", "<= 2000", [count],
         lambda a: a["together"], lambda v: v <= 2000)  # fmt: skip
    return lines(["mark", "asked", "reached", "met"], out) if out else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
