"""One row of the register, and what the cells of a row say."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final

from piiscan.errors import CellError
from piiscan.evidence.sheets.form import Form, load_form

#: Columns that say what a file is; in a deeper row they win over those of the folders above.
SAID: Final = (
    "item", "suspect", "device", "role", "party_from", "party_to", "time", "price", "channel",
    "layer",
)  # fmt: skip
#: Of these the ones that tell of one transfer, and hold together.
TRANSFER: Final = ("role", "party_from", "party_to", "time", "price", "channel")
#: Checksums as a seizure record has them, and how many hexadecimal digits each has.
ALGORITHMS: Final[Mapping[str, int]] = {"md5": 32, "sha1": 40, "sha256": 64, "sm3": 64}

_NOTHING: Final = frozenset({"-", "--", "—", "——", "－", "/", "无", "none"})
_DATE: Final = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))"
    r"(?:[ T]*(\d{1,2})[:时点](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?秒?|分)?)?"
)
#: A date as the number of days that spreadsheets count (1982 to 2064), if a cell was reformatted.
_SERIAL: Final = re.compile(r"[3-5]\d{4}(?:\.\d+)?")
_EPOCH: Final = datetime.datetime(1899, 12, 30)  # noqa: DTZ001  (sheets have no time zones)
_PRICE: Final = re.compile(
    r"(?:人民币|RMB|CNY|[¥￥])?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(万)?(?:元整?|圆|块|RMB)?",
    re.IGNORECASE,
)
_MOST: Final = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: its number and path, what it says, hashes as written, what is only proposed.

    In ``said`` a column that is absent says nothing, one that is None says that there is none.
    """

    row: int
    path: str = field(repr=False)
    said: Mapping[str, Any] = field(repr=False)
    hashes: Mapping[str, str]
    waiting: tuple[str, ...] = ()


@cache
def register_form() -> Form:
    """The form of the register."""
    return load_form(Path(__file__).with_name("form.toml"))


def fold(entries: Iterable[Entry], above: Mapping[str, Any]) -> dict[str, Any]:
    """What rows say together, from the outermost to the deepest, which wins cell by cell.

    Whom, when and for how much is forgotten where a deeper row has another role.
    """
    found = dict(above)
    for entry in entries:
        if "role" in entry.said and entry.said["role"] != found.get("role"):
            found = {name: value for name, value in found.items() if name not in TRANSFER}
        found |= entry.said
    return found


def read_text(cell: str) -> str | None:
    """A text in one line; None for a sign that there is none."""
    text = " ".join(cell.split())
    return None if text.casefold() in _NOTHING else text


def read_choice(cell: str, column: str) -> str | None:
    """The code of a role, layer or state; CellError if it is none of the words for one."""
    if read_text(cell) is None:
        return None
    code = register_form()[column].code_of(cell)
    if code is None:
        raise CellError("is none of the words that may stand here; see the second sheet")
    return code


def read_time(cell: str) -> datetime.datetime | None:
    """A day (its midnight) or a moment; CellError if it is neither.

    >>> read_time("2024年3月5日 14时30分")
    datetime.datetime(2024, 3, 5, 14, 30)
    """
    if read_text(cell) is None:
        return None
    text = unicodedata.normalize("NFKC", cell).strip()
    if _SERIAL.fullmatch(text):
        moment = _EPOCH + datetime.timedelta(days=float(text))
        return moment.replace(microsecond=0)
    found = _DATE.fullmatch(text)
    numbers = [int(each) for each in found.groups() if each is not None] if found else []
    try:
        return datetime.datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001
    except (TypeError, ValueError):
        raise CellError("is no date; write 2024-03-05 or 2024-03-05 14:30") from None


def read_price(cell: str) -> Decimal | None:
    """An amount in yuan; CellError if it is none.

    >>> read_price("￥1,200.50元"), read_price("1.2万")
    (Decimal('1200.50'), Decimal('12000.00'))
    """
    if read_text(cell) is None:
        return None
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", cell))
    found = _PRICE.fullmatch(text)
    try:
        amount = Decimal(found[1].replace(",", "")) if found else Decimal(-1)
        amount *= 10_000 if found and found[2] else 1
        rounded = amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        rounded = amount = Decimal(-1)
    if not 0 <= rounded < _MOST or rounded != amount:
        raise CellError("is no amount in yuan; write 1200, 1,200.50 or 1.2万")
    return rounded
