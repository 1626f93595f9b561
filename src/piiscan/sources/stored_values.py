"""Stored values: values of a database as cell texts, and larger bytes as members."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, memory_member
from piiscan.sources.encoding.detector import CODECS, best_encoding, guess_encoding
from piiscan.sources.encoding.plausibility import plausibility
from piiscan.sources.limits import Budget
from piiscan.sources.read_context import ReadContext

#: Most bytes of a binary value that is a cell if it is a text; longer ones are members.
_MAX_CELL_BYTES: Final = 4096
#: Columns whose bytes are cells in hex digits, if they are short.
_TEMPLATES: Final = re.compile(
    "(?i)指纹|掌纹|声纹|虹膜|静脉|特征|模板|finger|palm|voice|iris|vein|biometric|feature|template"
)
#: First bytes of texts with a structure of their own: JSON and XML.
_STRUCTURED: Final = (b"{", b"[", b"<")
_CONTROLS: Final = frozenset(map(chr, (*range(9), 11, 12, *range(14, 32), 127)))


class ByteReader:
    """Reader of numbers and bytes one after the other; raises ValueError at their end."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data, self.at = data, at

    def take(self, size: int) -> bytes:
        """Return the next ``size`` bytes."""
        self.at += size
        if size < 0 or self.at > len(self._data):
            raise ValueError("cut off")
        return self._data[self.at - size : self.at]

    def number(self, size: int = 4) -> int:
        """Return the next whole number, least byte first."""
        return int.from_bytes(self.take(size), "little")

    def padded(self) -> bytes:
        """Return the next bytes behind their size, filled up to four."""
        size = self.number()
        data = self.take(size)
        self.take(-size % 4)
        return data

    @property
    def has_more(self) -> bool:
        """Return True before the end."""
        return self.at < len(self._data)


def cell_text(value: Any) -> str | None:
    """Return a stored value as the text of a cell; None if empty: ``13800138000.0 -> 13800138000``.

    >>> cell_text(13800138000), cell_text(13800138000.0), cell_text(0.5), cell_text(True)
    ('13800138000', '13800138000', '0.5', 'true')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value)
        if abs(value) < 1e21 and ("e" in text or text.endswith(".0")):
            return format(Decimal(text), "f").removesuffix(".0")
        return text
    if isinstance(value, bytes | bytearray | memoryview):
        return text_of_bytes(bytes(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat(" ") if hasattr(value, "hour") and hasattr(value, "day") else str(value)


def template_text(column: str, data: Any) -> str | None:
    r"""Return the bytes of a template of a fingerprint, face, iris or voice in hex, else None.

    >>> template_text("指纹模板", b"\x00\xff"), template_text("照片", b"\x00\xff")
    ('0x00ff', None)
    """
    short = isinstance(data, bytes) and 0 < len(data) <= _MAX_CELL_BYTES
    return f"0x{data.hex()}" if short and _TEMPLATES.search(column) else None


def decode_stored(data: bytes) -> str:
    """Decode a stored text as UTF-8, else in its likeliest encoding (GBK).

    >>> decode_stored("张三".encode()), decode_stored("张三".encode("gbk"))
    ('张三', '张三')
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(CODECS[best_encoding(data)], "replace")


