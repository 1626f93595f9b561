"""Limits on the size of a source: a reader stops at them and reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits on the unpacked size of one source. Beyond a limit, a reader yields a Trouble.

    Sizes are bytes after decompression.  ``ratio`` is tested on a member once it has yielded
    ``ratio_from`` bytes, so that a small, very repetitive table is not taken for a zip bomb.
    """

    depth: int = 5  # archives inside archives
    members: int = 200_000  # of one archive
    member: int = 16 << 30  # one member
    total: int = 64 << 30  # all members of one source
    ratio: int = 250  # unpacked bytes for each packed byte
    ratio_from: int = 64 * _MB
    total_ratio_from: int = 1024 * _MB  # the same for all members of one source together
    in_memory: int = 512 * _MB  # one nested archive or workbook, which is read in memory
    member_in_memory: int = 32 * _MB  # a larger member is kept in a temporary file
    sheet: int = 1024 * _MB  # one workbook's sheets, unpacked
    cells: int = 20_000_000  # of one sheet's used rectangle, blank cells included
    json: int = 256 * _MB  # one JSON document (not JSON lines)


#: Default limits.
STANDARD_BUDGET: Final = Budget()


@dataclass(slots=True)
class BudgetUsage:
    """Used part of a source's budget, shared by all archives inside the source.

    ``packed``: bytes of the source itself, 0 if unknown.
    """

    budget: Budget
    total: int = 0
    depth: int = 0
    packed: int = 0

    def exceeded(self) -> str | None:
        """Return the reason if the members of the source are too many bytes, else None."""
        if self.total > self.budget.total:
            return "ZIP_TOTAL"
        too_dense = self.packed and self.total > self.budget.ratio * self.packed
        return "ZIP_RATIO" if too_dense and self.total > self.budget.total_ratio_from else None
