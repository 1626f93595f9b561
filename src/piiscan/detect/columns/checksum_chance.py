"""Chance passes: recognizers whose shape a column has, while most cells fail their check.

One code in ten passes a single check digit of Taiwan or Luhn, one in eleven that of Hong Kong or
MOD 11-2.  In a column of order numbers those passes are no findings.  The many failures,
each filling its cell, show that the column is of another kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from piiscan.detect.engine import Engine

#: Least share of cells with the shape of a kind.
_SHAPE_SHARE: Final = 0.5
#: Largest share that can pass by chance; in a column of the kind nearly all pass.
_CHANCE_SHARE: Final = 0.25
#: Fewest failures, because a few are too small a sample.
_MIN_FAILED: Final = 8
#: Letters and digits of the shortest code.
_MIN_CODE: Final = 6
_SIGN: Final = re.compile("[^\\W\u3400-\u9fff]")
#: Reason codes of values whose check digit alone is wrong.
_CHECK_DIGIT_REASONS: Final = frozenset({"CHECK_FAIL", "LUHN_FAIL"})


def find_chance_passes(engine: Engine, cells: Sequence[str]) -> tuple[str, ...]:
    """Return the recognizers whose shape most ``cells`` have, but whose check few pass.

    Empty if there are fewer than 8 failures.
    """
    codes = sum(len(_SIGN.findall(cell)) >= _MIN_CODE for cell in cells)
    if len(cells) < _MIN_FAILED or codes < _SHAPE_SHARE * len(cells):
        return ()
    array = pa.array(cells, pa.large_string())
    found = engine.find_table(array, min_score=0.0, names=False, rejected=True)
    passed: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    names = ("index", "start", "end", "recognizer", "verdict", "reason")
    for index, start, end, recognizer, verdict, reason in zip(
        *(found[name].to_pylist() for name in names), strict=True
    ):
        if end - start < len(cells[index].strip(" \t\"'=")):
            continue
        passed[recognizer] += verdict == "verified"
        failed[recognizer] += verdict == "refuted" and reason in _CHECK_DIGIT_REASONS
    return tuple(
        sorted(
            recognizer
            for recognizer, wrong in failed.items()
            if wrong >= _MIN_FAILED
            and wrong + passed[recognizer] >= _SHAPE_SHARE * len(cells)
            and passed[recognizer] <= _CHANCE_SHARE * (wrong + passed[recognizer])
        )
    )
