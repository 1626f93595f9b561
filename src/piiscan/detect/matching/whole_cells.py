"""Whole-cell matching: candidates that span a whole cell, such as names and addresses.

Only recognizers that the column label names run here. Grammar:

    cell := padding* value padding*    padding := blank | tab | quote | "="

    cell "张三" under 姓名 -> 张三
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.bundles import empty_rows, take_rows
from piiscan.detect.matching.alphabet import SKIP
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import inner, kernel

#: Longest cell, in code points. Each cell is read once, so the cost is linear in its length.
MAX_CELL_LENGTH: Final = 1 << 16


@kernel
def _scan_cells(
    folded: UInt8,
    begin: Int64,
    end: Int64,
    automaton: Automaton,
    enabled: Bool,
    out: Candidates,
) -> int:  # pragma: no cover - compiled
    """Write a candidate for each cell that an enabled recognizer matches whole; count them.

    Cells longer than MAX_CELL_LENGTH have none.
    """
    table, accepts = automaton.table, automaton.accepts
    count = 0
    for cell in range(len(begin)):
        at = begin[cell]
        last = end[cell]
        while at < last and _is_cell_padding(folded[at]):
            at += 1
        while at < last and _is_cell_padding(folded[last - 1]):
            last -= 1
        if at == last or last - at > MAX_CELL_LENGTH:
            continue
        state = np.uint16(1)
        for position in range(at, last):
            if folded[position] != SKIP:
                state = table[(np.uint32(state) << np.uint32(8)) | folded[position]]
        for index in range(automaton.accept_from[state], automaton.accept_from[state + 1]):
            if enabled[accepts[index]]:
                out.recognizer[count] = accepts[index]
                out.start[count] = at
                out.end[count] = last
                count += 1
    return count


@inner
def _is_cell_padding(byte: int) -> bool:  # pragma: no cover - compiled
    """Return True for a blank, tab, quote or ``=``, which spreadsheets put around a cell."""
    return byte == 32 or byte == 9 or byte == 34 or byte == 39 or byte == 61


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
    count = _scan_cells(folded, begin, end, automaton, enabled, found)
    return take_rows(found, slice(count))
