r"""Command files of Redis (AOF): each command that writes values, as entries.

*4\r\n$4\r\nHSET\r\n$2\r\nu1\r\n$4\r\nname\r\n$6\r\n张三\r\n -> key u1, name 张三
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from piiscan.sources.formats.redis.byte_reader import ByteReader
from piiscan.sources.formats.redis.entries import Entry, entries_of_hash, entries_of_values

_MAX_ARGUMENTS: Final = 4 << 20
#: Commands without values.
_EMPTY: Final = frozenset([b"select", b"multi", b"exec", b"ping"])
#: Arguments before the value of a key.
_SINGLE: Final = {b"set": 0, b"setnx": 0, b"getset": 0, b"append": 0, b"setex": 1, b"psetex": 1}
_HASHES: Final = frozenset([b"hset", b"hmset", b"hsetnx"])
_LISTS: Final = frozenset([b"rpush", b"lpush", b"rpushx", b"lpushx", b"sadd", b"pfadd"])


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
