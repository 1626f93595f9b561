"""``python -m piiscan.spark``: compile the kernels of Spark jobs, to be packed or in an image."""

from __future__ import annotations

import csv
import datetime
import tempfile
from pathlib import Path

import pyarrow as pa

from piiscan.spark import plan
from piiscan.spark.batch_jobs import DetectJob, MaskJob, mask_texts
from piiscan.synth.corpus import make

_ROWS = 500


def compile_kernels() -> None:
    """Run every job on made tables, so that numba compiles the kernels and caches them."""
    for table in _made_tables():
        columns = tuple(table.column_names)
        made = plan(table, columns, as_of=datetime.date(2025, 1, 1))
        for _ in DetectJob(made, columns, columns[:1]).run(table.to_batches()):
            pass
        for _ in MaskJob(made, columns).run(table.to_batches()):
            pass
        mask_texts(made, table[columns[-1]].combine_chunks())


def _made_tables() -> list[pa.Table]:
    """Return a list of people, lines that are pasted, and orders with split addresses."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make("sale-7967", rows=_ROWS, out=folder)
        make("waybill", rows=_ROWS, out=folder)
        rows = [
            list(csv.reader(path.read_text("utf-8-sig").splitlines()))
            for path in folder.glob("sale-7967/*.csv")
        ]
        lines = [path.read_text("utf-8").splitlines() for path in folder.glob("waybill/*.txt")]
    address = {
        "订单号": ["20230712000001"] * 9,
        "省": ["湖南省"] * 9,
        "市": ["长沙市"] * 9,
        "详细地址": ["人民路1号"] * 9,
    }
    lists = [
        pa.table([list(each) for each in zip(*cells, strict=True)], header)
        for header, *cells in rows
    ]
    return [*lists, *(pa.table({"备注": each}) for each in lines), pa.table(address)]


if __name__ == "__main__":
    compile_kernels()
