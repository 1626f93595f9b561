"""One row of the register, and what the cells of a row say."""

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
#: A price for each of something, which is no price of all of it: 800元/条.
_EACH: Final = re.compile(r"[/／每]|[0-9元圆块钱]\s*一?[条個个号只张份套组人位次笔单]")


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
    return load_form(Path(__file__).with_name("register_form.toml"))


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
    seconds = times.read_time(cell)
    if seconds is None:
        raise CellError("is no date; write 2024-03-05 or 2024-03-05 14:30")
    return times.as_moment(seconds)


def read_price(cell: str) -> Decimal | None:
    """An amount in yuan; CellError if it is none.

    >>> read_price("￥1,200.50元"), read_price("1.2万")
    (Decimal('1200.50'), Decimal('12000.00'))
    """
    if read_text(cell) is None:
        return None
    fen = prices.UNREADABLE if _EACH.search(cell) else prices.read_price(cell)
    if fen < 0:
        raise CellError("is no amount in yuan; write 1200, 1,200.50 or 1.2万")
    return Decimal(fen).scaleb(-2)
