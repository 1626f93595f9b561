"""Priority of a candidate among overlapping ones: parts packed into one number, and unpacked."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Int64

#: Parts of a priority from the weightiest down, with the number of values of each.
#:
#: ``label``: 3 under the column label, 2 for an identity number that passes its checks, 1 if it
#: fails its check under its own column (it loses only to an identity number, because the checks of
#: other kinds often pass by chance), else 0.  ``reported``: score of 0.5 or more.
PRIORITY_PARTS: Final = (
    ("label", 4),
    ("reported", 2),
    ("unrefuted", 2),
    ("verified", 2),
    ("verified_length", 4096),
    ("outranks", 1024),
    ("length", 4096),
)


def _place_values() -> Int64:
    """Return the factor of each part: the product of the numbers of values of all lighter ones."""
    sizes = [size for _, size in PRIORITY_PARTS[1:]]
    return np.array([*np.cumprod(sizes[::-1])[::-1].tolist(), 1], np.int64)


#: Factor of each part, as kernels pack them: ``priority = label * PLACE_VALUES[0] + ...``.
PLACE_VALUES: Final = _place_values()


def deciding_part(winner: int, loser: int) -> str:
    """Return the name of the first part in which two priorities differ; ``earlier`` if none does.

    >>> deciding_part(1 << 34, 0), deciding_part(7, 3), deciding_part(7, 7)
    ('verified', 'length', 'earlier')
    """
    for (name, _), factor in zip(PRIORITY_PARTS, PLACE_VALUES.tolist(), strict=True):
        if winner // factor != loser // factor:
            return name
    return "earlier"
