"""One JSON value as flat text cells: dotted keys, numbers exactly as they are written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final


def pairs_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object with nothing lost: a key that comes again gets a number."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    made = {}
    for key, value in pairs:
        name, number = key, 1
        while name in made:
            number += 1
            name = f"{key}#{number}"
        made[name] = value
    return made


#: Reads numbers as the text that stands there: 18 digits through a float would be damaged.
DECODER: Final = json.JSONDecoder(
    object_pairs_hook=pairs_of, parse_int=str, parse_float=str, parse_constant=str, strict=False
)


def flatten(value: dict[str, Any]) -> dict[str, str]:
    """Dotted key -> text for every scalar; values of an array share a key, one to a line.

    Nulls give no cell. Deep nesting is no recursion.

    >>> flatten({"a": {"b": "1", "c": ["x", {"d": True}]}, "e": None})
    {'a.b': '1', 'a.c': 'x', 'a.c.d': 'true'}
    """
    cells: dict[str, str] = {}
    for key, item in leaves(value):
        text = item if isinstance(item, str) else "true" if item is True else "false"
        cells[key] = f"{cells[key]}\n{text}" if key in cells else text
    return cells


def leaves(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted key and scalar, in order; values of an array share a key, nulls are left out."""
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
