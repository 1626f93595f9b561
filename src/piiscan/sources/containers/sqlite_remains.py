"""Remains of deleted rows in the bytes of an SQLite file, found by the headers of their records.

Deletion leaves a row in a free block (without its first four bytes), in the gap below the cells of
its page, in a page of the free list, or in a page of the WAL that was written anew since.
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

_LEAF, _INTERIOR = 13, 5  # first byte of pages of rows, and of pages that lead to them
_PIECE: Final = 1 << 20
_MAX_ROWS: Final = 1_000_000
#: Bytes of a whole number by its type in a record.
_SIZES: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
_ENCODINGS: Final = {2: "utf-16-le", 3: "utf-16-be"}
#: Types of values in a record: long text or bytes, and what a column of its kind may have.
_LONG: Final = rb"[\x81-\xff][\x80-\xff]?[\x00-\x7f]"
_KINDS: Final = {
    "rowid": rb"\x00",
    "text": rb"(?:\x00|[\x0c-\x7f]|" + _LONG + rb")",
    "any": rb"(?:[\x00-\x09\x0c-\x7f]|" + _LONG + rb")",
}
_UNKNOWN: Final = re.compile(rb"(?=[\x03-\x40][\x00-\x09\x0c-\xff])", re.DOTALL)
#: Bytes that may be a text; a text without control characters.
_TEXT_BYTES: Final = re.compile(rb"[\x20-\x7e\x80-\xff]{6,}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class RowShape:
    """Columns of a table as its records have them. ``kinds``: rowid, text or any, for each column.

    Without kinds it is that of any table.
    """

    name: str
    root: int
    kinds: tuple[str, ...] = ()

    @cached_property
    def header(self) -> re.Pattern[bytes]:
        """Return the pattern before whose matches a header of a record begins."""
        if not self.kinds:
            return _UNKNOWN
        width = len(self.kinds) + 1
        sizes = b"[%s-%s]" % (re.escape(bytes([min(width, 127)])), re.escape(b"\x7f"))
        return re.compile(b"(?=" + sizes + self._types(0) + b")", re.DOTALL)

    def _types(self, lost: int) -> bytes:
        """Return the pattern of the types of the columns but the first ``lost``."""
        return b"".join(_KINDS[kind] for kind in self.kinds[lost:])

    @cached_property
    def cut_headers(self) -> tuple[re.Pattern[bytes], ...]:
        """Return the patterns of a header without its size, and without its first type too."""
        return tuple(re.compile(self._types(lost), re.DOTALL) for lost in (0, 1))


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """Row in free space: place in the file, table, values; ``rowid`` is None if it is lost."""

    place: str
    table: str
    rowid: int | None
    values: tuple[Any, ...]


class _FoundRow(NamedTuple):
    """Row in the bytes of a page: range [begin, end), shape of its table, rowid or None, values."""

    begin: int
    end: int
    shape: RowShape
    rowid: int | None
    values: tuple[Any, ...]


@dataclass(slots=True)
class SqliteRemains:
    """Reader of the deleted rows of a file. ``unread``: number of places with other remains."""

    path: Path
    shapes: Sequence[RowShape]
    unread: int = 0
    _codec: str = "utf-8"
    _page: int = 0
    _owners: dict[int, RowShape] = field(default_factory=dict)  # of pages with rows

    def read(self, wal: Path | None) -> Iterator[DeletedRow]:
        """Yield the rows of free pages, of free space in pages of rows, and of old WAL pages."""
        with self.path.open("rb") as file:
            header = file.read(100)
            page = int.from_bytes(header[16:18], "big")
            self._page = page = 65536 if page == 1 else page
            if page < 512 or page & (page - 1):
                return
            self._codec = _ENCODINGS.get(header[59], "utf-8")
            self._owners = dict(self._read_owners(file))
            free = set[int]()
            for number, data in self._free_pages(file, int.from_bytes(header[32:36], "big"), free):
                yield from self._rows(data, [(0, len(data), False)], f"page {number}", None)
            file.seek(page)  # the first page has the schema
            number = 1
            while data := file.read(max(_PIECE, page)):
                for at in range(0, len(data) - page + 1, page):
                    number += 1
                    if data[at] == _LEAF and number not in free:
                        yield from self._free_space(data[at : at + page], f"page {number}", number)
        if wal is not None:
            yield from self._wal_rows(wal)

    def _read_owners(self, file: BinaryIO) -> Iterator[tuple[int, RowShape]]:
        """Yield (page number, shape of the table whose rows the page has)."""
        for shape in self.shapes:
            waiting, seen = [shape.root], set[int]()
            while waiting:
                number = waiting.pop()
                if number in seen or number < 2:
                    continue
                seen.add(number)
                yield number, shape
                file.seek((number - 1) * self._page)
                data = file.read(self._page)
                if len(data) == self._page and data[0] == _INTERIOR:
                    count = min(int.from_bytes(data[3:5], "big"), (self._page - 12) // 2)
                    waiting.append(int.from_bytes(data[8:12], "big"))
                    cells = struct.unpack_from(f">{count}H", data, 12)
                    waiting += [int.from_bytes(data[at : at + 4], "big") for at in cells]

    def _free_pages(
        self, file: BinaryIO, trunk: int, seen: set[int]
    ) -> Iterator[tuple[int, bytes]]:
        """Yield (number, bytes) of each free page from the first trunk page on; fill ``seen``."""
        while trunk and trunk not in seen:
            seen.add(trunk)
            file.seek((trunk - 1) * self._page)
            data = file.read(self._page)
            if len(data) < self._page:
                break
            leaves = min(int.from_bytes(data[4:8], "big"), self._page // 4 - 2)
            yield trunk, data[8 + 4 * leaves :]
            for number in struct.unpack_from(f">{leaves}I", data, 8):
                if number and number not in seen:
                    seen.add(number)
                    file.seek((number - 1) * self._page)
                    yield number, file.read(self._page)
            trunk = int.from_bytes(data[:4], "big")

    def _stored_rows(self, data: bytes, name: str, number: int) -> Iterator[DeletedRow]:
        """Yield the rows to which a page of rows points."""
        owner = self._owners.get(number)
        count = min(int.from_bytes(data[3:5], "big"), (len(data) - 8) // 2)
        for at in struct.unpack_from(f">{count}H", data, 8):
            size = _read_varint(data, at)
            rowid = None if size is None else _read_varint(data, size[1])
            if size is None or rowid is None or rowid[1] >= len(data):
                continue
            for shape in [*self.shapes, RowShape("", 0)] if owner is None else [owner]:
                row = self._row(data, rowid[1], at, len(data), shape)
                if row is not None and row.begin == at:
                    yield DeletedRow(f"{name}, byte {at}", shape.name, rowid[0], row.values)
                    break
            else:
                self.unread += 1

    def _free_space(self, data: bytes, name: str, number: int) -> Iterator[DeletedRow]:
        """Yield the rows in the free blocks of a page of rows, and in the gap below its cells."""
        at, cells, content = struct.unpack_from(">HHH", data, 1)
        places = []
        if 8 + 2 * cells < content and any(data[8 + 2 * cells : content]):
            places.append((8 + 2 * cells, content, False))
        end = 0
        while end <= at < self._page - 4:  # blocks are in order
            end = at + max(int.from_bytes(data[at + 2 : at + 4], "big"), 4)
            if end <= self._page and any(data[at + 4 : end]):
                places.append((at, end, True))
            elif end > self._page:
                break
            at = int.from_bytes(data[at : at + 2], "big")
        if places:
            yield from self._rows(data, places, name, self._owners.get(number))

    def _wal_rows(self, wal: Path) -> Iterator[DeletedRow]:
        """Yield the rows of each page of a WAL: those of the tables too, which are not deleted."""
        with wal.open("rb") as file:
            file.seek(32)
            frame = 0
            while len(head := file.read(24)) == 24 and len(data := file.read(self._page)) > 8:
                frame += 1
                number = int.from_bytes(head[:4], "big")
                if data[0] == _LEAF and number > 1:
                    yield from self._stored_rows(data, f"WAL page {frame}", number)
                    yield from self._free_space(data, f"WAL page {frame}", number)

    def _rows(
        self, data: bytes, places: Iterable[tuple[int, int, bool]], name: str, owner: Any
    ) -> Iterator[DeletedRow]:
        """Yield the rows in (start, end, True for a free block) of a page; count other texts."""
        owners = [] if owner is None else [[owner]]
        tiers = [*owners, self.shapes, [RowShape("", 0)]]  # a page may be of a dropped table
        for start, end, is_block in places:
            tried = (self._search(data, start, end, shapes, is_block) for shapes in tiers)
            found = next(filter(None, tried), [])
            rest, last = [], start + 4 * is_block
            for row in found:
                rest.append(data[last : row.begin])
                last = row.end
                place = f"{name}, byte {row.begin}"
                yield DeletedRow(place, row.shape.name, row.rowid, row.values)
            rest.append(data[last:end])
            self.unread += any(map(_TEXT_BYTES.search, rest))

    def _search(
        self, data: bytes, start: int, end: int, shapes: Sequence[RowShape], is_block: bool
    ) -> list[_FoundRow]:
        """Return the rows in a range, in order, disjoint."""
        found: list[_FoundRow] = []
        for shape in shapes:
            at, is_start = start, is_block
            while at < end:
                if is_start and (cut := self._cut_row(data, at, end, shape)) is not None:
                    found.append(_FoundRow(at, cut[0], shape, None, cut[1]))
                    at = cut[0]
                    continue
                if (match := shape.header.search(data, at, end)) is None:
                    break
                row = self._row(data, match.start(), start, end, shape)
                if row is not None and row.rowid is None and shape.kinds[0] != "rowid":
                    proven = row.end == end or self._begins_row(data, row.end, end, shape)
                    row = row if proven else None
                is_start = row is not None
                if row is not None:
                    found.append(row)
                at = match.start() + 1 if row is None else row.end
        found.sort(key=lambda each: (each.begin, each.begin - each.end))
        apart: list[_FoundRow] = []
        last = start
        for each in found:
            if each.begin >= last:
                apart.append(each)
                last = each.end
        return apart

    def _row(self, data: bytes, at: int, start: int, end: int, shape: RowShape) -> _FoundRow | None:
        """Return the row whose header begins at ``at``; None if there is no sound one."""
        size = data[at]
        types = _read_types(data, at + 1, at + size)
        if types is None or at + size > end:
            return None
        if len(types) < 2 if not shape.kinds else len(types) != len(shape.kinds):
            return None
        values = self._values(data, at + size, end, types)
        if values is None:
            return None
        stop = at + size + sum(map(_value_size, types))
        payload = _varint_bytes(stop - at)
        for length in range(1, 10):
            begin = at - length - len(payload)
            if begin < start:
                break
            if data[begin : begin + len(payload)] == payload:
                rowid = _read_varint(data, at - length)
                if rowid is not None and rowid[1] == at:
                    return _FoundRow(begin, stop, shape, rowid[0], values)
        is_sound = shape.kinds and not any(isinstance(value, bytes) for value in values)
        return _FoundRow(at, stop, shape, None, values) if is_sound else None

    def _cut_row(
        self, data: bytes, at: int, end: int, shape: RowShape
    ) -> tuple[int, tuple[Any, ...]] | None:
        """Return (end, values) of a row at ``at`` whose first four bytes are lost.

        Its end is that of the block, or another row begins there. None if that fits two readings.
        """
        proven = [
            (stop, values)
            for stop, values in self._cut_rows(data, at, end, shape)
            if stop == end or self._begins_row(data, stop, end, shape)
        ]
        return proven[0] if len(proven) == 1 else None

    def _begins_row(self, data: bytes, at: int, end: int, shape: RowShape) -> bool:
        """Return True if a whole row begins at ``at``, or one without its first four bytes."""
        match = shape.header.search(data, at + 2, min(at + 14, end))
        row = None if match is None else self._row(data, match.start(), at, end, shape)
        if row is not None and row.begin == at:
            return True
        if shape.kinds[0] != "rowid":
            return False
        return row is not None or next(self._cut_rows(data, at, end, shape), None) is not None

    def _cut_rows(
        self, data: bytes, at: int, end: int, shape: RowShape
    ) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yield (end, values) of the rows that may be at ``at``, without their first four bytes.

        The size of the header was among these (a short row), and the type of a first column that
        is the rowid maybe; another type that is lost is not guessed.
        """
        for lost in (0, 1) if shape.kinds[:1] == ("rowid",) else (0,) if shape.kinds else ():
            match = shape.cut_headers[lost].match(data, at + 4, end)
            known = None if match is None else _read_types(data, at + 4, match.end())
            if match is None or known is None or len(known) != len(shape.kinds) - lost:
                continue
            stop = match.end() + sum(map(_value_size, known))
            values = self._values(data, match.end(), end, [*[0] * lost, *known])
            if values is None or any(isinstance(value, bytes) for value in values):
                continue
            # with a type lost, the sizes of the row and of its rowid have a byte each
            if stop - at < (130 if lost else 1 << 14):
                yield stop, values

    def _values(
        self, data: bytes, at: int, end: int, types: Sequence[int]
    ) -> tuple[Any, ...] | None:
        """Return the values of a record; None if they are cut off, no texts, or without a text."""
        values: list[Any] = []
        letters = 0
        for kind in types:
            size = _value_size(kind)
            raw = data[at : at + size]
            at += size
            if at > end:
                return None
            if kind >= 12 and kind % 2:
                try:
                    text = raw.decode(self._codec)
                except UnicodeDecodeError:
                    return None
                if _CONTROL.search(text):
                    return None
                letters += len(text)
                values.append(text)
            elif kind >= 12:
                values.append(raw)
            elif kind == 7:
                values.append(struct.unpack(">d", raw)[0])
            elif kind in (8, 9):
                values.append(kind - 8)
            else:
                values.append(int.from_bytes(raw, "big", signed=True) if kind else None)
                letters += size >= 5
        return tuple(values) if letters > 1 else None


