"""JSON whose scalars know where they stand: the records of a reader, with a passage a cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from piiscan.redact.text_map import Change, change, settle
from piiscan.sources.formats.json.flatten import leaves, pairs_of
from piiscan.sources.formats.json.json_document import Broken, read_records

_TOKEN: Final = re.compile(
    r'[ \t\n\r]*(?:([{}\[\],:])|"((?:[^"\\]|\\.)*)"'
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|NaN|-?Infinity)|(true|false|null))",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.",
    re.DOTALL,
)
Cells = dict[str, list["Scalar"]]


STRING, WORD, LINE = range(3)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, a number or word, or a plain line: its text and place, quotes included."""

    text: str
    begin: int
    end: int
    kind: int = STRING

    def edits(self, text: str, changes: list[Change]) -> list[Change]:
        """What to change in ``text``, where it stands; a number of which a part goes is quoted."""
        if self.kind == LINE:
            return [(self.begin + start, self.begin + end, new) for start, end, new in changes]
        if self.kind == WORD:
            return [(self.begin, self.end, f'"{change(self.text, changes)}"')]
        places = [self.begin + 1]
        places += [found.end() for found in _ESCAPE.finditer(text, self.begin + 1, self.end - 1)]
        if len(places) != len(self.text) + 1:
            return [(self.begin + 1, self.end - 1, change(self.text, changes))]
        return [(places[start], places[end], new) for start, end, new in settle(changes)]


def cell_text(scalars: list[Scalar]) -> str:
    """The text of a cell: its scalars, one a line."""
    return "\n".join(scalar.text for scalar in scalars)


def cell_edits(text: str, scalars: list[Scalar], changes: list[Change]) -> list[Change]:
    """What to change in ``text`` for changes to a cell; those across scalars are cut at ends."""
    made: list[Change] = []
    at = 0
    for scalar in scalars:
        stop = at + len(scalar.text)
        own = [
            (max(start, at) - at, min(end, stop) - at, new if start >= at else "*")
            for start, end, new in changes
            if start < stop and end > at
        ]
        if own:
            made += scalar.edits(text, own)
        at = stop + 1
    return made


def decode(text: str, at: int) -> tuple[Any, int]:
    """The JSON value at ``at``, its scalars as :class:`Scalar`, and where it ends.

    ValueError if there is none.
    """
    stack: list[Any] = []
    keys: list[str] = []
    while True:
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError("no JSON")
        at = found.end()
        mark = found[1]
        if mark is None:
            value: Any = _scalar(found)
            if stack and isinstance(stack[-1], _Object) and stack[-1].waits:
                keys.append(value.text)
                stack[-1].waits = False
                continue
        elif mark == "{":
            stack.append(_Object([], True))
            continue
        elif mark == "[":
            stack.append([])
            continue
        elif mark in "}]" and stack:
            value = stack.pop()
            value = pairs_of(value.pairs) if isinstance(value, _Object) else value
        elif mark == "," and stack and isinstance(stack[-1], _Object):
            stack[-1].waits = True
            continue
        elif mark in ",:" and stack:
            continue
        else:
            raise ValueError("no JSON")
        if not stack:
            return value, at
        _put(stack[-1], keys, value)


@dataclass(slots=True)
class _Object:
    pairs: list[tuple[str, Any]]
    waits: bool  # for a key


def _put(holder: Any, keys: list[str], value: Any) -> None:
    if isinstance(holder, _Object):
        if not keys:
            raise ValueError("no key")
        holder.pairs.append((keys.pop(), value))
    else:
        holder.append(value)


def _scalar(found: re.Match[str]) -> Any:
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


def flatten_placed(value: dict[str, Any]) -> Cells:
    """Dotted key -> scalars with their places, as ``sources.formats.json.flatten`` has texts."""
    cells: Cells = {}
    for key, item in leaves(value):
        cells.setdefault(key, []).append(item)
    return cells


def line_cells(line: str) -> Cells:
    """The cells of one line of JSON; the line itself, whole, if it is none."""
    begin = len(line) - len(line.lstrip("\ufeff\0 \t"))
    try:
        value, end = decode(line, begin)
    except ValueError:
        value, end = None, 0
    if not isinstance(value, dict) or line[end:].strip("\ufeff\0 \t\r\n,"):
        return {"": [Scalar(line, 0, len(line), LINE)]}
    return flatten_placed(value)


def document_cells(text: str) -> Iterator[Cells]:
    """The cells of each record of a document; behind broken JSON those of plain lines."""
    at = 0
    for item in read_records(text, decode=decode, cells=flatten_placed):
        if isinstance(item, Broken):
            continue
        cells = item[1]
        plain = cells.get("")
        if isinstance(plain, str):
            at = text.index(plain, at)
            cells = {"": [Scalar(plain, at, at + len(plain), LINE)]}
        at = max([at, *(scalar.end for scalars in cells.values() for scalar in scalars)])
        yield cells
