"""Property lists, XML or binary: their values as JSON, and data in them as members of their own."""

from __future__ import annotations

import json
import plistlib
import struct
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, cast
from xml.parsers.expat import ExpatError

from piiscan.errors import OtherFormatError, SourceError
from piiscan.sources.block import Trouble
from piiscan.sources.content import load_content, memory_member
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.markup import COMMENT, OTHER, read_tokens
from piiscan.sources.read_context import ReadContext

_SIGNATURE: Final = b"bplist0"
_ERRORS: Final = (ValueError, TypeError, IndexError, KeyError, RecursionError, OverflowError)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the values of a property list as a JSON member, and each piece of data in it.

    Raises OtherFormatError for XML that is no property list, SourceError for a broken binary one.
    """
    content = load_content(sample.content, context.budget.json)
    if content is None or content.data is None:
        raise SourceError("JSON_TOO_LARGE", f"{sample.content.size} bytes; over the budget")
    pieces: dict[int, bytes] = {}

    def other(value: Any) -> Any:
        """Return a date or a UID as text; store bytes, which become members."""
        if isinstance(value, bytes):
            pieces[id(value)] = value
            return ""
        return value.isoformat() if isinstance(value, datetime) else str(getattr(value, "data", ""))

    try:
        texts, size = [], 0
        values = plistlib.loads(content.data)
        for text in json.JSONEncoder(ensure_ascii=False, default=other).iterencode(values):
            texts.append(text)
            size += len(text)
            if size > context.budget.json:
                raise SourceError("JSON_TOO_LARGE", "unpacks to more than the budget")
    except (*_ERRORS, plistlib.InvalidFileException, ExpatError) as error:
        if content.head.startswith(_SIGNATURE):
            raise SourceError("CORRUPT", f"plist: {type(error).__name__}") from None
        raise OtherFormatError("", "") from None
    parts = {"plist": "".join(texts).encode("utf-8", "replace")}
    if sample.guess is not None:
        told = (t for t in read_tokens(content, sample.guess) if t.kind in (COMMENT, OTHER))
        parts["text"] = "\n".join(t.text for t in told if "plist" not in t.text[:12]).encode()
    parts |= {f"data {number}": data for number, data in enumerate(pieces.values(), 1)}
    for name, data in filter(itemgetter(1), parts.items()):
        yield memory_member(content, name, data, seed=context.seed)
    if content.head.startswith(_SIGNATURE) and not _is_whole(content.data):
        yield Trouble(content.member, "CORRUPT", "plist: values that nothing refers to")


def _is_whole(data: bytes) -> bool:
    """Return True if all bytes of a binary property list belong to values below its root."""
    offset_size, number_size = max(data[-26], 1), max(data[-25], 1)
    count, root, table = cast("tuple[int, int, int]", struct.unpack(">QQQ", data[-24:]))
    table_end = table + count * offset_size
    numbers = range(table, table_end, offset_size)
    offsets = [int.from_bytes(data[at : at + offset_size], "big") for at in numbers]
    waiting, seen, covered = [root], {root}, 0
    while waiting:
        at = offsets[waiting.pop()]
        kind, size = data[at] >> 4, data[at] & 15
        start = at + 1
        if size == 15 and kind > 3:
            start = at + 2 + (1 << (data[at + 1] & 15))
            size = int.from_bytes(data[at + 2 : start], "big")
        power = 1 << min(size, 15)
        size = {0: 0, 1: power, 2: power, 3: 8, 6: 2 * size, 8: size + 1}.get(kind, size)
        if kind >= 10:
            size *= number_size * (2 if kind == 13 else 1)
            if start + size > len(data):
                return False
            places = range(start, start + size, number_size)
            inner = {int.from_bytes(data[at : at + number_size], "big") for at in places} - seen
            seen |= inner
            waiting += inner
        covered += start + size - at
    return len(seen) == count and covered == table - 8 and table_end == len(data) - 32


def _is_plist(sample: Sample) -> bool:
    """Return True for a binary property list, or for XML with its root element near the start."""
    head = sample.content.head
    return head.startswith(_SIGNATURE) or (
        sample.guess is not None
        and "<plist" in sample.text[:2048]
        and sample.text.lstrip().startswith("<")
    )


FORMATS: Final = (
    Format(
        "plist",
        44,
        _open,
        probe=_is_plist,
        extensions=("plist",),
        container=True,
        copied_as_text=True,
    ),
)