def _read_varint(data: bytes, at: int) -> tuple[int, int] | None:
    """Return (number, end) of the varint at ``at``; None at the end of the data."""
    value = 0
    for length, byte in enumerate(data[at : at + 9], 1):
        if length == 9:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + length
    return None


def _varint_bytes(value: int) -> bytes:
    """Return a number below 2**56 as a varint."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


def _read_types(data: bytes, at: int, end: int) -> list[int] | None:
    """Return the types of the values in the header ``data[at:end]``; None if it is no header."""
    types = []
    while at < end:
        found = _read_varint(data, at)
        if found is None or found[1] > end or found[0] in (10, 11):
            return None
        types.append(found[0])
        at = found[1]
    return types


def _value_size(kind: int) -> int:
    """Return the bytes of a value by its type."""
    return _SIZES[kind] if kind < 10 else (kind - 12) // 2


def drop_live(
    rows: Iterable[DeletedRow], live: Mapping[str, Callable[[], Iterable[tuple[Any, ...]]]]
) -> dict[str, list[DeletedRow]]:
    """Return the distinct rows by table, without rows that equal a row of the table.

    ``live``: function that reads the rows of a table, its rowid column as None.
    """
    found: dict[str, dict[tuple[Any, ...], DeletedRow]] = {}
    for row in itertools.islice(rows, _MAX_ROWS):
        found.setdefault(row.table, {}).setdefault(row.values, row)
    for table, kept in found.items():
        for values in live[table]() if table in live else ():
            kept.pop(values, None)
    return {table: list(kept.values()) for table, kept in found.items() if kept}
