"""Long JSON documents: records of the lists in a document that is not decoded in one piece.

{"RECORDS": [{"name": "张三"}, … some gigabytes …], "total": 2} -> a record per element, one more
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from piiscan.sources.block import CountNames
from piiscan.sources.formats.json.flatten import DECODER, decode_inner, decode_list, flatten
from piiscan.sources.formats.json.json_document import InvalidJson, Record
from piiscan.sources.formats.json.record_discovery import find_records, header_of, row_record

#: Beginning of a list of objects or rows.
_LIST: Final = re.compile(r"\[\s*(?=[{\[])")
_BLANKS: Final = re.compile(r"[\s,\ufeff]*")
#: Characters of the window; of an element, which may be longer; of the text beside the lists.
_WINDOW: Final = 4 << 20
_MAX_ELEMENT: Final = 64 << 20
_MAX_REST: Final = 4 << 20
_MAX_LINE: Final = 64 << 10


@dataclass(slots=True)
class _Window:
    """Window over a long JSON text: a part of it, the offset in the part, and its line number."""

    pieces: Iterator[str]
    text: str = ""
    at: int = 0
    line: int = 1

    def more(self) -> bool:
        """Drop the text before the offset and read more, at least ``_WINDOW``.

        Return False at the end.
        """
        wanted = max(_WINDOW, len(self.text) - self.at)
        parts, size = [self.text[self.at :]], 0
        while size < wanted and (piece := next(self.pieces, None)) is not None:
            parts.append(piece)
            size += len(piece)
        self.text, self.at = "".join(parts), 0
        return size > 0

    def move(self, at: int) -> None:
        """Move forward to offset ``at`` of the part."""
        self.line += self.text.count("\n", self.at, at)
        self.at = at

    def next(self) -> str:
        """Move past blanks and commas. Return the character there, "" at the end."""
        while True:
            found = _BLANKS.match(self.text, self.at)
            self.move(found.end() if found else self.at)
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """Decode the JSON value at the offset and move past it; raise ValueError if invalid."""
        while True:
            try:
                value, end = decode_inner(self.text, self.at)
            except ValueError:
                if len(self.text) - self.at > _MAX_ELEMENT or not self.more():
                    raise
                continue
            if end < len(self.text) or not self.more():
                self.move(end)
                return value


def read_long_records(
    pieces: Iterator[str], count_names: CountNames
) -> Iterator[Record | InvalidJson]:
    """Yield each record of a document, in a window: elements of its lists, then other values."""
    window = _Window(pieces)
    symbol = window.next()
    try:
        if symbol == "[":
            window.move(window.at + 1)
            yield from _elements(window, count_names)
        elif symbol == "{" and not _is_one_of_many(window):
            yield from _object(window, count_names)
        while window.next():
            line = window.line
            for record in find_records(window.value(), count_names):
                yield line, flatten(record)
    except (ValueError, RecursionError):
        yield InvalidJson(window.line)
        yield from _lines(window)


def _is_one_of_many(window: _Window) -> bool:
    """Return True if the value at the offset ends within a window and another follows."""
    while len(window.text) - window.at < _WINDOW and window.more():
        pass
    try:
        _, end = DECODER.raw_decode(window.text, window.at)
    except ValueError:
        return False
    return bool(window.text[end:].strip(" \t\r\n,"))


def _elements(window: _Window, count_names: CountNames) -> Iterator[Record]:
    """Yield the records in the elements of the list at the offset, and move past it."""
    header: list[str] | None = None
    first = is_plain = True
    while (symbol := window.next()) != "]":
        if not symbol:
            raise ValueError("cut off")
        if is_plain and symbol == "{":
            records, end = decode_list(window.text, window.at, window.line)
            yield from records
            window.move(end)
            first, is_plain = first and not records, bool(records)
            continue
        line, value = window.line, window.value()
        if isinstance(value, list) and len(value) > 1:
            header = header_of(value, count_names) if first else header
            if not first or header is None:
                yield line, flatten(row_record(value, header))
        else:
            for record in find_records(value, count_names):
                yield line, flatten(record)
        first = False
    window.move(window.at + 1)


def _object(window: _Window, count_names: CountNames) -> Iterator[Record]:
    """Yield the records of all lists in the object, then its other entries as a record."""
    rest, size, line = list[str](), 0, window.line
    while True:
        found = _LIST.search(window.text, window.at)
        end = len(window.text) if found is None else found.start()
        if found is None and "[" in window.text[max(window.at, end - 100) :]:
            end = window.text.rindex("[")  # its first element may be in the next piece
        rest.append(window.text[window.at : end])
        size += len(rest[-1])
        window.move(end)
        if size > _MAX_REST:
            raise ValueError("no lists of records")
        if found is not None:
            window.move(found.end())
            yield from _elements(window, count_names)
            rest.append("[]")
        elif not window.more():
            rest.append(window.text[window.at :])
            window.move(len(window.text))
            break
    text = "".join(rest)
    value, end = DECODER.raw_decode(text.lstrip())
    if isinstance(value, dict):
        for record in find_records(value, count_names):
            yield line, flatten(record)
    if text.lstrip()[end:].strip():
        raise ValueError("more than a document")


def _lines(window: _Window) -> Iterator[Record]:
    """Yield the text that is no JSON line by line; long lines are cut after a comma."""
    while True:
        end = window.text.find("\n", window.at)
        if end < 0 and len(window.text) - window.at < _MAX_LINE and window.more():
            continue
        if end < 0:
            end = len(window.text)
        if end - window.at > _MAX_LINE:
            end = window.text.rfind(",", window.at, window.at + _MAX_LINE) + 1
            end = end or window.at + _MAX_LINE
        line = window.text[window.at : end]
        if line.strip():
            yield window.line, {"": line}
        window.move(min(end + (window.text[end : end + 1] == "\n"), len(window.text)))
        if window.at >= len(window.text) and not window.more():
            return
