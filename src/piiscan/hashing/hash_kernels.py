# mypy: ignore-errors
"""Kernels of hashing: keyed BLAKE2b of many strings, distinct digests, folded cells of rows."""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint8_t, uint64_t
from cython.cimports.libc.stdlib import free, malloc
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

_BLOCK = cython.declare(int64_t, 128)
# Folded forms of a byte: the character is dropped, or may need folding with the bytes after it.
_DROP = cython.declare(cython.int, 0)
_LEAD = cython.declare(cython.int, 1)
#: Byte that each byte folds to before rows are hashed: itself, its small letter, _DROP or _LEAD.
_FOLD = cython.declare(uint8_t[256])


def _fill_table() -> None:
    """Fill the table of folded bytes."""
    for byte in range(256):
        _FOLD[byte] = _DROP if byte < 33 or byte == 127 else byte
        if 65 <= byte <= 90:
            _FOLD[byte] = byte + 32
    for byte in (0xC2, 0xE2, 0xE3, 0xEF):
        _FOLD[byte] = _LEAD


_fill_table()


def write_keyed_state(key_block: arrays.UInt8, parameters: int, state: arrays.UInt64) -> None:
    """Write BLAKE2b's state after the block of a key (``uint8[128]``) to ``state`` (``uint64[8]``).

    ``parameters``: first word of the parameter block (RFC 7693, 2.8).
    """
    block: UInt8 = uint8(key_block)
    out: UInt64Out = uint64_out(state)
    words: uint64_t[16]
    first: uint64_t = parameters
    memcpy(words, block, 128)
    memcpy(out, blake2_iv, 64)
    out[0] ^= first
    blake2_compress(out, words, _BLOCK, False)


def hash_strings(
    offsets: arrays.Int64,
    data: arrays.UInt8,
    kinds: arrays.Int16,
    prefix_starts: arrays.Int64,
    prefixes: arrays.UInt8,
    start: arrays.UInt64,
    out: arrays.UInt64,
    lanes: int = 0,
) -> None:
    """Write to ``out[i]`` the digest (two words) of prefix ``kinds[i]`` plus string ``i``.

    ``start``: state after the block of the key.  ``lanes``: strings hashed at once (8, 4, 2 or 1),
    by default, and at most, as many as the processor can.
    """
    count: cython.Py_ssize_t = len(offsets) - 1
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(data)
    of_string: Int16 = int16(kinds)
    heads: Int64 = int64(prefix_starts)
    prefix: UInt8 = uint8(prefixes)
    state: UInt64 = uint64(start)
    digests: UInt64Out = uint64_out(out)
    width: cython.int = min(lanes, blake2_width()) if lanes else blake2_width()
    words: uint64_t[16 * 64]
    counters: uint64_t[64]
    found: uint64_t[2 * 64]
    block: uint8_t[128]
    first: cython.Py_ssize_t
    string: cython.Py_ssize_t
    lane: cython.int
    used: cython.int
    word: cython.int
    skip: int64_t
    size: int64_t
    head: int64_t
    with cython.nogil:
        for first in range(0, count, 64):
            used = cython.cast(cython.int, min(BLAKE2_LANES, count - first))
            memset(words, 0, cython.sizeof(words))
            memset(counters, 0, cython.sizeof(counters))
            for lane in range(used):
                string = first + lane
                head = heads[of_string[string]]
                skip = heads[of_string[string] + 1] - head
                size = places[string + 1] - places[string]
                counters[lane] = _BLOCK + skip + size
                if skip + size <= _BLOCK:
                    memcpy(block, prefix + head, skip)
                    memcpy(block + skip, bytes_ + places[string], size)
                    memset(block + skip + size, 0, _BLOCK - skip - size)
                    for word in range(cython.cast(cython.int, (skip + size + 7) >> 3)):
                        words[word * BLAKE2_LANES + lane] = eight_bytes(block + 8 * word)
            blake2_last_blocks(width, state, words, counters, found)
            for lane in range(used):
                string = first + lane
                if counters[lane] <= cython.cast(uint64_t, 2 * _BLOCK):
                    digests[2 * string] = found[lane]
                    digests[2 * string + 1] = found[BLAKE2_LANES + lane]
                else:
                    head = heads[of_string[string]]
                    _hash_long(
                        prefix + head, heads[of_string[string] + 1] - head, bytes_ + places[string],
                        places[string + 1] - places[string], state, digests + 2 * string,
                    )  # fmt: skip


