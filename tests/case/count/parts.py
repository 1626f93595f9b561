"""Counts of few rows that are run as those of many: in parts."""

import pytest

from piiscan.case.count import parted_database, record_count
from piiscan.hashing import digest_rows


def use_parts(patch: pytest.MonkeyPatch, *, bytes_of_row: int = 1 << 27) -> None:
    """Run large statements in parts; the memory has room for rows of so many bytes."""
    patch.setattr(parted_database, "_ROW", bytes_of_row)
    patch.setattr(digest_rows, "ROW_BYTES", bytes_of_row)
    patch.setattr(record_count, "MOST_SMALL", -1)
    patch.setattr("piiscan.case.count.count.MOST_SMALL", -1)
