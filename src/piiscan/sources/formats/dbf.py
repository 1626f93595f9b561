"""DBF tables (dBase, FoxPro): records, deleted records, and memos from the memo file."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from piiscan.errors import SourceError
from piiscan.sources.archives.member_names import DELETED_ROWS
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, open_file, read_up_to
from piiscan.sources.encoding.detector import CODECS, best_encoding
from piiscan.sources.format import Format, Opened, Sample, unread
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.row_table import Cells, open_rows
from piiscan.sources.stored_values import cell_text

_VERSIONS: Final = frozenset(
    (0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xF5, 0xFB)
)
_TYPES: Final = b"CNFDLMIBYTVQGPW@+0O"
_MEMOS: Final = b"MGPW"
#: Encodings by the number of the code page; other numbers are usually wrong.
_CODE_PAGES: Final = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
_DELETED: Final = ord("*")
_PRESENT: Final = 0x20
_RECORDS: Final = 4096  # read at once
_MAX_READ: Final = 64 << 20  # bytes
_MEMO_SUFFIXES: Final = (".fpt", ".dbt")
_JULIAN: Final = 1_721_425  # Julian day of 0001-01-01, minus one


@dataclass(frozen=True, slots=True)
class _Field:
    """Column of a DBF table: name, letter of its type, byte offset and size in a record."""

    name: bytes
    kind: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Header:
    """Header of a DBF table: columns, number of records, bytes of the header and of a record."""

    fields: tuple[_Field, ...]
    records: int
    size: int
    record_size: int


@dataclass(slots=True)
class _Reader:
    """Reader of one DBF table. ``memo``: its memo file; ``unread``: number of unread memos."""

    content: Content
    header: _Header
    codec: str
    memo: Path | None
    unread: int = 0
    undecodable: int = 0

    def rows(self, *, deleted: bool) -> Iterator[Cells | Trouble]:
        """Yield the deleted records if ``deleted``, else the others; an empty row for the rest."""
        self.unread = self.undecodable = 0
        count, header, shifted = 0, self.header, 0
        with self.content.open() as stream:
            memo = None if self.memo is None else open_file(self.memo)
            try:
                read_up_to(stream, header.size)
                while count < header.records:
                    most = min(_RECORDS, _MAX_READ // header.record_size)
                    wanted = min(most, header.records - count) * header.record_size
                    data = read_up_to(stream, wanted)
                    for at in range(0, len(data) - header.record_size + 1, header.record_size):
                        count += 1
                        shifted += data[at] not in (_DELETED, _PRESENT)
                        is_wanted = (data[at] == _DELETED) == deleted
                        yield [
                            self._cell(f.kind, data[at + f.start : at + f.start + f.size], memo)
                            for f in (header.fields if is_wanted else ())
                        ]
                    if len(data) < wanted:
                        break
                rest = stream.read(header.record_size + 1)
            finally:
                if memo is not None:
                    memo.close()
        member = self.content.member
        if deleted:
            return
        if count < header.records:
            yield Trouble(member, "CORRUPT", f"{count} of {header.records} records are there")
        if shifted:
            yield Trouble(member, "CORRUPT", f"{shifted} records do not begin as records do")
        if rest.strip(b"\x1a\0 "):
            detail = f"records behind the {header.records} that the header counts"
            yield Trouble(member, "DELETED_ROWS", detail)
        if self.unread:
            yield Trouble(member, "BINARY_VALUES", f"{self.unread} memos")
        if self.undecodable:
            detail = f"{self.undecodable} texts are no {self.codec}; shown as U+FFFD"
            yield Trouble(member, "UNDECODABLE", detail)

    def _cell(self, kind: int, raw: bytes, memo: BinaryIO | None) -> str | None:
        """Return the bytes of a cell as text; None if empty. ``kind``: type of the column."""
        if kind in _MEMOS:
            return self._memo(raw, kind, memo)
        if kind in b"I+" and len(raw) == 4:
            return str(int.from_bytes(raw, "little", signed=True))
        if kind == ord("Y") and len(raw) == 8:
            return cell_text(int.from_bytes(raw, "little", signed=True) / 10_000)
        if kind in b"BO" and len(raw) == 8:
            return cell_text(struct.unpack("<d", raw)[0])
        if kind in b"T@" and len(raw) == 8:
            return _time_text(raw)
        text = self._text(raw)
        if kind == ord("D") and len(text) == 8 and text.isdigit():
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        return text or None

    def _text(self, raw: bytes) -> str:
        """Decode a text without the blanks and NULs that fill its field."""
        raw = raw.rstrip(b"\0 ")
        text = raw.decode(self.codec, "replace").strip()
        self.undecodable += "\ufffd" in text
        return text

    def _memo(self, raw: bytes, kind: int, memo: BinaryIO | None) -> str | None:
        """Return the memo whose number ``raw`` has; add 1 to ``unread`` if it is unreadable."""
        with suppress(ValueError):
            number = int.from_bytes(raw, "little") if len(raw) == 4 else int(raw.strip() or b"0")
            if not number:
                return None
            found = None if memo is None or kind != ord("M") else _read_memo(memo, number)
            if found is not None:
                return self._text(found) or None
        self.unread += 1
        return None


def _time_text(raw: bytes) -> str | None:
    """Return day and time of eight bytes (Julian day, milliseconds) as text; None if empty."""
    day, milliseconds = struct.unpack("<II", raw)
    if not day:
        return None
    with suppress(ValueError, OverflowError):
        date = datetime.datetime.fromordinal(day - _JULIAN)
        return (date + datetime.timedelta(milliseconds=milliseconds)).isoformat(" ")
    return f"{day} {milliseconds}"


def _read_memo(memo: BinaryIO, number: int) -> bytes | None:
    """Return the text of memo ``number`` in an FPT or DBT file, None if it is missing."""
    memo.seek(0)
    head = read_up_to(memo, 24)
    block = int.from_bytes(head[6:8], "big")
    for size in dict.fromkeys((block, int.from_bytes(head[20:22], "little"), 512)):
        if not size:
            continue
        memo.seek(number * size)
        start = read_up_to(memo, 8)
        if start[:4] == b"\0\0\0\1":  # FoxPro: a text, and its length
            return read_up_to(memo, min(int.from_bytes(start[4:], "big"), _MAX_READ))
        if start[:4] == b"\xff\xff\x08\0":  # dBase IV: with the length of this head
            return read_up_to(memo, max(0, min(int.from_bytes(start[4:], "little") - 8, _MAX_READ)))
    text = start + read_up_to(memo, 1 << 16)
    end = text.find(b"\x1a")
    return text[:end] if end > 0 else None  # dBase III


def _read_header(head: bytes) -> _Header | None:
    """Parse the header of a DBF table; return None for other bytes."""
    if len(head) < 65 or head[0] not in _VERSIONS or head[2] > 12 or head[3] > 31:
        return None
    records, size, record_size = struct.unpack_from("<IHH", head, 4)
    fields, start = [], 1
    for at in range(32, min(len(head), size) - 31, 32):
        if head[at] in (0x0D, 0):
            break
        kind, length = head[at + 11], head[at + 16]
        if kind == ord("C"):
            length += head[at + 17] << 8  # Clipper: long texts
        if kind not in _TYPES or not length:
            return None
        fields.append(_Field(head[at : at + 11].partition(b"\0")[0], kind, start, length))
        start += length
    if not fields or start != record_size or size < 33 + 32 * len(fields):
        return None
    visible = tuple(each for each in fields if each.kind != ord("0"))
    return _Header(visible, records, size, record_size)


def _sibling_file(path: Path | None, suffixes: tuple[str, ...]) -> Path | None:
    """Return the file with the same name and one of these extensions, None if it is missing."""
    if path is None:
        return None
    names = {f"{path.stem}{each}".lower() for each in suffixes}
    with suppress(OSError):
        return next(
            (each for each in sorted(path.parent.iterdir()) if each.name.lower() in names), None
        )
    return None


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the records, and the table of the deleted records."""
    content = sample.content
    header = _read_header(content.head)
    if header is None:
        raise SourceError("CORRUPT", "dbf: no header")
    text = content.head[header.size :] + b"".join(each.name for each in header.fields)
    codec = CODECS[_CODE_PAGES.get(content.head[29]) or best_encoding(text)]
    reader = _Reader(content, header, codec, _sibling_file(content.path, _MEMO_SUFFIXES))
    headers = [each.name.decode(codec, "replace").strip() or None for each in header.fields]
    filled = False
    for deleted in (False, True):
        read = partial(reader.rows, deleted=deleted)
        member = f"{content.member}#{DELETED_ROWS}" if deleted else content.member
        tables = list(
            open_rows(content, context, read, kind="database", member=member, headers=headers)
        )
        yield from tables
        filled = filled or bool(tables)
        if not tables and not deleted:
            yield from (each for each in reader.rows(deleted=False) if isinstance(each, Trouble))
    if not filled:
        yield Trouble(content.member, "EMPTY", "a table without records", lost=False)


def _is_memo(sample: Sample) -> bool:
    """Return True if the content is a memo file whose DBF table is in the same folder."""
    path = sample.content.path
    if path is None or path.suffix.lower() not in _MEMO_SUFFIXES:
        return False
    table = _sibling_file(path, (".dbf",))
    if table is None:
        return False
    with suppress(OSError), open_file(table) as stream:
        header = _read_header(read_up_to(stream, 1 << 16))
        return header is not None and any(each.kind in _MEMOS for each in header.fields)
    return False


FORMATS: Final = (
    Format(
        "dbf",
        30,
        _open,
        probe=lambda sample: _read_header(sample.content.head) is not None,
        extensions=("dbf",),
    ),
    Format(
        "dbf memo",
        30,
        unread("DATABASE_PART", "memos, read with the table beside them", lost=False),
        probe=_is_memo,
        extensions=("fpt", "dbt"),
    ),
)
