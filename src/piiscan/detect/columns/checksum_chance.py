"""Which kinds of a column pass their checks by chance: codes of the same shape, most of them wrong.

A check of one digit lets one code in ten or eleven pass (HK 1 in 11, Taiwan and Luhn 1 in 10, MOD
11-2 1 in 11).  In a column of order or part numbers those that pass are no findings of worth: the
many that fail, each as it stands in its cell, tell what the column is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from piiscan.detect.engine import Engine

#: Share of cells that must have the shape of a kind.
_MOST: Final = 0.5
#: Up to this share of them can pass by chance; a column of the kind itself has nearly all.
_LUCKY: Final = 0.25
#: So many must fail: a few wrong ones are a sample too small to judge by.
_LEAST: Final = 8
#: So many letters and digits has the shortest of them.
_CODE: Final = 6
_SIGN: Final = re.compile("[^\\W\u3400-\u9fff]")
#: Reasons of a check that fails by its last digit only, all else being right.
_BY_A_DIGIT: Final = frozenset({"CHECK_FAIL", "LUHN_FAIL"})


def by_chance(engine: Engine, cells: Sequence[str]) -> tuple[str, ...]:
    """The recognizers that most of ``cells`` look like, few enough of which pass the check."""
    codes = sum(len(_SIGN.findall(cell)) >= _CODE for cell in cells)
    if len(cells) < _LEAST or codes < _MOST * len(cells):
        return ()
    array = pa.array(cells, pa.large_string())
    found = engine.find_table(array, min_score=0.0, names=False, rejected=True)
    passed: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    names = ("index", "start", "end", "recognizer", "verdict", "reason")
    for index, start, end, which, verdict, reason in zip(
        *(found[name].to_pylist() for name in names), strict=True
    ):
        if end - start < len(cells[index].strip(" \t\"'=")):
            continue
        passed[which] += verdict == "verified"
        failed[which] += verdict == "refuted" and reason in _BY_A_DIGIT
    return tuple(
        sorted(
            which
            for which, wrong in failed.items()
            if wrong >= _LEAST
            and wrong + passed[which] >= _MOST * len(cells)
            and passed[which] <= _LUCKY * (wrong + passed[which])
        )
    )
