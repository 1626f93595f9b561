"""Typed tables: the tables of a source, and the layout of each, decided from its sample.

Bookkeeping columns (row numbers, import times, batches, remarks) differ between copies of one row,
so rows are compared without their cells (信息重复); a cell with a finding is compared all the same.
``序号: 1, 2, 3, … -> True``, ``导入时间 -> True``
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog, cached_by_digest
from piiscan.detect.catalog.headers import SYSTEM_NUMBER, line_labels, normalize_header
from piiscan.detect.columns.column_types import ColumnType, infer_column_types
from piiscan.detect.columns.header_names import count_header_names
from piiscan.detect.columns.message_columns import is_own_record, mail_role, message_columns
from piiscan.detect.columns.shared_hosts import with_hosts
from piiscan.detect.columns.split_fields import find_split_fields
from piiscan.detect.columns.transaction_columns import with_transactions
from piiscan.detect.engine import Engine
from piiscan.parsing.party_names import read_chat_title
from piiscan.parsing.prices import fen_per_unit
from piiscan.sources.archives.read_options import READ_ALL, ReadOptions
from piiscan.sources.block import DATA, Block, Table, Trouble
from piiscan.sources.lined.line_kinds import LabelNames, build_label_names
from piiscan.sources.read import open_tables
from piiscan.sources.rows.transposed import TURNED
from piiscan.tabular.column_overrides import (
    ColumnKind,
    ColumnOverrides,
    apply_overrides,
    group_key,
    inferred_kind,
)
from piiscan.tabular.display_names import mask_texts
from piiscan.tabular.holder_traits import find_traits
from piiscan.tabular.layout import TIME_HEADER, ColumnLayout, TableLayout
from piiscan.tabular.table_subjects import side_columns, with_subjects

#: Parts of a phone report about the device and its holder, and the most rows of such a part.
_OWN_TABLE: Final = re.compile(r"[#!/](?:本机|设备)(?:信息|号码|账号|资料)[^/#!]*$")
_MOST_OWN_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class TypedTable:
    """Table with its layout, and the column types from which it was made.

    ``key``: group of tables with the same headers.  ``inferred``: type of each column before the
    overrides; ``applied``: the overrides of that group, ``[column number, recognizer ids, role]``.
    """

    layout: TableLayout
    types: list[ColumnType]
    key: str
    inferred: list[ColumnKind]
    applied: list[list[Any]]


def type_table(
    source: int, part: int, table: Table, engine: Engine, overrides: ColumnOverrides, path: str = ""
) -> TypedTable:
    """Infer the column types of ``table`` from its sample and apply ``overrides``.

    ``path``: of the source; its name or that of the member may be the title of a chat.
    """
    types = column_types(table, engine)
    key = group_key(types)
    inferred = [inferred_kind(column) for column in types]
    types, applied = apply_overrides(types, overrides, key)
    layout = _layout(source, part, table, types, engine)
    names = re.split("[/!#]", f"{path}!{table.member}")
    titles = (read_chat_title(name.rpartition(".")[0] or name) for name in reversed(names))
    layout = replace(layout, chat_title=next(filter(None, titles), None))
    return TypedTable(layout, types, key, inferred, applied)


def open_source(
    path: Path,
    catalog: Catalog,
    *,
    options: ReadOptions = READ_ALL,
    display: str = "",
    peek: bool = False,
) -> Iterator[Table | Trouble]:
    """Yield the tables of a file or archive, read with the labels of ``catalog``.

    ``peek``: formats that take long to read, such as pictures, are only named.
    """
    return open_tables(
        path,
        count_names=partial(count_header_names, catalog),
        label_names=label_names(catalog),
        selection=options.selection,
        display=display,
        passwords=options.passwords.values,
        peek=peek,
    )


@cached_by_digest
def label_names(catalog: Catalog) -> LabelNames:
    """Return the hash table of the labels that ``catalog`` knows in running text (``姓名：``)."""
    return build_label_names(*line_labels(catalog))


def column_types(table: Table, engine: Engine) -> list[ColumnType]:
    """Infer the type and person of each column of ``table`` from its sample; [] for plain text."""
    if table.kind == "text":
        return []
    cells = data_rows(table.sample)
    named = [] if table.headers is None else [*table.headers, *table.sample.extra_headers]
    types = infer_column_types(engine, [*named, *[None] * len(cells)][: len(cells)], cells)
    types = with_transactions(engine.catalog, types, cells)
    types = with_bookkeeping(engine.catalog, types, cells)
    member = table.member.removesuffix(TURNED)
    is_own = _OWN_TABLE.search(member) and len(table.sample.rows) <= _MOST_OWN_ROWS
    if is_own or is_own_record([column.header for column in types], cells):
        return [replace(each, subject="own") for each in types]
    if table.kind == "mail":  # who writes and reads a mail is nobody of a list
        return [replace(each, subject=mail_role(each.header) or each.subject) for each in types]
    return with_subjects(engine.catalog, types, column_groups(table, len(types)), cells)


def column_groups(table: Table, width: int) -> list[int]:
    """Return, for each of ``width`` columns, the number (from 0) of its table side by side.

    Columns without a number get the last one.
    """
    return [*table.groups, *[table.groups[-1] if table.groups else 0] * width][:width]


def data_rows(block: Block) -> list[pa.Array]:
    """Return a block's columns with data rows only: no headers, titles, sums or blank rows."""
    if block.kinds is None:
        return block.columns
    mask = pa.array(block.kinds == DATA)
    return [column.filter(mask) for column in block.columns]