@cython.cfunc
@cython.nogil
def _hash_long(
    prefix: UInt8, skip: int64_t, data: UInt8, size: int64_t, start: UInt64, out: UInt64Out
) -> cython.void:
    """Write the digest of prefix and data, of any length, as two words."""
    state: uint64_t[8]
    words: uint64_t[16]
    block: cython.pointer[uint8_t] = cython.cast(cython.pointer[uint8_t], words)
    total: int64_t = skip + size
    done: int64_t = 0
    part: int64_t
    from_prefix: int64_t
    memcpy(state, start, 64)
    while done < total:
        part = min(_BLOCK, total - done)
        from_prefix = min(max(skip - done, 0), part)
        memset(words, 0, 128)
        memcpy(block, prefix + min(done, skip), from_prefix)
        memcpy(block + from_prefix, data + max(done - skip, 0), part - from_prefix)
        done += part
        blake2_compress(state, words, done + _BLOCK, done >= total)
    out[0], out[1] = state[0], state[1]


def count_half(
    words: arrays.UInt64,
    kinds: arrays.Int32,
    second: arrays.Int32,
    width: int,
    half: int,
    rows: arrays.Int64,
    counts: arrays.Int64,
    totals: arrays.Int64,
) -> None:
    """Count digests with top bit ``half`` into ``rows[pair]``, ``counts[pair]``, ``totals[kind]``.

    The digests are sorted into 256 parts by their lowest byte; each is counted in an
    open-addressing hash table. Raise MemoryError if there is no room for them.
    """
    number: cython.Py_ssize_t = len(kinds)
    digests: UInt64 = uint64(words)
    of_digest: Int32 = int32(kinds)
    others: Int32 = int32(second)
    has_second: cython.bint = len(second) > 0
    out_rows: Int64Out = int64_out(rows)
    out_counts: Int64Out = int64_out(counts)
    out_totals: Int64Out = int64_out(totals)
    kind_count: int32_t = width
    top: uint64_t = half
    done: cython.bint
    with cython.nogil:
        done = _count_half(
            digests, of_digest, others, has_second, number, kind_count, top,
            out_rows, out_counts, out_totals,
        )  # fmt: skip
    if not done:
        raise MemoryError


@cython.cfunc
@cython.nogil
def _count_half(
    words: UInt64,
    kinds: Int32,
    second: Int32,
    has_second: cython.bint,
    number: cython.Py_ssize_t,
    width: int32_t,
    half: uint64_t,
    rows: Int64Out,
    counts: Int64Out,
    totals: Int64Out,
) -> cython.bint:
    """Sort the digests into parts, then count each part; return False if memory is short."""
    ends: int64_t[257]
    free_places: int64_t[256]
    row: cython.Py_ssize_t
    part: cython.int
    place: int64_t
    largest: int64_t = 0
    size: int64_t = 16
    pair: int32_t
    memset(ends, 0, cython.sizeof(ends))
    for row in range(number):
        if kinds[row] >= 0 and words[2 * row] >> 63 == half:
            ends[(words[2 * row] & 255) + 1] += 1
    for part in range(256):
        largest = max(largest, ends[part + 1])
        ends[part + 1] += ends[part]
        free_places[part] = ends[part]
    while size < 2 * largest:
        size *= 2
    found: UInt64Out = cython.cast(UInt64Out, malloc((ends[256] + 1) * 16))
    pairs: Int32Out = cython.cast(Int32Out, malloc((ends[256] + 1) * 4))
    slots: Int64Out = cython.cast(Int64Out, malloc(size * 8))
    if found == cython.NULL or pairs == cython.NULL or slots == cython.NULL:
        free(found)
        free(pairs)
        free(slots)
        return False
    for row in range(number):
        if kinds[row] >= 0 and words[2 * row] >> 63 == half:
            part = words[2 * row] & 255
            place = free_places[part]
            free_places[part] += 1
            found[2 * place] = words[2 * row]
            found[2 * place + 1] = words[2 * row + 1]
            pair = kinds[row] + (second[row] * width if has_second else 0)
            pairs[place] = pair
            rows[pair] += 1
    for part in range(256):
        _count_part(found, pairs, ends[part], ends[part + 1], slots, size, width, counts, totals)
    free(found)
    free(pairs)
    free(slots)
    return True


