"""Files scanned by Spark: the case of one scan, whatever ends a worker, and no key on its way."""

import dataclasses
import os
import pickle
import signal
from pathlib import Path
from typing import Any

import pytest

import piiscan
from piiscan import spark as doors
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

    def run(self, number: int) -> str:
        """Kill the worker behind the first file of part 1; else scan the part."""
        killed = Path(self.home, "killed")
        if number == 1 and not killed.exists():
            killed.touch()
            again = dataclasses.replace(self, options={**self.options, "progress": _kill})
            PartJob(again.paths, again.home, again.of, again.options).run(number)
        return PartJob(self.paths, self.home, self.of, self.options).run(number)


def _kill(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


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


def test_a_job_has_no_key(tmp_path: Path) -> None:
    key = write_key(tmp_path / "key", random_secret(3))
    job = PartJob((str(tmp_path),), str(tmp_path), 2, {"key": str(key)})
    pickled = pickle.dumps(job)
    assert random_secret(3) not in pickled
    assert random_secret(3).hex().encode() not in pickled
