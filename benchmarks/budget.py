"""Budget: sizes, speeds and starts of this checkout beside the last recorded ones.

Usage: python benchmarks/budget.py [--record]

A lower figure is better.  Times are CPU seconds, the best of a few runs, so that they hold on a
busy machine.  Speeds are multiples of a known work in the same run: SHA-256 of the same bytes, or
stock Presidio on the same lines.  A wrong count of findings ends the program: a broken engine is
not fast.  ``--record`` appends a line to budget.tsv.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import baselines
import conftest
import dumps
import process
import pyarrow as pa
import test_doors
import test_engine
import test_names
import test_scan
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import piiscan

ROOT: Final = Path(__file__).resolve().parents[1]
RECORD: Final = Path(__file__).with_name("budget.tsv")
#: CPU seconds for the runs of one measure: no more runs after so many, and three at least before.
LEAST, MOST = 1.0, 10.0
SALE, WAYBILL, PROSE = "sale-200k", "waybill-40k", "prose-8MB"
#: Lines that are read one by one; lines of a log.
FEW, MANY = 100, 80_000
START: Final = "import piiscan; assert len(piiscan.find('手机13800138000')) == 1"

Figures = dict[str, float]


def main(arguments: list[str]) -> None:
    """Measure, print the table, and append a line to budget.tsv if ``--record`` is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args(arguments)
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory(prefix="budget-") as folder:
        figures = sizes() | base_install() | speeds(Path(folder)) | starts(Path(folder))
    rows = read_record()
    print(table(figures, rows[-1] if rows else {}))
    if options.record:
        write_record(rows, figures)


def sizes() -> Figures:
    """Return the number of lines of code of the program and of its tests."""
    suffixes = {"src": ("py", "pyi", "pxd", "c", "h"), "tests": ("py",)}
    return {
        f"lines of {folder}": sum(
            len(path.read_bytes().splitlines())
            for suffix in kinds
            for path in (ROOT / folder).rglob(f"*.{suffix}")
        )
        for folder, kinds in suffixes.items()
    }


def base_install() -> Figures:
    """Return number and megabytes of the packages of an installation without extras.

    piiscan itself counts with the folders of its wheel. No file of compiled Python counts.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed = closure(map(Requirement, project["project"]["dependencies"]))
    only = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    files = {path for folder in only for path in (ROOT / folder).rglob("*") if path.is_file()}
    files |= {Path(file.locate()) for each in needed for file in each.files or ()}
    size = sum(path.stat().st_size for path in files if path.suffix != ".pyc" and path.exists())
    return {"packages": len(needed) + 1, "packages, MB": size / 1e6}


def closure(requirements: Iterable[Requirement]) -> list[metadata.Distribution]:
    """Return the installed distributions that ``requirements`` lead to.

    Raise PackageNotFoundError if a needed distribution is missing.
    """
    found: dict[str, metadata.Distribution] = {}
    pending, seen = list(requirements), set[tuple[str, str]]()
    while pending:
        needed = pending.pop()
        for extra in ("", *needed.extras):
            known = canonicalize_name(needed.name), extra
            if known in seen or not (needed.marker is None or needed.marker.evaluate()):
                continue
            seen.add(known)
            found[known[0]] = distribution = metadata.distribution(needed.name)
            pending += applicable(distribution, extra)
    return list(found.values())


def applicable(distribution: metadata.Distribution, extra: str) -> Iterator[Requirement]:
    """Yield the requirements of a distribution, with ``extra``, whose markers hold here."""
    for text in distribution.requires or ():
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": extra}):
            needed.marker = None
            yield needed


def best(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return the fewest CPU seconds of a few calls of ``run``, and its result."""
    run()
    times: list[float] = []
    while (len(times) < 3 or sum(times) < LEAST) and sum(times) < MOST:
        began = time.process_time()
        result = run()
        times.append(time.process_time() - began)
    return min(times), result


def best_process(command: Callable[[int], list[str]], **environment: str) -> float:
    """Return the fewest CPU seconds of a few runs of a command, each of which must succeed.

    ``command`` gets the number of the run.
    """
    times: list[float] = []
    while (len(times) < 3 or sum(times) < LEAST) and sum(times) < MOST:
        done = process.run(command(len(times)), environment=environment)
        assert done.code == 0, done.output
        times.append(done.cpu)
    return min(times)


def speeds(folder: Path) -> Figures:
    """Return the times of doors, engine and scan on texts made in ``folder``."""
    files = {name: dumps.make_dump(name, folder) for name in (SALE, WAYBILL, PROSE)}
    figures: Figures = {}
    for name in (SALE, WAYBILL):
        figures |= door_times(name.partition("-")[0], files[name].lines[:FEW])
    for name, file in files.items():
        kind = name.partition("-")[0]
        found, figures[f"{kind}, x SHA-256"] = engine_time(file.lines, names=False)
        test_engine.assert_planted_found(found, file)
    draw = random.Random(5)
    lines = [test_doors.log_line(draw) for _ in range(MANY)]
    found, figures["log, x SHA-256"] = engine_time(lines, names=False)
    assert test_engine.count_entities(found)["IP_ADDRESS"] == MANY
    found, figures["prose, names on, x SHA-256"] = engine_time(files[PROSE].lines, names=True)
    test_engine.assert_planted_found(found, files[PROSE])
    found, figures["names in prose, x SHA-256"] = engine_time(test_names.TEXTS, names=True)
    persons = test_engine.count_entities(found)["PERSON"]
    assert test_names.INSERTED * 0.97 < persons < test_names.INSERTED * 1.03, persons
    return figures | {"scan of sale, x SHA-256": scan_time(files[SALE], folder)}


