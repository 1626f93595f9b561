"""Opener for Redis: snapshots (RDB), command files (AOF), both in one file, and printed replies.

A hash is a record under the names of its fields; a value of a string, list, set or stream is one
with its key.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Final

from piiscan.errors import OtherFormatError
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import open_stored
from piiscan.sources.formats.redis.byte_reader import ByteReader
from piiscan.sources.formats.redis.entries import read_commands, stored_record
from piiscan.sources.formats.redis.replies import look_like_replies, read_replies
from piiscan.sources.formats.redis.snapshot import Snapshot
from piiscan.sources.limits import Budget
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import open_records
from piiscan.sources.stored_values import RowLimits, StoredRecord

_COMMAND: Final = re.compile(rb"(?:#[^\r\n]{1,200}\r\n)*\*[1-9][0-9]{0,6}\r\n\$[0-9]{1,9}\r\n")
_SNAPSHOT: Final = re.compile(rb"REDIS[0-9]{4}")
_ERRORS: Final = (ValueError, IndexError, struct.error)


def _read_records(content: Content, budget: Budget) -> Iterator[StoredRecord | Trouble]:
    """Yield the record of each entry, and a Trouble if the file is broken from there on."""
    number, limits = 0, RowLimits(content.size, budget)
    with content.open() as stream:
        reader = ByteReader(stream, content.size)
        try:
            is_snapshot = reader.peek() == 82  # R; commands may follow it
            entries = Snapshot(reader, int(reader.read(9)[5:])).entries() if is_snapshot else ()
            for number, each in enumerate(chain(entries, read_commands(reader)), 1):
                found = stored_record(each)
                if limits.exceeded(found.cells.values()):
                    yield Trouble(content.member, "ZIP_TOTAL", "the rest", number)
                    return
                yield found
        except _ERRORS:
            detail = f"not read from byte {reader.at} on"
            cut = reader.at >= content.size or reader.is_at_end()
            yield Trouble(content.member, "CUT_OFF" if cut else "CORRUPT", detail, number + 1)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the entries, and their binary values as members."""
    content = sample.content
    yield from open_stored(content, context, partial(_read_records, content, context.budget))


def _open_replies(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the replies; OtherFormatError if each cell must be as written."""
    if not context.decode:
        raise OtherFormatError("")
    read, encoding = partial(read_replies, sample, context.count_names), sample.text_guess.encoding
    yield from open_records(sample.content, read, kind="database", encoding=encoding)


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
