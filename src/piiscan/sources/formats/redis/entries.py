r"""Entries of Redis, also of command files (AOF): a key with its value as records of cells.

*4\r\n$4\r\nHSET\r\n$2\r\nu1\r\n$4\r\nname\r\n$6\r\n张三\r\n -> key u1, name 张三
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from piiscan.sources.formats.redis.byte_reader import ByteReader
from piiscan.sources.stored_values import StoredRecord, decode_stored, flatten_stored, text_of_bytes

#: Fields of a hash from which on each is a record of its own.
_MANY: Final = 64
_MAX_ARGUMENTS: Final = 4 << 20
#: Commands without values.
_EMPTY: Final = frozenset([b"select", b"multi", b"exec", b"ping"])
#: Arguments before the value of a key.
_SINGLE: Final = {b"set": 0, b"setnx": 0, b"getset": 0, b"append": 0, b"setex": 1, b"psetex": 1}
_HASHES: Final = frozenset([b"hset", b"hmset", b"hsetnx"])
_LISTS: Final = frozenset([b"rpush", b"lpush", b"rpushx", b"lpushx", b"sadd", b"pfadd"])
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


def read_commands(reader: ByteReader) -> Iterator[Entry]:
    """Yield the entries that commands of an AOF file write; raises ValueError at other bytes."""
    while not reader.is_at_end():
        if reader.peek() == 35:  # "#TS:…" and other notes
            reader.line()
            continue
        head = reader.line()
        if head[:1] != b"*" or not head[1:].isdigit() or int(head[1:]) > _MAX_ARGUMENTS:
            raise ValueError("no command")
        arguments = []
        for _ in range(int(head[1:])):
            length = reader.line()
            if length[:1] != b"$" or not length[1:].isdigit():
                raise ValueError("no argument")
            arguments.append(reader.read(int(length[1:])))
            if reader.read(2) != b"\r\n":
                raise ValueError("no end of an argument")
        if arguments:
            yield from _entries(arguments)


def _pairs(values: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the values in pairs: first and second, third and fourth."""
    return list(pairwise(values))[::2]


def _entries(arguments: list[bytes]) -> Iterator[Entry]:
    """Yield the entries that one command writes; of an unknown command its arguments."""
    name, key, rest = (
        arguments[0].lower(),
        arguments[1] if len(arguments) > 1 else b"",
        arguments[2:],
    )
    if name in _EMPTY:
        return
    if name in _SINGLE:
        at = _SINGLE[name]
        yield Entry(key, [(b"value", each) for each in rest[at : at + 1]])
    elif name in (b"mset", b"msetnx"):
        for each, value in _pairs(arguments[1:]):
            yield Entry(each, [(b"value", value)])
    elif name in _HASHES and len(rest) % 2 == 0:
        yield from entries_of_hash(key, _pairs(rest))
    elif name in _LISTS:
        yield from entries_of_values(key, iter(rest))
    elif name == b"zadd" and len(rest) % 2 == 0:
        for score, value in _pairs(rest):
            yield Entry(key, [(b"value", value), (b"score", score)])
    elif name == b"xadd" and len(rest) % 2 == 1:
        yield Entry(key, [(b"id", rest[0]), *_pairs(rest[1:])])
    else:
        yield Entry(key, [(b"command", name), *((b"value", each) for each in rest)])
