"""Values as rows of bytes, words by number, and the longest prefix that a number begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int32, Int64, UInt8
from piiscan.detect.arithmetic.digits import all_digits, number
from piiscan.jit import kernel

#: Attributes of some values: name -> an array as long as the values, null where it does not hold.
Derived = dict[str, pa.Array]


def digits_of(values: pa.Array, width: int, *, rows: AnyArray | None = None) -> UInt8:
    """The first ``width`` bytes as digits, by column: uint8[width, k], 255 for what is no digit.

    ``X`` is no digit either; ``rows`` are those of ``values`` that are wanted, else all.

    >>> digits_of(pa.array(["12X", "9"]), 3).tolist()
    [[1, 9], [2, 255], [255, 255]]
    """
    starts, ends, data = places_of(values)
    if rows is not None:
        starts, ends = starts[rows], ends[rows]
    out = np.empty((width, len(starts)), np.uint8)
    _gather(starts, ends, data, out)
    return out


def lengths_of(values: pa.Array) -> Int32:
    """How many bytes each value has: int32[k]."""
    starts, ends, _ = places_of(values)
    lengths: Int32 = (ends - starts).astype(np.int32)
    return lengths


def places_of(values: pa.Array) -> tuple[AnyArray, AnyArray, UInt8]:
    """Where each value starts and ends in the bytes of all, and those bytes."""
    kind = np.int64 if pa.types.is_large_string(values.type) else np.int32
    if not len(values):
        none = np.zeros(0, np.int64)
        return none, none, np.frombuffer(b"", np.uint8)
    _, places, data = values.buffers()
    offsets = np.frombuffer(places, kind)[values.offset : values.offset + len(values) + 1]
    offsets = offsets.astype(np.int64)
    content = np.frombuffer(data or b"", np.uint8)
    content.flags.writeable = False  # one compiled version, whatever the caller had
    return offsets[:-1], offsets[1:], content


@kernel
def _gather(starts: Any, ends: Any, data: UInt8, out: UInt8) -> None:  # pragma: no cover - compiled
    for row in range(len(starts)):
        for column in range(len(out)):
            place = starts[row] + column
            digit = data[place] - np.uint8(48) if place < ends[row] else np.uint8(255)
            out[column, row] = digit if digit <= 9 else np.uint8(255)


def spelt(digits: UInt8, *, where: Bool | None = None) -> pa.Array:
    """The digit columns as text, null outside of ``where``.

    >>> spelt(np.array([[4, 1], [3, 1]], np.uint8)).to_pylist()
    ['43', '11']
    """
    texts = texts_of(np.minimum(digits, 9) + np.uint8(48))
    return texts if where is None else kept(texts, where)


def texts_of(chars: UInt8) -> pa.Array:
    """Columns of ASCII characters as text, all equally long.

    >>> texts_of(np.array([[97], [98]], np.uint8)).to_pylist()
    ['ab']
    """
    width, count = chars.shape
    rows = np.ascontiguousarray(chars.T)
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(rows))


def kept(array: pa.Array, where: Bool) -> pa.Array:
    """``array`` with null outside of ``where``."""
    import pyarrow.compute as pc

    return pc.if_else(pa.array(where), array, pa.scalar(None, array.type))


def whole(numbers: AnyArray, where: Bool) -> pa.Array:
    """``numbers`` as int64, null outside of ``where``."""
    return pa.array(numbers.astype(np.int64), mask=~where)


def listed(words: Iterable[str]) -> pa.Array:
    """The words as an array to pick from; an empty word is null."""
    return pa.array([word or None for word in words], pa.string())


def picked(words: pa.Array, places: AnyArray) -> pa.Array:
    """``words[place]`` for each place, null for a place below 0.

    >>> picked(listed(["a", "", "c"]), np.array([2, -1, 1])).to_pylist()
    ['c', None, None]
    """
    return words.take(pa.array(places, mask=places < 0))


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Prefixes of numbers, to find the longest one; ``tails`` tell apart what begins the same.

    ``levels``: (digits, sorted keys, their places) from the longest prefix to the shortest.
    """

    levels: tuple[tuple[int, Int64, Int32], ...]

    @classmethod
    def of(cls, prefixes: Sequence[str], tails: Sequence[int] | None = None) -> Prefixes:
        """Prefixes whose place is that in the sequence; tails run from 0 to 99."""
        by_length: dict[int, dict[int, int]] = {}
        for place, prefix in enumerate(prefixes):
            key = int(prefix) * 100 + (tails[place] if tails else 0)
            by_length.setdefault(len(prefix), {}).setdefault(key, place)
        levels = []
        for length in sorted(by_length, reverse=True):
            keys = sorted(by_length[length])
            places = np.array([by_length[length][key] for key in keys], np.int32)
            levels.append((length, np.array(keys, np.int64), places))
        return cls(tuple(levels))

    def places(self, digits: UInt8, tails: AnyArray | int = 0) -> Int32:
        """The place of the longest prefix of each number (digits by column): int32[k], -1 for none.

        >>> Prefixes.of(["13", "134"]).places(np.array([[1, 1], [3, 3], [4, 5]], np.uint8)).tolist()
        [1, 0]
        """
        found = np.full(digits.shape[1], -1, np.int32)
        for length, keys, places in self.levels:
            if length > len(digits):
                continue
            key = number(digits[:length], np.int64) * 100 + tails
            at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            hit = (keys[at] == key) & all_digits(digits[:length]) & (found < 0)
            found[hit] = places[at[hit]]
        return found


def certain(rows: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Head -> the word of every number that begins so, as short as it can be said.

    ``rows`` are prefixes with their word.  A head of which some numbers have another word is not
    in it: what is left of a masked number must not be guessed.

    >>> certain([("134", "a"), ("1349", "b"), ("135", "a")])
    {'135': 'a'}
    >>> certain([("1341", "a"), ("1349", "b"), ("135", "a")])
    {'1341': 'a', '1349': 'b', '135': 'a'}
    """
    known: dict[str, set[str]] = {}
    for prefix, word in rows:
        known.setdefault(prefix, set()).add(word)
    words: dict[str, set[str]] = {}
    for prefix, found in known.items():
        for end in range(1, len(prefix) + 1):
            words.setdefault(prefix[:end], set()).update(found)
    for head, told in words.items():  # what a shorter prefix says holds beyond it too
        told.update(*(known.get(head[:end], ()) for end in range(1, len(head))))
    alike = {head: next(iter(found)) for head, found in words.items() if len(found) == 1}
    return {head: word for head, word in sorted(alike.items()) if head[:-1] not in alike}
