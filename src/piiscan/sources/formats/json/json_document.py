"""JSON documents: find the records of a document that is not in JSON lines.

{"data": [{"name": "张三"}, {"name": "李四"}], "total": 2} -> three records
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from piiscan.sources.formats.json.flatten import DECODER, flatten

Record = tuple[int, dict[str, Any]]  # number of its first line, its flattened cells
Decode = Callable[[str, int], tuple[Any, int]]
Flatten = Callable[[dict[str, Any]], dict[str, Any]]

#: An array of anything, or an object whose first value is an array of objects (Navicat's
#: ``{"RECORDS": […]}``, most services' ``{"data": […], "total": 2}``).
_ARRAY: Final = re.compile(r'\s*(?:\[|\{\s*"[^"\\]*"\s*:\s*\[(?=\s*\{))\s*')
_SEPARATORS: Final = re.compile(r"[\s,\ufeff]*")


@dataclass(frozen=True, slots=True)
class InvalidJson:
    """Marker: from this line on the text is not JSON; its lines follow as text under the key ""."""

    line: int


@dataclass(slots=True)
class _Cursor:
    """Position in the text, with the number of its line."""

    text: str
    decode: Decode
    flatten: Flatten
    at: int = 0
    line: int = 1
    counted: int = 0

    def skip(self) -> bool:
        """Move to the next JSON value; return False at the end of the text."""
        found = _SEPARATORS.match(self.text, self.at)
        self.at = found.end() if found else self.at
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.at < len(self.text)

    def value(self) -> Any:
        """Parse the JSON value at the cursor; raise ValueError or RecursionError if invalid."""
        value, self.at = self.decode(self.text, self.at)
        return value


def read_records(
    text: str, *, decode: Decode = DECODER.raw_decode, cells: Flatten = flatten
) -> Iterator[Record | InvalidJson]:
    r"""Yield each record of a JSON document: array element, object or search-engine hit.

    ``decode`` parses the value at an offset; ``cells`` flattens an object to cells.

    >>> list(read_records('{"data": [{"a": 1},\n{"a": 2}], "total": 2}'))
    [(1, {'a': '1'}), (2, {'a': '2'}), (2, {'total': '2'})]
    """
    cursor = _Cursor(text, decode, cells)
    try:
        start = _ARRAY.match(text)
        if start is not None:
            cursor.at = start.end()
            yield from _elements(cursor)
        yield from _values(cursor)
    except (ValueError, RecursionError):
        yield InvalidJson(cursor.line)
        for number, line in enumerate(text[cursor.at :].split("\n"), cursor.line):
            if line.strip():
                yield number, {"": line}


def _elements(cursor: _Cursor) -> Iterator[Record]:
    """Yield the elements of a JSON array, then the other keys of the object around it."""
    while cursor.skip() and cursor.text[cursor.at] != "]":
        line = cursor.line
        yield line, _cells(cursor, cursor.value())
    cursor.at += 1
    cursor.skip()
    rest = cursor.text[cursor.at :]
    if rest.strip() in ("", "}"):
        cursor.at = len(cursor.text)
    elif rest[0] == '"':
        # the text before the key remains, so that offsets are those of the whole text
        reopened = cursor.text[: cursor.at - 1] + "{" + rest
        value, cursor.at = cursor.decode(reopened, cursor.at - 1)
        yield cursor.line, _cells(cursor, value)


def _values(cursor: _Cursor) -> Iterator[Record]:
    """Yield the remaining JSON values of the text; search-engine hits one by one."""
    while cursor.skip():
        line = cursor.line
        value = cursor.value()
        for item in _search_engine_hits(value) or [value]:
            yield line, _cells(cursor, item)


def _cells(cursor: _Cursor, value: Any) -> dict[str, Any]:
    return cursor.flatten(value if isinstance(value, dict) else {"": value})


def _search_engine_hits(value: Any) -> list[Any] | None:
    """Return the list ``hits.hits`` of a search engine's answer; None for another value."""
    outer_hits = value.get("hits") if isinstance(value, dict) else None
    found = outer_hits.get("hits") if isinstance(outer_hits, dict) else None
    return found if isinstance(found, list) else None
