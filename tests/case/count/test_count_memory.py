"""The memory of a count bounds what it takes, and changes no table."""

import shutil
from pathlib import Path

import pytest

from piiscan import CountError, count, count_records
from piiscan.case.count.count_memory import CountMemory
from piiscan.case.count.parted_database import open_database
from piiscan.case.register.made_corpus import make_with_register
from tests.case.count.parts import use_parts
from tests.case.dump import scan_dump
from tests.case.literal_rows import source, steps


def test_a_count_has_the_same_files_with_any_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suspects, transfers, ledgers, categories, masked values: byte for byte."""
    made = make_with_register("three-party", rows=450, seed=3, out=tmp_path / "made")
    scan_dump([made.folder], tmp_path / "scanned" / "case", workers=1)
    use_parts(monkeypatch, bytes_of_row=60_000)  # 50 MB: some seven parts
    files = []
    for memory in ("50MB", "4 GB"):
        case = shutil.copytree(tmp_path / "scanned", tmp_path / memory) / "case"
        left = case / "tmp" / "count" / "duckdb" / "of_a_count_that_was_killed"
        left.parent.mkdir(parents=True)
        left.write_bytes(b"1")
        files.append(count(case, register=made.register, memory=memory).content["files"])
        assert not (case / "tmp" / "count").exists()
    assert files[0] == files[1]


def test_a_person_is_linked_over_all_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    use_parts(monkeypatch, bytes_of_row=60_000)  # six parts
    rows = [f"name:{n // 100} id:{n} phone:{n + m}" for n in range(400) for m in range(2)]
    assert steps(count_records([source(1, rows)], memory="50MB"))[5:] == [400, 1]


@pytest.mark.parametrize("size", ["20MB", "2", "much"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(CountError, match=rf"no such memory, {size}: give a size from 50MB on"):
        count_records([], memory=size)


@pytest.mark.parametrize(
    ("limit", "advice"),
    [
        ("1GB", r"not enough to count 1 findings.*give more \(--memory 100MB\).*several cases"),
        ("1MB", "free some space"),
    ],
)
def test_what_cannot_succeed_says_what_would_help(
    limit: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"memory": "16MB", "threads": 1, "max_temp_directory_size": limit}
    monkeypatch.setattr(CountMemory, "settings", lambda memory: settings)
    query = "select list(n) from" if limit == "1GB" else "select n, -n as m from"
    with (
        pytest.raises(CountError, match=advice),
        open_database(tmp_path, CountMemory.of("50MB"), rows=1) as database,
    ):
        database.create(f"create temp table here as {query} range(3_000_000) t(n)")
