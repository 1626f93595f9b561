"""A case of ten million findings, its shards written directly, and what a count of it must say.

Twenty lists of two suspects: each begins in the middle of the one before, a tenth of its rows
stands there twice, one number in twenty is wrong, and some people have another phone in every
second list. So every step of the ladder has a number that can be written down.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SOURCES = 20
#: Rows of each list; 9/20 of them, and all multiples of that, are multiples of 40.
ROWS = 168_000
HEADERS = ("姓名", "身份证号", "手机号")
ENTITIES = ("PERSON", "CN_RESIDENT_ID", "CN_MOBILE")
RECOGNIZERS = ("name.person", "cn.resident_id", "cn.mobile")


@dataclass(frozen=True)
class Expected:
    """What the count must say, by step of the ladder."""

    total: list[int]
    suspect: list[int]
    duplicate_keys: int
    shared: int


def expected() -> Expected:
    """The figures of the case, by hand."""
    step = ROWS * 9 // 20
    read = SOURCES * ROWS
    passed = read * 19 // 20
    people = step * (SOURCES + 1)  # from the first of the first list to the last of the last
    keys = people * 19 // 20
    twice = step * (SOURCES - 1) // 40  # p = 3 (mod 40) of those who stand in two lists
    half = step * (SOURCES // 2 + 1)
    first = [read // 2] * 3 + [passed // 2]
    inside = half * 19 // 20
    twice_inside = step * (SOURCES // 2 - 1) // 40
    return Expected(
        [read] * 3 + [passed, keys + twice, keys, keys],
        [*first, inside + twice_inside, inside, inside],
        twice,
        step * 19 // 20,  # the last half of one suspect's last list is the other's first
    )


def write_dump(folder: Path) -> None:
    """Twenty small lists of two people's computers; what they hold is replaced afterwards."""
    for number in range(SOURCES):
        path = folder / ("甲" if number < SOURCES // 2 else "乙") / f"{number:02d}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [f"张{'三四五'[n % 3]},{_identity(n)},1990000{n + 1200:04d}" for n in range(20)]
        path.write_text("\n".join([",".join(HEADERS), *rows]) + "\n", "utf-8")


def _identity(number: int) -> str:
    body = f"43010419050615{number:03d}"
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    return body + "0123456789X"[(12 - total % 11) % 11]


def fill(case: Path) -> None:
    """Write the large shards in place of the small ones, and how many rows each list has."""
    from piiscan.case.store.case import Case

    opened = Case.open(case)
    shards = zip(opened.shards("findings"), opened.shards("records"), strict=True)
    with ThreadPoolExecutor(1) as pool:
        for number, (findings, records) in enumerate(shards):
            _source(number, findings, records, case / "tmp", pool)
    path = opened.tables_folder / "parts.parquet"
    parts = pq.read_table(path)
    rows = pa.array([ROWS] * len(parts), pa.int64())
    at = parts.schema.get_field_index("rows")
    pq.write_table(parts.set_column(at, "rows", rows), path)


def _source(number: int, findings: Path, records: Path, temporary: Path, pool: Any) -> None:
    """The shards of one list."""
    from piiscan.case.store.shards import ShardWriter
    from piiscan.schemas import FINDINGS, RECORDS

    new = ROWS * 9 // 10
    row = np.arange(ROWS)
    person = number * (ROWS * 9 // 20) + np.where(row < new, row, row - new)
    other = (person % 40 == 3) & (number % 2 == 1)
    values = (person % 5000, person + 10_000_000, person + np.where(other, 20_000_000, 40_000_000))
    wrong = person % 20 == 7
    with ShardWriter(findings, FINDINGS, temporary=temporary, pool=pool) as writer:
        for low in range(0, ROWS, 24_000):
            part = slice(low, min(low + 24_000, ROWS))
            writer.add(_findings(number + 1, row[part], [v[part] for v in values], wrong[part]))
        writer.close()
    with ShardWriter(records, RECORDS, temporary=temporary, pool=pool) as writer:
        writer.add(_records(number + 1, row, person + np.where(other, 60_000_000, 80_000_000)))
        writer.close()


def _findings(source: int, row: Any, values: list[Any], wrong: Any) -> pa.Table:
    from piiscan.schemas import FINDINGS

    count = len(row) * 3
    column = np.tile(np.arange(3), len(row))
    refuted = np.zeros((len(row), 3), np.bool_)
    refuted[:, 1] = wrong
    refuted = refuted.reshape(-1)
    given: dict[str, Any] = {
        "source": np.full(count, source, np.int32),
        "member": _words(np.zeros(count), [""]),
        "row": np.repeat(row + 2, 3),
        "record": np.repeat(row + 2, 3),
        "column": (column + 1).astype(np.int32),
        "header": _words(column, HEADERS),
        "group": np.zeros(count, np.int16),
        "line": np.repeat(row + 2, 3),
        "start": np.zeros(count, np.int32),
        "end": np.full(count, 11, np.int32),
        "entity": _words(column, ENTITIES),
        "recognizer": _words(column, RECOGNIZERS),
        "digest": _digests(np.column_stack(values).reshape(-1)),
        "masked": pa.array(["*"]).take(pa.array(np.zeros(count, np.int64))),
        "verdict": _words(np.where(refuted, 1, 0), ["verified", "refuted"]),
        "score": np.where(refuted, 0.1, 0.95),
        "reason": _words(np.where(refuted, 0, -1), ["CHECK_FAIL"]),
    }
    return _table(FINDINGS, given, count)


def _records(source: int, row: Any, same: Any) -> pa.Table:
    from piiscan.schemas import RECORDS

    count = len(row)
    given = {
        "source": np.full(count, source, np.int32),
        "member": _words(np.zeros(count), [""]),
        "row": row + 2,
        "group": np.zeros(count, np.int16),
        "combination": _words(np.zeros(count), ["CN_MOBILE+CN_RESIDENT_ID+PERSON"]),
        "digest": _digests(same),
        "row_digest": _digests(same),
    }
    return _table(RECORDS, given, count)


def _table(schema: pa.Schema, given: dict[str, Any], count: int) -> pa.Table:
    """A table with what is given; null elsewhere."""
    columns = []
    for field in schema:
        own = given.get(field.name)
        array = pa.nulls(count, field.type) if own is None else pa.array(own)
        columns.append(array if array.type == field.type else array.cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _words(numbers: Any, words: Any) -> pa.Array:
    indices = pa.array(numbers.astype(np.int32), mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), pa.string()))


def _digests(numbers: Any) -> pa.Array:
    """``binary(16)`` that look random and are equal for equal numbers (SplitMix64)."""
    words = np.empty((len(numbers), 2), np.uint64)
    for half in range(2):
        mixed = (numbers.astype(np.uint64) * np.uint64(2) + np.uint64(half)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        words[:, half] = mixed ^ (mixed >> np.uint64(31))
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(numbers), [None, pa.py_buffer(words)]
    )


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
