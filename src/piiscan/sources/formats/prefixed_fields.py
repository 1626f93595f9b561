r"""Exports with lengths before texts (bcp native of SQL Server): rows of texts and whole numbers.

\x04\0张伟\x16\0 13800138000 … -> 张伟 | 13800138000; a row for each round of fields
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from piiscan.sources.block import Trouble
from piiscan.sources.content import read_whole
from piiscan.sources.encoding.plausibility import plausibility
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.row_table import Cells, open_rows

_LONGEST: Final = 8000
_MOST_GAP: Final = 32  # before the first text
_MOST_UNREAD: Final = 1 << 20  # bytes without a field, behind which no further one is looked for
_NULL: Final = b"\xff\xff"
#: Lengths that are control characters, which no text in UTF-16 has.
_CONTROLS: Final = frozenset(range(1, 32)) - {9, 10, 13}
_FIRST: Final = 512  # bytes with a whole text, so that other files are known at once
_LEAST_FIELDS: Final = 6
_HEAD: Final = 1 << 14
_MOST_COLUMNS: Final = 200
#: Greatest whole number that is one, and no time or fraction.
_MOST_NUMBER: Final = 10**13


class _Field(NamedTuple):
    """Text with its length before it: offset of the length, and the text; None for no value."""

    start: int
    end: int
    text: str | None


def _field_at(data: bytes, at: int) -> _Field | None:
    """Return the field whose length stands at an offset; None for other bytes."""
    size = int.from_bytes(data[at : at + 2], "little")
    end = at + 2 + size
    value = data[at + 2 : end]
    if not 0 < size <= _LONGEST or len(value) < size:
        return None
    is_wide = size % 2 == 0
    for codec in ("utf-16-le",) * is_wide + ("utf-8", "gb18030"):
        try:
            text = value.decode(codec)
        except UnicodeDecodeError:
            continue
        if text.isprintable() and (text.isascii() or plausibility(text) > 0):
            return _Field(at, end, text)
    return None


def _fields(data: bytes) -> Iterator[_Field]:
    """Yield the fields of a file, in order; bytes between them are of fixed fields."""
    at = last = 0
    while at + 2 <= len(data) and at - last < _MOST_UNREAD:
        found = _field_at(data, at)
        if found is None and data[at : at + 2] == _NULL and at == last:
            found = _Field(at, at + 2, None)
        if found is not None:
            yield found
            at = last = found.end
        else:
            at += 1


def _shape(text: str | None) -> str:
    """Return the shape of a text: its length if it is digits, else its first kind of character."""
    if text is None:
        return "none"
    plain = text.strip()
    return str(len(plain)) if plain[:-1].isdecimal() else "ascii" if plain.isascii() else "text"


def _columns(gaps: list[int], shapes: list[str]) -> int:
    """Return after how many fields a row ends, by gaps and shapes that come again; 0 if unknown."""
    for width in range(1, min(len(gaps) // 2, _MOST_COLUMNS) + 1):
        pairs = list(zip(gaps, gaps[width:], shapes, shapes[width:], strict=False))
        same = sum(
            a == b and (x == y or "none" in (x, y) or {x, y} == {"ascii", "text"})
            for a, b, x, y in pairs
        )
        if same * 10 >= 9 * len(pairs):
            return width
    return 0


def _is_prefixed(sample: Sample) -> bool:
    """Return True if the first bytes are fields one after the other."""
    head = sample.content.head[:_HEAD]
    if b"\0" not in head[:_MOST_GAP] or next(_fields(head[:_FIRST]), None) is None:
        return False
    found = list(_fields(head))
    covered = sum(each.end - each.start for each in found)
    lengths = [each.end - each.start - 2 for each in found]
    return (
        len(found) >= _LEAST_FIELDS
        and found[0].start <= _MOST_GAP
        and covered * 2 > len(head)
        and sum(each in _CONTROLS for each in lengths) * 3 >= len(found)
    )


def _number(data: bytes) -> str | None:
    """Return the whole number of a fixed field, with or without its length before it."""
    if len(data) in (5, 9) and data[0] == len(data) - 1:
        data = data[1:]
    value = int.from_bytes(data, "little", signed=True)
    return str(value) if len(data) in (4, 8) and abs(value) < _MOST_NUMBER else None


def _typed(gaps: list[int], shapes: list[str]) -> list[str]:
    """Return the shape of each column whose texts are digits of one length, "" for the others.

    Empty without such a column, or if the first two rows differ: one of them is damaged.
    """
    width = _columns(gaps, shapes)
    first, second = gaps[:width], gaps[width : 2 * width]
    if first[1:] != second[1:] or first[:1] > second[:1]:
        return []
    rows = list(zip(shapes[:width], shapes[width : 2 * width], strict=True))
    typed = [one if one == two and one.isdecimal() else "" for one, two in rows]
    kinds = [{each.isdecimal() for each in row if each != "none"} for row in rows]
    return typed if any(typed) and max(map(len, kinds)) < 2 else []


def _rows(data: bytes, typed: list[str], member: str) -> Iterator[Cells | Trouble]:
    """Yield rows of texts and the numbers between them; a Trouble for unread bytes.

    ``typed``: of the columns, [] for a text a row. A text that belongs to another column by its
    shape begins there, in a new row if it must: behind a damaged text no row has another's number.
    """
    row: list[str | None] = []
    last, unread, column = 0, 0, 0
    for each in _fields(data):
        shape = _shape(each.text)
        expected = typed[column] if typed else ""
        if shape != "none" and shape != expected and (expected or shape in typed):
            wanted = "" if not shape.isdecimal() else shape
            right = typed.index(wanted) if wanted in typed else column
            if right < column or (right == column and wanted in typed and row):
                yield row
                row, column = [], 0
            row += [None] * (right - column)
            column = right
        gap = data[last : each.start]
        if gap:
            number = _number(gap)
            row.append(number)
            unread += 0 if number is not None else len(gap)
        row.append(each.text)
        last, column = each.end, column + 1
        if column >= len(typed):
            yield row
            row, column = [], 0
    if row:
        yield row
    unread += len(data) - last
    if unread:
        detail = f"{unread} bytes between texts are no whole numbers: export as text (bcp -c)"
        yield Trouble(member, "BINARY_PART", detail)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the rows."""
    content = sample.content
    data = read_whole(content, context.budget.in_memory)
    found = list(_fields(data[:_HEAD]))
    found = found[: len(found) - (len(data) > _HEAD)]
    ends = [0, *(each.end for each in found)]
    gaps = [each.start - end for each, end in zip(found, ends, strict=False)]
    typed = _typed(gaps, [_shape(each.text) for each in found])
    read = partial(_rows, data, typed, content.member)
    yield from open_rows(content, context, read, kind="database", headers=[None])


FORMATS: Final = (
    Format(*("fields with lengths", 47, _open), probe=_is_prefixed, extensions=("bcp",)),
)
