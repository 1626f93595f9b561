"""Candidates whose text is one that a recognizer never means: 先生 is no name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from piiscan.arrays import Int64, UInt8, UInt16
from piiscan.arrow_strings import texts_of
from piiscan.detect.checks import REASON, Judgement, Verdict
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Places
from piiscan.jit import kernel

if TYPE_CHECKING:
    from piiscan.detect.compiled_catalog import Plan


def bar(data: UInt8, candidates: Candidates, places: Places, judged: Judgement, plan: Plan) -> None:
    """Refute in ``judged`` what a recognizer's ``never`` names: 先生 is no name (PLACEHOLDER)."""
    for which in plan.with_never:
        rows = np.flatnonzero(candidates.recognizer == which)
        if len(rows):
            barred = plan.catalog.recognizers[which].never
            barred_rows = _is_one_of(data, places, rows, barred)
            judged.verdict[barred_rows] = Verdict.REFUTED
            judged.reason[barred_rows] = REASON["PLACEHOLDER"]


def _is_one_of(
    data: UInt8, places: Places, rows: npt.NDArray[np.intp], barred: tuple[str, ...]
) -> npt.NDArray[np.intp]:
    """Those of ``rows`` whose text, without blanks, is one of ``barred``."""
    known = np.zeros(1 << 16, np.bool_)
    spelt = np.frombuffer("".join(barred).encode(), np.uint8)
    ends = np.cumsum([len(word.encode()) for word in barred], dtype=np.int64)
    known[_sums(spelt, np.concatenate([[0], ends[:-1]]), ends)] = True
    start, end = places.byte_start[rows], places.byte_end[rows]
    rows = rows[known[_sums(data, start, end)]]
    texts = texts_of(data, places.byte_start[rows], places.byte_end[rows])
    stripped = pa.compute.replace_substring_regex(texts, r"[ \t\x{3000}\x{A0}]", "")
    is_barred = pa.compute.is_in(stripped, value_set=pa.array(barred, pa.string()))
    found: npt.NDArray[np.intp] = rows[is_barred.to_numpy(zero_copy_only=False)]
    return found


@kernel
def _sum_up(
    data: UInt8, start: Int64, end: Int64, sums: UInt16
) -> None:  # pragma: no cover - compiled
    for row in range(len(start)):
        total = 0
        for place in range(start[row], end[row]):
            byte = np.int64(data[place])
            blank = byte == 32 or byte == 9
            blank |= byte == 0xC2 or byte == 0xA0 or byte == 0xE3 or byte == 0x80
            total += 0 if blank else int(byte * byte)
        sums[row] = total & 0xFFFF


def _sums(data: UInt8, start: Int64, end: Int64) -> UInt16:
    """A small check sum of each text that blanks do not change; equal texts have equal sums."""
    sums = np.empty(len(start), np.uint16)
    _sum_up(data, start, end, sums)
    return sums