def iterate_scalars(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) of each scalar of a nested object in order, without nulls.

    Values of an array have the same key.  The function is not recursive, so nesting may be deep.
    """
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        key, item = stack.pop()
        if isinstance(item, dict):
            stack.extend(
                (f"{key}.{name}" if key else name, inner) for name, inner in reversed(item.items())
            )
        elif isinstance(item, list):
            stack.extend((key, inner) for inner in reversed(item))
        elif isinstance(item, tuple):  # a key of a map, and its value
            stack.append((f"{key}.{cell_text(item[0])}", item[1]))
        elif item is not None:
            yield key, item


def flatten_stored(value: dict[str, Any]) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    r"""Flatten a nested object: return (dotted key -> text, (dotted key, other bytes) pairs).

    >>> flatten_stored({"a": {"b": 1, "c": ["x", {"d": True}]}, "e": None, "f": b"\0"})
    ({'a.b': '1', 'a.c': 'x', 'a.c.d': 'true'}, [('f', b'\x00')])
    """
    cells: dict[str, str] = {}
    others: list[tuple[str, bytes]] = []
    for key, item in iterate_scalars(value):
        text = cell_text(item) or template_text(key, item)
        if text is not None:
            cells[key] = f"{cells[key]}\n{text}" if key in cells else text
        elif item:
            others.append((key, item))
    return cells, others


def text_of_bytes(data: bytes) -> str | None:
    r"""Decode a short binary value that is plain text; None for other bytes, JSON and XML.

    >>> text_of_bytes("张三".encode()), text_of_bytes(b"\x00\x01"), text_of_bytes(b'{"a": 1}')
    ('张三', None, None)
    """
    if len(data) > _MAX_CELL_BYTES or data.lstrip().startswith(_STRUCTURED):
        return None
    return plain_text(data)


def plain_text(data: bytes) -> str | None:
    r"""Decode bytes that are plain text, in the detected encoding; None for other bytes.

    >>> plain_text("张三".encode("gbk")), plain_text(b'{"a": 1}'), plain_text(b"\x89PNG\x00")
    ('张三', '{"a": 1}', None)
    """
    guess = guess_encoding(data)
    if guess is None:
        return None
    try:
        text = data[guess.bom :].decode(CODECS[guess.encoding])
    except UnicodeDecodeError:
        return None
    is_plain = _CONTROLS.isdisjoint(text)
    return text if is_plain and (text.isascii() or plausibility(text) > 0) else None


class StoredRecord(NamedTuple):
    """Record of a database: its line or 0, its texts by key, and its values that are no texts."""

    line: int
    cells: dict[str, str]
    others: list[tuple[str, bytes]]


@dataclass(slots=True)
class RowLimits:
    """Rows and bytes read of a table, compared with the budget: a damaged table may be endless.

    ``size``: bytes of the file; ``rows_at_most``: None if a small file may have any number.
    """

    size: int
    budget: Budget
    rows_at_most: int | None = None
    rows: int = 0
    bytes: int = 0

    def exceeded(self, row: Iterable[Any]) -> bool:
        """Add a row. Return True if rows or bytes exceed the limits."""
        self.rows += 1
        self.bytes += 1 + sum(len(each) for each in row if isinstance(each, str | bytes))
        most = max(self.budget.ratio_from, self.budget.ratio * self.size)
        too_many = self.rows_at_most is not None and self.rows > self.rows_at_most
        return too_many or self.bytes > most


@dataclass(slots=True)
class BinaryValues:
    """Binary values of one container that are no texts: members, or counted in a Trouble.

    ``is_known`` returns True for a content that a reader or the list of formats knows.
    """

    content: Content  # the container
    context: ReadContext
    is_known: Callable[[Content], bool]
    members: int = 0

    def read(
        self, place: str, values: Iterable[tuple[str, int, bytes]]
    ) -> Iterator[Content | Trouble]:
        """Yield the (column, row, bytes) of a table as members ``place/column/row``.

        Values that are no text and of no known format are counted: a Trouble per column.
        """
        unknown: Counter[str] = Counter()
        usage, budget = self.context.usage, self.context.budget
        for column, row, data in values:
            name = f"{place}{'/' if place else ''}{column}/{row}"
            value = memory_member(self.content, name, data, seed=self.context.seed)
            if guess_encoding(data[:4096]) is None and not self.is_known(value):
                unknown[column] += 1
                continue
            self.members += 1
            usage.total += len(data)
            if usage.depth >= budget.depth:
                yield Trouble(value.member, "ZIP_DEPTH", f"nested more than {budget.depth} deep")
            elif usage.total > budget.total:
                yield Trouble(value.member, "ZIP_TOTAL", "the binary values are over the budget")
                break
            elif self.members > budget.members:
                detail = "further binary values over the budget"
                yield Trouble(value.member, "ZIP_MEMBERS", detail)
                break
            else:
                yield value
        for column, count in unknown.items():
            detail = f"{column}: {count} values are no text and of no known format"
            owner = f"{self.content.member}#{place}" if place else self.content.member
            yield Trouble(owner, "BINARY_VALUES", detail)
