"""Candidates that are whole cells: names, addresses and the like under a label of their own."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8, UInt16
from piiscan.detect.matching.alphabet import SKIP
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.matcher import Candidates
from piiscan.jit import inner, kernel

#: A cell is walked once, so that even the login data of an account cost no more than their length.
LONGEST_CELL: Final = 1 << 16


@kernel
def _scan_cells(
    folded: UInt8,
    starts: Int64,
    table: UInt16,
    accept_from: Int32,
    accepts: Int16,
    wanted: Bool,
    recognizer: Int16,
    start: Int64,
    end: Int64,
) -> int:  # pragma: no cover - compiled
    count = 0
    for cell in range(len(starts) - 1):
        at = starts[cell]
        last = starts[cell + 1] - 1
        while at < last and _wraps(folded[at]):
            at += 1
        while at < last and _wraps(folded[last - 1]):
            last -= 1
        if at == last or last - at > LONGEST_CELL:
            continue
        state = np.uint16(1)
        for place in range(at, last):
            if folded[place] != SKIP:
                state = table[(np.uint32(state) << np.uint32(8)) | folded[place]]
        for index in range(accept_from[state], accept_from[state + 1]):
            if wanted[accepts[index]]:
                recognizer[count] = accepts[index]
                start[count] = at
                end[count] = last
                count += 1
    return count


@inner
def _wraps(byte: int) -> bool:  # pragma: no cover - compiled
    """Blanks and the quotes that spreadsheets put around a cell."""
    return byte == 32 or byte == 9 or byte == 34 or byte == 39 or byte == 61


def scan_cells(folded: UInt8, starts: Int64, automaton: Automaton, wanted: Bool) -> Candidates:
    """The ``wanted`` recognizers that match a whole cell, blanks and quotes around it aside.

    ``starts``: where each cell begins in ``folded``, and its length at the end.
    """
    room = (len(starts) - 1) * max(1, int(wanted.sum()))
    found = Candidates.empty(room)
    found.lead[:] = 0
    count = _scan_cells(
        folded,
        starts,
        automaton.table,
        automaton.accept_from,
        automaton.accepts,
        wanted,
        found.recognizer,
        found.start,
        found.end,
    )
    return found.take(slice(count))
