"""Processor time of scanning texts made to be slow: it must grow as the text, and no faster."""

from __future__ import annotations

import datetime
import math
import time
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.scan.block.records import CountedKinds
from piiscan.case.scan.block_scanner import ScanContext, scan_block
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.sources.block import Trouble
from piiscan.tabular.column_overrides import ColumnOverrides
from piiscan.tabular.search import TableSearch
from piiscan.tabular.typed_table import open_source, type_table
from tests.sources.shapes import SHAPES, encoded

ENGINE = Engine(load(), as_of=datetime.date(2026, 1, 1))
CONTEXT = ScanContext(
    TableSearch(ENGINE, 0.5, True, False), b"k" * 32, CountedKinds.of(ENGINE.catalog)
)
#: Sizes as powers of two; between the last two the time grows by an exponent of at most ``MOST``.
POWERS = (10, 14, 18, 20, 22)
MOST = 1.1
#: Seconds below which a clock says nothing.
LEAST = 0.2


def scan_text(path: Path) -> None:
    """Read ``path`` and scan its blocks, as a scan does without writing."""
    for table in open_source(path, ENGINE.catalog):
        if isinstance(table, Trouble):
            continue
        tables = (table, *table.siblings)
        layouts = [
            type_table(1, part, each, ENGINE, ColumnOverrides()).layout
            for part, each in enumerate(tables)
        ]
        for block in table.blocks():
            if not isinstance(block, Trouble):
                scan_block(block, layouts[block.table], CONTEXT)


@pytest.mark.parametrize("shape", SHAPES)
def test_shape(shape: str, benchmark: Any, tmp_path: Path) -> None:
    path, seconds = tmp_path / "a.txt", {}
    for power in POWERS:
        path.write_bytes(encoded(shape, 1 << power))
        scan_text(path)
        before = time.process_time()
        scan_text(path)
        seconds[power] = time.process_time() - before
    benchmark.group = "shapes"
    benchmark.pedantic(lambda: scan_text(path), rounds=1)
    low, high = (max(seconds[power], LEAST) for power in POWERS[-2:])
    exponent = math.log2(high / low) / (POWERS[-1] - POWERS[-2])
    benchmark.extra_info.update(shape=shape, exponent=exponent, seconds=seconds)
    assert exponent <= MOST, seconds
