"""Entries of Redis: a key with its value as records of cells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from piiscan.sources.stored_values import decode_stored, flatten_stored, text_of_bytes

#: Fields of a hash from which on each is a record of its own.
_MANY: Final = 64
Pair = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """Redis key with (field, value) pairs. ``single``: its one value has no field name."""

    key: bytes
    pairs: Sequence[Pair]
    single: bool = False


def _is_data(field_name: bytes) -> bool:
    """Return True if a field's name is probably a value: it has Hanzi, or five digits or more."""
    return not field_name.isascii() or sum(48 <= byte <= 57 for byte in field_name) >= 5


def entries_of_hash(key: bytes, pairs: list[Pair]) -> Iterator[Entry]:
    """Yield a hash as one entry; as an entry per field if its field names are values."""
    if len(pairs) > _MANY or any(_is_data(name) for name, _ in pairs):
        yield from (Entry(key, [(b"field", name), (b"value", value)]) for name, value in pairs)
    else:
        yield Entry(key, pairs)


def entries_of_values(key: bytes, values: Iterator[bytes]) -> Iterator[Entry]:
    """Yield an entry for each value of a list or set."""
    return (Entry(key, [(b"value", value)], single=True) for value in values)


@dataclass(slots=True)
class Cells:
    """Cells of an entry by field; ``others``: its values that are no texts."""

    cells: dict[str, str] = field(default_factory=dict)
    others: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, name: str, value: bytes) -> None:
        """Add a value under the field ``name``; a JSON object adds a cell per key."""
        if value[:1] in (b"{", b"[") and (inner := _json_object(value)) is not None:
            cells, others = flatten_stored(inner if name == "value" else {name: inner})
            for key, text in cells.items():
                self.cells[key] = f"{self.cells[key]}\n{text}" if key in self.cells else text
            self.others += others
        elif value:
            try:
                text = value.decode()
            except UnicodeDecodeError:
                decoded = text_of_bytes(value)
                if decoded is None:
                    self.others.append((name, value))
                    return
                text = decoded
            self.cells[name] = f"{self.cells[name]}\n{text}" if name in self.cells else text


def _json_object(value: bytes) -> dict[str, Any] | None:
    """Parse a JSON object, numbers as written; a list gets the key "". None for other bytes."""
    try:
        found = json.loads(value, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else {"": found} if isinstance(found, list) else None


def cells_of(entry: Entry) -> Cells:
    """Return the cells of an entry: ``key``, then its values by field."""
    found = Cells()
    found.add("key", entry.key)
    for name, value in entry.pairs:
        found.add(decode_stored(name), value)
    return found
