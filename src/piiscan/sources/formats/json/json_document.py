"""The records of a JSON document that is not line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from piiscan.sources.formats.json.flatten import DECODER, flatten

Record = tuple[int, dict[str, Any]]  # line on which it begins, its flattened cells
Decode = Callable[[str, int], tuple[Any, int]]
Flatten = Callable[[dict[str, Any]], dict[str, Any]]

#: An array of anything, or an object whose first value is an array of objects (Navicat's
#: ``{"RECORDS": […]}``, most services' ``{"data": […], "total": 2}``).
_ARRAY: Final = re.compile(r'\s*(?:\[|\{\s*"[^"\\]*"\s*:\s*\[(?=\s*\{))\s*')
_BETWEEN: Final = re.compile(r"[\s,\ufeff]*")


@dataclass(frozen=True, slots=True)
class Broken:
    """From this line on the text is not JSON; its plain lines follow, under the key ""."""

    line: int


@dataclass(slots=True)
class _Cursor:
    """A place in the text and the number of its line, counted on only."""

    text: str
    decode: Decode
    flatten: Flatten
    at: int = 0
    line: int = 1
    counted: int = 0

    def skip(self) -> bool:
        """Go to the next value; whether there is any text left."""
        found = _BETWEEN.match(self.text, self.at)
        self.at = found.end() if found else self.at
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.at < len(self.text)

    def value(self) -> Any:
        """The JSON value here; ValueError or RecursionError if there is none."""
        value, self.at = self.decode(self.text, self.at)
        return value


def read_records(
    text: str, *, decode: Decode = DECODER.raw_decode, cells: Flatten = flatten
) -> Iterator[Record | Broken]:
    r"""Every record: elements of an array, objects one after another, hits of a search engine.

    ``decode`` reads the value at a place, ``cells`` makes cells of an object.

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
        yield Broken(cursor.line)
        for number, line in enumerate(text[cursor.at :].split("\n"), cursor.line):
            if line.strip():
                yield number, {"": line}


def _elements(cursor: _Cursor) -> Iterator[Record]:
    """Elements of an array, and what else stands in the object around it."""
    while cursor.skip() and cursor.text[cursor.at] != "]":
        line = cursor.line
        yield line, _cells(cursor, cursor.value())
    cursor.at += 1
    cursor.skip()
    rest = cursor.text[cursor.at :]
    if rest.strip() in ("", "}"):
        cursor.at = len(cursor.text)
    elif rest[0] == '"':
        # what stands before is read over, so that places stay those of the text
        opened = cursor.text[: cursor.at - 1] + "{" + rest
        value, cursor.at = cursor.decode(opened, cursor.at - 1)
        yield cursor.line, _cells(cursor, value)


def _values(cursor: _Cursor) -> Iterator[Record]:
    while cursor.skip():
        line = cursor.line
        value = cursor.value()
        for item in _hits(value) or [value]:
            yield line, _cells(cursor, item)


def _cells(cursor: _Cursor, value: Any) -> dict[str, Any]:
    return cursor.flatten(value if isinstance(value, dict) else {"": value})


def _hits(value: Any) -> list[Any] | None:
    """The hits of a search engine's answer."""
    inner = value.get("hits") if isinstance(value, dict) else None
    found = inner.get("hits") if isinstance(inner, dict) else None
    return found if isinstance(found, list) else None
