"""Whatever the umask, what piiscan makes is its owner's only: folders 0700, files 0600 or less."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from piiscan import count, redact, run, sample
from piiscan.case.export.disc import DiscRequest, write_disc
from piiscan.case.integrity.seal import seal
from piiscan.case.report.destination import save_report
from piiscan.case.store.audit_log import now
from tests.case.dump import scan_dump, write_dump

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no modes")


@pytest.fixture(params=[0, 0o077, 0o027], ids=oct)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    before = os.umask(request.param)
    try:
        yield tmp_path
    finally:
        os.umask(before)


def others_can(folder: Path) -> dict[str, str]:
    """Paths at and below ``folder`` that group or others can use, with their modes."""
    modes = {
        path.relative_to(folder.parent).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }
    return {name: oct(mode) for name, mode in modes.items() if mode & 0o077}


def test_a_case_and_what_is_made_of_it(home: Path) -> None:
    dump = write_dump(home / "dump")
    (home / "deep").mkdir(mode=0o777)
    (home / "deep" / "case").mkdir(mode=0o777)
    case = scan_dump([dump], home / "deep" / "case", key=home / "keys" / "own" / "test.key")
    assert others_can(home / "keys") == {}
    count(case, key=home / "keys" / "own" / "test.key")
    save_report(case, b"one", case.path / "reports" / "one.html")
    save_report(case, b"two", home / "out" / "of" / "it.html")
    sample(case, home / "sample.xlsx", size=3)
    write_disc(case, home / "discs" / "disc", DiscRequest(), moment=now())
    seal(case.path, home / "case.zip")
    for made in ("deep/case", "out", "discs", "sample.xlsx", "case.zip", "case.zip.sha256"):
        assert others_can(home / made) == {}, made


def test_a_work_folder(home: Path) -> None:
    dump = write_dump(home / "dump")
    run(dump, home / "work" / "folder", key=home / "test.key")
    assert others_can(home / "work") == {}


def test_masked_copies(home: Path) -> None:
    dump = write_dump(home / "dump")
    redact([dump], out=home / "far" / "copies", key=home / "test.key")
    assert others_can(home / "far") == {}
