"""JSON with positions: the cells of JSON records, each scalar with its offsets in the text.

The reader's own flattening is used, so that cells match those of a scan.
``{"手机": "13800138000"} -> {"手机": [Scalar("13800138000", 7, 20)]}``
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from piiscan.masking.splice import Change, apply_changes, resolve_changes
from piiscan.sources.block import CountNames
from piiscan.sources.formats.json.flatten import build_object
from piiscan.sources.formats.json.json_document import InvalidJson, read_records
from piiscan.sources.formats.json.record_discovery import line_record
from piiscan.sources.stored_values import iterate_scalars

_TOKEN: Final = re.compile(
    r'[ \t\n\r]*(?:([{}\[\],:])|"((?:[^"\\]|\\.)*)"'
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|NaN|-?Infinity)|(true|false|null))",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
Cells = dict[str, list["Scalar"]]


STRING, WORD, LINE = range(3)


@dataclass(frozen=True, slots=True)
class Scalar:
    """JSON scalar: its text and its range [begin, end) in code points, quotes included.

    ``kind``: ``STRING``, ``WORD`` (number, true, false) or ``LINE`` (text that is not JSON).
    """

    text: str
    begin: int
    end: int
    kind: int = STRING

    def edits(self, text: str, changes: list[Change]) -> list[Change]:
        """Convert changes of this scalar's text to changes of the document ``text``.

        A number or word is replaced by a quoted string. If the escapes of a string cannot be
        mapped, the whole string is replaced.
        """
        if self.kind == LINE:
            return [(self.begin + start, self.begin + end, new) for start, end, new in changes]
        if self.kind == WORD:
            return [(self.begin, self.end, f'"{apply_changes(self.text, changes)}"')]
        offsets = [self.begin + 1]
        offsets += [found.end() for found in _ESCAPE.finditer(text, self.begin + 1, self.end - 1)]
        if len(offsets) != len(self.text) + 1:
            return [(self.begin + 1, self.end - 1, apply_changes(self.text, changes))]
        return [(offsets[start], offsets[end], new) for start, end, new in resolve_changes(changes)]


def join_scalars(scalars: list[Scalar]) -> str:
    """Join the texts of a cell's scalars, one per line."""
    return "\n".join(scalar.text for scalar in scalars)


def cell_edits(text: str, scalars: list[Scalar], changes: list[Change]) -> list[Change]:
    """Convert changes of a cell's text to changes of the document ``text``.

    A change that spans several scalars is cut at their ends: the first gets the new text, each
    other one ``*``.
    """
    edits: list[Change] = []
    at = 0
    for scalar in scalars:
        stop = at + len(scalar.text)
        inner = [
            (max(start, at) - at, min(end, stop) - at, new if start >= at else "*")
            for start, end, new in changes
            if start < stop and end > at
        ]
        if inner:
            edits += scalar.edits(text, inner)
        at = stop + 1
    return edits


def decode_value(text: str, at: int) -> tuple[Any, int]:
    """Parse the JSON value at code point ``at``: (value with Scalars, its end).

    Raise ValueError if there is no JSON value. null becomes None.
    """
    stack: list[Any] = []
    keys: list[str] = []
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError("no JSON")
        at = found.end()
        symbol = found[1]
        if symbol is None:
            value: Any = _scalar(found)
            if stack and isinstance(stack[-1], _OpenObject) and stack[-1].expects_key:
                keys.append(value.text)
                stack[-1].expects_key = False
                continue
        elif symbol == "{":
            stack.append(_OpenObject([], True))
            continue
        elif symbol == "[":
            stack.append([])
            continue
        elif symbol in "}]" and stack:
            value = stack.pop()
            value = build_object(value.pairs) if isinstance(value, _OpenObject) else value
        elif symbol == "," and stack and isinstance(stack[-1], _OpenObject):
            stack[-1].expects_key = True
            continue
        elif symbol in ",:" and stack:
            continue
        else:
            raise ValueError("no JSON")
        if not stack:
            return value, at
        _add_to_parent(stack[-1], keys, value)


@dataclass(slots=True)
class _OpenObject:
    """Open JSON object: its pairs so far. ``expects_key``: True before a key."""

    pairs: list[tuple[str, Any]]
    expects_key: bool


def _add_to_parent(parent: Any, keys: list[str], value: Any) -> None:
    """Add a value to the enclosing list or object. Raise ValueError if its key is missing."""
    if isinstance(parent, _OpenObject):
        if not keys:
            raise ValueError("no key")
        parent.pairs.append((keys.pop(), value))
    else:
        parent.append(value)


def _scalar(found: re.Match[str]) -> Any:
    """Build the Scalar of a JSON token; return None for null."""
    if found[2] is not None:
        begin, end = found.start(2) - 1, found.end(2) + 1
        text = found[2]
        if "\\" in text:
            text = json.loads(f'"{text}"', strict=False)
        return Scalar(text, begin, end)
    number = 3 if found[3] is not None else 4
    if found[number] == "null":
        return None
    return Scalar(found[number], found.start(number), found.end(number), WORD)


def flatten_with_positions(value: dict[str, Any]) -> Cells:
    """Flatten a JSON object to dotted key -> its Scalars.

    Keys are those of :mod:`piiscan.sources.formats.json.flatten`.
    """
    cells: Cells = {}
    for key, item in iterate_scalars(value):
        if isinstance(item, Scalar):  # a key of the document has no place
            cells.setdefault(key, []).append(item)
    return cells


def line_cells(line: str, count_names: CountNames) -> Cells:
    """Return dotted key -> Scalars of one JSON line; key "" if it is no JSON object."""
    begin = len(line) - len(line.lstrip("\ufeff\0 \t"))
    try:
        value, end = decode_value(line, begin)
    except ValueError:
        value, end = None, 0
    if not isinstance(value, dict) or line[end:].strip("\ufeff\0 \t\r\n,"):
        return {"": [Scalar(line, 0, len(line), LINE)]}
    return flatten_with_positions(line_record(value, count_names))


def document_cells(text: str, count_names: CountNames) -> Iterator[Cells]:
    """Yield dotted key -> Scalars for each record of a JSON document.

    Lines after invalid JSON are records of one LINE cell each.
    """
    at = 0
    for item in read_records(
        text, decode=decode_value, cells=flatten_with_positions, count_names=count_names
    ):
        if isinstance(item, InvalidJson):
            continue
        cells = item[1]
        plain = cells.get("")
        if isinstance(plain, str):
            at = text.index(plain, at)
            cells = {"": [Scalar(plain, at, at + len(plain), LINE)]}
        at = max([at, *(scalar.end for scalars in cells.values() for scalar in scalars)])
        yield cells
