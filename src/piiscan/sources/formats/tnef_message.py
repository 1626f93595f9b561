"""TNEF files (winmail.dat): a message of Outlook as one attachment of a mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from piiscan.sources.block import Trouble
from piiscan.sources.content import read_whole
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.mapi_items import (
    BINARY,
    BODY,
    DATA,
    FILE_NAME,
    INTEGER,
    STRING8,
    SUBJECT,
    TIME,
    UNICODE,
    MapiItem,
    open_message,
)
from piiscan.sources.read_context import ReadContext
from piiscan.sources.stored_values import ByteReader

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_ATTACHMENT_BEGINS, _PROPERTIES, _ATTACHMENT_PROPERTIES, _RECEIVERS = 0x9002, 0x9003, 0x9005, 0x9004
#: Attributes of the message, and of an attachment, with a property of their own: number, type.
_TEXTS: Final = {0x8004: (SUBJECT, STRING8), 0x800C: (BODY, STRING8)}
_PARTS: Final = {0x8010: (FILE_NAME, STRING8), 0x800F: (DATA, BINARY)}
#: Bytes of a property of a fixed size.
_SIZES: Final = {2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 2, 20: 8, 64: 8, 72: 16}
_OBJECT, _LIST, _NAMED = 0x000D, 0x1000, 0x8000


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each attribute. Raises ValueError if the file is cut off."""
    reader = ByteReader(data[6:])
    while reader.has_more:
        reader.take(1)
        number = reader.number(2)
        reader.take(2)
        found = reader.take(reader.number())
        reader.take(2)
        yield number, found


def _add_properties(item: MapiItem, reader: ByteReader) -> None:
    """Add a list of properties to an item. Raises ValueError if it is damaged."""
    for _ in range(reader.number()):
        kind, number = reader.number(2), reader.number(2)
        if number >= _NAMED:
            reader.take(16)
            if reader.number() == 1:
                reader.padded()
            else:
                reader.take(4)
        plain = kind & ~_LIST
        is_sized = plain in (STRING8, UNICODE, BINARY, _OBJECT)
        count = reader.number() if is_sized or kind & _LIST else 1
        for _ in range(count):
            if is_sized:
                value = reader.padded()
            else:
                size = _SIZES.get(plain)
                if size is None:
                    raise ValueError("an unknown type")
                value = reader.take(size)
                reader.take(-size % 4)
            if plain == _OBJECT:
                item.parts.append((f"object {number:04x}", value[16:]))
            elif plain in (STRING8, UNICODE, BINARY, INTEGER, TIME):
                item.add(number, plain, value)


def _read(data: bytes, item: MapiItem) -> None:
    """Add the attributes of a file to an item. Raises ValueError where it is damaged."""
    attachment = MapiItem()
    for number, found in _attributes(data):
        if number == _ATTACHMENT_BEGINS:
            attachment = MapiItem()
            item.attachments.append(attachment)
        elif number in _TEXTS:
            item.add(*_TEXTS[number], found)
        elif number in _PARTS:
            attachment.add(*_PARTS[number], found)
        elif number == _PROPERTIES:
            _add_properties(item, ByteReader(found))
        elif number == _ATTACHMENT_PROPERTIES:
            _add_properties(attachment, ByteReader(found))
        elif number == _RECEIVERS:
            reader = ByteReader(found)
            for _ in range(reader.number()):
                item.receivers.append(MapiItem())
                _add_properties(item.receivers[-1], reader)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the record of a message, its parts, and a Trouble where it is damaged."""
    content, item = sample.content, MapiItem()
    damage = None
    try:
        _read(read_whole(content, context.budget.in_memory), item)
    except ValueError as error:
        damage = Trouble(content.member, "CORRUPT", f"tnef: {error}")
    yield from open_message(content, item, context)
    if damage is not None:
        yield damage


FORMATS: Final = (
    Format("tnef", 25, _open, signatures=((0, _SIGNATURE),), extensions=("dat",), container=True),
)
