"""Known values: the clear values that a run replaced, and the search for them in texts.

Only hashes of their normal forms are compared, so a folder may have millions of values. The normal
form has no case, no full-width characters, no separators between digits and no spaces between
Hanzi: ``１３８-0013 8000 -> 13800138000``.

A value is searched for only if it says something by itself: at least 7 digits, 6 characters with 4
digits or an @, 8 other characters, or 2 Hanzi. A value of 3 Hanzi counts anywhere; a shorter one
only where it is set off, since ``国王伟大`` does not name 王伟. The ends of a number or a word must
not continue: 13800138000 is not in 9913800138000.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from piiscan.masking.pseudonym import Item

_Array = npt.NDArray[Any]
#: Characters of a value that are compared; the rest of a longer value is not.
_MAX_LENGTH: Final = 24
_MIN_DIGITS: Final = 7
_MIN_MIXED, _MIXED_DIGITS = 6, 4
_MIN_WORD: Final = 8
_FREE_HANZI: Final = 3
#: Entities that need more characters: the name of a town or a bank is nobody's.
_PLACES: Final = ("CN_ADDRESS", "ORGANIZATION")
_MIN_PLACE: Final = 6
#: Characters between digits that people write for reading, and characters without width.
_SEPARATORS: Final = " -.·_()‐‑–—"
_NO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
#: Entities whose values are nobody's by themselves.
_NOT_SEARCHED: Final = ("VERIFICATION_CODE", "CN_SERVICE_NUMBER", "PHONE_TAIL")
#: Entities that take the name tagger: bytes are not searched for new values of them.
TAGGED: Final = ("PERSON", "CN_ADDRESS", "ORGANIZATION", "NICKNAME")
_OTHER, _DIGIT, _LETTER, _HANZI, _SEPARATOR, _NOTHING = range(6)
_CHUNK: Final = 1 << 20
#: Values that are not sorted in.
_MAX_FRESH: Final = 1 << 16
#: Characters by whose hash most places of a text are left out, and the bits of a hash looked up.
_PREFIX: Final = 4
_SHIFT: Final = np.uint64(40)


def _fold(code: int) -> int:
    """Return the folded code point of a normal form: ``Ａ -> a``."""
    char = chr(code)
    if unicodedata.digit(char, None) is not None:
        return 48 + unicodedata.digit(char)
    plain = unicodedata.normalize("NFKC", char).lower()
    return ord(plain) if len(plain) == 1 else code


def _kind(code: int) -> int:
    """Return the kind of a folded code point: digit, letter, Hanzi, separator, none."""
    char = chr(code)
    if 48 <= code < 58:
        return _DIGIT
    if char in _SEPARATORS:
        return _SEPARATOR
    if char in _NO_WIDTH:
        return _NOTHING
    if 0x3400 <= code < 0xA000 or 0xF900 <= code < 0xFB00:
        return _HANZI
    return _LETTER if char.isalpha() else _OTHER


class _Tables:
    """Tables of folded code point and kind for each BMP character, made at first use."""

    made: tuple[_Array, _Array] | None = None

    @classmethod
    def get(cls) -> tuple[_Array, _Array]:
        """Return (folded code points, kinds), each indexed by code point."""
        if cls.made is None:
            plane = [code if 0xD800 <= code < 0xE000 else _fold(code) for code in range(1 << 16)]
            kinds = np.array([_kind(code) for code in plane], np.int8)
            cls.made = np.array(plane, np.uint32), kinds
        return cls.made


class _Normal(NamedTuple):
    """Normal form of a text: code points, kinds and positions; kinds of all characters."""

    codes: _Array
    kinds: _Array
    positions: _Array
    all_kinds: _Array


def _normalize(text: str) -> _Normal:
    """Return the normal form: folded, without separators in numbers and blanks in names."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    folds, kind_table = _Tables.get()
    small = np.minimum(codes, 0xFFFF)
    folded = np.where(codes < 0x10000, folds[small], codes)
    kinds = np.where(codes < 0x10000, kind_table[small], _HANZI).astype(np.int8)
    kept = kinds != _NOTHING
    separators = kinds == _SEPARATOR
    for size in (1, 2):  # one or two separators, beside digits or between Hanzi
        for at in range(size):
            before, after = _shifted(kinds, at + 1), _shifted(kinds, at - size)
            inside = separators if size == 1 else separators & _shifted(separators, 1 - 2 * at)
            one, both = (before == _DIGIT) | (after == _DIGIT), before * after
            digits = one & ((both == _DIGIT * _DIGIT) | (both == _DIGIT * _LETTER))
            blanks = (before == _HANZI) & (after == _HANZI) & (folded != 45)
            kept &= ~(inside & (digits | blanks))
    positions = np.flatnonzero(kept)
    return _Normal(folded[positions], kinds[positions], positions, kinds)


