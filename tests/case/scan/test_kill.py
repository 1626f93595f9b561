"""kill -9 anywhere leaves no case that verifies as complete, and running again finishes it.

The killed process runs the same scan with one step replaced by its own end, at points where a
half-done case is most like a done one.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from piiscan.case.integrity.verify import verify_case
from piiscan.case.store import shard_runs
from piiscan.tabular import typed_table
from tests.case.dump import content, scan_dump, write_dump
from tests.case.killed import run_killed
from tests.keys import random_secret, write_key
from tests.often import long

SCAN = "scan_dump([paths[0]], paths[1])"
MANIFEST = "piiscan.case.store.manifest"
POINTS = [
    ("before the ends of sources are in the ledger, its shards renamed",
     "piiscan.case.store.job_store", "JobStore.finish_sources", 3),
    ("between the two shards of a source",
     "piiscan.case.store.shards", "ShardWriter.close", 2),
    ("while a shard is written", "piiscan.case.store.shards", "ShardWriter._write", 3),
    ("before the tables", "piiscan.case.scan.finish", "build_tables", 1),
    ("between the tables", "piiscan.case.report.table_files", "write_bytes", 6),
    ("before the manifest, its announcement logged", MANIFEST, "publish", 1),
    ("before the flush of the manifest", "piiscan.case.store.shards", "flush_all", 1),
]  # fmt: skip

#: The points that are tried in every run.
OFTEN = {
    "before the ends of sources are in the ledger, its shards renamed",
    "before the manifest, its announcement logged",
}


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dump(tmp_path_factory.mktemp("evidence") / "dump")


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Iterator[None]:
    """Two sources a shard, as in the killed process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard_runs, "BLOCK", 2)
        yield


#: The secret of all cases here.
KEY = random_secret(2)


@pytest.fixture(scope="module")
def whole(
    small_rules: Path, dump: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    home = tmp_path_factory.mktemp("whole")
    write_key(home / "test.key", KEY)
    return content(scan_dump([dump], home / "case").path)


@pytest.mark.parametrize(
    ("where", "module", "name", "calls"),
    [point if point[0] in OFTEN else long(*point) for point in POINTS],
)
def test_a_killed_run_is_incomplete_and_the_next_finishes_it(
    rules: Path,
    dump: Path,
    whole: dict[str, bytes],
    tmp_path: Path,
    where: str,
    module: str,
    name: str,
    calls: int,
) -> None:
    write_key(tmp_path / "test.key", KEY)
    case = tmp_path / "case"
    run_killed(rules, SCAN, (module, name, calls), dump, case)
    assert "INCOMPLETE" in [difference.reason for difference in verify_case(case)], where
    finished = scan_dump([dump], case)
    assert content(case) == whole
    assert finished.verify() == []
    assert [path for path in (case / "tmp").rglob("*") if path.is_file()] == []


def test_a_run_killed_while_adding_leaves_the_first_generation_but_is_incomplete(
    rules: Path, dump: Path, tmp_path: Path
) -> None:
    write_key(tmp_path / "test.key", KEY)
    case = tmp_path / "case"
    more = tmp_path / "more.csv"
    more.write_text("手机号\n13600136000\n", encoding="utf-8")
    first = scan_dump([dump], case)
    run_killed(rules, SCAN, ("piiscan.case.scan.finish", "build_tables", 1), more, case)
    differences = verify_case(case)
    assert {d.reason for d in differences} == {"INCOMPLETE", "FILE_UNKNOWN"}
    assert all("0002" in d.name or "000007" in d.name for d in differences[1:])
    added = scan_dump([more], case)
    assert added.manifest.content["previous"] == first.manifest.sha256
    assert added.verify() == []


def test_finished_sources_are_not_read_again(
    rules: Path, dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_key(tmp_path / "test.key", KEY)
    point = "piiscan.case.store.job_store", "JobStore.finish_sources", 3
    run_killed(rules, SCAN, point, dump, tmp_path / "case")
    opened = []
    real = typed_table.open_tables
    monkeypatch.setattr(
        typed_table,
        "open_tables",
        lambda path, **kw: (opened.append(path.name), real(path, **kw))[1],
    )
    scan_dump([dump], tmp_path / "case")
    assert opened == ["sale.csv", "客户.csv"]
