"""Speed of each check on 100,000 values, the examples of the recognizers that use it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from piiscan.detect.catalog import catalog
from piiscan.detect.compiled_catalog import compile_catalog

CATALOG = catalog.load()
CHECKED = sorted(
    {
        r.check: r.id
        for r, arithmetic in zip(
            CATALOG.recognizers, compile_catalog(CATALOG).validation.checks, strict=True
        )
        if r.check and arithmetic.check
    }.items()
)
ROWS = 100_000


@pytest.mark.parametrize(("check", "recognizer"), CHECKED)
def test_check(check: str, recognizer: str, measure: Any, one_core: None) -> None:
    known = CATALOG.by_id[recognizer]
    place = [r.id for r in CATALOG.recognizers].index(recognizer)
    arithmetic = compile_catalog(CATALOG).validation.checks[place]
    values = [example.value for example in known.examples if example.value]
    values = [value.encode() for value in values if value.isascii()]
    length = np.array([len(value) for value in values], np.int32)
    chars = np.zeros((len(values), int(length.max())), np.uint8)
    for row, value in enumerate(values):
        chars[row, : len(value)] = np.frombuffer(value, np.uint8)
    times = -(-ROWS // len(values))
    many, lengths = np.tile(chars, (times, 1)), np.tile(length, times)
    judged = measure(
        lambda: arithmetic.check(many, lengths, as_of=20260101),
        corpus="checks", way=check, rows=len(many),
    )  # fmt: skip
    few = arithmetic.check(chars, length, as_of=20260101)
    assert (judged.verdict == np.tile(few.verdict, times)).all()
    assert int((judged.verdict > 0).sum()) == times * int((few.verdict > 0).sum())
