"""Files scanned by Spark: the case of one scan, whatever ends a worker, and no key on its way."""

import os
import pickle
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import piiscan
from piiscan import PiiscanError
from piiscan import spark as doors
from piiscan.case.scan import source_reader
from piiscan.spark import file_scan
from piiscan.spark.file_scan import PartJob
from tests.case.dump import DAY, content
from tests.case.scanned import write_files
from tests.keys import random_secret, write_key

pytestmark = [
    pytest.mark.program("java"),
    pytest.mark.filterwarnings("ignore"),  # PySpark's own
]


class DyingJob(PartJob):
    """A job whose worker is killed at its first part, once."""

    def run(self, number: int) -> str | PiiscanError:
        """Kill the worker behind the first file of part 1; else scan the part."""
        killed = Path(self.home, "killed")
        options = self.options
        if number == 1 and not killed.exists():
            killed.touch()
            options = {**options, "progress": _kill}
        return PartJob(self.paths, self.home, self.of, options).run(number)


class HangingJob(PartJob):
    """A job that hangs at the source t03.csv."""

    def run(self, number: int) -> str | PiiscanError:
        """Scan the part; sleep in place of reading the source."""
        with pytest.MonkeyPatch.context() as patch:
            read = source_reader._read
            patch.setattr(
                source_reader,
                "_read",
                lambda source, *rest: (
                    time.sleep(1e6) if source.path.endswith("t03.csv") else read(source, *rest)
                ),
            )
            return PartJob(self.paths, self.home, self.of, self.options, self.patience).run(number)


def _kill(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


#: A driver that is killed by its second part.
DRIVER = """
import os, signal, sys, time
from pathlib import Path
from pyspark.sql import SparkSession
from piiscan import spark as doors
from piiscan.spark import file_scan
from tests.case.dump import DAY

home, driver = Path(sys.argv[1]), os.getpid()

class KillingJob(file_scan.PartJob):
    def run(self, number):
        if number == 2:
            os.kill(driver, signal.SIGKILL)
            time.sleep(5)
        return file_scan.PartJob(self.paths, self.home, self.of, self.options).run(number)

file_scan.PartJob = KillingJob
session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
doors.scan(session, home / "seized", home / "case", key=home / "key", parts=3, as_of=DAY)
"""


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    """Thirty small tables and a large one."""
    tables = {f"t{n:02d}.csv": f"姓名,手机号\n张三,138{n:08d}\n" for n in range(30)}
    rows = "".join(f"张三,139{n:08d}\n" for n in range(50_000))
    write_key(tmp_path / "key", random_secret(3))
    return write_files(tmp_path / "seized", {**tables, "large.csv": f"姓名,手机号\n{rows}"})


def test_parts_of_a_cluster_are_one_case_though_a_worker_is_killed(
    spark: Any, seized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    whole = piiscan.scan(seized, case=tmp_path / "whole", key=key, as_of=DAY)
    monkeypatch.setattr(file_scan, "PartJob", DyingJob)
    case = doors.scan(spark, seized, tmp_path / "case", key=key, parts=3, as_of=DAY)
    assert (tmp_path / "case-parts" / "killed").exists()
    assert content(case.path) == content(whole.path)
    assert case.verify() == []
    again = doors.scan(spark, [seized], tmp_path / "case", key=key, parts=3, as_of=DAY)
    assert again.manifest.sha256 == case.manifest.sha256
    assert random_secret(3).hex() not in str(spark.sparkContext.getConf().getAll())


@pytest.mark.long
def test_after_a_killed_driver_the_same_call_goes_on(
    spark: Any, seized: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(tmp_path)], cwd=Path(__file__).parents[2], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert [*tmp_path.glob("case-parts/part-0001-*/manifest.json")]
    assert not (tmp_path / "case").exists()
    case = doors.scan(spark, seized, tmp_path / "case", key=tmp_path / "key", parts=3, as_of=DAY)
    whole = piiscan.scan(seized, case=tmp_path / "whole", key=tmp_path / "key", as_of=DAY)
    assert content(case.path) == content(whole.path)


@pytest.mark.long
def test_a_source_that_hangs_is_left_out(
    spark: Any, seized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_scan, "PartJob", HangingJob)
    options = {"key": tmp_path / "key", "parts": 2, "as_of": DAY, "patience": 15}
    case = doors.scan(spark, seized, tmp_path / "case", **options)
    (unread,) = case.tables()["unread"]
    assert unread["reason"] == "QUARANTINED"
    left = [each for each in case.manifest.content["sources"] if each["state"] == "unread"]
    assert [Path(each["path"]).name for each in left] == ["t03.csv"]
    assert left[0]["sha256"] == sha256((seized / "t03.csv").read_bytes()).hexdigest()
    assert case.manifest.content["counters"]["rows"] == 50_029


def test_an_error_of_a_part_is_the_driver_s(spark: Any, seized: Path, tmp_path: Path) -> None:
    options = {"key": tmp_path / "key", "parts": 1, "as_of": DAY}
    with pytest.raises(PiiscanError, match=r"^nothing is neither a kind of file nor a pattern"):
        doors.scan(spark, seized, tmp_path / "case", only=["nothing"], **options)


def test_a_job_has_no_key(tmp_path: Path) -> None:
    key = write_key(tmp_path / "key", random_secret(3))
    job = PartJob((str(tmp_path),), str(tmp_path), 2, {"key": str(key)})
    pickled = pickle.dumps(job)
    assert random_secret(3) not in pickled
    assert random_secret(3).hex().encode() not in pickled