@cython.cfunc
@cython.nogil
def _count_part(
    words: UInt64,
    pairs: Int32,
    begin: int64_t,
    end: int64_t,
    slots: Int64Out,
    size: int64_t,
    width: int32_t,
    counts: Int64Out,
    totals: Int64Out,
) -> cython.void:
    """Count the distinct digests from ``begin`` to ``end`` by pair and by kind.

    ``slots``: hash table of ``size`` entries, a power of two, at least twice the digests.
    """
    row: int64_t
    other: int64_t
    slot: int64_t
    known: cython.bint
    memset(slots, 0xFF, size * 8)
    for row in range(begin, end):
        slot = cython.cast(int64_t, words[2 * row] >> 8) & (size - 1)
        known = False  # True: counted in another pair of the same kind
        while slots[slot] >= 0:
            other = slots[slot]
            if words[2 * row] == words[2 * other] and words[2 * row + 1] == words[2 * other + 1]:
                if pairs[row] == pairs[other]:
                    break
                known |= pairs[row] % width == pairs[other] % width
            slot = (slot + 1) & (size - 1)
        if slots[slot] < 0:
            slots[slot] = row
            counts[pairs[row]] += 1
            if not known:
                totals[pairs[row] % width] += 1


@cython.cfunc
@cython.nogil
def _fold_multibyte(
    b0: cython.int, b1: cython.int, b2: cython.int
) -> tuple[cython.int, cython.int]:
    """Return the folded byte of a UTF-8 character that begins with ``b0``, and its length in bytes.

    0 drops spaces, zero-width characters and byte order marks; -1 means unchanged.  ``Ａ -> a``
    """
    code: cython.int = -1
    if b0 == 0xC2:
        return (0, 2) if b1 == 0xA0 or b1 == 0xAD else (-1, 2)
    if b0 == 0xE3:
        return (0, 3) if b1 == 0x80 and b2 == 0x80 else (-1, 3)
    if b0 == 0xE2:
        if b1 == 0x80 and (b2 <= 0x8F or 0xA8 <= b2 <= 0xAF):
            return 0, 3
        return (0, 3) if b1 == 0x81 and 0x9F <= b2 <= 0xAF else (-1, 3)
    if b1 == 0xBB and b2 == 0xBF:
        return 0, 3
    if b1 == 0xBC and b2 >= 0x81:
        code = b2 - 0x81 + 0x21
    elif b1 == 0xBD and b2 <= 0x9E:
        code = b2 - 0x80 + 0x60
    if 65 <= code <= 90:
        code += 32
    return code, 3


@cython.cfunc
@cython.nogil
def _needs_no_folding(eight: uint64_t) -> cython.bint:
    """Return True if all eight bytes are digits or signs (``!`` to ``@``), which do not change."""
    high: uint64_t = 0x8080808080808080
    to_letters: uint64_t = 0x3F3F3F3F3F3F3F3F
    to_blanks: uint64_t = 0x5F5F5F5F5F5F5F5F
    return (eight | (eight + to_letters)) & high == 0 and (eight + to_blanks) & high == high


