"""Counts of a case: read as they were written, oldest first, damaged ones apart."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from piiscan import CaseError
from piiscan.case.store import audit_log
from piiscan.case.store.count_store import (
    NAME,
    Count,
    count_folder,
    latest_count,
    readable_counts,
    write_count,
)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    return tmp_path


def write(case: Path, number: int) -> Count:
    folder = count_folder(case, number)
    folder.mkdir()
    (folder / "kinds.json").write_text('{"rows": [{"kind": "x"}]}')
    (folder / NAME).write_text("{")  # of a count that was cut off
    with audit_log.open_log(case) as log:
        return write_count(folder, {"number": number}, temporary=case / "tmp", log=log)


def test_a_count_names_its_files_and_the_log_names_the_count(case: Path) -> None:
    count = write(case, 1)
    text = (case / "counts-0001" / NAME).read_bytes()
    table = (case / "counts-0001" / "kinds.json").read_bytes()
    assert json.loads(text) == count.content
    assert count.content["files"] == {"kinds.json": hashlib.sha256(table).hexdigest()}
    assert count.sha256 == hashlib.sha256(text).hexdigest()
    assert text.endswith(b"\n")
    (event,) = audit_log.read_events(case / "log.jsonl")
    assert (event["event"], event["number"], event["sha256"]) == ("count", 1, count.sha256)
    assert count.tables() == {"kinds": [{"kind": "x"}]}
    assert (count.number, count.persons.name) == (1, "persons.parquet")
    assert count.record_subjects == count.path / "candidates.parquet"


def test_counts_are_found_oldest_first_and_damaged_ones_apart(case: Path) -> None:
    assert (readable_counts(case), latest_count(case)) == (([], []), None)
    counts = [write(case, number) for number in (1, 2, 3)]
    (case / "counts-0004").mkdir()  # never finished
    (case / "counts-x").mkdir()
    (case / "counts-0002" / NAME).write_text("{")
    assert readable_counts(case) == ([counts[0], counts[2]], [case / "counts-0002"])
    assert latest_count(case) == counts[2]
    (case / "counts-0003" / NAME).write_text('{"format": 99}')
    with pytest.raises(CaseError, match="format 99"):
        latest_count(case)