def _shifted(values: _Array, by: int) -> _Array:
    """Return ``values`` shifted ``by`` places to the right, filled with 0."""
    moved = np.zeros_like(values)
    if abs(by) >= len(values):
        return moved
    if by >= 0:
        moved[by:] = values[: len(values) - by]
    else:
        moved[:by] = values[-by:]
    return moved


#: An odd factor and its inverse modulo 2**64.
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_INVERSE: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))


class _Sums(NamedTuple):
    """Prefix sums of a text from which the hash of any of its ranges is computed."""

    sums: _Array
    inverses: _Array

    @classmethod
    def of(cls, codes: _Array) -> _Sums:
        """Compute the prefix sums of the code points ``codes``."""
        size = len(codes)
        factors, inverses = np.full(size, _FACTOR), np.full(size + 1, _INVERSE)
        factors[:1] = inverses[:1] = 1
        mixed = (codes.astype(np.uint64) + np.uint64(1)) * np.uint64(0xD6E8FEB86659FD93)
        sums = np.zeros(size + 1, np.uint64)
        np.cumsum(mixed * np.cumprod(factors), out=sums[1:])
        return cls(sums, np.cumprod(inverses))

    def hashes(self, begins: _Array | slice, ends: _Array | slice) -> _Array:
        """Return the hash of each range [begin, end): ``uint64[n]``."""
        found = (self.sums[ends] - self.sums[begins]) * self.inverses[begins]
        return np.asarray(found ^ (found >> np.uint64(29)))


class KnownSpan(NamedTuple):
    """Occurrence [start, end) of a known value in a text, in code points, as an item."""

    start: int
    end: int
    item: Item


@dataclass(slots=True)
class KnownValues:
    """Collection of replaced values that is searched for in other texts.

    ``is_common``: True for a text that is no value by itself, such as the name of a column. A
    folder may have millions of values, so each is a hash, a kind and its canonical form in bytes.
    """

    is_common: Callable[[str], bool] = field(default=lambda _: False)
    _hashes: _Array = field(default_factory=lambda: np.zeros(0, np.uint64))  # sorted
    _rows: _Array = field(default_factory=lambda: np.zeros(0, np.int64))  # value of each hash
    _fresh: dict[int, int] = field(default_factory=dict)  # hash -> value, not sorted in yet
    _lengths: set[int] = field(default_factory=set)
    #: True for the first bits of each hash, of a value or of the beginning of one
    _present: _Array = field(default_factory=lambda: np.zeros(1 << 24, np.bool_))
    _kinds: dict[tuple[str, str], int] = field(default_factory=dict)
    _kind_of: array[int] = field(default_factory=lambda: array("H"))
    _ends: array[int] = field(default_factory=lambda: array("Q", [0]))
    _forms: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        """Return the number of values in the collection."""
        return len(self._kind_of)

    def add(self, items: Sequence[Item]) -> None:
        """Add the texts of ``items``, except texts that are no values by themselves."""
        items = [
            each
            for each in items
            if each.entity not in _NOT_SEARCHED
            and (each.entity not in _PLACES or len(each.text) >= _MIN_PLACE)
        ]
        if not items:
            return
        normal = _normalize("\n".join(each.text.replace("\n", " ") for each in items))
        ends = np.append(np.flatnonzero(normal.codes == 10), len(normal.codes))
        begins = np.append(0, ends[:-1] + 1)
        wanted = _is_distinctive(normal, begins, ends)
        stops = np.minimum(ends, begins + _MAX_LENGTH)
        sums = _Sums.of(normal.codes)
        hashes, long = sums.hashes(begins, stops), begins[stops - begins >= _PREFIX]
        self._present[sums.hashes(long, long + _PREFIX) >> _SHIFT] = True
        for at in np.flatnonzero(wanted & (self._find_rows(hashes) < 0)).tolist():
            value, item = int(hashes[at]), items[at]
            if value not in self._fresh and not self._is_common(item.text):
                self._fresh[value] = len(self)
                self._present[value >> int(_SHIFT)] = True
                self._lengths.add(int(stops[at] - begins[at]))
                kind = self._kinds.setdefault((item.entity, item.recognizer), len(self._kinds))
                self._kind_of.append(kind)
                self._forms += item.value.encode("utf-8", "surrogatepass")
                self._ends.append(len(self._forms))
        if len(self._fresh) > _MAX_FRESH:
            self._sort_in()

    def _is_common(self, text: str) -> bool:
        """Return True for a text that is no value by itself; a long one, or a number, is one."""
        if len(text) > _MAX_LENGTH or sum(map(str.isdigit, text)) >= _MIN_DIGITS:
            return False
        return self.is_common(text)

    def _sort_in(self) -> None:
        """Sort the fresh values into the others."""
        new = np.fromiter(self._fresh, np.uint64, len(self._fresh))
        order = np.argsort(new)
        at = np.searchsorted(self._hashes, new[order])
        rows = np.fromiter(self._fresh.values(), np.int64, len(new))
        self._hashes = np.insert(self._hashes, at, new[order])
        self._rows = np.insert(self._rows, at, rows[order])
        self._fresh.clear()

    def _find_rows(self, hashes: _Array) -> _Array:
        """Return the number of the value with each hash, -1 without one; fresh values apart."""
        rows = np.full(len(hashes), -1)
        if not len(self._hashes):
            return rows
        likely = np.flatnonzero(self._present[hashes >> _SHIFT])
        at = np.minimum(np.searchsorted(self._hashes, hashes[likely]), len(self._hashes) - 1)
        rows[likely] = np.where(self._hashes[at] == hashes[likely], self._rows[at], -1)
        return rows

    def find(self, text: str) -> Iterator[KnownSpan]:
        """Yield the known values in ``text``, which is searched in overlapping windows."""
        if self._fresh:
            self._sort_in()
        step = _CHUNK - 8 * _MAX_LENGTH
        for base in range(0, max(len(text), 1) if len(self) else 0, step):
            piece = text[base : base + _CHUNK]
            for start, end, item in self._find(piece):
                cut = end == len(piece) and base + end < len(text)
                if not cut and (start or not base):
                    yield KnownSpan(base + start, base + end, item)

    def _find(self, text: str) -> Iterator[KnownSpan]:
        """Yield the known values in a window of a text."""
        normal = _normalize(text)
        sums = _Sums.of(normal.codes)
        size = len(normal.codes)
        begins, can_end = _edges(normal)
        long = begins[: np.searchsorted(begins, size - _PREFIX, "right")]
        long = long[self._present[sums.hashes(long, long + _PREFIX) >> _SHIFT]]
        for length in sorted(self._lengths):
            likely = begins if length < _PREFIX else long
            likely = likely[: np.searchsorted(likely, size - length, "right")]
            if length < _MAX_LENGTH:
                likely = likely[can_end[likely + (length - 1)]]
            rows = self._find_rows(sums.hashes(likely, likely + length))
            for at in np.flatnonzero(rows >= 0).tolist():
                begin = int(likely[at])
                if _is_set_off(normal, begin, begin + length):
                    first, last = normal.positions[[begin, begin + length - 1]].tolist()
                    row = int(rows[at])
                    entity, recognizer = list(self._kinds)[self._kind_of[row]]
                    form = self._forms[self._ends[row] : self._ends[row + 1]]
                    value = form.decode("utf-8", "surrogatepass")
                    found = Item(text[first : last + 1], entity, recognizer, value)
                    yield KnownSpan(first, last + 1, found)


