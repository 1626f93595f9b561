"""A source that ends its process twice is left out and listed; all others are read."""

import subprocess
import sys
from pathlib import Path

import pytest

from piiscan import CaseError, scan
from piiscan.case.scan.attempts import ATTEMPTS_FILE
from tests.case.dump import DAY
from tests.case.scanned import rows_by_file, write_files

SCRIPT = """
import os, signal, sys
from pathlib import Path
import piiscan.detect.catalog.catalog as catalog
from piiscan.case.scan import source_reader
from tests.case.dump import scan_dump

rules, home = map(Path, sys.argv[1:])
catalog.shipped_folder = lambda: rules
read = source_reader._read

def die(source, *rest):
    if source.path.endswith("poison.csv"):
        os.kill(os.getpid(), signal.SIGKILL)
    return read(source, *rest)

source_reader._read = die
scan_dump([home / "in"], home / "case", quarantine=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_source_that_ends_its_process_twice_is_left_out(rules: Path, tmp_path: Path) -> None:
    tables = {f"{name}.csv": "手机号\n13800138000\n" for name in ("a", "poison", "z")}
    write_files(tmp_path / "in", tables)
    codes = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(rules), str(tmp_path)],
            cwd=Path(__file__).parents[3],
            check=False,
        ).returncode
        for _ in range(4)
    ]
    assert codes == [-9, -9, -9, 0]
    case = scan(tmp_path / "in", case=tmp_path / "case", key=tmp_path / "test.key", as_of=DAY)
    found = rows_by_file(case, "select source, count(*) from findings group by source")
    assert found == {"a": [(1,)], "poison": [], "z": [(1,)]}
    (unread,) = case.tables()["unread"]
    assert (unread["source"], unread["reason"]) == (2, "QUARANTINED")
    poison = case.manifest.content["sources"][1]
    assert (poison["state"], bool(poison["sha256"])) == ("unread", True)
    assert case.verify() == []


def test_an_error_is_no_end_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = write_files(tmp_path / "in", {"a.csv": "手机号\n13800138000\n"})
    options = {"case": tmp_path / "case", "key": tmp_path / "key", "as_of": DAY}
    module = "piiscan.case.scan.shard_writer.SourceWriter.add"

    def fail(*_: object) -> None:
        raise CaseError("case.writing_failed")

    for _ in range(4):
        with monkeypatch.context() as patch:
            patch.setattr(module, fail)
            with pytest.raises(CaseError):
                scan(evidence, quarantine=True, **options)
    case = scan(evidence, quarantine=True, **options)
    assert case.tables()["unread"] == []
    assert not (case.path / ATTEMPTS_FILE).exists()
