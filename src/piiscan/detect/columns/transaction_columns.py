"""Transaction columns: columns about the sale of a row's data (price, buyer, seller).

``手机号 | 售价(元) | 买家`` -> price_sold and buyer.  The headers are in ledger.yaml.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import transaction_column
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


def with_transactions(catalog: Catalog, types: Sequence[ColumnType]) -> list[ColumnType]:
    """Return ``types`` with the transaction kind of each column, by its header.

    No column gets one if the table lists goods, which the people in it bought.  Columns of another
    kind of number get none either (sj is a time or a mobile number).  What became of a message
    (已发) is not what became of a row.
    """
    if any(_is_of_goods(column) for column in types):
        return list(types)
    kinds = [_transaction_kind(catalog, column) for column in types]
    if message_columns([column.header for column in types]):
        kinds = [None if kind in _OF_STOCK else kind for kind in kinds]
    return [
        dataclasses.replace(column, transaction=kind)
        for column, kind in zip(types, kinds, strict=True)
    ]


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
