"""Part table: the parts of addresses as flat arrays, and the state of the scan (kernels)."""

from __future__ import annotations

from typing import Any, Final

from piiscan.detect.address.part_kinds import ESTATE, OTHER, REMARK, ROAD
from piiscan.jit import inner, kernel

# Rows of the part table: kind, start and end in the folded text, word number in the gazetteer and
# the place chosen for it (-1 for none).
Q_KIND: Final = 0
Q_START: Final = 1
Q_END: Final = 2
Q_GROUP: Final = 3
Q_PLACE: Final = 4
PART_ROWS: Final = 5
#: Value of Q_GROUP for a name that ends in a word such as 小区 or 公司.
TYPED_BY_WORD: Final = -2


# Scan state: state[0] number of parts, [1] kind of the last part, [2] first part of this address,
# [3] 1 if the last name is an estate by its word, [4] 1 after a road, [5] end of the text,
# [6] level of the last place, [7] province, [8] city, [9] district of today, [10] 1 after a part
# below the town level, [11] city of today (codes, 0 if unknown).
STATE_SIZE: Final = 12 + 2 * 16  # from 12 on: (size, word) of the names found at one character


@kernel
def add_part(
    parts: Any, state: Any, kind: int, start: int, end: int
) -> None:  # pragma: no cover - compiled
    """Append a part ``[start, end)`` of ``kind`` to ``parts`` and update ``state``."""
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
def retype_last(parts: Any, state: Any, kind: int) -> None:  # pragma: no cover - compiled
    """Change the kind of the last part in ``parts`` and ``state`` to ``kind``."""
    parts[Q_KIND, state[0] - 1] = kind
    state[1] = kind
