"""Character matrices of string arrays, word arrays by index, and longest-prefix look-up.

``["430104…", "13800138000"] -> uint8[width, k]``: column operations on millions of values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from piiscan.arrays import AnyArray, Bool, Int32, Int64, UInt8
from piiscan.detect.arithmetic.digit_kernels import read_digits
from piiscan.detect.arithmetic.digits import all_digits, number

#: Attribute name -> array with one entry a value, null if unknown.
AttributeColumns = dict[str, pa.Array]


def digits_of(values: pa.Array, width: int, *, rows: AnyArray | None = None) -> UInt8:
    """Return the digit values of the first ``width`` bytes of each string: uint8[width, k].

    255 for a byte that is no digit (``X`` too) and beyond the end.  ``rows``: indices of the values
    to read, default all.

    >>> digits_of(pa.array(["12X", "9"]), 3).tolist()
    [[1, 9], [2, 255], [255, 255]]
    """
    starts, ends, data = byte_offsets(values)
    if rows is not None:
        starts, ends = starts[rows], ends[rows]
    out = np.empty((width, len(starts)), np.uint8)
    read_digits(starts, ends, data, out)
    return out


def lengths_of(values: pa.Array) -> Int32:
    """Return the length of each value in bytes: int32[k]."""
    starts, ends, _ = byte_offsets(values)
    lengths: Int32 = (ends - starts).astype(np.int32)
    return lengths


def byte_offsets(values: pa.Array) -> tuple[AnyArray, AnyArray, UInt8]:
    """Return start and end of each value in bytes, and the bytes of all values."""
    kind = np.int64 if pa.types.is_large_string(values.type) else np.int32
    if not len(values):
        none = np.zeros(0, np.int64)
        return none, none, np.frombuffer(b"", np.uint8)
    _, places, data = values.buffers()
    offsets = np.frombuffer(places, kind)[values.offset : values.offset + len(values) + 1]
    offsets = offsets.astype(np.int64)
    content = np.frombuffer(data or b"", np.uint8)
    return offsets[:-1], offsets[1:], content


def digits_to_text(digits: UInt8, *, where: Bool | None = None) -> pa.Array:
    """Return digit columns (uint8[width, k]) as a string array, null outside of ``where``.

    >>> digits_to_text(np.array([[4, 1], [3, 1]], np.uint8)).to_pylist()
    ['43', '11']
    """
    texts = chars_to_text(np.minimum(digits, 9) + np.uint8(48))
    return texts if where is None else null_unless(texts, where)


def chars_to_text(chars: UInt8) -> pa.Array:
    """Return columns of ASCII characters (uint8[width, k]) as a string array of equal lengths.

    >>> chars_to_text(np.array([[97], [98]], np.uint8)).to_pylist()
    ['ab']
    """
    width, count = chars.shape
    rows = np.ascontiguousarray(chars.T)
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(rows))


def null_unless(array: pa.Array, where: Bool) -> pa.Array:
    """Return ``array`` with null in each row where the mask ``where`` is False."""
    import pyarrow.compute as pc

    return pc.if_else(pa.array(where), array, pa.scalar(None, array.type))


def int64_array(numbers: AnyArray, where: Bool) -> pa.Array:
    """Return ``numbers`` as an int64 array, null in each row where the mask ``where`` is False."""
    return pa.array(numbers.astype(np.int64), mask=~where)


def word_array(words: Iterable[str]) -> pa.Array:
    """Return the words as a string array; an empty word becomes null."""
    return pa.array([word or None for word in words], pa.string())


def take_words(words: pa.Array, places: AnyArray) -> pa.Array:
    """Return ``words[i]`` for each index in ``places``, null for a negative index.

    >>> take_words(word_array(["a", "", "c"]), np.array([2, -1, 1])).to_pylist()
    ['c', None, None]
    """
    return words.take(pa.array(places, mask=places < 0))


@dataclass(frozen=True, slots=True)
class PrefixTable:
    """Prefixes of numbers, to find the longest one of each number.

    ``levels``: (digits, sorted keys, indices of the prefixes) from the longest to the shortest.
    """

    levels: tuple[tuple[int, Int64, Int32], ...]

    @classmethod
    def of(cls, prefixes: Sequence[str], subkeys: Sequence[int] | None = None) -> PrefixTable:
        """Build the prefix table of ``prefixes``; look-ups return a prefix's index in ``prefixes``.

        ``subkeys`` (0 to 99) separate equal prefixes, for example by the length of a card.
        """
        by_length: dict[int, dict[int, int]] = {}
        for place, prefix in enumerate(prefixes):
            key = int(prefix) * 100 + (subkeys[place] if subkeys else 0)
            by_length.setdefault(len(prefix), {}).setdefault(key, place)
        levels = []
        for length in sorted(by_length, reverse=True):
            keys = sorted(by_length[length])
            places = np.array([by_length[length][key] for key in keys], np.int32)
            levels.append((length, np.array(keys, np.int64), places))
        return cls(tuple(levels))

    def find(self, digits: UInt8, subkeys: AnyArray | int = 0) -> Int32:
        """Return the index of the longest prefix of each number: int32[k], -1 for none.

        ``digits``: uint8[w, k], digit columns.

        >>> table = PrefixTable.of(["13", "134"])
        >>> table.find(np.array([[1, 1], [3, 3], [4, 5]], np.uint8)).tolist()
        [1, 0]
        """
        found = np.full(digits.shape[1], -1, np.int32)
        for length, keys, places in self.levels:
            if length > len(digits):
                continue
            key = number(digits[:length], np.int64) * 100 + subkeys
            at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            hit = (keys[at] == key) & all_digits(digits[:length]) & (found < 0)
            found[hit] = places[at[hit]]
        return found


def unambiguous_prefixes(rows: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return number head -> word, for the shortest heads that determine the word.

    ``rows`` are (prefix, word).  A head with several words is left out, because the hidden rest of
    a masked number must not be guessed: ``138****8000 -> 中国移动``.

    >>> unambiguous_prefixes([("134", "a"), ("1349", "b"), ("135", "a")])
    {'135': 'a'}
    >>> unambiguous_prefixes([("1341", "a"), ("1349", "b"), ("135", "a")])
    {'1341': 'a', '1349': 'b', '135': 'a'}
    """
    known: dict[str, set[str]] = {}
    for prefix, word in rows:
        known.setdefault(prefix, set()).add(word)
    words: dict[str, set[str]] = {}
    for prefix, found in known.items():
        for end in range(1, len(prefix) + 1):
            words.setdefault(prefix[:end], set()).update(found)
    for head, words_of_head in words.items():  # words of a shorter prefix apply to longer heads
        words_of_head.update(*(known.get(head[:end], ()) for end in range(1, len(head))))
    alike = {head: next(iter(found)) for head, found in words.items() if len(found) == 1}
    return {head: word for head, word in sorted(alike.items()) if head[:-1] not in alike}
