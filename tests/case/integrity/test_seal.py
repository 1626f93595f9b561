"""A seal holds everything, byte for byte, is only to be read, and is never written over."""

from __future__ import annotations

import hashlib
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from piiscan.case.integrity.seal import seal
from piiscan.case.integrity.verify import verify_case
from piiscan.case.store import audit_log
from piiscan.errors import CaseError
from tests.case.dump import scan_dump, write_dump


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return scan_dump([write_dump(tmp_path / "dump")], tmp_path / "case").path


def test_a_sealed_case_is_whole_says_so_and_verifies(case: Path, tmp_path: Path) -> None:
    done = seal(case, tmp_path / "case.zip")
    assert done.sha256 == hashlib.sha256(done.path.read_bytes()).hexdigest()
    assert (tmp_path / "case.zip.sha256").read_text("ascii") == f"{done.sha256}  case.zip\n"
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o400
    with zipfile.ZipFile(done.path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
        archive.extractall(tmp_path / "opened")
    own = {p.relative_to(case).as_posix(): p.read_bytes() for p in case.rglob("*") if p.is_file()}
    assert held == own
    assert audit_log.read_events(case / "log.jsonl")[-1]["event"] == "seal"
    assert verify_case(case) == []
    assert verify_case(tmp_path / "opened") == []


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("x", "utf-8")
    (tmp_path / "a" / "甲").mkdir()
    (tmp_path / "a" / "甲" / "c.txt").write_text("y", "utf-8")
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    one, two = seal(tmp_path / "a", tmp_path / "1.zip"), seal(tmp_path / "c", tmp_path / "2.zip")
    assert one.sha256 == two.sha256


def test_nothing_is_written_over_and_nothing_outside_is_let_in(case: Path, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_bytes(b"mine")
    with pytest.raises(CaseError, match="is there already"):
        seal(case, tmp_path / "there.zip")
    assert (tmp_path / "there.zip").read_bytes() == b"mine"
    with pytest.raises(CaseError, match="cannot hold its own seal"):
        seal(case, case / "own.zip")
    (case / "link").symlink_to(tmp_path / "there.zip")
    with pytest.raises(CaseError, match="no plain file"):
        seal(case, tmp_path / "other.zip")
    assert not (tmp_path / "other.zip").exists()


def test_a_seal_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("x", "utf-8")
    whole = seal(tmp_path / "a", tmp_path / "1.zip")
    for left in ("2.zip.sha256", ".2.zip.part", ".2.zip.sha256.part"):
        (tmp_path / left).write_bytes(b"0  2.zip\n")
    assert seal(tmp_path / "a", tmp_path / "2.zip").sha256 == whole.sha256
    assert (tmp_path / "2.zip.sha256").read_text("ascii") == f"{whole.sha256}  2.zip\n"
    assert list(tmp_path.glob(".*")) == []
    (tmp_path / "3.zip.sha256").write_bytes(b"mine")
    with pytest.raises(CaseError, match="is there already"):
        seal(tmp_path / "a", tmp_path / "3.zip")
