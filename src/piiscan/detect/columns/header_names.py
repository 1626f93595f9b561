"""Header names: count the known column names among cells, to find header rows."""

from __future__ import annotations

from collections.abc import Sequence

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import is_column_name
from piiscan.detect.columns.message_columns import message_columns


def count_header_names(catalog: Catalog, cells: Sequence[str]) -> int:
    """Return the number of ``cells`` that are known column names."""
    messages = {at for columns in message_columns(cells).values() for at in columns}
    return sum(
        len(cell) <= 40 and (at in messages or is_column_name(catalog, cell))
        for at, cell in enumerate(cells)
    )