def fold_cells(
    offsets: arrays.Int64,
    data: arrays.UInt8,
    slots: arrays.Int64,
    count: int,
    folded: arrays.UInt8,
    ends: arrays.Int64,
    kept: arrays.Int64,
) -> int:
    """Append the folded form of each filled cell with a slot to ``folded``.

    ``count`` cells are there already; the last of them ends at ``ends[count]``.  ``kept`` gets the
    slot of each.  Return the new count.
    """
    cells: cython.Py_ssize_t = len(slots)
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(data)
    of_cell: Int64 = int64(slots)
    number: int64_t = count
    out: UInt8Out = uint8_out(folded)
    out_ends: Int64Out = int64_out(ends)
    out_kept: Int64Out = int64_out(kept)
    cell: cython.Py_ssize_t
    at: int64_t = out_ends[number]
    low: int64_t
    high: int64_t
    byte: cython.int
    code: cython.int
    size: cython.int
    b1: cython.int
    b2: cython.int
    with cython.nogil:
        for cell in range(cells):
            if of_cell[cell] < 0:
                continue
            low, high = places[cell], places[cell + 1]
            if (
                high - low > 3
                and bytes_[low] == 61
                and bytes_[low + 1] == 34
                and bytes_[high - 1] == 34
            ):
                low += 2
                high -= 1
            elif high - low > 1 and bytes_[low] == 39:
                low += 1
            while low < high:
                if low + 8 <= high and _needs_no_folding(eight_bytes(bytes_ + low)):
                    memcpy(out + at, bytes_ + low, 8)
                    at += 8
                    low += 8
                    continue
                byte = bytes_[low]
                code = _FOLD[byte]
                size = 1
                if code == _LEAD:
                    b1 = bytes_[low + 1] if low + 1 < high else 0
                    b2 = bytes_[low + 2] if low + 2 < high else 0
                    code, size = _fold_multibyte(byte, b1, b2)
                    if code < 0:  # unchanged: its other bytes follow one by one
                        code, size = byte, 1
                low += size
                if code != _DROP:
                    out[at] = code
                    at += 1
            if at > out_ends[number]:
                out_kept[number] = of_cell[cell]
                number += 1
                out_ends[number] = at
    return number


def blank_spans(
    offsets: arrays.Int64,
    data: arrays.UInt8,
    rows: arrays.Int64,
    starts: arrays.Int32,
    ends: arrays.Int32,
    out: arrays.UInt8,
) -> None:
    """Overwrite the code points [start, end) of the cells ``rows`` with blanks in ``out``.

    ``out``: a copy of ``data``. A span behind the one before, in its cell, is sought from there.
    """
    spans: cython.Py_ssize_t = len(rows)
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(data)
    blanked: UInt8Out = uint8_out(out)
    of_span: Int64 = int64(rows)
    lows: Int32 = int32(starts)
    highs: Int32 = int32(ends)
    span: cython.Py_ssize_t
    at: int64_t = 0
    point: int64_t = 0  # code points of the cell before ``at``
    with cython.nogil:
        for span in range(spans):
            if span == 0 or of_span[span] != of_span[span - 1] or lows[span] < point:
                at, point = places[of_span[span]], 0
            while at < places[of_span[span] + 1]:
                if bytes_[at] & 0xC0 != 0x80:
                    if point >= highs[span]:
                        break
                    point += 1
                if point > lows[span]:
                    blanked[at] = 32
                at += 1


