"""Transaction columns: columns about the sale of a row's data (price, buyer, seller).

``手机号 | 售价(元) | 买家`` -> price_sold and buyer.  The headers are in ledger.yaml.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from functools import partial
from typing import Final

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import label_of, transaction_column
from piiscan.detect.catalog.transaction_terms import KINDS
from piiscan.detect.columns.column_types import ColumnType
from piiscan.detect.columns.message_columns import message_columns

#: Prefix of transaction kinds among recognizer ids, in the columns workbook.
PREFIX: Final = "ledger."
#: Other columns of order and delivery tables, whose prices, buyers and times concern goods.
_GOODS: Final = frozenset(["product", "article", "carrier"])
_WAYBILLS: Final = "waybill."
#: Kinds of a stock list that columns of messages only sound like.
_OF_STOCK: Final = frozenset(["status", "sold_flag", "source"])
_ABOUT_PEOPLE: Final = ("buyer", "seller", "source", "channel", "status")
#: Words of a cell, labels among them; numbers of a person; cells of a column that are looked at.
_WORD: Final = re.compile(r"[^\s:：=,，;；、|{}\"']+")
_LONG_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])1?[0-9]{10,17}[0-9Xx]?(?![0-9A-Za-z])")
_SEEN_CELLS: Final = 50
_NAME: Final = "name.person"


def with_transactions(
    catalog: Catalog, types: Sequence[ColumnType], cells: Sequence[pa.Array] = ()
) -> list[ColumnType]:
    """Return ``types`` with the transaction kind of each column, by its header.

    No column gets one if the table lists goods, which the people in it bought.  Columns of another
    kind of number get none either (sj is a time or a mobile number), nor columns of whole records
    (来源: 姓名：张三 电话：…).  What became of a message (已发) is not what became of a row.
    ``cells``: a sample of each column.
    """
    if any(_is_of_goods(column) for column in types):
        return list(types)
    kinds = [_transaction_kind(catalog, column) for column in types]
    if message_columns([column.header for column in types]):
        kinds = [None if kind in _OF_STOCK else kind for kind in kinds]
    kinds = [
        None if kind in _ABOUT_PEOPLE and _has_records(catalog, column) else kind
        for kind, column in zip(
            kinds, cells or [pa.array([], pa.string())] * len(kinds), strict=True
        )
    ]
    return [
        dataclasses.replace(column, transaction=kind)
        for column, kind in zip(types, kinds, strict=True)
    ]


def _has_records(catalog: Catalog, cells: pa.Array) -> bool:
    """Return True if half of the cells have a label of a name and another, or two long numbers."""
    filled = [cell for cell in cells.to_pylist() if cell and cell.strip()][:_SEEN_CELLS]
    return 2 * sum(_is_record(catalog, cell) for cell in filled) > len(filled)


def _is_record(catalog: Catalog, cell: str) -> bool:
    """Return True for the text of a record: ``姓名：张三 电话：…``, or its JSON."""
    if len(set(_LONG_NUMBER.findall(cell))) > 1:
        return True
    labels = [each for each in map(partial(label_of, catalog), _WORD.findall(cell)[:60]) if each]
    return len(labels) > 1 and any(_NAME in each.recognizers for each in labels)


def _is_of_goods(column: ColumnType) -> bool:
    """Return True if a column is about goods, carriers or waybills."""
    label = column.label
    named = label is not None and label.other in _GOODS
    return named or any(id_.startswith(_WAYBILLS) for id_ in column.recognizers)


def _transaction_kind(catalog: Catalog, column: ColumnType) -> str | None:
    """Return the transaction kind of a column; None for other headers or cells."""
    kind = transaction_column(catalog, column.header or "")
    if kind is None or (column.recognizers and kind not in _ABOUT_PEOPLE):
        return None
    return kind


def transaction_of_id(name: str) -> str | None:
    """Return the transaction kind of an id: ``ledger.price -> price``; None for other ids.

    >>> transaction_of_id("ledger.price"), transaction_of_id("ledger.colour")
    ('price', None)
    >>> transaction_of_id("cn.mobile")
    """
    kind = name.removeprefix(PREFIX)
    return kind if kind in KINDS and kind != name else None
