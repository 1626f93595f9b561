"""Benchmark table: run all benchmarks once, print the ratios in one table and record them.

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
    """Run the benchmarks, print the table and write it to the record; return pytest's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default=f"{platform.machine()}-{os.cpu_count()}-cores")
    parser.add_argument("--json", type=Path)
    options, pytest_options = parser.parse_known_args(arguments)
    code, result_file = (0, options.json) if options.json else measure(pytest_options)
    if not result_file.exists():
        return code or 1
    raw = json.loads(result_file.read_text(encoding="utf-8"))
    benchmarks = [benchmark_facts(benchmark) for benchmark in raw["benchmarks"]]
    text = "\n\n".join(
        part
        for part in (
            machine_line(raw),
            speeds(benchmarks),
            door_table(benchmarks),
            name_tagger_speeds(benchmarks),
            word_speeds(benchmarks),
            document_speeds(benchmarks),
            check_speeds(benchmarks),
            target_table(benchmarks),
        )
        if part
    )
    print(text)
    target = HERE / "record" / f"{datetime.date.today().isoformat()}-{options.name}"
    target.parent.mkdir(exist_ok=True)
    record = {"machine": machine(raw), "rows": benchmarks}
    target.with_suffix(".json").write_text(
        json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    target.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return code


def measure(pytest_options: list[str]) -> tuple[int, Path]:
    """Run pytest on all benchmarks; return (exit code, path of the JSON result)."""
    file = Path(tempfile.mkdtemp(prefix="bench-")) / "run.json"
    command = [sys.executable, "-m", "pytest", str(HERE), "-q", "--benchmark-only"]
    command += [f"--benchmark-json={file}", "--benchmark-columns=min", *pytest_options]
    return subprocess.run(command, cwd=HERE.parent, check=False).returncode, file


def benchmark_facts(benchmark: Row) -> Row:
    """Return name -> fact of one benchmark: corpus, way, fastest seconds, speed."""
    facts = dict(benchmark["extra_info"])
    facts["seconds"] = benchmark["stats"]["min"]
    if "mb" in facts:
        facts["speed"] = facts["mb"] / facts["seconds"]
    if "cut_mb" in facts:
        facts["cut_speed"] = facts["cut_mb"] / facts["seconds"]
    if "characters" in facts:
        facts["pace"] = facts["characters"] / facts["seconds"] / 1e3
    return facts


def machine(raw: Row) -> Row:
    """Return processor, cores, system and Python version from pytest's JSON, without the host."""
    info = raw["machine_info"]
    cpu = info.get("cpu", {})
    return {
        "processor": cpu.get("brand_raw", info.get("processor", "")),
        "cores": os.cpu_count(),
        "system": info.get("system"),
        "python": info.get("python_version"),
    }


def machine_line(raw: Row) -> str:
    """Return processor, cores, system and Python version as one line of text."""
    described = machine(raw)
    return (
        f"{described['processor'] or platform.machine()}, {described['cores']} cores, "
        f"{described['system']}, Python {described['python']}"
    )


def markdown_table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table with the headings ``head`` and the cells ``rows``."""
    return "\n".join(
        "| " + " | ".join(benchmark) + " |" for benchmark in [head, ["---"] * len(head), *rows]
    )


def ratio(benchmark: Row, other: Row | None) -> str:
    """Return the speed of a benchmark divided by that of ``other``, as text; "" without other."""
    return f"{benchmark['speed'] / other['speed']:.3g}" if other else ""


def speeds(benchmarks: list[Row]) -> str:
    """Return a Markdown table of MB/s by corpus and way, with ratios to the three baselines."""
    by_corpus_and_way = {
        (benchmark["corpus"], benchmark["way"]): benchmark
        for benchmark in benchmarks
        if "speed" in benchmark
    }
    out = []
    for (corpus, way), benchmark in by_corpus_and_way.items():
        memory = f"{benchmark['together']:.0f}" if "together" in benchmark else ""
        compared = [
            ratio(benchmark, by_corpus_and_way.get((corpus, base))) for base in (STOCK, RE, RG)
        ]
        shown = way if benchmark["right"] else f"{way} (WRONG COUNT)"
        out.append(
            [
                corpus,
                shown,
                f"{benchmark['seconds']:.3f}",
                f"{benchmark['speed']:.4g}",
                *compared,
                memory,
            ]
        )
    head = ["corpus", "way", "s", "MB/s", "x stock Presidio", "x re", "x rg", "peak MB"]
    return (
        markdown_table(
            head, sorted(out, key=lambda benchmark: (benchmark[0], -float(benchmark[3])))
        )
        if out
        else ""
    )


def check_speeds(benchmarks: list[Row]) -> str:
    """Return a Markdown table of million values per second by check."""
    out = [
        [benchmark["way"], f"{benchmark['rows'] / benchmark['seconds'] / 1e6:.2f}"]
        for benchmark in benchmarks
        if benchmark.get("corpus") == "checks"
    ]
    return markdown_table(["check", "million values/s"], sorted(out)) if out else ""


def name_tagger_speeds(benchmarks: list[Row]) -> str:
    """Return a Markdown table of thousand characters per second by name tagger."""
    by_way = {benchmark["way"]: benchmark for benchmark in benchmarks if "pace" in benchmark}
    piiscan = by_way.get(NAMED)
    out = [
        [
            way if benchmark["right"] else f"{way} (WRONG COUNT)",
            f"{benchmark['pace']:.0f}",
            f"{piiscan['pace'] / benchmark['pace']:.3g}"
            if piiscan and benchmark is not piiscan
            else "",
        ]
        for way, benchmark in sorted(by_way.items(), key=lambda item: -item[1]["pace"])
    ]
    head = ["names in prose", "thousand characters/s", "piiscan, x as fast"]
    return markdown_table(head, out) if out else ""


def door_table(benchmarks: list[Row]) -> str:
    """Return a Markdown table of microseconds a text by door and kind of line.

    In brackets: times of stock Presidio's analyze (char) on the same lines.
    """
    doors = [benchmark for benchmark in benchmarks if "door" in benchmark]
    kinds = list(dict.fromkeys(benchmark["corpus"] for benchmark in doors))
    cost = {
        (benchmark["door"], benchmark["corpus"]): benchmark["seconds"] / benchmark["texts"] * 1e6
        for benchmark in doors
        if benchmark["right"]
    }
    out = []
    for door in dict.fromkeys(benchmark["door"] for benchmark in doors):
        cells = [door]
        for kind in kinds:
            value, stock = cost.get((door, kind)), cost.get((STOCK, kind))
            share = f" ({value / stock:.2g})" if value and stock else ""
            cells.append("WRONG COUNT" if value is None else f"{value:.3g}{share}")
        out.append(cells)
    head = ["µs a text (x stock Presidio, char)", *kinds]
    return markdown_table(head, out) if out else ""


def word_speeds(benchmarks: list[Row]) -> str:
    """Return a Markdown table of MB/s by way to cut words, with the ratio to jieba."""
    by_way = {benchmark["way"]: benchmark for benchmark in benchmarks if "cut_speed" in benchmark}
    jieba = by_way.get("jieba")
    out = [
        [
            way if benchmark["right"] else f"{way} (WRONG COUNT)",
            f"{benchmark['cut_speed']:.3g}",
            f"{benchmark['cut_speed'] / jieba['cut_speed']:.3g}" if jieba else "",
        ]
        for way, benchmark in sorted(by_way.items(), key=lambda item: -item[1]["cut_speed"])
    ]
    return markdown_table(["words of prose", "MB/s", "x jieba"], out) if out else ""


def document_speeds(benchmarks: list[Row]) -> str:
    """Return a Markdown table of documents: seconds to read one, and the ratio to the library."""
    rows = [benchmark for benchmark in benchmarks if "document_mb" in benchmark]
    alone = {each["corpus"]: each["seconds"] for each in rows if each["way"] == "library alone"}
    out = [
        [
            each["corpus"],
            each["way"] if each["right"] else f"{each['way']} (WRONG COUNT)",
            f"{each['document_mb']:.2f}",
            f"{each['seconds']:.3g}",
            f"{each['seconds'] / alone[each['corpus']]:.3g}" if each["corpus"] in alone else "",
        ]
        for each in sorted(rows, key=lambda each: (each["corpus"], each["seconds"]))
    ]
    head = ["document", "way", "MB", "s", "x library's time"]
    return markdown_table(head, out) if out else ""


def target_table(benchmarks: list[Row]) -> str:
    """Return a Markdown table of the targets for speed and memory, and if they are met.

    Targets without a benchmark in this run are left out.
    """
    by_corpus_and_way = {
        (benchmark["corpus"], benchmark["way"]): benchmark
        for benchmark in benchmarks
        if benchmark["right"] and "way" in benchmark
    }
    measured = {(benchmark["corpus"], benchmark.get("way")) for benchmark in benchmarks}
    out: list[list[str]] = []

    def add_target(
        title: str, target: str, needed: list[tuple[str, str]], compute: Any, is_met: Any
    ) -> None:
        """Add a row for one target, or a row ``wrong count`` if a needed benchmark failed."""
        if all(key in by_corpus_and_way for key in needed):
            value = compute(*(by_corpus_and_way[key] for key in needed))
            out.append([title, target, f"{value:.3g}", "yes" if is_met(value) else "NO"])
        elif measured.issuperset(needed):
            out.append([title, target, "wrong count", "NO"])

    sale, stock, prose = ("sale-1M", ENGINE), ("sale-1M", STOCK), ("prose-40MB", ENGINE)
    scan, rg, ten = ("sale-1M", SCAN), ("sale-1M", RG), ("sale-10M", SCAN)
    small = ("sale-7967", SCAN)
    add_target("engine, 1M sale rows, x stock Presidio", ">= 400", [sale, stock],
         lambda a, b: a["speed"] / b["speed"], lambda v: v >= 400)  # fmt: skip
    add_target("engine, prose, MB/s", ">= 300", [prose], lambda a: a["speed"], lambda v: v >= 300)
    add_target(
        "scan, sale-7967, warm, s", "<= 2", [small], lambda a: a["seconds"], lambda v: v <= 2
    )
    first = ("sale-7967", "piiscan scan, first ever")
    add_target("scan, sale-7967, first run ever, s", "<= 20", [first],
         lambda a: a["seconds"], lambda v: v <= 20)  # fmt: skip
    add_target("scan, 1M sale rows, x time of rg", "<= 10", [scan, rg],
         lambda a, b: a["seconds"] / b["seconds"], lambda v: v <= 10)  # fmt: skip
    add_target("scan, 1M sale rows, peak MB", "<= 1000", [scan],
         lambda a: a["together"], lambda v: v <= 1000)  # fmt: skip
    add_target("peak of ten times as many rows, x", "about 1", [scan, ten],
         lambda a, b: b["together"] / a["together"], lambda v: v <= 1.15)  # fmt: skip
    add_target("names in prose, thousand characters/s", ">= 300", [("names-prose", NAMED)],
         lambda a: a["pace"], lambda v: v >= 300)  # fmt: skip
    add_target("columns of names and addresses, MB/s", ">= 20", [("names-table", NAMED)],
         lambda a: a["speed"], lambda v: v >= 20)  # fmt: skip
    add_target("weights of names loaded, s", "<= 0.2", [("names", "weights loaded")],
         lambda a: a["seconds"], lambda v: v <= 0.2)  # fmt: skip
    words, jieba = ("words", "piiscan words"), ("words", "jieba")
    add_target("words, x jieba", ">= 20", [words, jieba],
         lambda a, b: a["cut_speed"] / b["cut_speed"], lambda v: v >= 20)  # fmt: skip
    documents = [("words", f"spaCy documents, {name}") for name in ("piiscan", "char")]
    add_target("spaCy documents, x those of the char segmenter", ">= 1", documents,
         lambda a, b: a["cut_speed"] / b["cut_speed"], lambda v: v >= 1)  # fmt: skip
    add_target("dictionary of words loaded, s", "<= 0.2", [("words", "dictionary loaded")],
         lambda a: a["seconds"], lambda v: v <= 0.2)  # fmt: skip
    count = ("count-10M", "piiscan count, process")
    add_target(
        "count, 10M findings, s", "<= 60", [count], lambda a: a["seconds"], lambda v: v <= 60
    )
    add_target("count, 10M findings, peak MB", "<= 2000", [count],
         lambda a: a["together"], lambda v: v <= 2000)  # fmt: skip
    return markdown_table(["mark", "asked", "reached", "met"], out) if out else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
