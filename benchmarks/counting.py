"""Case of ten million findings for the benchmark of ``piiscan count``, with its expected counts.

It has twenty lists of two suspects. Each list begins in the middle of the previous one, a tenth
of its rows are duplicates, and one number in twenty is invalid. Some people have another phone in
every second list. Every step of the ladder therefore has a known number.
"""

from __future__ import annotations

import json
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
    """Expected counts by step of the ladder."""

    total: list[int]
    suspect: list[int]
    duplicate_keys: int
    shared: int


def expected() -> Expected:
    """Return the counts per ladder step that the case must have, computed without piiscan."""
    step = ROWS * 9 // 20
    read = SOURCES * ROWS
    passed = read * 19 // 20
    people = step * (SOURCES + 1)  # distinct people of all lists
    keys = people * 19 // 20
    twice = step * (SOURCES - 1) // 40  # p = 3 (mod 40) of the people in two lists
    half = step * (SOURCES // 2 + 1)
    first = [read // 2] * 3 + [passed // 2]
    keys_of_suspect = half * 19 // 20
    twice_of_suspect = step * (SOURCES // 2 - 1) // 40
    return Expected(
        [read] * 3 + [passed, keys + twice, keys, keys],
        [*first, keys_of_suspect + twice_of_suspect, keys_of_suspect, keys_of_suspect],
        twice,
        step * 19 // 20,  # the second half of one suspect's last list begins the other's first list
    )


def write_dump(folder: Path) -> None:
    """Write twenty small CSV lists into the folders of two suspects below ``folder``.

    ``fill`` replaces their findings after the scan.
    """
    for number in range(SOURCES):
        path = folder / ("甲" if number < SOURCES // 2 else "乙") / f"{number:02d}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [f"张{'三四五'[n % 3]},{_identity(n)},1990000{n + 1200:04d}" for n in range(20)]
        path.write_text("\n".join([",".join(HEADERS), *rows]) + "\n", "utf-8")


def _identity(number: int) -> str:
    """Return a valid resident identity number with the sequence ``number``."""
    body = f"43010419050615{number:03d}"
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    return body + "0123456789X"[(12 - total % 11) % 11]


def fill(case: Path) -> None:
    """Replace the shards of a scanned case by large ones of ROWS rows a source; record them."""
    from piiscan.case.store.case import Case
    from piiscan.case.store.shards import ShardWriter
    from piiscan.schemas import FINDINGS, RECORDS
    from tests.case.integrity.made_case import rehash

    opened = Case.open(case)
    (findings,), (records,) = opened.shards("findings"), opened.shards("records")
    more = {"temporary": case / "tmp", "pool": ThreadPoolExecutor(1)}
    with (
        ShardWriter(findings, FINDINGS, **more) as writer,
        ShardWriter(records, RECORDS, **more) as record_writer,
    ):
        for number in range(len(opened.source_shards("findings"))):
            _write_source(number, writer, record_writer)
        writer.close()
        record_writer.close()
    path = opened.tables_folder / "parts.parquet"
    parts = pq.read_table(path)
    rows = pa.array([ROWS] * len(parts), pa.int64())
    at = parts.schema.get_field_index("rows")
    pq.write_table(parts.set_column(at, "rows", rows), path)
    (manifest,) = case.glob("manifest*.json")
    content = json.loads(manifest.read_text("utf-8"))
    content["counters"]["hits"] = len(parts) * ROWS * len(ENTITIES)
    manifest.write_text(json.dumps(content), "utf-8")
    rehash(case)


def _write_source(number: int, findings: Any, records: Any) -> None:
    """Write the findings and the records of list ``number``, ROWS rows each, to their shards."""
    new = ROWS * 9 // 10
    row = np.arange(ROWS)
    person = number * (ROWS * 9 // 20) + np.where(row < new, row, row - new)
    other = (person % 40 == 3) & (number % 2 == 1)
    values = (person % 5000, person + 10_000_000, person + np.where(other, 20_000_000, 40_000_000))
    invalid = person % 20 == 7
    for low in range(0, ROWS, 24_000):
        part = slice(low, min(low + 24_000, ROWS))
        findings.add(_findings(number + 1, row[part], [v[part] for v in values], invalid[part]))
    records.add(_records(number + 1, row, person + np.where(other, 60_000_000, 80_000_000)))


def _findings(source: int, row: Any, values: list[Any], invalid: Any) -> pa.Table:
    """Return the FINDINGS rows of ``row``: name, identity number and mobile number of each.

    ``values``: three arrays of numbers, from which the digests are made. ``invalid``: True
    where the identity number is refuted.
    """
    from piiscan.schemas import FINDINGS

    count = len(row) * 3
    column = np.tile(np.arange(3), len(row))
    is_refuted = np.zeros((len(row), 3), np.bool_)
    is_refuted[:, 1] = invalid
    is_refuted = is_refuted.reshape(-1)
    values_by_column: dict[str, Any] = {
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
        "verdict": _words(np.where(is_refuted, 1, 0), ["verified", "refuted"]),
        "score": np.where(is_refuted, 0.1, 0.95),
        "reason": _words(np.where(is_refuted, 0, -1), ["CHECK_FAIL"]),
    }
    return _table(FINDINGS, values_by_column, count)


def _records(source: int, row: Any, same: Any) -> pa.Table:
    """Return the RECORDS rows of ``row``, one a row. ``same``: equal numbers get equal digests."""
    from piiscan.schemas import RECORDS

    count = len(row)
    values_by_column = {
        "source": np.full(count, source, np.int32),
        "member": _words(np.zeros(count), [""]),
        "row": row + 2,
        "group": np.zeros(count, np.int16),
        "combination": _words(np.zeros(count), ["CN_MOBILE+CN_RESIDENT_ID+PERSON"]),
        "digest": _digests(same),
        "row_digest": _digests(same),
        "content_digest": _digests(same),
    }
    return _table(RECORDS, values_by_column, count)


def _table(schema: pa.Schema, values_by_column: dict[str, Any], count: int) -> pa.Table:
    """Return a table of ``count`` rows with the given columns, and null in all other columns."""
    columns = []
    for field in schema:
        values = values_by_column.get(field.name)
        array = pa.nulls(count, field.type) if values is None else pa.array(values)
        columns.append(array if array.type == field.type else array.cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _words(numbers: Any, words: Any) -> pa.Array:
    """Return a dictionary column of ``words`` by their indices. A negative index becomes null."""
    indices = pa.array(numbers.astype(np.int32), mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), pa.string()))


def _digests(numbers: Any) -> pa.Array:
    """Return random-looking digests, equal for equal numbers (SplitMix64, ``binary(16)``)."""
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
    sys.path.insert(0, str(Path(__file__).parents[1]))  # of tests
    fill(Path(sys.argv[1]))
