"""JSON documents: find the records of a document that is not in JSON lines.

{"data": [{"name": "张三"}, {"name": "李四"}], "total": 2} -> three records
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from piiscan.sources.block import CountNames
from piiscan.sources.formats.json.flatten import DECODER, decode_inner, decode_list, flatten
from piiscan.sources.formats.json.record_discovery import (
    are_name_keys,
    column_records,
    find_records,
    has_columns,
    header_of,
    is_list_of_records,
    is_map,
    is_record,
    is_value_key,
    key_record,
    known_names,
    row_record,
    text_of,
)

Record = tuple[int, dict[str, Any]]  # number of its first line, its flattened cells
Decode = Callable[[str, int], tuple[Any, int]]
Flatten = Callable[[dict[str, Any]], dict[str, Any]]

#: JavaScript before a value: a variable, or a function that is called with it.
GLUE: Final = re.compile(
    r"(?:/\*[^*]{0,200}\*/\s*)?(?:export\s+default\s|return\s|(?:(?:var|let|const)\s+)?"
    r"[\w$][\w$.\[\]'\"]{0,100}\s*[=(])\s*(?=[\[{])"
)
_SEPARATORS: Final = re.compile(r"[\s,\ufeff]*")
_JS_SEPARATORS: Final = re.compile(r"[\s,;)\ufeff]*")
_TELLING: Final = re.compile(r"[^\x00-\x7f]|(?:[0-9][^0-9]?){5}")
#: Beginning of a list whose elements may be records; names of the column names of rows.
_ROWS: Final = re.compile(r"\[\s*[\[{]")
_VALUE_KEY: Final = re.compile(r'"\+?[0-9][0-9 -]{5,40}[0-9Xx]"\s*:')
_COLUMNS: Final = re.compile(
    r'"(?:columns?|columnNames|headers?|fields|titles|heads?)"\s*:\s*(?=\[)'
)
#: Characters up to which an object is decoded in one piece, tried one after the other.
_SMALL: Final = (2 << 10, 64 << 10)
#: Entries of a large object that may belong together; each further object is a record.
_MAX_REST: Final = 1000


@dataclass(frozen=True, slots=True)
class InvalidJson:
    """Marker: from this line on the text is not JSON; its lines follow as text under the key ""."""

    line: int


@dataclass(slots=True)
class _Cursor:
    """Position in a JSON text: offset in code points, and number of its line from 1."""

    text: str
    decode: Decode
    at: int = 0
    line: int = 1
    counted: int = 0

    def skip(self, separators: re.Pattern[str] = _SEPARATORS) -> bool:
        """Move past the separators, to the next JSON value. Return False at the end of the text."""
        found = separators.match(self.text, self.at)
        self.at = at = found.end() if found else self.at
        self.line += self.text.count("\n", self.counted, at)
        self.counted = at
        return at < len(self.text)

    def next(self) -> str:
        """Move to the next value inside a list or object and return its first character."""
        if not self.skip():
            raise ValueError("cut off")
        return self.text[self.at]

    def go_back(self, at: int) -> None:
        """Move back to the earlier offset ``at``."""
        self.line -= self.text.count("\n", at, self.counted)
        self.at = self.counted = at

    def value(self) -> Any:
        """Parse the JSON value at the cursor and move past it; raise ValueError if invalid."""
        value, self.at = self.decode(self.text, self.at)
        return value

    def small_end(self) -> int:
        """Return the end offset of the value at the cursor; 0 if it is too long for one piece."""
        for size in _SMALL:
            try:
                return self.at + DECODER.raw_decode(self.text[self.at : self.at + size])[1]
            except ValueError:
                if self.at + size >= len(self.text):
                    raise
        return 0


def read_records(
    text: str,
    *,
    decode: Decode = DECODER.raw_decode,
    cells: Flatten = flatten,
    count_names: CountNames = lambda _: 0,
) -> Iterator[Record | InvalidJson]:
    r"""Yield each record of a JSON document: elements of lists at any depth, rows, objects.

    ``decode`` parses the value at an offset; ``cells`` flattens an object to cells.

    >>> list(read_records('{"data": [{"a": 1},\n{"a": 2}], "total": 2}'))
    [(1, {'a': '1'}), (2, {'a': '2'}), (2, {'total': '2'})]
    """
    cursor = _Cursor(text, decode)
    reader = _Reader(cursor, cells, count_names)
    separators = _SEPARATORS
    try:
        while cursor.skip(separators):
            glue = GLUE.match(text, cursor.at)
            if glue is not None:
                separators = _JS_SEPARATORS
                if _TELLING.search(glue[0]):
                    yield cursor.line, {"": glue[0].strip()}
                cursor.at = glue.end()
            yield from reader.value()
    except (ValueError, RecursionError):
        yield InvalidJson(cursor.line)
        for number, text_line in enumerate(text[cursor.at :].split("\n"), cursor.line):
            if text_line.strip():
                yield number, {"": text_line}


@dataclass(slots=True)
class _Reader:
    """Reader of the records in one JSON value; it decodes no large value at once."""

    cursor: _Cursor
    cells: Flatten
    count_names: CountNames
    first: str | None = None  # path of the first list of records
    columns_at: int = 0  # place of the next list of column names; -1: there is none
    found: bool = False  # records in the value that is being read

    def value(self) -> Iterator[Record]:
        """Yield line and cells of each record in the value at the cursor."""
        cursor = self.cursor
        symbol, line = cursor.next(), cursor.line
        if symbol == "[":
            yield from self._list("", None)
        elif symbol == "{":
            self.found = False
            rest = yield from self._object("")
            if not self.found:
                yield line, self.cells(_values(rest))
            elif rest:
                yield min(at for at, _ in rest.values()), self.cells(_values(rest))
        else:
            yield line, self.cells({"": cursor.value()})

    def _list(self, path: str, header: list[str] | None) -> Iterator[Record]:
        """Yield line and cells of each record in the list at the cursor.

        ``header``: column names of rows that are lists; None: those of the first row, if known.
        """
        cursor, number = self.cursor, 0
        self.first = path if self.first is None else self.first
        self.found = True
        cursor.at += 1
        is_plain = cursor.decode is decode_inner and path == self.first
        while (symbol := cursor.next()) != "]":
            if is_plain and symbol == "{":
                numbered, cursor.at = decode_list(cursor.text, cursor.at, cursor.line)
                yield from numbered
                number += len(numbered)
                is_plain = bool(numbered)
                continue
            line, value = cursor.line, cursor.value()
            number += 1
            if path == self.first and type(value) is dict and is_record(value):
                yield line, self.cells(value)
                continue
            if isinstance(value, list) and len(value) > 1:
                if number == 1 and header is None:
                    header = header_of(value, self.count_names)
                    if header is not None:
                        continue
                records = iter([row_record(value, header)])
            else:
                records = find_records(value, self.count_names)
            for record in records:
                yield line, self.cells(record if path == self.first else {path: record})
        cursor.at += 1

    def _object(self, path: str) -> Any:
        """Yield line and cells of the records in an object; return its other entries.

        They are key -> (line, value).

        If it ends in the middle, what it has up to there is a record.
        """
        cursor = self.cursor
        rest: dict[str, tuple[int, Any]] = {}
        cursor.at += 1
        header: list[str] | None = None
        try:
            while cursor.next() != "}":
                header = yield from self._entry(path, header, rest)
        except (ValueError, RecursionError):
            if rest:
                yield min(line for line, _ in rest.values()), self.cells(_values(rest))
            raise
        cursor.at += 1
        values = _values(rest)
        if rows := column_records(values, self.count_names):
            self.found = True
            begin = min(line for line, _ in rest.values())
            yield from ((begin, self.cells(row)) for row in rows)
            return {}
        if not is_map(values, self.count_names):
            return rest
        self.found = True
        for key, (line, value) in rest.items():
            yield line, self.cells(key_record(key, value, self.count_names))
        return {}

    def _entry(self, path: str, header: list[str] | None, rest: dict[str, tuple[int, Any]]) -> Any:
        """Yield the records in one entry of an object, else add the entry to ``rest``.

        Return the column names that the object has told so far.
        """
        cursor = self.cursor
        begin = cursor.at
        key, cursor.at = DECODER.raw_decode(cursor.text, cursor.at)
        if not isinstance(key, str) or cursor.next() != ":":
            raise ValueError("no key")
        cursor.at += 1
        symbol, line = cursor.next(), cursor.line
        inner = f"{path}.{key}" if path else key
        value: Any = None
        try:
            is_list = symbol == "[" and self._is_record_list(inner, rest)
            end = cursor.small_end() if symbol == "{" else -1
            # an object that is large, or has records in it
            is_object = not end or (end > 0 and self._has_records(key, end))
            if not is_list and not is_object:
                value = cursor.value()
        except (ValueError, RecursionError):
            cursor.go_back(begin)  # the key may say something too
            raise
        if is_list:
            yield from self._list(inner, header or self._header_after())
            return header
        if is_object:
            below = yield from self._object(inner)
            if not below:
                return header
            value = _values(below)
        has_own = isinstance(value, dict) and has_columns(value, self.count_names)
        if has_own or (symbol == '"' and isinstance(value, dict | list)):  # it was in a string
            self.found = True
            records = find_records({key: value}, self.count_names)
            yield from ((line, self.cells(record)) for record in records)
            return header
        if isinstance(value, list) and value:
            names = [text_of(each) for each in value]
            is_new = header is None or self.count_names([*map(str, names)])
            header = names if is_new and all(isinstance(each, str) for each in names) else header
        is_name = isinstance(value, dict) and are_name_keys({key: value}, self.count_names)
        if is_value_key(key) or is_name or (symbol == "{" and len(rest) >= _MAX_REST):
            self.found = True
            yield line, self.cells(key_record(key, value, self.count_names))
        elif isinstance(value, dict) and is_map(value, self.count_names):
            self.found = True
            for each in value.items():
                yield line, self.cells(key_record(*each, self.count_names))
        else:
            name = f"{key}#{len(rest)}" if key in rest else key
            rest[name] = (line, value)
        return header

    def _has_records(self, key: str, end: int) -> bool:
        """Return True if the object at the cursor, up to ``end``, has records of its own.

        One below a value or name as ``key``, without lists, is a part of its record.
        """
        text, at = self.cursor.text, self.cursor.at
        if _ROWS.search(text, at, end):
            return True
        if is_value_key(key) or not _VALUE_KEY.search(text, at, end):
            return False
        return not are_name_keys({key: DECODER.raw_decode(text, at)[0]}, self.count_names)

    def _is_record_list(self, path: str, rest: dict[str, tuple[int, Any]]) -> bool:
        """Return True if the list at the cursor is a list of records or rows."""
        cursor = self.cursor
        start = _ROWS.match(cursor.text, cursor.at)
        if start is None:
            return False
        if not rest and "." not in path and self.first is None and start[0][-1] == "{":
            return True  # {"RECORDS": [{…}, …]}
        first, _ = DECODER.raw_decode(cursor.text, start.end() - 1)
        own = known_names(_values(rest), self.count_names)
        return is_list_of_records(first, path, self.count_names, own=own, inside=False)

    def _header_after(self) -> list[str] | None:
        """Return the column names in a list behind the rows at the cursor; None without one."""
        text, at = self.cursor.text, self.cursor.at
        if re.match(r"\[\s*\[", text[at : at + 100]) is None:
            return None
        if 0 <= self.columns_at <= at:  # the next list of names has not been searched for yet
            found = _COLUMNS.search(text, at)
            self.columns_at = -1 if found is None else found.end()
        if self.columns_at < 0:
            return None
        names, _ = DECODER.raw_decode(text, self.columns_at)
        return names if all(isinstance(name, str) for name in names) else None


def _values(rest: dict[str, tuple[int, Any]]) -> dict[str, Any]:
    """Return key -> value of entries key -> (line, value)."""
    return {key: value for key, (_, value) in rest.items()}
