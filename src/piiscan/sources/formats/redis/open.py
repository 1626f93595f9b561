"""Opener for Redis: snapshots (RDB), command files (AOF), both in one file, and printed replies.

A hash is a record under the names of its fields; a value of a string, list, set or stream is one
with its key.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from piiscan.errors import OtherFormatError
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Format, Opened, ReadContext, Sample
from piiscan.sources.formats import binary_values
from piiscan.sources.formats.redis.byte_reader import ByteReader
from piiscan.sources.formats.redis.commands import read_commands
from piiscan.sources.formats.redis.entries import Cells, Entry, cells_of
from piiscan.sources.formats.redis.replies import look_like_replies, read_replies
from piiscan.sources.formats.redis.snapshot import Snapshot
from piiscan.sources.limits import Budget
from piiscan.sources.rows.keyed_records import Record, open_records
from piiscan.sources.stored_values import RowLimits

_COMMAND: Final = re.compile(rb"(?:#[^\r\n]{1,200}\r\n)*\*[1-9][0-9]{0,6}\r\n\$[0-9]{1,9}\r\n")
_SNAPSHOT: Final = re.compile(rb"REDIS[0-9]{4}")
_ERRORS: Final = (ValueError, IndexError, struct.error)


def _entries(reader: ByteReader) -> Iterator[Entry]:
    """Yield the entries of a snapshot and of commands after it, or of commands alone."""
    if reader.peek() == 82:  # R
        yield from Snapshot(reader, int(reader.read(9)[5:])).entries()
    yield from read_commands(reader)


@dataclass(slots=True)
class _Dump:
    """Redis file. ``larger``: True once a binary value that is no text was read."""

    content: Content
    budget: Budget
    larger: bool = False

    def cells(self) -> Iterator[Cells | Trouble]:
        """Yield the cells of each entry, and a Trouble if the file is broken from there on."""
        number, limits = 0, RowLimits(self.content.size, self.budget)
        with self.content.open() as stream:
            reader = ByteReader(stream, self.content.size)
            try:
                for number, each in enumerate(_entries(reader), 1):
                    found = cells_of(each)
                    if limits.exceeded(found.cells.values()):
                        yield Trouble(self.content.member, "ZIP_TOTAL", "the rest", number)
                        return
                    yield found
            except _ERRORS:
                detail = f"not read from byte {reader.at} on"
                cut = reader.at >= self.content.size or reader.is_at_end()
                reason = "CUT_OFF" if cut else "CORRUPT"
                yield Trouble(self.content.member, reason, detail, number + 1)

    def records(self) -> Iterator[Record | Trouble]:
        """Yield each entry as a record."""
        for each in self.cells():
            if isinstance(each, Trouble):
                yield each
                continue
            self.larger = self.larger or bool(each.others)
            yield 0, each.cells

    def binary_values(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield (field, number of the entry, bytes) of the values that are no texts."""
        entries = (each for each in self.cells() if not isinstance(each, Trouble))
        for number, each in enumerate(entries, 1):
            yield from ((name, number, data) for name, data in each.others)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the entries, and their binary values as members."""
    content = sample.content
    dump = _Dump(content, context.budget)
    table = open_records(content, dump.records, kind="database")
    if table is None:
        yield from (each for each in dump.cells() if isinstance(each, Trouble))
        return
    yield table
    if dump.larger:
        yield from binary_values(content, context).read("", dump.binary_values())


def _open_replies(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the replies; OtherFormatError if each cell must be as written."""
    assert sample.guess is not None  # only texts are asked about
    if not context.decode:
        raise OtherFormatError("")
    read, encoding = partial(read_replies, sample, context.count_names), sample.guess.encoding
    table = open_records(sample.content, read, kind="database", encoding=encoding)
    yield from () if table is None else (table,)


FORMATS: Final = (
    Format(
        "redis",
        31,
        _open,
        probe=lambda sample: _SNAPSHOT.match(sample.content.head) is not None,
        signatures=((0, b"REDIS"),),
        extensions=("rdb",),
    ),
    Format(
        "redis commands",
        48,
        _open,
        probe=lambda sample: _COMMAND.match(sample.content.head) is not None,
        extensions=("aof",),
    ),
    Format("redis replies", 58, _open_replies, probe=look_like_replies),
)