def door_times(kind: str, lines: list[str]) -> Figures:
    """Return µs of ``find`` a line, and the time of ``analyze`` in times of stock Presidio."""
    figures: Figures = {}
    for door, names in (("find, no names", False), ("find", True)):
        seconds, count = best(test_doors.through(door, lines))
        figures[f"{door}, {kind} line, µs"] = seconds / len(lines) * 1e6
        assert count == len(piiscan.find_table(lines, names=names, as_of=conftest.AS_OF)) > 0
    seconds, found = best(test_doors.through("analyze", lines))
    stock = baselines.stock_analyzer("char")
    stock_seconds, stock_found = best(lambda: baselines.count_results(stock, lines))
    pattern = baselines.python_re_pattern()
    assert (found, stock_found) == (count, sum(len(pattern.findall(line)) for line in lines))
    return figures | {f"analyze, {kind} line, x stock Presidio": seconds / stock_seconds}


def engine_time(lines: list[str], *, names: bool) -> tuple[pa.Table, float]:
    """Return the findings in ``lines``, and the time of ``find_table`` in those of SHA-256."""
    texts, content = pa.array(lines, pa.string()), "\n".join(lines).encode()
    seconds, found = best(lambda: piiscan.find_table(texts, names=names, as_of=conftest.AS_OF))
    return found, seconds / hash_time(content)


def hash_time(content: bytes) -> float:
    """Return the CPU seconds of SHA-256 over ``content``."""
    return best(lambda: hashlib.sha256(content).digest())[0]


def scan_time(file: dumps.Dump, folder: Path) -> float:
    """Return the time of ``piiscan scan`` of a file, one worker, in those of SHA-256."""
    options = ["--key", str(folder / "key"), "--as-of", "2026-01-01", "--workers", "1"]

    def command(number: int) -> list[str]:
        case = str(folder / f"case-{number}")
        return [*test_scan.PROGRAM, "scan", str(file.path), "--case", case, *options]

    process.run(command(-1))  # what a first scan compiles
    seconds = best_process(command)
    assert test_scan.counts(folder / "case-0") == file.reported()
    return seconds / hash_time(file.path.read_bytes())


def starts(folder: Path) -> Figures:
    """Return the seconds of a first start, with an empty home, of a second one, and of a help page.

    Both find a number.
    """
    find, home = [sys.executable, "-c", START], folder / "home"
    own = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PIISCAN_CACHE_DIR": ""}

    def first(number: int) -> list[str]:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        return find

    return {
        "first start, s": best_process(first, **own),
        "second start, s": best_process(lambda _: find, **own),
        "--help, s": best_process(lambda _: [*test_scan.PROGRAM, "--help"]),
    }


def read_record() -> list[dict[str, str]]:
    """Return the lines of budget.tsv, oldest first; none if there is no such file."""
    if not RECORD.exists():
        return []
    with RECORD.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, dialect="excel-tab"))


def write_record(rows: list[dict[str, str]], figures: Figures) -> None:
    """Write budget.tsv anew: ``rows``, and a line of ``figures`` with day and commit.

    A figure that is new has an empty cell in older lines.
    """
    git = ["git", "-C", str(ROOT), "describe", "--always", "--exclude=*", "--dirty=+"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    row = {"date": datetime.date.today().isoformat(), "commit": commit}
    row |= {name: shown(value) for name, value in figures.items()}
    names = list(dict.fromkeys([*(rows[-1] if rows else ()), *row]))
    with RECORD.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", dialect="excel-tab", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*rows, row])


def table(figures: Figures, last: dict[str, str]) -> str:
    """Return a table: each figure now, in the ``last`` recorded line, and their ratio."""
    wide = max(map(len, figures))
    lines = [f"{'':{wide}} {'now':>10} {last.get('commit', ''):>10} {'ratio':>6}"]
    for name, value in figures.items():
        before = last.get(name)
        ratio = f"{value / float(before):.2f}" if before else ""
        lines.append(f"{name:{wide}} {shown(value):>10} {before or '':>10} {ratio:>6}")
    return "\n".join(lines)


def shown(value: float) -> str:
    """Return a figure as text: whole numbers entirely, others with three digits.

    >>> shown(78123), shown(12.3456), shown(0.01234)
    ('78123', '12.3', '0.0123')
    """
    return str(round(value)) if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main(sys.argv[1:])
