"""JSON flattening: one JSON object as text cells under dotted keys, numbers as written.

{"user": {"phone": 13800138000}} -> {"user.phone": "13800138000"}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final


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


def flatten(value: dict[str, Any]) -> dict[str, str]:
    """Flatten a JSON object to text cells by dotted key; array values are joined by line ends.

    Nulls are left out.  The function is not recursive, so nesting may be deep.

    >>> flatten({"a": {"b": "1", "c": ["x", {"d": True}]}, "e": None})
    {'a.b': '1', 'a.c': 'x', 'a.c.d': 'true'}
    """
    cells: dict[str, str] = {}
    for key, item in iterate_scalars(value):
        text = item if isinstance(item, str) else "true" if item is True else "false"
        cells[key] = f"{cells[key]}\n{text}" if key in cells else text
    return cells


def iterate_scalars(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) of each scalar of a JSON object in order, without nulls.

    Values of an array have the same key.
    """
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        key, item = stack.pop()
        if isinstance(item, dict):
            stack.extend(
                (f"{key}.{name}" if key else name, inner) for name, inner in reversed(item.items())
            )
        elif isinstance(item, list):
            stack.extend((key, inner) for inner in reversed(item))
        elif item is not None:
            yield key, item
