"""Growth of scan and count with the size of the material: rows of lists, and small files.

Usage: python benchmarks/scale.py [--rows N,N] [--files N,N] [--memory SIZE] [--folder DIR]
       [--write]

Each size is generated, scanned and counted as a user does it, and removed before the next one.
A wrong number of rows or keys ends the program. Times are CPU seconds of all processes; beside them
are those of ``sha256sum`` and ripgrep over the same bytes, and of stock Presidio by some lines.
``--write`` puts the sizes into record/scale.tsv and draws docs/scale.svg and the pages
of PAGES from it.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import baselines
import numpy as np
import process
from test_scan import PROGRAM

ROOT: Final = Path(__file__).resolve().parents[1]
RECORD: Final = Path(__file__).parent / "record" / "scale.tsv"
COLUMNS: Final = (
    *("series", "size", "bytes", "scan_cpu", "scan_wall", "scan_mb", "count_cpu", "count_wall"),
    *("count_mb", "case_bytes", "case_files", "sha256sum", "ripgrep", "presidio"),
)
#: Columns of the two tables of each series on the pages.
SHOWN: Final = {"work": COLUMNS[1:9], "others": ("size", *COLUMNS[9:])}
HEADER: Final = "姓名,身份证号,手机号\n"
#: Rows of a list; the next list begins a tenth before its end, so a tenth of the keys are twice.
LIST: Final = 1_000_000
SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
REGIONS: Final = (110105, 310115, 320583, 330106, 370203, 420111, 430104, 440305, 510107, 610113)
FIRST_DAY, DAYS, SEQUENCES = np.datetime64("1950-01-01"), 20_000, 999
WEIGHTS: Final = np.array([2 ** (17 - place) % 11 for place in range(17)])
#: Ways that are drawn: name and colour.
WAYS: Final = {
    "scan_cpu": ("scan", "#0b5cad"),
    "count_cpu": ("count", "#b3261e"),
    "sha256sum": ("sha256sum", "#5f6368"),
    "presidio": ("Presidio", "#8a6d00"),
}
#: Pages of docs/, made from the texts of the same names beside this file.
PAGES: Final = ("scale.md", "scale.zh.md")
Row = dict[str, float | str]


def people(first: int, count: int) -> list[str]:
    """Return the lines of ``count`` people; equal numbers are equal people."""
    number = np.arange(first, first + count)
    rest, sequence = np.divmod(number, SEQUENCES)
    region, day = np.divmod(rest, DAYS)
    births = [str(each).replace("-", "") for each in FIRST_DAY + np.arange(DAYS)]
    sums = weigh(REGIONS, 0)[region] + weigh(births, 6)[day]
    sums += weigh([f"{each + 1:03d}" for each in range(SEQUENCES)], 14)[sequence]
    lines = []
    for person, area, born, order, left in zip(
        *(each.tolist() for each in (number, region, day, sequence, sums % 11)), strict=True
    ):
        name = SURNAMES[person % 20] + GIVEN[person // 20 % 20] + GIVEN[person // 400 % 20]
        identity = f"{REGIONS[area]}{births[born]}{order + 1:03d}{'10X98765432'[left]}"
        lines.append(f"{name},{identity},1{3 + person % 7}{person // 7 % 10**9:09d}\n")
    return lines


def weigh(parts: Sequence[object], place: int) -> np.ndarray:
    """Return the sum of the weighted digits of each part of ID numbers, ``int64[len(parts)]``.

    ``place``: number of digits before the part.
    """
    digits = [[int(digit) for digit in str(part)] for part in parts]
    return np.array(digits) @ WEIGHTS[place : place + len(digits[0])]


def write_lists(folder: Path, rows: int) -> int:
    """Write lists of at most LIST rows each below ``folder``; return the number of people."""
    folder.mkdir(parents=True)
    step = LIST * 9 // 10
    for number, start in enumerate(range(0, rows, LIST)):
        size = min(LIST, rows - start)
        with (folder / f"{number:03d}.csv").open("w", encoding="utf-8") as file:
            file.write(HEADER)
            for part in range(0, size, 50_000):
                file.writelines(people(number * step + part, min(50_000, size - part)))
        last = number * step + size
    return last


def write_files(folder: Path, files: int) -> int:
    """Write ``files`` lists of two rows in folders of a thousand; return the number of people."""
    for start in range(0, files, 1000):
        inner = folder / f"{start // 1000:03d}"
        inner.mkdir(parents=True)
        lines = people(2 * start, 2 * min(1000, files - start))
        for at in range(0, len(lines), 2):
            (inner / f"{at // 2:03d}.csv").write_text(HEADER + "".join(lines[at : at + 2]), "utf-8")
    return 2 * files


def measure(series: str, size: int, place: Path, memory: str | None = None) -> Row:
    """Generate, scan and count one size; return its figures, times in CPU seconds."""
    dump, case = place / "dump", place / "case"
    known = (write_lists if series == "rows" else write_files)(dump, size)
    rows = size if series == "rows" else 2 * size
    paths = sorted(path for path in dump.rglob("*.csv"))
    found: Row = {"series": series, "size": size, "bytes": sum(p.stat().st_size for p in paths)}
    key = ["--key", str(place / "key"), "--lang", "en"]
    for verb, command in {
        "scan": ["scan", str(dump), "--case", str(case), "--as-of", "2026-01-01"],
        "count": ["count", str(case), *(["--memory", memory] if memory else [])],
    }.items():
        run = process.run([*PROGRAM, *command, *key])
        assert run.code == 0, run.output[-2000:]
        found |= {f"{verb}_cpu": run.cpu, f"{verb}_wall": run.wall, f"{verb}_mb": run.total_mb}
    steps = json.loads((case / "counts-0001" / "ladder.json").read_text("utf-8"))["rows"]
    total = [row["count"] for row in steps if row["scope_kind"] == "total"]
    assert (total[0], total[5]) == (rows, known), total
    stored = [path.stat() for path in case.rglob("*") if path.is_file()]
    found |= {"case_bytes": sum(each.st_size for each in stored), "case_files": len(stored)}
    found["sha256sum"] = yardstick(
        ["find", str(dump), "-name", "*.csv", "-exec", "sha256sum", "{}", "+"]
    )
    search = baselines.ripgrep_command()
    found["ripgrep"] = yardstick([*search, str(dump)]) if search else math.nan
    found["presidio"] = stock_presidio(paths, rows)
    shutil.rmtree(place)
    return found


def yardstick(command: list[str]) -> float:
    """Return the CPU seconds of a command."""
    run = process.run(command)
    assert run.code == 0, run.output[-2000:]
    return run.cpu


def stock_presidio(paths: Sequence[Path], rows: int) -> float:
    """Return the CPU seconds of stock Presidio for ``rows`` lines, by the first 2,000 of them."""
    lines: list[str] = []
    for path in paths:
        lines += path.read_text("utf-8").splitlines()[1:2_001]
        if len(lines) >= 2_000:
            break
    analyzer = baselines.stock_analyzer("char")
    start = time.process_time()
    assert baselines.count_results(analyzer, lines) >= len(lines)
    return (time.process_time() - start) / len(lines) * rows


def read_record() -> list[Row]:
    """Return the recorded sizes."""
    if not RECORD.exists():
        return []
    with RECORD.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [{k: v if k == "series" else float(v) for k, v in row.items()} for row in rows]


def write_record(found: Iterable[Row]) -> list[Row]:
    """Replace the sizes of ``found`` in the record; return all sizes, sorted."""
    merged = {(each["series"], each["size"]): each for each in (*read_record(), *found)}
    rows = [
        merged[name] for name in sorted(merged, key=lambda name: (str(name[0]), float(name[1])))
    ]
    with RECORD.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: v if isinstance(v, str) else f"{v:.6g}" for k, v in row.items()} for row in rows
        )
    return rows


def exponent(rows: Sequence[Row], column: str) -> float:
    """Return the slope of a column over the size, from at most a tenth of the largest one to it."""
    last = rows[-1]
    first = [row for row in rows if float(row["size"]) <= float(last["size"]) / 10][-1]
    (x0, y0), (x1, y1) = ((float(row["size"]), float(row[column])) for row in (first, last))
    return math.log(y1 / y0) / math.log(x1 / x0)


def page(rows: list[Row], text: str) -> str:
    """Return a page: ``text`` with the sizes in its places."""
    lists, files = ([r for r in rows if r["series"] == kind] for kind in ("rows", "files"))
    largest, small = lists[-1], files[-1]
    seconds = {verb: float(largest[f"{verb}_cpu"]) for verb in ("scan", "count")}
    gigabytes, size = float(largest["bytes"]) / 1e9, float(small["size"])
    hours = {verb: each / gigabytes * 50_000 / 3600 for verb, each in seconds.items()}
    slopes = {
        f"{kind}_{verb}": exponent(chosen, f"{verb}_cpu")
        for kind, chosen in (("lists", lists), ("files", files))
        for verb in ("scan", "count")
    }
    tables = {
        f"{kind}_{shown}": "\n".join(_table(chosen, columns))
        for kind, chosen in (("lists", lists), ("files", files))
        for shown, columns in SHOWN.items()
    }
    return text.format(
        **tables,
        **slopes,
        scan=seconds["scan"] / gigabytes,
        count=seconds["count"] / gigabytes,
        scan_file=float(small["scan_cpu"]) / size * 1e3,
        count_file=float(small["count_cpu"]) / size * 1e3,
        scan_hours=hours["scan"],
        count_hours=hours["count"],
        machines=math.ceil(hours["scan"] / 32 / 24),
        largest=float(largest["size"]),
    )


def _table(rows: Sequence[Row], columns: Sequence[str]) -> list[str]:
    """Return the lines of a table of sizes below its head."""
    lines = []
    for row in rows:
        given = {
            **row,
            "bytes": float(row["bytes"]) / 1e6,
            "case_bytes": float(row["case_bytes"]) / 1e6,
        }
        cells = [f"{float(given[name]):,.{_digits(float(given[name]))}f}" for name in columns]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _digits(value: float) -> int:
    """Return the digits behind the point of a figure of three digits."""
    return 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2


def plot(rows: list[Row]) -> str:
    """Return the plot of docs/scale.svg: CPU seconds over the size, both as powers of ten."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 340" font-size="11">'
    panels = [
        f'<g transform="translate({left} 20)">{_panel(rows, kind)}</g>'
        for left, kind in ((60, "rows"), (430, "files"))
    ]
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *panels, "</svg>\n"])


