"""Spark on a cluster of two workers here: a case of files and of a table beside the local scan.

``python -m benchmarks.spark_case FILES ROWS``, in an environment with the extra ``spark``. One
worker is killed at work. Prints wall and CPU seconds, and the tables that differ.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from pyspark.sql import functions as sf

import piiscan
import piiscan.spark
from benchmarks.spark_cluster import measured, session

HEADERS = "姓名,手机号,地址"


def lines(count: int, seed: int) -> Iterator[str]:
    """Yield rows of a table."""
    rng = random.Random(seed)
    for _ in range(count):
        name = f"张{chr(0x4E00 + rng.randrange(2000))}{chr(0x4E00 + rng.randrange(2000))}"
        phone = f"1{rng.choice('3589')}{rng.randrange(10**9):09}"
        yield f"{name},{phone},长沙市麓山南路{rng.randrange(900)}号\n"


def kill_worker(after: float) -> None:
    """Kill one Python worker of Spark after some seconds."""
    time.sleep(after)
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"pyspark.daemon" in each.read_bytes() and each.parent.joinpath("task").exists():
                parent = int(each.parent.joinpath("stat").read_text().rpartition(")")[2].split()[1])
                if b"pyspark.daemon" in Path(f"/proc/{parent}/cmdline").read_bytes():
                    os.kill(int(each.parent.name), signal.SIGKILL)
                    print("killed a worker")
                    return
        except OSError:
            continue


def main(files: int, rows: int) -> None:
    """Compare cases of Spark with those of this process."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "in").mkdir()
        for number in range(files):
            text = "".join(lines(2, number))
            (home / "in" / f"{number:06}.csv").write_text(f"{HEADERS}\n{text}", "utf-8")
        (home / "table.csv").write_text(f"{HEADERS}\n{''.join(lines(rows, 1))}", "utf-8")
        key = home / "key"
        spark = session(home)
        for what, source, number in (
            ("files", home / "in", files),
            ("table", home / "table.csv", rows),
        ):
            local = measured(
                f"local scan, {what}",
                number,
                lambda what=what, source=source: piiscan.scan(
                    source, case=home / f"local-{what}", key=key, workers=2
                ),
            )
            if what == "files":
                threading.Thread(target=kill_worker, args=(30,), daemon=True).start()
                made = measured(
                    "spark.scan",
                    number,
                    lambda source=source: piiscan.spark.scan(
                        spark, source, home / "case", key=key, parts=8
                    ),
                )
            else:
                table = spark.read.csv(str(source), header=True)
                df = table.withColumn("id", sf.monotonically_increasing_id())
                found = piiscan.spark.detect(df, key=key, row="id", name="table.csv")
                made = measured(
                    "spark.detect with key, spark.case",
                    number,
                    lambda found=found: piiscan.spark.case(
                        {"table.csv": found}, home / "lake", key=key
                    ),
                )
            for each in (local, made):
                piiscan.count(each)
            one, two = local.tables(), made.tables()
            print("tables that differ:", [n for n in one if one[n] != two.get(n)], flush=True)
        spark.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
