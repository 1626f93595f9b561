"""Row hashes: keyed digests of the cells of a row, added up.

Rows are equal if their cells are, in any order of columns: each cell is hashed by itself, and the
digests of a row are added as two 64-bit words.  Without the key nobody can test guesses for the
cells.

Before hashing a cell is folded: white space and zero-width characters go, full width becomes half
width, Latin letters become small.  The marks that keep a spreadsheet from reading a number go too.
``'138 0013 8000``, ``="13800138000"``, ``１３８００１３８０００`` -> ``13800138000``

Rows are compared by parsed values besides: of a cell with findings their values and the rest of
its text, without a title (``张三先生`` -> 张三); of others a time (``2023/1/2 08:00``,
``2023-01-02 08:00:00``) or a decimal number (``0.50``, ``0.5``).  A time is a day, a minute unless
it is midnight, and a second unless it is 0: a copy without the seconds has some of these facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arrays import Bool, Int, Int32, Int64, UInt8, UInt64
from piiscan.arrow_strings import string_buffers
from piiscan.hashing.digest import digest_values
from piiscan.hashing.hash_kernels import blank_spans, fold_cells, shorten_numbers, sort_in_slots

#: Folded rest of a cell beside its findings that is no fact: titles, signs, labels of blocks.
_TITLE: Final = (
    "^(?:先生|女士|小姐|太太|老师|师傅|经理|同志|姓名|手机号?码?|(?:联系)?电话(?:号码)?"
    "|身份证号?码?|证件号码?|(?:联系|家庭)?(?:地址|住址)|[[:punct:]，。；：、（）])*$"
)
#: Time of a cell that has none.
NO_TIME: Final = -(2**63)
_DAY: Final = 86_400
_MINUTE: Final = 60

#: Cells in one buffer (offsets, bytes), with a number for each, -1 for none.
_Part = tuple[Int, UInt8, Int64]


class Found(NamedTuple):
    """Values that were found in cells: row, code points [start, end), canonical value."""

    rows: Int64
    starts: Int32
    ends: Int32
    values: pa.Array


class RowColumn(NamedTuple):
    """Cells of one column.

    ``slots``: number of the row hash that each cell counts in, -1 for none (also for a null).
    ``role``: cells of different roles are never equal.  ``left_out``: mask of the cells that rows
    are not compared by.  ``seconds``: time of each cell since 1970, NO_TIME for other cells.
    """

    cells: pa.Array
    slots: Int64
    role: str = ""
    left_out: Bool | None = None
    found: Found | None = None
    seconds: Int64 | None = None


class RowHashes(NamedTuple):
    """Hashes of rows (``binary(16)`` each): of all cells, and of the values that are compared.

    ``facts``: the first words of the digests of these values, sorted (``list<uint64>``).
    """

    rows: pa.Array
    compared: pa.Array
    facts: pa.Array


class _Texts(NamedTuple):
    """Texts to hash: the slot of each, and the column it is from."""

    texts: pa.Array
    slots: Int64
    columns: Int64


def hash_rows(columns: Sequence[RowColumn], *, count: int, key: bytes) -> RowHashes:
    """Return ``count`` row hashes: the sums of the digests of each row's cells and values.

    Empty cells add nothing.
    """
    roles = sorted({column.role for column in columns})
    entities = [f"row {role}" for role in roles] + [f"time {role}" for role in roles]
    kinds = _join([np.full(len(each.slots), roles.index(each.role)) for each in columns])
    slots = _join([each.slots for each in columns])
    compared = slots.copy()
    parts: list[_Part] = []
    values: list[_Part] = []
    rests: list[_Part] = []
    times: list[tuple[Int64, Int64]] = []
    first = 0
    for column in columns:
        cells = np.arange(first, first + len(column.slots))
        own = compared[first : first + len(cells)]
        parts.append((*string_buffers(column.cells), np.where(own >= 0, cells, -1)))
        if column.left_out is not None:
            own[column.left_out] = -1
        if column.found is not None and len(column.found.rows):
            numbers = np.where(own >= 0, cells, -1)
            value, rest = _parsed_cells(column.cells, column.found, numbers)
            values.append(value)
            rests.append(rest)
            own[rest[2] >= 0] = -1
        if column.seconds is not None:
            timed = np.flatnonzero((own >= 0) & (column.seconds != NO_TIME))
            times.append((cells[timed], column.seconds[timed]))
            own[timed] = -1
        first += len(cells)
    texts, whole = _fold(parts)
    as_written = compared[whole] >= 0
    short, at = _short_numbers(texts, as_written)
    as_written[at] = False
    value_texts, of_value = _fold(values)
    rest_texts, of_rest = _fold(rests)
    told = ~pc.match_substring_regex(rest_texts, _TITLE).to_numpy(zero_copy_only=False)
    time_texts, of_time = _time_facts(times)
    added = pa.concat_arrays([short, value_texts, rest_texts.filter(pa.array(told)), time_texts])
    cells = np.concatenate([whole[at], of_value, of_rest[told], of_time])
    of_text = kinds[cells]
    of_text[len(cells) - len(of_time) :] += len(roles)
    words = _digest_words(texts, kinds[whole], entities, key)
    facts = np.concatenate([words[as_written], _digest_words(added, of_text, entities, key)])
    of_fact = slots[np.concatenate([whole[as_written], cells])]
    return RowHashes(
        _as_digests(_add_words(slots[whole], words, count)),
        _as_digests(_add_words(of_fact, facts, count)),
        _as_lists(of_fact, np.ascontiguousarray(facts[:, 0]), count),
    )


def _join(parts: Sequence[Int64]) -> Int64:
    """Return arrays of whole numbers as one."""
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _fold(parts: Sequence[_Part]) -> tuple[pa.Array, Int64]:
    """Fold the texts of ``parts`` that have a number; return them, and the number of each.

    Texts that are empty, or that fold to nothing, are left out.
    """
    folded = np.empty(sum(int(offsets[-1] - offsets[0]) for offsets, _, _ in parts), np.uint8)
    size = sum(len(numbers) for _, _, numbers in parts)
    ends, kept = np.zeros(size + 1, np.int64), np.empty(size, np.int64)
    filled = 0
    for offsets, data, numbers in parts:
        filled = fold_cells(
            np.ascontiguousarray(offsets, np.int64), data, numbers, filled, folded, ends, kept
        )
    return _strings(ends[: filled + 1], folded), kept[:filled]


def _strings(ends: Int64, data: UInt8) -> pa.Array:
    """Return the strings with these ends in a buffer; the first end is 0."""
    buffers = pa.py_buffer(ends), pa.py_buffer(data)
    return pa.LargeStringArray.from_buffers(len(ends) - 1, *buffers)


def _parsed_cells(cells: pa.Array, found: Found, numbers: Int64) -> tuple[_Part, _Part]:
    """Return the values found in cells, and these cells with blanks in place of the values.

    Cells that are their value as it is (``13800138000``) have no number, nor have others' values.
    """
    # cells as long as their value alone: a long one with many values is not taken for each
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)[found.rows]
    changed = lengths != pc.binary_length(found.values).to_numpy(zero_copy_only=False)
    alike = np.flatnonzero(~changed)
    equal = pc.equal(cells.take(pa.array(found.rows[alike])), found.values.take(pa.array(alike)))
    changed[alike] = ~equal.to_numpy(zero_copy_only=False)
    rows = found.rows[changed]
    offsets, data = string_buffers(cells)
    wide, blanked = np.ascontiguousarray(offsets, np.int64), data.copy()
    blank_spans(wide, data, rows, found.starts[changed], found.ends[changed], blanked)
    of_cell = np.full(len(numbers), -1, np.int64)
    of_cell[rows] = numbers[rows]
    of_value = np.where(changed, numbers[found.rows], -1)
    return (*string_buffers(found.values), of_value), (wide, blanked, of_cell)


def _time_facts(times: Sequence[tuple[Int64, Int64]]) -> tuple[pa.Array, Int64]:
    """Return the facts of times (day, minute, second) as texts, and the cell of each."""
    cells = _join([cells for cells, _ in times])
    seconds = _join([seconds for _, seconds in times])
    minutes, full = seconds % _DAY != 0, seconds % _MINUTE != 0
    units = (("d", seconds // _DAY), ("m", seconds[minutes] // _MINUTE), ("s", seconds[full]))
    texts = [
        pc.binary_join_element_wise(
            pa.scalar(unit, pa.large_string()), pa.array(numbers).cast(pa.large_string()),
            pa.scalar("", pa.large_string()),
        )
        for unit, numbers in units
    ]  # fmt: skip
    return pa.concat_arrays(texts), np.concatenate([cells, cells[minutes], cells[full]])


def _short_numbers(texts: pa.Array, chosen: Bool) -> tuple[pa.Array, Int64]:
    """Return the shortest forms of the ``chosen`` texts that are longer numbers, and their places.

    ``1,234.50 -> 1234.5``
    """
    ends, folded = string_buffers(texts)
    sizes = np.zeros(len(texts), np.int64)
    forms = np.empty(int(ends[-1]) + len(ends), np.uint8)
    shorten_numbers(ends.astype(np.int64), folded, len(texts), forms, sizes)
    at = np.flatnonzero((sizes > 0) & chosen)
    every = _strings(np.concatenate([[0], np.cumsum(sizes)]), forms)
    return every.take(pa.array(at)), at


def _digest_words(texts: pa.Array, kinds: Int64, entities: list[str], key: bytes) -> UInt64:
    """Return the digests of texts as two words each (``uint64[n, 2]``)."""
    digests = digest_values(texts, kinds, entities=entities, key=key)
    return np.frombuffer(digests.buffers()[1] or b"", np.uint64).reshape(-1, 2)


def _add_words(slots: Int64, words: UInt64, count: int) -> UInt64:
    """Return the sum of the digests (``uint64[n, 2]``) of each of ``count`` slots."""
    sums = np.zeros((count, 2), np.uint64)
    for half in range(2):
        np.add.at(sums[:, half], slots, words[:, half])
    return sums


def _as_digests(sums: UInt64) -> pa.Array:
    """Return ``uint64[n, 2]`` as ``binary(16)``."""
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(sums), [None, pa.py_buffer(sums)]
    )


def _as_lists(slots: Int64, words: UInt64, count: int) -> pa.Array:
    """Return the words of each slot as a list (``list<uint64>``), sorted."""
    sizes = np.bincount(slots, minlength=count)
    ends, ordered = np.cumsum(sizes) - sizes, np.empty(len(words), np.uint64)
    sort_in_slots(slots, words, ends, ordered)
    offsets = pa.array(np.concatenate([[0], ends]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, pa.array(ordered))
