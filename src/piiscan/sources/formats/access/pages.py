"""Pages of an Access database: definitions of tables, their pages of rows, rows by their slots."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np

from piiscan.arrays import UInt8
from piiscan.sources.encoding.detector import decode_name

DATA, DEFINITION, USAGE = 1, 2, 5
#: Bits of a slot: the row is deleted, or elsewhere; its offset in the page.
_DELETED, _ELSEWHERE, _OFFSET = 0x8000, 0x4000, 0x1FFF
_MOST_COLUMNS: Final = 1024
_MOST_PAGES: Final = 4096  # of one definition
_HEAD_KEY: Final = b"\xc7\xda\x39\x6b"
#: Code pages of two bytes a character, and their codecs; others are judged by each text.
_CODECS: Final = {936: "gb18030", 950: "cp950", 932: "cp932", 949: "cp949"}
_PIECE: Final = 4 << 20


class Column(NamedTuple):
    """Column of a table. ``number``: its bit of a row's mask; ``at``: its place in the row.

    The place is an offset if ``fixed``, else a number among the columns of any length.
    """

    name: str
    kind: int
    number: int
    fixed: bool
    at: int
    size: int
    scale: int
    calculated: bool


class Definition(NamedTuple):
    """Definition of a table: its columns in order, and the place of the map of its pages.

    ``has_offsets``: False if no column has values of any length.
    """

    columns: list[Column]
    has_offsets: bool
    used: int


class Slot(NamedTuple):
    """Row of a page: its bytes, if it is deleted, and if its bytes are the place of the row."""

    data: bytes
    deleted: bool
    elsewhere: bool


@dataclass(frozen=True)
class Pages:
    """Pages of an opened database. ``is_new``: of JET 4 or ACE.

    ``codec``: of texts of JET 3, "" if unknown. ``kinds``: type of each page;
    ``owners``: of each, the page of its table's definition.
    """

    stream: BinaryIO
    is_new: bool
    kinds: UInt8
    owners: Any
    codec: str

    @property
    def size(self) -> int:
        """Return the bytes of a page."""
        return 4096 if self.is_new else 2048

    def read(self, number: int) -> bytes:
        """Return a page; shorter at the end of a file that is cut off. Raises ValueError."""
        if not 0 < number < len(self.kinds):
            raise ValueError("no such page")
        self.stream.seek(number * self.size)
        return self.stream.read(self.size)

    def slots(self, number: int) -> list[Slot]:
        """Return the rows of a page in order. Raises ValueError for another page."""
        page = self.read(number)
        at = 14 if self.is_new else 10
        count = int.from_bytes(page[at - 2 : at], "little")
        if len(page) < self.size or page[0] != DATA or at + 2 * count > len(page):
            raise ValueError("no page of rows")
        end, found = self.size, []
        for (slot,) in struct.iter_unpack("<H", page[at : at + 2 * count]):
            start = slot & _OFFSET
            if not at + 2 * count <= start <= end:  # damaged
                found.append(Slot(b"", False, False))
                continue
            data, end = page[start:end], start
            found.append(Slot(data, bool(slot & _DELETED), bool(slot & _ELSEWHERE)))
        return found

    def row_at(self, place: int) -> bytes:
        """Return the bytes of the row at a place (page in the upper bytes, slot in the lowest)."""
        found = self.slots(place >> 8)
        if place & 0xFF >= len(found):
            raise ValueError("no such row")
        return found[place & 0xFF].data

    def long_value(self, place: int, size: int) -> bytes:
        """Return a long value of ``size`` bytes, which goes on from row to row."""
        parts, seen, left = list[bytes](), set[int](), size
        while place and left > 0:
            row = self.row_at(place)
            if len(row) < 5 or place in seen:
                raise ValueError("an empty part of a long value, or one that comes again")
            seen.add(place)
            place = int.from_bytes(row[:4], "little")
            parts.append(row[4:])
            left -= len(row) - 4
        return b"".join(parts)[:size]

    def definition(self, number: int) -> Definition:
        """Return the definition of a table that begins on a page. Raises ValueError."""
        data, following, seen = b"", number, set[int]()
        while following:
            page = self.read(following)
            if page[:2] != b"\x02\x01" or following in seen or len(seen) > _MOST_PAGES:
                raise ValueError("no definition")
            seen.add(following)
            data += page if not data else page[8:]
            following = int.from_bytes(page[4:8], "little")
        form = _NEW if self.is_new else _OLD
        counts = struct.unpack_from("<HHIII", data, form.start - 20)
        variable, columns, _, indexes, used = counts
        first = form.start + indexes * form.index_size
        at, found = first + columns * form.column_size, []
        for number in range(first, at, form.column_size):
            length = int.from_bytes(data[at : at + form.name_size], "little")
            name = data[at + form.name_size : at + form.name_size + length]
            at += form.name_size + length
            if columns > _MOST_COLUMNS or len(name) < length:
                raise ValueError("a definition that is cut off")
            text = name.decode("utf-16-le", "replace") if self.is_new else decode_name(name)
            found.append(self._column(text, data[number : number + form.column_size], form.places))
        return Definition(sorted(found, key=lambda each: each.number), variable > 0, used)

    def _column(self, name: str, entry: bytes, places: tuple[int, ...]) -> Column:
        """Return a column of its entry in a definition."""
        numbers = (int.from_bytes(entry[at : at + 2], "little") for at in places)
        number, variable, scale, flags, fixed, size = numbers
        at = fixed if flags & 1 else variable
        calculated = self.is_new and bool(flags & 0xC000)
        return Column(name, entry[0], number, bool(flags & 1), at, size, scale & 0xFF, calculated)

    def used_pages(self, place: int) -> set[int]:
        """Return the numbers of the pages in the map at a place. Raises ValueError."""
        found = self.row_at(place)
        if found[:1] == b"\0" and len(found) > 5:
            maps = [(int.from_bytes(found[1:5], "little"), found[5:])]
        elif found[:1] == b"\1":
            pages = [int.from_bytes(found[n : n + 4], "little") for n in range(1, len(found), 4)]
            width = (self.size - 4) * 8
            maps = [(n * width, self.read(page)[4:]) for n, page in enumerate(pages) if page]
        else:
            raise ValueError("no map of pages")
        bits = ((n, np.unpackbits(np.frombuffer(d, np.uint8), bitorder="little")) for n, d in maps)
        return {first + int(bit) for first, each in bits for bit in np.flatnonzero(each)}


class _Form(NamedTuple):
    """Places in a definition: begin of indexes, sizes of entries and of the length of a name."""

    start: int
    index_size: int
    column_size: int
    name_size: int
    #: Offsets in a column: number, place among columns of any length, scale, flags, fixed, size.
    places: tuple[int, ...]


_OLD: Final = _Form(43, 8, 18, 1, (1, 3, 10, 13, 14, 16))
_NEW: Final = _Form(63, 12, 25, 2, (5, 7, 12, 15, 21, 23))


def open_pages(stream: BinaryIO) -> Pages:
    """Return the pages of a database; the first bytes of each are read once."""
    stream.seek(0)
    head = stream.read(_PIECE)
    is_new = head[20] > 0
    size = 4096 if is_new else 2048
    page = int.from_bytes(_plain_head(head)[0x24:0x26], "little")
    kinds, owners = [np.empty(0, np.uint8)], [np.empty(0, np.uint32)]
    while len(head) >= size:
        pages = np.frombuffer(head[: len(head) // size * size], np.uint8).reshape(-1, size)
        kinds.append(pages[:, 0].copy())
        owners.append(pages[:, 4:8].copy().view("<u4").ravel())
        head = stream.read(_PIECE)
    return Pages(
        stream, is_new, np.concatenate(kinds), np.concatenate(owners), _CODECS.get(page, "")
    )


def _plain_head(head: bytes) -> bytes:
    """Return the bytes of the first page from 0x18 on, which have a fixed RC4 key."""
    key, state, at = _HEAD_KEY, list(range(256)), 0
    for n in range(256):
        at = (at + state[n] + key[n % len(key)]) & 255
        state[n], state[at] = state[at], state[n]
    out, at = bytearray(), 0
    for n, byte in enumerate(head[0x18:0x96], 1):
        at = (at + state[n]) & 255
        state[n], state[at] = state[at], state[n]
        out.append(byte ^ state[(state[n] + state[at]) & 255])
    return bytes(out)
