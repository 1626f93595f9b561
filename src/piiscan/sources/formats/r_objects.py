"""Files of R (rds, RData): data frames are records, other objects their values, as JSON lines."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from piiscan.sources.content import read_whole
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.formats import open_objects
from piiscan.sources.object_lines import map_of, time_text
from piiscan.sources.read_context import ReadContext
from piiscan.sources.stored_values import ByteReader, decode_stored

_MAX_DEPTH: Final = 100
_DAY: Final = 86_400
_MISSING: Final = -(1 << 31)
#: Types that have no content: NULL, environments of R itself, missing arguments.
_EMPTY: Final = frozenset((*range(241, 255), 0)) - {249, 250}
_SYMBOL, _PAIRS, _ENVIRONMENT, _TEXT, _LOGICAL, _INTEGER, _REAL = 1, 2, 4, 9, 10, 13, 14
_TEXTS, _LIST, _EXPRESSION, _RAW, _OBJECT = 16, 19, 20, 24, 25
_COMPACT, _PAIRS_WITH_ATTRIBUTES, _LANGUAGE_WITH_ATTRIBUTES = 238, 239, 240
_NAMESPACES: Final = (249, 250)
_REFERENCE: Final = 255
#: Pair lists, of which attributes and a tag can precede the value.
_PAIR_LISTS: Final = (_PAIRS, 3, 5, 6, 17, _PAIRS_WITH_ATTRIBUTES, _LANGUAGE_WITH_ATTRIBUTES)


@dataclass(slots=True)
class _Vector:
    """Vector or list of R: its values, and its attributes by name."""

    values: list[Any]
    attributes: dict[str, Any] = field(default_factory=dict)


class _Reader:
    """Reader of R's serialized objects; raises ValueError for damage and unknown types."""

    def __init__(self, data: bytes, at: int) -> None:
        self._bytes = ByteReader(data, at)
        self._references: list[Any] = []

    def _number(self) -> int:
        """Return the next whole number."""
        return int.from_bytes(self._bytes.take(4), "big", signed=True)

    def _numbers(self, form: str, size: int) -> list[Any]:
        """Return the numbers of a vector of a type of ``size`` bytes."""
        count = self._number()
        return (
            list(struct.unpack(f">{count}{form}", self._bytes.take(count * size))) if count else []
        )

    def start(self) -> None:
        """Read the header of the serialization."""
        version = self._number()
        self._bytes.take(8)
        if version == 3:
            self._bytes.take(self._number())

    def item(self, depth: int = 0) -> Any:  # noqa: C901 - types
        """Return the next object."""
        flags = self._number() & 0xFFFFFFFF
        kind = flags & 0xFF
        if depth > _MAX_DEPTH:
            raise ValueError("too deep")
        if kind in _EMPTY:
            return None
        if kind == _REFERENCE:
            number = flags >> 8 or self._number()
            if not 0 < number <= len(self._references):
                raise ValueError("no reference")
            return self._references[number - 1]
        if kind == _SYMBOL:
            name = self.item(depth + 1)
            self._references.append(name)
            return name
        if kind in _NAMESPACES:
            self._number()
            self._references.append(None)
            return [self.item(depth + 1) for _ in range(self._number())] and None
        if kind == _ENVIRONMENT:
            found: dict[str, Any] = {}
            self._references.append(found)
            self._number()
            parts = [self.item(depth + 1) for _ in range(4)]
            for part in (parts[1], *(parts[2].values if isinstance(parts[2], _Vector) else ())):
                found.update(part if isinstance(part, dict) else {})
            return found
        if kind in _PAIR_LISTS:
            return self._pairs(flags, depth)
        if kind == _COMPACT:
            info, state, _ = (self.item(depth + 1) for _ in range(3))
            return _expanded(next(iter((info or {}).values()), ""), state)
        if kind == _TEXT:
            size = self._number()
            return None if size == -1 else decode_stored(self._bytes.take(size))
        vector = _Vector(self._values(kind, depth))
        if flags & 0x200:
            vector.attributes = self.item(depth + 1) or {}
        return vector

    def _values(self, kind: int, depth: int) -> list[Any]:
        """Return the values of a vector."""
        if kind in (_LOGICAL, _INTEGER):
            found = self._numbers("i", 4)
            missing = [None if each == _MISSING else each for each in found]
            return (
                missing if kind == _INTEGER else [None if e is None else bool(e) for e in missing]
            )
        if kind == _REAL:
            return [None if each != each else each for each in self._numbers("d", 8)]
        if kind == _RAW:
            return [self._bytes.take(self._number())]
        if kind == _OBJECT:
            return []
        if kind in (_TEXTS, _LIST, _EXPRESSION):
            return [self.item(depth + 1) for _ in range(self._number())]
        raise ValueError("an unknown type")

    def _pairs(self, flags: int, depth: int) -> dict[str, Any]:
        """Return the values of a pair list by their tags, or by numbers."""
        names: list[Any] = []
        while True:
            kind = flags & 0xFF
            if kind not in _PAIR_LISTS:
                self._bytes.at -= 4
                last = self.item(depth + 1)
                names += [len(names) // 2 + 1, last] if last is not None else []
                return map_of(names)
            if flags & 0x200 or kind in (_PAIRS_WITH_ATTRIBUTES, _LANGUAGE_WITH_ATTRIBUTES):
                self.item(depth + 1)
            tag = self.item(depth + 1) if flags & 0x400 else None
            names += [tag or len(names) // 2 + 1, self.item(depth + 1)]
            flags = self._number() & 0xFFFFFFFF


def _expanded(name: Any, state: Any) -> Any:
    """Return the vector of a compact form. Raises ValueError for an unknown one."""
    if name == "compact_intseq" and isinstance(state, _Vector) and len(state.values) == 3:
        count, first, step = (int(each) for each in state.values)
        if count > 1 << 24:
            raise ValueError("too long")
        return _Vector(list(range(first, first + step * count, step or 1)))
    inner = next(iter(state.values()), None) if isinstance(state, dict) else state
    if name == "deferred_string" or (isinstance(name, str) and name.startswith("wrap_")):
        if isinstance(inner, _Vector) and inner.values and isinstance(inner.values[0], _Vector):
            inner = inner.values[0]
        return inner
    raise ValueError("an unknown compact form")


def _plain(item: Any) -> Any:
    """Return an object as maps, lists and values; a data frame as a list of records."""
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    if not isinstance(item, _Vector):
        return item
    attributes = {key: _plain(value) for key, value in item.attributes.items()}
    classes, names, values = _many(attributes, "class"), _many(attributes, "names"), item.values
    if "factor" in classes:
        levels = _many(attributes, "levels")
        values = [levels[n - 1] if n and 0 < n <= len(levels) else None for n in values]
    if "Date" in classes or "POSIXct" in classes:
        unit = _DAY if "Date" in classes else 1
        times = [None if each is None else time_text(int(each * unit)) for each in values]
        values = [each and each.removesuffix(" 00:00:00") for each in times]
    plain = [_plain(each) for each in values]
    if "data.frame" in classes:
        columns = [each if isinstance(each, list) else [each] for each in plain]
        rows = zip(*columns, strict=False)
        names = names if len(names) == len(columns) else list(range(1, len(columns) + 1))
        named = _many(attributes, "row.names")
        records: list[dict[str, Any]] = [
            dict(zip(map(str, names), row, strict=False)) for row in rows
        ]
        if named and isinstance(named[0], str):
            records = [{"row.names": n, **row} for n, row in zip(named, records, strict=False)]
        return records
    if names and len(names) == len(plain):
        return map_of([each for pair in zip(names, plain, strict=True) for each in pair])
    return plain[0] if len(plain) == 1 else plain


def _many(attributes: dict[str, Any], name: str) -> list[Any]:
    """Return the values of an attribute."""
    found = attributes.get(name)
    return found if isinstance(found, list) else [] if found is None else [found]


def _objects(data: bytes) -> Iterator[Any]:
    """Yield the objects of a file; the records of data frames one by one."""
    at = 5 if data.startswith(b"RDX") else 0
    reader = _Reader(data, at + 2)
    reader.start()
    found = _plain(reader.item())
    values = found.values() if at and isinstance(found, dict) else (found,)
    for value in values:
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            yield from value
        else:
            yield value if isinstance(value, dict) else {"value": value}


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the objects of a file as a member of JSON lines."""
    content = sample.content
    values = _objects(read_whole(content, context.budget.json))
    yield from open_objects(content, values, context)


FORMATS: Final = (
    Format(
        "R objects",
        25,
        _open,
        signatures=tuple(
            (0, head + b"X\n\0\0\0" + version)
            for version in (b"\2", b"\3")
            for head in (b"", b"RDX2\n", b"RDX3\n")
        ),
        extensions=("rds", "rdata"),
    ),
)
