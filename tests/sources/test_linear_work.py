"""Reading costs work in proportion to the text: calls and bytes are counted, no clock is read."""

import math
import sys
from pathlib import Path
from typing import Any

import pytest

from piiscan.detect.catalog.catalog import load
from piiscan.sources.block import Trouble
from piiscan.tabular.typed_table import open_source
from tests.sources.shapes import SHAPES, encoded

#: Largest exponent of work by size.
MOST = 1.1
#: Calls below which their number says nothing: one piece of text more or less.
LEAST = 5_000


def work(path: Path) -> tuple[int, int]:
    """Return (calls of functions, bytes of all cells) of reading the blocks of ``path``.

    Opening is left out: it reads windows of a fixed size.
    """
    calls = built = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    catalog = load()
    for table in open_source(path, catalog):
        if isinstance(table, Trouble):
            continue
        sys.setprofile(count)
        try:
            blocks = list(table.blocks())
        finally:
            sys.setprofile(None)
        built += sum(
            column.nbytes
            for block in blocks
            if not isinstance(block, Trouble)
            for column in block.columns
        )
    return calls, built


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_as_the_text(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(encoded(shape, 1 << 20))
    work(path)  # what is done once: imports, compiled kernels
    costs = []
    for power in (10, 19, 20):
        path.write_bytes(encoded(shape, 1 << power))
        calls, built = work(path)
        costs.append(calls)
        assert built <= 24 * path.stat().st_size + 4096, power
    low, high = (max(calls, LEAST) for calls in costs[1:])
    assert math.log2(high / low) <= MOST, costs