@cython.cfunc
@cython.nogil
def _shorten_number(data: UInt8, low: int64_t, high: int64_t, out: UInt8Out) -> int64_t:
    """Write the shortest form of a decimal number to ``out``; return its length, 0 if unchanged.

    ``1,234.50 -> 1234.5``, ``￥0.50元 -> 0.5``, ``.5 -> 0.5``, ``007 -> unchanged``
    """
    size: int64_t = 0
    group: int64_t = -1  # digits since the last comma
    point: int64_t = -1  # place of the point in ``out``
    digits: int64_t = 0
    added: int64_t = 0
    first: int64_t = low
    end: int64_t = high
    at: int64_t
    if high - low > 64:
        return 0
    if data[low] == 45:
        out[0] = 45
        size = 1
        first += 1
    if end - first > 2 and data[first] == 0xC2 and data[first + 1] == 0xA5:
        first += 2
    elif (
        end - first > 3
        and data[first] == 0xEF
        and data[first + 1] == 0xBF
        and data[first + 2] == 0xA5
    ):
        first += 3
    if (
        end - first > 3
        and data[end - 3] == 0xE5
        and data[end - 2] == 0x85
        and data[end - 1] == 0x83
    ):
        end -= 3
    for at in range(first, end):
        if 48 <= data[at] <= 57:
            digits += 1
            group += group >= 0
            out[size] = data[at]
            size += 1
        elif data[at] == 44 and point < 0 and digits > 0 and (group == -1 or group == 3):
            group = 0
        elif data[at] == 46 and point < 0 and (group == -1 or group == 3):
            if digits == 0:
                out[size] = 48
                size += 1
                added = 1
            group = -1
            point = size
            out[size] = 46
            size += 1
        else:
            return 0
    if digits == 0 or (group != -1 and group != 3):
        return 0
    if point >= 0:
        while out[size - 1] == 48:
            size -= 1
        if out[size - 1] == 46:
            size -= 1
    return 0 if size == high - low and not added else size


def shorten_numbers(
    ends: arrays.Int64, folded: arrays.UInt8, count: int, out: arrays.UInt8, sizes: arrays.Int64
) -> int:
    """Write the shortest forms of decimal numbers among ``count`` folded cells to ``out``.

    ``sizes``: bytes of the form of each cell, 0 if it has none.  Return the bytes written.
    """
    cells: cython.Py_ssize_t = count
    places: Int64 = int64(ends)
    bytes_: UInt8 = uint8(folded)
    forms: UInt8Out = uint8_out(out)
    lengths: Int64Out = int64_out(sizes)
    cell: cython.Py_ssize_t
    at: int64_t = 0
    with cython.nogil:
        for cell in range(cells):
            lengths[cell] = _shorten_number(bytes_, places[cell], places[cell + 1], forms + at)
            at += lengths[cell]
    return at


def sort_in_slots(
    slots: arrays.Int64, words: arrays.UInt64, ends: arrays.Int64, out: arrays.UInt64
) -> None:
    """Write the words to ``out`` by slot, those of each slot sorted.

    ``slots``: slot of each word.  ``ends``: first place of each slot; its end when done.
    """
    size: cython.Py_ssize_t = len(slots)
    count: cython.Py_ssize_t = len(ends)
    of: Int64 = int64(slots)
    given: UInt64 = uint64(words)
    places: Int64Out = int64_out(ends)
    sorted_: UInt64Out = uint64_out(out)
    at: cython.Py_ssize_t
    slot: cython.Py_ssize_t
    first: int64_t = 0
    with cython.nogil:
        for at in range(size):
            sorted_[places[of[at]]] = given[at]
            places[of[at]] += 1
        for slot in range(count):
            _shell_sort(sorted_ + first, places[slot] - first)
            first = places[slot]


@cython.cfunc
@cython.nogil
def _shell_sort(words: UInt64Out, size: int64_t) -> cython.void:
    """Sort words in place: few are sorted by insertion, many by rising distances first."""
    gap: int64_t = 1
    while gap < size // 3:
        gap = gap * 3 + 1
    while gap > 0:
        at: int64_t
        for at in range(gap, size):
            word: uint64_t = words[at]
            place: int64_t = at
            while place >= gap and words[place - gap] > word:
                words[place] = words[place - gap]
                place -= gap
            words[place] = word
        gap = gap // 3
