"""Entries of Redis: a key with its value as records of cells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from piiscan.sources.stored_values import (
    StoredRecord,
    decode_stored,
    flatten_stored,
    text_of_bytes,
)

#: Fields of a hash from which on each is a record of its own.
_MANY: Final = 64
Pair = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """Redis key with (field, value) pairs."""

    key: bytes
    pairs: Sequence[Pair]


def entries_of_hash(key: bytes, pairs: list[Pair]) -> Iterator[Entry]:
    """Yield a hash as one entry; as an entry per field if its field names are values.

    A name is a value if it has Hanzi, or five digits or more.
    """
    names = [name for name, _ in pairs]
    digits = (sum(48 <= byte <= 57 for byte in name) for name in names)
    if len(pairs) > _MANY or not all(map(bytes.isascii, names)) or any(n >= 5 for n in digits):
        yield from (Entry(key, [(b"field", name), (b"value", value)]) for name, value in pairs)
    else:
        yield Entry(key, pairs)


def entries_of_values(key: bytes, values: Iterator[bytes]) -> Iterator[Entry]:
    """Yield an entry for each value of a list or set."""
    return (Entry(key, [(b"value", value)]) for value in values)


def _add_value(record: StoredRecord, name: str, value: bytes) -> None:
    """Add a value under the field ``name``; a JSON object adds a cell per key."""
    cells: dict[str, str] = {}
    if value[:1] in (b"{", b"[") and (inner := _json_object(value)) is not None:
        cells, others = flatten_stored(inner if name == "value" else {name: inner})
        record.others.extend(others)
    elif value:
        try:
            cells = {name: value.decode()}
        except UnicodeDecodeError:
            decoded = text_of_bytes(value)
            if decoded is None:
                record.others.append((name, value))
            else:
                cells = {name: decoded}
    for key, text in cells.items():
        record.cells[key] = f"{record.cells[key]}\n{text}" if key in record.cells else text


def _json_object(value: bytes) -> dict[str, Any] | None:
    """Parse a JSON object, numbers as written; a list gets the key "". None for other bytes."""
    try:
        found = json.loads(value, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else {"": found} if isinstance(found, list) else None


def stored_record(entry: Entry) -> StoredRecord:
    """Return the record of an entry: ``key``, then its values by field."""
    record = StoredRecord(0, {}, [])
    _add_value(record, "key", entry.key)
    for name, value in entry.pairs:
        _add_value(record, decode_stored(name), value)
    return record
