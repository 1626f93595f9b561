"""Counts of a case: read as they were written, or refused."""

import hashlib
import json
from pathlib import Path

import pytest

from piiscan.case.store import audit_log
from piiscan.case.store.count_store import (
    NAME,
    Count,
    count_folder,
    latest_count,
    write_count,
)
from piiscan.errors import ChangedFileError


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
        return write_count(
            folder, {"number": number, "empty": ["money"]}, temporary=case / "tmp", log=log
        )


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
    assert count.tables() == {"kinds": [{"kind": "x"}], "money": []}
    assert count.number == 1
    (case / "counts-0001" / "kinds.json").write_text('{"rows": []}')
    with pytest.raises(ChangedFileError, match=r"counts-0001/kinds\.json is not the file"):
        count.tables()


def test_the_newest_count_is_the_one_that_the_log_names(case: Path) -> None:
    assert latest_count(case) is None
    counts = [write(case, number) for number in (1, 2, 3)]
    (case / "counts-0004").mkdir()  # never finished
    (case / "counts-0004" / NAME).write_bytes((case / "counts-0003" / NAME).read_bytes())
    (case / "counts-0002" / NAME).write_text("{")
    assert latest_count(case) == counts[2]
    (case / "counts-0003" / NAME).write_text('{"format": 99}')
    with pytest.raises(ChangedFileError, match=r"counts-0003/count\.json is not the file"):
        latest_count(case)
