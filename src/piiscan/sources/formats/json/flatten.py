"""JSON flattening: one JSON object as text cells under dotted keys, numbers as written.

{"user": {"phone": 13800138000}} -> {"user.phone": "13800138000"}
"""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any, Final

from piiscan.sources.formats.json.record_discovery import is_value_key
from piiscan.sources.stored_values import iterate_scalars


def build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a dict from a JSON object's pairs; a repeated key gets a number (``phone#2``)."""
    merged = dict(pairs)
    if len(merged) == len(pairs):
        return merged
    merged = {}
    for key, value in pairs:
        name, number = key, 1
        while name in merged:
            number += 1
            name = f"{key}#{number}"
        merged[name] = value
    return merged


#: Decoder that returns numbers as text: a float would damage a number of 18 digits.
DECODER: Final = json.JSONDecoder(
    object_pairs_hook=build_object, parse_int=str, parse_float=str, parse_constant=str, strict=False
)
#: The same without a look at repeated keys, which is much faster.
_PLAIN: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)
_SPACED_COLON: Final = re.compile(r'"\s+:')

#: Beginning of a list of objects in a string.
_INNER_LIST: Final = re.compile(r"\s*(?=[\[{]).*?\[\s*\{", re.DOTALL)
_MAX_INNER: Final = 3
#: Types of the values of an object that is a record as it is, and of one without objects in it.
_TEXT: Final = {str}
_SCALARS: Final = {str, bool, type(None)}
#: Characters of objects that are decoded in one piece.
_MANY: Final = 64 << 10


def decode_objects(text: str) -> list[dict[str, str]]:
    """Decode objects with commas between them to cells; [] unless each is a record of scalars.

    Objects with repeated keys, keys that are values, or JSON in a string are none.

    >>> decode_objects('{"a": 1}, {"a": "x"}'), decode_objects('{"a": 1, "a": 2}')
    ([{'a': '1'}, {'a': 'x'}], [])
    """
    try:
        found: list[Any] = _PLAIN.decode(f"[{text}]")
    except (ValueError, RecursionError):
        return []
    if set(map(type, found)) != {dict} or "{\\" in text:
        return []
    keys = sum(map(len, found))
    if text.count(":") != keys and (text.count('":') != keys or _SPACED_COLON.search(text)):
        return []  # a key is repeated, or there are objects in them
    kinds = set(map(type, chain.from_iterable(map(dict.values, found))))
    if not kinds <= _SCALARS or any(map(is_value_key, set().union(*found))):
        return []
    return found if kinds == _TEXT else list(map(flatten, found))


def decode_list(text: str, at: int, line: int) -> tuple[list[tuple[int, dict[str, str]]], int]:
    """Decode elements of a list of objects from offset ``at`` on, on line number ``line``.

    Return (line, cells) of each, and the offset behind; none and ``at`` if they are no such.
    """
    end = text.rfind("},", at, at + _MANY) + 1
    piece = text[at:end]
    found = decode_objects(piece) if end else []
    if "\n" not in piece:
        return [(line, each) for each in found], end if found else at
    parts = piece.split("}")[:-1]
    if len(parts) != len(found):  # a brace in a string
        return [], at
    lines = []
    for part in parts:
        lines.append(line + part.count("\n", 0, part.index("{")))
        line += part.count("\n")
    return list(zip(lines, found, strict=True)), end


def decode_inner(text: str, at: int) -> tuple[Any, int]:
    r"""Decode the JSON value at offset ``at``: return (value, end).

    A string with JSON is decoded too.

    >>> decode_inner(r'{"body": "{\"list\": [{\"a\": 1}]}"}', 0)[0]
    {'body': {'list': [{'a': '1'}]}}
    """
    value, end = DECODER.raw_decode(text, at)
    # of a long text, only a value with such a string is walked through
    if text.find("{\\", at, end) < 0:
        return value, end
    holder: list[Any] = [value]
    waiting: list[tuple[Any, Any, int]] = [(holder, 0, 0)]
    while waiting:
        owner, key, depth = waiting.pop()
        item = owner[key]
        if isinstance(item, str) and depth < _MAX_INNER and _INNER_LIST.match(item):
            try:
                item = owner[key] = DECODER.decode(item)
            except (ValueError, RecursionError):
                continue
            depth += 1
        if isinstance(item, dict):
            waiting.extend((item, name, depth) for name in item)
        elif isinstance(item, list):
            waiting.extend((item, number, depth) for number in range(len(item)))
    return holder[0], end


def flatten(value: dict[str, Any]) -> dict[str, str]:
    """Flatten a JSON object to text cells by dotted key; array values are joined by line ends.

    Nulls are left out.  The function is not recursive, so nesting may be deep.

    >>> flatten({"a": {"b": "1", "c": ["x", {"d": True}]}, "e": None})
    {'a.b': '1', 'a.c': 'x', 'a.c.d': 'true'}
    """
    kinds = set(map(type, value.values()))
    if kinds == _TEXT:
        return value
    cells: dict[str, str] = {}
    for key, item in value.items() if kinds <= _SCALARS else iterate_scalars(value):
        if item is None:
            continue
        text = item if isinstance(item, str) else "true" if item is True else "false"
        cells[key] = f"{cells[key]}\n{text}" if key in cells else text
    return cells