def _layout(
    source: int, part: int, table: Table, types: list[ColumnType], engine: Engine
) -> TableLayout:
    """Build the TableLayout of ``table``: labels, masked headers, traits, split fields."""
    names = [column.header for column in types]
    masked = iter(mask_texts(engine, [name for name in names if name is not None]))
    headers = [None if name is None else next(masked) for name in names]
    cells_of = data_rows(table.sample) if types else []
    groups = column_groups(table, len(types))
    traits = find_traits(engine.catalog, types, cells_of, groups, as_of=engine.as_of)
    sides = side_columns(engine.catalog, types, groups)
    columns = [
        ColumnLayout(
            column.label,
            group,
            header,
            is_bookkeeping=column.bookkeeping,
            transaction=column.transaction,
            fen_per_unit=fen_per_unit(column.header or ""),
            trait=trait,
            role=column.role,
            is_side=side,
        )
        for column, group, header, trait, side in zip(
            types, groups, headers, traits, sides, strict=False
        )
    ]
    for number, join in find_split_fields(types, groups).items():
        joined = "+".join(headers[at] or "" for at in (*join.leading, number))
        column_layout = columns[number]
        columns[number] = replace(
            column_layout, label=join.label, prefix_columns=join.leading, joined_header=joined
        )
    lines = table.sample.columns[0].drop_null().to_pylist() if table.kind == "text" else []
    line_label = with_hosts(None, lines, "")
    return TableLayout(
        source, part, table.member, tuple(columns), message_columns(names, cells_of), line_label
    )


#: Headers of row-number columns; the cells must rise too, as such a column may be anything.
_NAMES: Final = frozenset(
    ["id", "_id", "no", "no.", "nr", "num", "#", "编号", "編號", "行号", "rowid", "bh", "pk", "key"]
)
_NUMBER: Final = re.compile(r"[0-9]{1,12}(?:\.0)?")
_MIN_NUMBERS: Final = 5
#: Recognizer and transaction kinds that bookkeeping columns can have: 地区; 状态, 来源, 渠道.
_REGION: Final = "name.address"
_STATES: Final = ("status", "source", "channel")


def with_bookkeeping(
    catalog: Catalog, types: Sequence[ColumnType], cells: Sequence[pa.Array]
) -> list[ColumnType]:
    """Return ``types`` with bookkeeping columns marked (``bookkeeping=True``).

    ``cells``: sample of each column. A column with a recognizer is none, unless it has parts of
    addresses (地区); nor is one with a party, a time or a price of a transaction.
    """
    names = _bookkeeping_names(catalog)
    return [
        dataclasses.replace(column, bookkeeping=_is_bookkeeping(column, texts, names))
        for column, texts in zip(types, cells, strict=True)
    ]


@cached_by_digest
def _bookkeeping_names(catalog: Catalog) -> frozenset[str]:
    """Return the normalized headers of the bookkeeping columns that ``catalog`` lists."""
    listed = catalog.vocabulary.get("bookkeeping_columns", {}).get("names", ())
    return frozenset(map(normalize_header, listed))


def _is_bookkeeping(column: ColumnType, cells: pa.Array, names: Set[str]) -> bool:
    """Return True if the header is in ``names``, or the cells are row numbers: 1, 2, 3."""
    if set(column.recognizers) - {_REGION} or column.transaction not in (None, *_STATES):
        return False
    if column.header and normalize_header(column.header) in names:
        return True
    return not column.recognizers and not column.transaction and _is_row_number(column, cells)


def _is_row_number(column: ColumnType, cells: pa.Array) -> bool:
    """Return True if the cells of a column are consecutive row numbers from any start."""
    label = column.label
    if label is not None and label.other == "sequence":
        return True
    if label is not None and (label.parts or label.other not in (None, SYSTEM_NUMBER)):
        return False
    if TIME_HEADER.search(column.header or ""):
        return False
    filled = [cell.strip() for cell in cells.to_pylist() if cell and cell.strip()]
    numbers = [int(cell.partition(".")[0]) for cell in filled if _NUMBER.fullmatch(cell)]
    if len(numbers) < 2 or len(numbers) * 20 < len(filled) * 19:  # 19 of 20 are whole numbers
        return False
    if column.header and normalize_header(column.header) in _NAMES:
        return _nearly_all_follow(numbers, rising=True)
    return len(numbers) >= _MIN_NUMBERS and _nearly_all_follow(numbers, rising=False)


def _nearly_all_follow(numbers: list[int], *, rising: bool) -> bool:
    """Return True if nine in ten numbers follow the one before by 1 (``rising``: or more)."""
    pairs = list(pairwise(numbers))
    follow = sum(b > a if rising else b == a + 1 for a, b in pairs)
    return follow * 10 >= len(pairs) * 9
