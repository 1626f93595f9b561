"""Faults of parts and merges: an exact case in the end, or a refusal; never half a case."""

import errno
import os
import shutil
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, CaseError, PiiscanError
from piiscan.case.merge import merged_shards
from piiscan.case.store import shard_runs
from tests.case.dump import content, scan_dump, write_dump
from tests.case.killed import run_killed
from tests.case.merge.test_merge import join
from tests.keys import random_secret, write_key
from tests.often import long

#: A part or a merge, run until its end at one point.
STATEMENTS = {
    "part": (
        "home = paths[0]; scan_dump([home / 'dump'], home / 'p1', part='1/2',"
        " listing=home / 'listing')"
    ),
    "merge": (
        "home = paths[0]; merge([home / 'p1', home / 'p2'], case=home / 'case',"
        " key=home / 'test.key')"
    ),
}
SHARDS, MERGE = "piiscan.case.merge.merged_shards", "piiscan.case.merge.merge"
#: Point, module, name, and the call that ends it.
MERGES = [
    ("while shards are copied", SHARDS, "ShardMerger._copy", 3),
    ("before the sources are in the job store",
     "piiscan.case.store.job_store", "JobStore.finish_sources", 1),
    ("between the logs of the parts", MERGE, "write_bytes", 2),
    ("before the tables", "piiscan.case.scan.finish", "build_tables", 1),
    ("before the manifest, its announcement logged", "piiscan.case.store.manifest", "publish", 1),
    ("before the page", MERGE, "restore_page", 1),
]  # fmt: skip
PARTS = [
    ("before a listing has its name", "piiscan.case.scan.listing", "os.link", 1),
    ("while a shard is written", "piiscan.case.store.shards", "ShardWriter.close", 2),
    ("before its manifest", "piiscan.case.store.manifest", "publish", 1),
]
OFTEN = {"between the logs of the parts", "while a shard is written"}


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Iterator[None]:
    """Two sources a shard, as in the killed process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard_runs, "BLOCK", 2)
        yield


@pytest.fixture(scope="module")
def made(small_rules: Path, small_blocks: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evidence, a key, a scan, and two parts."""
    home = tmp_path_factory.mktemp("parts")
    write_key(home / "test.key", random_secret(2))
    write_dump(home / "dump")
    scan_dump([home / "dump"], home / "whole")
    for number in (1, 2):
        scan_part(home, number)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    return shutil.copytree(made, tmp_path / "home")


def scan_part(home: Path, number: int, **options: Any) -> Path:
    """Scan one of two parts of the evidence; return its folder."""
    options = {"listing": home / "listing", **options}
    return scan_dump([home / "dump"], home / f"p{number}", part=f"{number}/2", **options).path


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize(
    ("where", "module", "name", "calls"),
    [point if point[0] in OFTEN else long(*point) for point in MERGES],
)
def test_a_killed_merge_starts_again(
    home: Path, rules: Path, where: str, module: str, name: str, calls: int
) -> None:
    run_killed(rules, STATEMENTS["merge"], (module, name, calls), home)
    if where != "before the page":
        with pytest.raises(CaseError, match=r"no finished case"):
            Case.open(home / "case")
        with pytest.raises(CaseError, match="merge that was broken off"):
            scan_dump([home / "dump"], home / "case")
    merged = join([home / "p1", home / "p2"], home / "case")
    assert content(merged.path) == content(home / "whole")
    assert merged.verify() == []


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize(
    ("where", "module", "name", "calls"),
    [point if point[0] in OFTEN else long(*point) for point in PARTS],
)
def test_a_killed_part_is_refused_and_goes_on(
    home: Path, rules: Path, where: str, module: str, name: str, calls: int
) -> None:
    for part in ("p1", "p2", "whole"):
        shutil.rmtree(home / part)
    (home / "listing").unlink()
    run_killed(rules, STATEMENTS["part"], (module, name, calls), home)
    second = scan_part(home, 2)
    if (home / "p1").exists():
        with pytest.raises(CaseError, match="no finished case"):
            join([home / "p1", second], home / "case")
    merged = join([scan_part(home, 1), second], home / "case")
    assert content(merged.path) == content(scan_dump([home / "dump"], home / "whole").path), where


def test_a_full_disk_leaves_no_case_and_the_merge_starts_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [home / "p1", home / "p2"]
    usage = namedtuple("usage", "total used free")(1 << 30, 1 << 30, 1 << 20)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: usage)
        with pytest.raises(CaseError, match="MB are free"):
            join(parts, home / "case")

    def copy(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(merged_shards.shutil, "copyfile", copy)
        with pytest.raises(CaseError, match="No space left"):
            join(parts, home / "case")
    with pytest.raises(CaseError, match="no finished case"):
        Case.open(home / "case")
    merged = join(parts, home / "case")
    assert content(merged.path) == content(home / "whole")
    assert merged.verify() == []


def test_a_share_that_goes_away_stops_its_part_which_goes_on(home: Path) -> None:
    shutil.rmtree(home / "p2")

    def take_away(_: object) -> None:
        if (home / "dump").exists():
            (home / "dump").rename(home / "away")

    with pytest.raises(PiiscanError, match="dump"):
        scan_part(home, 2, progress=take_away)
    with pytest.raises(CaseError, match="no finished case"):
        join([home / "p1", home / "p2"], home / "case")
    (home / "away").rename(home / "dump")
    merged = join([home / "p1", scan_part(home, 2)], home / "case")
    assert content(merged.path) == content(home / "whole")


def test_parts_that_run_at_once_do_not_write_one_folder(home: Path) -> None:
    shutil.rmtree(home / "p1")
    refused = []

    def start_again(_: object) -> None:
        if not refused:
            try:
                scan_part(home, 1)
            except CaseError as error:
                refused.append(error.code)

    scan_part(home, 1, progress=start_again)
    assert refused == ["case.in_use"]
