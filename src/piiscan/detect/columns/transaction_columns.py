"""Which columns of a table tell of buying and selling its rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import trade_of
from piiscan.detect.catalog.transaction_terms import KINDS
from piiscan.detect.columns.column_types import ColumnType

#: How such a column is called among recognizer ids, in the columns workbook.
PREFIX: Final = "ledger."
#: What tables of orders and deliveries hold: prices, buyers and times there are those of goods.
_GOODS: Final = frozenset(["product", "carrier"])
_WAYBILLS: Final = "waybill."
_ABOUT_PEOPLE: Final = ("buyer", "seller", "source", "channel", "status")


def with_trades(catalog: Catalog, types: Sequence[ColumnType]) -> list[ColumnType]:
    """The columns with what their names say of a trade in the rows themselves.

    None where the table is one of goods, bought by the people it is about; none where the cells
    are numbers of another kind (sj is a time or a mobile number).
    """
    if any(_is_of_goods(column) for column in types):
        return list(types)
    return [dataclasses.replace(column, trade=_trade(catalog, column)) for column in types]


def _is_of_goods(column: ColumnType) -> bool:
    label = column.label
    named = label is not None and label.other in _GOODS
    return named or any(id_.startswith(_WAYBILLS) for id_ in column.recognizers)


def _trade(catalog: Catalog, column: ColumnType) -> str | None:
    kind = trade_of(catalog, column.header or "")
    if kind is None or (column.recognizers and kind not in _ABOUT_PEOPLE):
        return None
    return kind


def trade_of_id(name: str) -> str | None:
    """What ``ledger.price`` and the like mean; None for any other id.

    >>> trade_of_id("ledger.price"), trade_of_id("ledger.colour"), trade_of_id("cn.mobile")
    ('price', None, None)
    """
    kind = name.removeprefix(PREFIX)
    return kind if kind in KINDS and kind != name else None
