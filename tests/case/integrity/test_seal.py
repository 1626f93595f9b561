"""A seal holds everything, byte for byte, is only to be read, and is never written over."""

import hashlib
import os
import random
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from piiscan import CaseError
from piiscan.case.integrity.seal import seal
from piiscan.case.integrity.verify import verify_case
from piiscan.case.store import audit_log
from tests.case.scanned import write_files
from tests.often import often


@pytest.fixture
def case(plain: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plain / "case", tmp_path / "case"))


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
    files = {"b.txt": "x", "甲/c.txt": "y"}
    one, two = (
        seal(write_files(tmp_path / name, files), tmp_path / f"{name}.zip") for name in "ac"
    )
    assert one.sha256 == two.sha256


def test_nothing_is_written_over_and_nothing_outside_is_let_in(case: Path, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_bytes(b"mine")
    with pytest.raises(CaseError, match="is there already"):
        seal(case, tmp_path / "there.zip")
    assert (tmp_path / "there.zip").read_bytes() == b"mine"
    with pytest.raises(CaseError, match="cannot hold its own seal"):
        seal(case, case / "own.zip")
    (case / "link").symlink_to(tmp_path / "there.zip")
    with pytest.raises(CaseError, match="a link, a pipe or a device"):
        seal(case, tmp_path / "other.zip")
    assert not (tmp_path / "other.zip").exists()


def test_a_seal_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    write_files(tmp_path / "a", {"b.txt": "x"})
    whole = seal(tmp_path / "a", tmp_path / "1.zip")
    for left in ("2.zip.sha256", ".2.zip.part", ".2.zip.sha256.part"):
        (tmp_path / left).write_bytes(b"0  2.zip\n")
    assert seal(tmp_path / "a", tmp_path / "2.zip").sha256 == whole.sha256
    assert (tmp_path / "2.zip.sha256").read_text("ascii") == f"{whole.sha256}  2.zip\n"
    assert list(tmp_path.glob(".*")) == []
    (tmp_path / "3.zip.sha256").write_bytes(b"mine")
    with pytest.raises(CaseError, match="is there already"):
        seal(tmp_path / "a", tmp_path / "3.zip")


def folder_of(tmp_path: Path) -> Path:
    return write_files(tmp_path / "folder", {"d/b.txt": "12345", "a.txt": ""})


def test_any_folder_is_packed_in_order_with_fixed_dates_for_reading_only(tmp_path: Path) -> None:
    folder, told = folder_of(tmp_path), []
    for name in ("x-wal", "x-shm", "x-journal"):
        (folder / name).touch()
    done = seal(
        folder, tmp_path / "s.zip", progress=lambda state: told.append((state.done, state.total))
    )
    assert (done.files, done.size, told[-1]) == (2, 5, (5, 5))
    assert not (folder / "log.jsonl").exists()  # no case: nothing is logged
    with zipfile.ZipFile(done.path) as archive:
        infos = archive.infolist()
        assert [info.filename for info in infos] == ["a.txt", "d/b.txt"]
        assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in infos} == {0o100400}
        assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    checksum = tmp_path / "s.zip.sha256"
    assert stat.S_IMODE(checksum.stat().st_mode) == 0o400


def test_a_seal_needs_a_folder_and_never_takes_the_place_of_a_checksum(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no such folder"):
        seal(tmp_path / "gone", tmp_path / "s.zip")
    (tmp_path / "s.zip.sha256").write_bytes(b"00  other.zip\n")
    with pytest.raises(CaseError, match="is there already"):
        seal(folder_of(tmp_path), tmp_path / "s.zip")
    assert not (tmp_path / "s.zip").exists()


def test_a_seal_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(tmp_path)

    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("piiscan.case.integrity.seal.file_sha256", fail)
    with pytest.raises(CaseError, match="No space left on device"):
        seal(folder, tmp_path / "s.zip")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("name", ["pipe", "d/link"])
def test_what_is_neither_file_nor_folder_is_refused(name: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    if name == "pipe":
        os.mkfifo(folder / name)
    else:
        (folder / name).symlink_to(folder)  # a folder, but a link
    with pytest.raises(CaseError, match="no plain file"):
        seal(folder, tmp_path / "s.zip")


def test_a_case_that_another_run_works_on_is_not_sealed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    with audit_log.open_log(folder), pytest.raises(CaseError, match="another run"):
        seal(folder, tmp_path / "s.zip")
    assert not (tmp_path / "s.zip").exists()


@pytest.mark.parametrize("name", ["ledger.sqlite", "log.jsonl"])
def test_a_folder_with_one_file_called_like_that_of_a_case_is_no_case(
    name: str, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path)
    (folder / name).write_bytes(b"mine")
    done = seal(folder, tmp_path / "s.zip")
    assert done.files == 3
    assert (folder / name).read_bytes() == b"mine"


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("seed", often(range(30), [0]))
def test_a_killed_seal_leaves_no_half_zip_and_is_made_again(tmp_path: Path, seed: int) -> None:
    write_files(tmp_path / "a", {f"{n}": bytes([n]) * (1 << 20) for n in range(40)})
    whole = seal(tmp_path / "a", tmp_path / "1.zip")
    code = (
        "import sys; from pathlib import Path; from piiscan.case.integrity.seal import seal\n"
        "print(flush=True); seal(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    arguments = [sys.executable, "-c", code, tmp_path / "a", tmp_path / "2.zip"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0, 0.3))
        process.kill()
    if not (tmp_path / "2.zip").exists():
        seal(tmp_path / "a", tmp_path / "2.zip")
    assert hashlib.sha256((tmp_path / "2.zip").read_bytes()).hexdigest() == whole.sha256
    assert (tmp_path / "2.zip.sha256").read_text("ascii") == f"{whole.sha256}  2.zip\n"
