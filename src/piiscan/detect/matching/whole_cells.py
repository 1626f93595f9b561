"""Whole-cell matching: candidates that span a whole cell, such as names and addresses.

Only recognizers that the column label names run here. Grammar:

    cell := padding* value padding*    padding := blank | tab | quote | "="

    cell "张三" under 姓名 -> 张三
"""

from __future__ import annotations

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.bundles import empty_rows, take_rows
from piiscan.detect.matching import match_kernels
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.matcher import Candidates


def scan_cells(
    folded: UInt8, begin: Int64, end: Int64, automaton: Automaton, enabled: Bool
) -> Candidates:
    """Return the candidates of the ``enabled`` recognizers that match a whole cell.

    Blanks and quotes around the cell are not part of the span. ``begin``, ``end``: span of each
    cell in ``folded``.
    """
    capacity = len(begin) * max(1, int(enabled.sum()))
    found = empty_rows(Candidates, capacity)
    found.leading_digits[:] = 0
    count = match_kernels.scan_cells(folded, begin, end, automaton, enabled, found)
    return take_rows(found, slice(count))
