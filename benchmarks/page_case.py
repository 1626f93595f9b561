"""Figures of ``piiscan serve`` on a case of ten million findings, 10,000 sources, 1,000 judgements.

Usage: python benchmarks/page_case.py FOLDER [--sources N] [--rows N]

The case is made in FOLDER the first time (14 minutes). Each line has the CPU seconds of a screen at
its first and at its second request; the last line has the memory after a hundred places.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

import scale

import piiscan
from piiscan.case.lookup.findings import FindingFilters
from piiscan.work_page.drawing import Asked
from piiscan.work_page.screens import ROUTES
from piiscan.work_page.work_state import WorkState

SOURCES, ROWS, BATCHES = 10_000, 334, 10
#: Path and query of each screen.
SCREENS: Final = (
    *("", "findings", "findings?page=60000", "findings?entity=CN_MOBILE&page=30000"),
    *("findings?suspect=乙&page=7", "findings?judged=open&page=70", "findings?judged=review"),
    *(
        "findings?source=77&column=3",
        "findings?all=source",
        "findings?text=138",
        "findings?text=99",
    ),
    *(f"findings?sort={name}&page=9000" for name in ("entity", "suspect", "source", "-score")),
    *("next?page=9", "tables", "tables?name=sources", "unread", "register"),
    *("register?page=100", "columns", "sample", "count", "documents", "log"),
)


def make_case(folder: Path, sources: int, rows: int) -> None:
    """Write the lists, scan them, judge some findings, and count."""
    for number in range(sources):
        inner = folder / "dump" / f"{'甲乙丙丁'[number % 4]}-手机{number % 3}" / f"{number // 500}"
        inner.mkdir(parents=True, exist_ok=True)
        lines = scale.people(number * rows * 9 // 10, rows)
        (inner / f"{number:05d}.csv").write_text(scale.HEADER + "".join(lines), "utf-8")
    case = piiscan.scan(folder / "dump", case=folder / "case", key=folder / "key")
    for number in range(BATCHES):
        page = piiscan.findings_page(case, page=97 * number + 1)
        found = [(row["source"], row["nth"]) for row in page.rows]
        piiscan.judge_findings(case, found, reason="测试号", author="李检")
    piiscan.count(case)


def answer_seconds(work: WorkState, screen: str) -> float:
    """Return the CPU seconds of one request."""
    path, _, query = screen.partition("?")
    start = time.process_time()
    found = ROUTES["GET", f"/{path}"](work, Asked("/root", "word", parse_qs(query)))
    assert found.status == 200, screen
    return time.process_time() - start


def main() -> None:
    """Make the case if there is none; print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sources", type=int, default=SOURCES)
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args()
    folder = options.folder
    if not (folder / "case" / "counts-0001").exists():
        make_case(folder, options.sources, options.rows)
    work = WorkState(piiscan.Case.of(folder / "case", key=folder / "key", operator="王检"))
    for screen in SCREENS:
        first, second = (answer_seconds(work, screen) for _ in range(2))
        print(f"{first:6.2f} {second:6.2f}  /{screen}")
    for page in range(10, 110):
        row = work.view().findings.page(FindingFilters(), 900 * page).rows[page % 100]
        place = f"findings?page={900 * page}&at={row['source']}-{row['nth']}"
        if page % 20 == 10:
            print(
                f"{answer_seconds(work, place):6.2f} {answer_seconds(work, place):6.2f}  /{place}"
            )
        answer_seconds(work, place)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{pages / 256:,.0f} MB after a hundred places; at most {peak / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