def _is_distinctive(normal: _Normal, begins: _Array, ends: _Array) -> _Array:
    """Return True per value that is distinctive: enough digits, letters or Hanzi."""

    def count(flags: _Array) -> _Array:
        sums = np.append(0, np.cumsum(flags))
        return np.asarray(sums[ends] - sums[begins])

    digits, letters = count(normal.kinds == _DIGIT), count(normal.kinds == _LETTER)
    hanzi, signs = count(normal.kinds == _HANZI), count(normal.codes == ord("@"))
    size = ends - begins
    mixed = (size >= _MIN_MIXED) & ((digits >= _MIXED_DIGITS) & (letters + hanzi > 0) | (signs > 0))
    words = (size >= _MIN_WORD) & (letters > 0)
    return np.asarray((digits >= _MIN_DIGITS) | mixed | words | (hanzi >= 2))


def _edges(normal: _Normal) -> tuple[_Array, _Array]:
    """Return the positions at which a number, word or other value can begin, and a flag per end.

    Both are positions in the normal form; a number or word begins and ends at its edges only.
    """
    whole = np.concatenate(([_OTHER], normal.all_kinds, [_OTHER]))
    free = (normal.kinds != _DIGIT) & (normal.kinds != _LETTER)
    begins = free | (whole[normal.positions] != normal.kinds)
    return np.flatnonzero(begins), free | (whole[normal.positions + 2] != normal.kinds)


def _is_set_off(normal: _Normal, begin: int, end: int) -> bool:
    """Return True if the characters around [begin, end) do not continue the value."""
    first, last = normal.positions[begin], normal.positions[end - 1]
    all_kinds = normal.all_kinds
    before = int(all_kinds[first - 1]) if first else _OTHER
    after = int(all_kinds[last + 1]) if last + 1 < len(all_kinds) else _OTHER
    kinds = normal.kinds[begin:end]
    free = int(np.count_nonzero(kinds == _HANZI)) >= _FREE_HANZI
    long = end - begin == _MAX_LENGTH  # its end is not compared
    return _ends_at(int(kinds[0]), before, free=free) and (
        long or _ends_at(int(kinds[-1]), after, free=free)
    )


def _ends_at(edge: int, neighbour: int, *, free: bool) -> bool:
    """Return True if a value with the outer character kind ``edge`` ends at ``neighbour``."""
    if edge == _HANZI:
        return free or neighbour not in (_HANZI, _LETTER, _DIGIT)
    return neighbour != edge or edge not in (_DIGIT, _LETTER)
