"""The parts of addresses as flat arrays, and what reading one keeps in mind (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.part_kinds import ESTATE, OTHER, REMARK, ROAD
from piiscan.jit import inner, kernel

# Rows of the table of parts: kind, first and last character, the word of the gazetteer and the
# place it was taken for (-1 for none).
Q_KIND: Final = 0
Q_START: Final = 1
Q_END: Final = 2
Q_GROUP: Final = 3
Q_PLACE: Final = 4
PART_ROWS: Final = 5
#: In the place of a word of the gazetteer: a word says that the name is an estate, a firm.
SAID: Final = -2


# What reading an address keeps: state[0] parts put, [1] kind of the last one, [2] first part of
# this address, [3] whether a word said that the last name is an estate, [4] a road was read,
# [5] the end of the text, [6] level of the last place, [7] province, [8] city, [9] district,
# [10] whether anything below the town was read.
STATE_SIZE: Final = 12 + 2 * 16  # and behind them the names found at one place


@kernel
def put(
    parts: Any, state: Any, kind: int, start: int, end: int
) -> None:  # pragma: no cover - compiled
    """One more part."""
    number = state[0]
    parts[Q_KIND, number] = kind
    parts[Q_START, number] = start
    parts[Q_END, number] = end
    parts[Q_GROUP, number] = -1
    parts[Q_PLACE, number] = -1
    state[0] = number + 1
    if kind != REMARK and kind != OTHER:
        state[1] = kind
    if kind == ROAD:
        state[4] = 1
    if kind >= 6 and kind != OTHER:
        state[10] = 1
    if kind != ESTATE:
        state[3] = 0


@inner
def retype(parts: Any, state: Any, kind: int) -> None:  # pragma: no cover - compiled
    """The last part is of another kind than it seemed."""
    parts[Q_KIND, state[0] - 1] = kind
    state[1] = kind