def _panel(rows: list[Row], kind: str) -> str:
    """Return one panel of the plot, 250 x 280 pixels: a line for each way, with its name."""
    chosen = [row for row in rows if row["series"] == kind]
    sizes = [math.log10(float(row["size"])) for row in chosen]
    first, last = math.floor(sizes[0]), math.ceil(sizes[-1])
    seconds = range(-3, 6)
    across, up = 250 / (last - first), 280 / (len(seconds) - 1)
    grid = [
        f'<path d="M0 {280 - at * up:.0f}h250" stroke="#ddd"/>'
        f'<text x="-6" y="{284 - at * up:.0f}" text-anchor="end">{10.0**power:g}</text>'
        for at, power in enumerate(seconds)
    ]
    grid += [
        f'<text x="{at * across:.0f}" y="296" text-anchor="middle">{10.0**power:g}</text>'
        for at, power in enumerate(range(first, last + 1))
    ]
    lines = []
    for name, (label, colour) in WAYS.items():
        points = [
            ((size - first) * across, 280 - (math.log10(float(row[name])) - seconds[0]) * up)
            for size, row in zip(sizes, chosen, strict=True)
        ]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        x, y = points[-1]
        lines.append(
            f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>'
            f'<text x="{x + 5:.0f}" y="{y + 4:.0f}" fill="{colour}">{label}</text>'
        )
    title = f'<text x="125" y="314" text-anchor="middle">{kind}; CPU seconds</text>'
    return "\n".join([*grid, title, *lines])


def main() -> None:
    """Measure the given sizes, print them, and write record and page if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="10000,100000,1000000,10000000")
    parser.add_argument("--files", default="1000,10000,100000")
    parser.add_argument("--memory", help="of the count")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory(prefix="scale-", dir=options.folder) as folder:
        for series in ("rows", "files"):
            for size in filter(None, getattr(options, series).split(",")):
                place = Path(folder) / f"{series}-{size}"
                place.mkdir()
                row = measure(series, int(size), place, options.memory)
                print(
                    "  ".join(
                        f"{k} {v if isinstance(v, str) else f'{v:,.6g}'}" for k, v in row.items()
                    )
                )
                found.append(row)
                if options.write:
                    write_record([row])
    if options.write:
        rows = read_record()
        for name in PAGES:
            text = Path(__file__).with_name(name).read_text("utf-8")
            (ROOT / "docs" / name).write_text(page(rows, text), "utf-8")
        (ROOT / "docs" / "scale.svg").write_text(plot(rows), "utf-8")


if __name__ == "__main__":
    main()
