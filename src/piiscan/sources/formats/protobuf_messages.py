"""Protobuf messages without their schema: texts and numbers by the numbers of their fields.

A file is one message, or messages one after the other, each behind its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from piiscan.sources.content import read_whole
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import open_objects
from piiscan.sources.packed_texts import message_tree, read_protobuf, text_at, varint
from piiscan.sources.read_context import ReadContext

_MOST_BYTES: Final = 64 << 20
_LEAST_TEXT: Final = 4  # one byte of so many must be one of a text
_MOST_FIELD: Final = 1000
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _parts(data: bytes) -> Iterator[bytes]:
    """Yield the messages of a file: the whole, or each behind its size.

    Raises IndexError or ValueError.
    """
    if message_tree(data) is not None:
        yield data
        return
    at = 0
    while at < len(data):
        part, at = text_at(data, at)
        if not part:
            raise ValueError("no message")
        yield part


def _messages(data: bytes) -> Iterator[Any]:
    """Yield the fields of each message. Raises IndexError or ValueError."""
    for part in _parts(data):
        found = message_tree(part)
        if found is None:
            raise ValueError("no message")
        yield found


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the messages of a file as a member of JSON lines, and their binary values."""
    content = sample.content
    values = _messages(read_whole(content, _MOST_BYTES))
    yield from open_objects(content, values, context)


def _is_messages(sample: Sample) -> bool:
    """Return True if all bytes are messages, and many of them texts."""
    content = sample.content
    try:
        first, _ = varint(content.head, 0)
    except (IndexError, ValueError):
        return False
    is_field = first >> 3 in range(1, _MOST_FIELD) and first & 7 in (0, 1, 2, 5)
    if content.size > _MOST_BYTES or not (is_field or 1 < first < content.size):
        return False
    if sample.guess is not None and _CONTROL.search(content.head) is None:
        return False
    try:
        texts = [read_protobuf(part) for part in _parts(read_whole(content, _MOST_BYTES))]
    except (IndexError, ValueError):
        return False
    size = sum(len(each.encode()) for each in texts if each)
    return None not in texts and size * _LEAST_TEXT >= content.size


FORMATS: Final = (Format("protobuf", 47, _open, probe=_is_messages, extensions=("pb", "bin")),)
