"""Register entries: one row of the register, and the parsers of its cells.

``2024年3月5日 -> 2024-03-05 00:00``; ``1.2万 -> 12000.00``; ``无 -> None``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CellError
from piiscan.forms.schema import Form, load_form
from piiscan.parsing import prices, times

#: Columns with values of a file. A deeper row overrides the folders above it.
VALUE_COLUMNS: Final = (
    "item", "suspect", "device", "seized", "role", "party_from", "party_to", "time", "price",
    "channel", "unlawful", "duty", "account", "purpose", "lost", "lost_records", "layer",
)  # fmt: skip
#: Columns of one transfer; they are inherited together or not at all.
TRANSFER_COLUMNS: Final = (
    "role", "party_from", "party_to", "time", "price", "channel", "unlawful", "lost",
    "lost_records",
)  # fmt: skip
#: Party to whom published information went, if the register names none: one provision, whoever
#: has read it.
PUBLIC: Final = "公开发布"
#: Checksum algorithms of seizure records -> number of hexadecimal digits.
ALGORITHMS: Final[Mapping[str, int]] = {"md5": 32, "sha1": 40, "sha256": 64, "sm3": 64}

_EMPTY_MARKS: Final = frozenset({"-", "--", "—", "——", "－", "/", "无", "none"})
#: Unit price, which is not the price of the whole: 800元/条.
_UNIT_PRICE: Final = re.compile(r"[/／每]|[0-9元圆块钱]\s*一?[条個个号只张份套组人位次笔单]")


@dataclass(frozen=True, slots=True)
class Entry:
    """Row of the register: number, path, values, checksums as written, unconfirmed columns.

    A column that is absent from ``values`` is unknown. A column with None is stated to be empty.
    """

    row: int
    path: str = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    hashes: Mapping[str, str]
    unconfirmed: tuple[str, ...] = ()


@cache
def register_form() -> Form:
    """Return the form of the register."""
    return load_form(Path(__file__).with_name("register_form.toml"))


def merge_entries(entries: Iterable[Entry], inherited: Mapping[str, Any]) -> dict[str, Any]:
    """Merge rows from the outermost folder to the innermost.

    A column that an inner row lacks is inherited; one that it states as empty (None) is None.  If
    the role changes, the inherited transfer columns (party, time, price …) are dropped.
    ``inherited``: values that apply to the outermost row.  ``register_row`` and ``price_row`` are
    the numbers of the innermost row with a transfer column, and with a price; absent without one.
    """
    merged = dict(inherited)
    for entry in entries:
        if "role" in entry.values and entry.values["role"] != merged.get("role"):
            dropped = (*TRANSFER_COLUMNS, "price_row")
            merged = {name: value for name, value in merged.items() if name not in dropped}
        merged |= entry.values
        if not entry.values.keys().isdisjoint(TRANSFER_COLUMNS):
            merged["register_row"] = entry.row
        if "price" in entry.values:
            merged["price_row"] = entry.row
    return merged


def read_text(cell: str) -> str | None:
    """Return the cell as one line of text; None for a mark of emptiness (``无``, ``-``)."""
    text = " ".join(cell.split())
    return None if text.casefold() in _EMPTY_MARKS else text


def read_choice(cell: str, column: str, form: Form | None = None) -> str | None:
    """Return the code of a role, layer or state; None if empty. Raise CellError for other words.

    ``column``: name of the column in the form, which is the register's by default.
    """
    if read_text(cell) is None:
        return None
    code = (form or register_form())[column].code_of(cell)
    if code is None:
        raise CellError("cell.unknown_word")
    return code


def read_number(cell: str) -> int | None:
    """Return a whole number of records; None if empty. Raise CellError for other text.

    >>> read_number("4,300条"), read_number("1.2万")
    (4300, 12000)
    """
    if read_text(cell) is None:
        return None
    hundredths = prices.parse_price(cell.strip().removesuffix("条"))
    if hundredths < 0 or hundredths % 100:
        raise CellError("cell.no_number")
    return hundredths // 100


def read_time(cell: str) -> datetime.datetime | None:
    """Return a day (its midnight) or a moment; None if empty. Raise CellError for other text.

    >>> read_time("2024年3月5日 14时30分")
    datetime.datetime(2024, 3, 5, 14, 30)
    """
    if read_text(cell) is None:
        return None
    seconds = times.parse_time(cell)
    if seconds is None:
        raise CellError("cell.no_date")
    return times.to_datetime(seconds)


def read_price(cell: str) -> Decimal | None:
    """Return an amount in yuan; None if empty. Raise CellError for other text: ``800元/条``.

    >>> read_price("￥1,200.50元"), read_price("1.2万")
    (Decimal('1200.50'), Decimal('12000.00'))
    """
    if read_text(cell) is None:
        return None
    fen = prices.UNREADABLE if _UNIT_PRICE.search(cell) else prices.parse_price(cell)
    if fen < 0:
        raise CellError("cell.no_amount")
    return Decimal(fen).scaleb(-2)
