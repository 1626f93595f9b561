"""How far a reader goes before it stops and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits on what one source may unfold to; beyond them a Trouble is reported, nothing breaks.

    Sizes are bytes after decompression.  ``ratio`` is tested on a member once it has given
    ``ratio_from`` bytes, so that small, very repetitive tables are not taken for bombs.
    """

    depth: int = 5  # archives inside archives
    members: int = 200_000  # of one archive
    member: int = 16 << 30  # one member
    total: int = 64 << 30  # all members of one source
    ratio: int = 250  # unpacked bytes for each packed byte
    ratio_from: int = 64 * _MB
    held: int = 512 * _MB  # what must be held in memory: nested archives, workbooks
    sheet: int = 1024 * _MB  # one workbook's sheets, unpacked
    cells: int = 20_000_000  # of one sheet's used rectangle, blank ones included
    json: int = 256 * _MB  # a JSON document that is not line by line


#: The limits unless others are given.
STANDARD: Final = Budget()
