"""Table layout: the properties that all blocks of one table share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from piiscan.detect.catalog.headers import Label

#: Headers of times: 开户日期.
TIME_HEADER: Final = re.compile("(?:日期|时间|date|time)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HolderTrait:
    """Column that describes the holder of the identity number in its row.

    ``kind`` is sex, birth, age or province.  ``list_age``: years since the ages of the list were
    right, None if unknown.
    """

    kind: str
    list_age: int | None = None


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """Layout of one column: label, table number, header, trait, role.

    ``group``: number of its table among tables side by side.  ``header``: masked header.
    ``prefix_columns``: columns whose cells are put before its own
    (:mod:`piiscan.detect.columns.split_fields`); ``joined_header``: masked headers of all of them.
    ``is_bookkeeping``: True if copies of a row may differ in it: row numbers, remarks.
    ``transaction``: its transaction field, such as ``price``.  ``fen_per_unit``: fen in the unit of
    its prices, None for a foreign currency.  ``trait``: the holder trait, if any.  ``role``: person
    of the row with its values; ``is_side`` if the row has a subject beside that person.
    """

    label: Label | None = None
    group: int = 0
    header: str | None = None
    prefix_columns: tuple[int, ...] = ()
    joined_header: str | None = None
    is_bookkeeping: bool = False
    transaction: str | None = None
    fen_per_unit: int | None = 100
    trait: HolderTrait | None = None
    role: str | None = None
    is_side: bool = False

    @property
    def is_time(self) -> bool:
        """Return True if its cells are times, so that digits alone (20230102) are one."""
        of_label = self.label is not None and self.label.other in ("time", "birth")
        return of_label or TIME_HEADER.search(self.header or "") is not None


@dataclass(frozen=True, slots=True)
class TableLayout:
    """Layout of a table: columns, message columns, label of its lines.

    ``part`` is the table's number in the source, from 0.  ``message_columns``: message field ->
    column numbers, empty if the rows are no messages.  ``line_label``: label of the lines of
    a text, from all of them.  ``chat_title``: other side of a chat, and True for one of two, by the
    name of the file or sheet.
    """

    source: int
    part: int
    member: str
    columns: tuple[ColumnLayout, ...]
    message_columns: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    line_label: Label | None = None
    chat_title: tuple[str, bool] | None = None

    def column(self, number: int) -> ColumnLayout:
        """Return the layout of column ``number``; that of a text line beyond the last column."""
        if number < len(self.columns):
            return self.columns[number]
        return ColumnLayout(self.line_label, self.columns[-1].group if self.columns else 0)
