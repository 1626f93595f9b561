"""Spark on a cluster of two workers here: piiscan's tables beside stock Presidio's recipe.

``python -m benchmarks.spark_cluster ROWS [STOCK_ROWS]``, in an environment with the extra
``spark``. Four columns: those of sale-7967, and a pasted line of waybill. Prints wall and CPU
seconds (of driver, executors and Python workers).
"""

from __future__ import annotations

import dataclasses
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pyspark
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

import piiscan.spark
from benchmarks.baselines import stock_analyzer
from piiscan.spark.batch_jobs import DetectJob
from piiscan.synth.corpus import make

COLUMNS = ("姓名", "身份证号", "手机号", "备注")


def write_table(rows: int, folder: Path) -> Path:
    """Write the table to a Parquet file with row groups of 25,000 rows; return its path."""
    make("sale-7967", rows=rows, seed=1, out=folder)
    make("waybill", rows=2 * rows, seed=1, out=folder)
    as_text = pa.csv.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
    table = pa.csv.read_csv(next(folder.glob("sale-7967/*.csv")), convert_options=as_text)[:rows]
    lines = next(folder.glob("waybill/收件信息.txt")).read_text("utf-8").splitlines()[:rows]
    table = table.append_column("备注", pa.array(lines, pa.string()))
    table = table.add_column(0, "id", pa.array(range(rows), pa.int64()))
    path = folder / "table.parquet"
    pq.write_table(table, path, row_group_size=25_000)
    return path


def session(folder: Path) -> SparkSession:
    """Return a session with two executors of one core; nothing is written outside ``folder``."""
    os.environ |= {
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        "OPENBLAS_NUM_THREADS": "1",
    }
    return (
        SparkSession.builder.master("local-cluster[2,1,2048]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.files.maxPartitionBytes", "4m")
        .getOrCreate()
    )


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and its descendants so far."""
    times: dict[int, tuple[int, float]] = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks = sum(map(int, fields[11:15]))
        times[int(each.parent.name)] = (int(fields[1]), ticks / os.sysconf("SC_CLK_TCK"))
    family = {os.getpid()}
    while grown := {pid for pid, (parent, _) in times.items() if parent in family} - family:
        family |= grown
    return sum(seconds for pid, (_, seconds) in times.items() if pid in family)


def measured(name: str, rows: int, work: Callable[[], Any]) -> Any:
    """Run ``work``, print its wall and CPU seconds, and return its result."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    result = work()
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    print(
        f"{name:34} {rows:9,} rows {wall:8.1f} s wall {cpu:8.1f} s CPU {rows / wall:9,.0f} rows/s"
    )
    return result


def worker_starts(df: DataFrame, job: DetectJob) -> list[tuple[float, float]]:
    """Return the wall and CPU seconds of Python workers from the job to its first findings."""
    pickled = pickle.dumps(job)

    def start(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        began, cpu = time.perf_counter(), time.process_time()
        first = next(pickle.loads(pickled).run(batches))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        for _ in batches:  # a worker is used again only if it has read its input
            pass
        yield pa.record_batch({"wall": [seconds if len(first) else -1.0], "cpu": [cpu]})

    parts = df.limit(200).repartition(2)
    return [tuple(row) for row in parts.mapInArrow(start, "wall double, cpu double").collect()]


def stock_count(spark: SparkSession, df: DataFrame) -> int:
    """Return the number of results of stock Presidio, by its recipe for Spark."""
    analyzer = spark.sparkContext.broadcast(stock_analyzer("char"))

    def count(cells: Any) -> Any:
        return cells.apply(lambda cell: len(analyzer.value.analyze(text=cell or "", language="zh")))

    count.__annotations__ = {"cells": pd.Series, "return": pd.Series}
    counted = sf.pandas_udf(count, "int")
    total = sum((sf.sum(counted(name)) for name in COLUMNS[1:]), sf.sum(counted(COLUMNS[0])))
    return int(df.select(total).first()[0])


def sorted_rows(found: pa.Table) -> list[tuple[Any, ...]]:
    """Return the findings of a table as sorted tuples."""
    names = ("id", "column", "start", "end", "entity", "recognizer", "verdict", "score")
    columns = [found[name].to_pylist() for name in (*names, "context", "reason", "role")]
    return sorted(zip(*columns, strict=True), key=str)


def main(rows: int, stock_rows: int) -> None:
    """Measure detect, mask and stock Presidio on one table."""
    with tempfile.TemporaryDirectory() as name:
        path = write_table(rows, Path(name))
        spark = session(Path(name))
        df = spark.read.parquet(str(path))
        plan = measured("plan", 900, lambda: piiscan.spark.plan(df, COLUMNS))
        job = DetectJob(plan, ("id", *COLUMNS), ("id",))
        for turn in ("new worker", "used worker"):
            starts = worker_starts(df.select("id", *COLUMNS), job)
            seconds = ", ".join(f"{wall:.2f} s ({cpu:.2f} s CPU)" for wall, cpu in starts)
            print(f"{turn}: first findings after {seconds}")
        found_path, places = str(Path(name) / "found"), ["id", "column", "start", "end"]
        found = piiscan.spark.detect(df, keep=["id"], plan=plan)
        measured("detect, written as Parquet", rows, lambda: found.write.parquet(found_path))
        found = spark.read.parquet(found_path)
        kinds = found.groupBy("entity").count().orderBy("entity").collect()
        print(", ".join(f"{kind} {count:,}" for kind, count in kinds))
        print(f"findings {found.count():,}, at distinct places", end=" ")
        print(f"{found.select(places).distinct().count():,}")
        if rows <= 100_000:
            engine = piiscan.find_frame(pq.read_table(path).select(COLUMNS), as_of=plan.as_of)
            engine = engine.rename_columns({"row": "id"})
            same = sorted_rows(found.toArrow()) == sorted_rows(engine)
            print("the same findings as find_frame's:", same)
        numbers = dataclasses.replace(plan, names=False)
        counted = piiscan.spark.detect(df, keep=["id"], plan=numbers).groupBy("entity").count()
        measured("detect without names, counted", rows, counted.collect)
        masked = piiscan.spark.mask(df, plan=plan)
        measured("mask", rows, masked.write.format("noop").mode("overwrite").save)
        part = df.where(sf.col("id") < stock_rows)
        stock = measured("stock Presidio, 4 patterns", stock_rows, lambda: stock_count(spark, part))
        print(f"results of stock Presidio: {stock:,}")
        spark.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else int(sys.argv[1]))
