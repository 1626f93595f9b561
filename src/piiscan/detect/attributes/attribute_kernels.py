# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of attributes: sex, province, age band and carrier of numbers, as summary codes.

430104190506150016 -> male, 湖南省, adult    138****8000 -> 中国移动
"""

import cython
from cython.cimports.libc.stdint import int32_t, int64_t, uint32_t
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays

#: First serial of 15-digit numbers reserved for centenarians, born 18YY (GB 11643-1989).
CENTENARIANS = 996
#: PIPL article 28: information on minors under fourteen is sensitive.
SENSITIVE_AGE = 14
#: Age of adults (Civil Code article 17).
FULL_AGE = 18
#: Summary code of one sex, from 1 on; those of provinces and age bands are below it.
SEX = 400

_CENTENARIANS = cython.declare(int64_t, CENTENARIANS)
_SENSITIVE_AGE = cython.declare(int64_t, SENSITIVE_AGE)
_FULL_AGE = cython.declare(int64_t, FULL_AGE)
_SEX = cython.declare(int32_t, SEX)
_DAYS = cython.declare(cython.int[13], (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))


@cython.cfunc
@cython.nogil
def _two_digits(data: UInt8) -> int64_t:
    """Return the number of two digits."""
    return (data[0] - 48) * 10 + data[1] - 48


@cython.cfunc
@cython.nogil
def _is_day(data: UInt8, year: int64_t) -> cython.bint:
    """Return True if the digits MMDD are a day of ``year``."""
    month: int64_t = _two_digits(data)
    day: int64_t = _two_digits(data + 2)
    if not (1 <= month <= 12 and year > 0 and 1 <= day <= _DAYS[month]):
        return False
    return month != 2 or day != 29 or (year % 4 == 0 and year % 100 != 0) or year % 400 == 0


@cython.cfunc
@cython.nogil
def _age_band(age: int64_t) -> int32_t:
    """Return the number of the age band, from 1; 0 for an age below 0."""
    if age < 0:
        return 0
    return 1 + (age >= _SENSITIVE_AGE) + (age >= _FULL_AGE)


@cython.cfunc
@cython.nogil
def _age(data: UInt8, year: int64_t, as_of: int64_t) -> int64_t:
    """Return the age on ``as_of`` (yyyymmdd) of somebody born in ``year`` on the digits MMDD."""
    birth: int64_t = year * 10_000 + _two_digits(data) * 100 + _two_digits(data + 2)
    return floor_divide(as_of - birth, 10_000)


@cython.cfunc
@cython.nogil
def _sure_band(year: int64_t, as_of: int64_t) -> int32_t:
    """Return the age band that every birthday of ``year`` gives; 0 for none, or no such year."""
    oldest: int64_t = as_of // 10_000 - year
    if 1800 <= year < 2200 and _age_band(oldest) == _age_band(oldest - 1):
        return _age_band(oldest)
    return 0


@cython.cfunc
@cython.nogil
def _encode_resident_id(data: UInt8, size: int64_t, table: Int32, as_of: int64_t) -> int32_t:
    """Return the summary code of a number of 18 or 15 characters; -1 if it has other ones."""
    place: cython.int
    code: int32_t
    odd: int32_t
    for place in range(17 if size == 18 else 15):
        if not 48 <= data[place] <= 57:
            return -1
    odd = (data[16 if size == 18 else 14] - 48) % 2
    code = table[_two_digits(data)] + (1 + odd) * _SEX
    year = _two_digits(data + 6)
    if size == 18:
        year = year * 100 + _two_digits(data + 8)
        data += 10
    else:
        if _two_digits(data + 12) * 10 + data[14] - 48 >= _CENTENARIANS:
            return code
        year += 1900
        data += 8
    return code + _age_band(_age(data, year, as_of)) if _is_day(data, year) else code


def encode_resident_ids(
    starts: arrays.Int64,
    ends: arrays.Int64,
    data: arrays.UInt8,
    kinds: arrays.AnyArray,
    kind: int,
    table: arrays.Int32,
    as_of: int,
    codes: arrays.Int32,
) -> None:
    """Write summary codes (sex, province, age band) of resident identity numbers to ``codes``.

    Only rows of ``kind`` are written.  ``table`` has the province codes by two digits.  A 15-digit
    number with a serial of 996 or more belongs to a centenarian and gets no band.
    """
    count: cython.Py_ssize_t = len(starts)
    first: Int64 = int64(starts)
    last: Int64 = int64(ends)
    bytes_: UInt8 = uint8(data)
    of_row: Int64 = int64(kinds)
    wanted: int64_t = kind
    provinces: Int32 = int32(table)
    today: int64_t = as_of
    out: Int32Out = int32_out(codes)
    with cython.nogil:
        for row in range(count):
            size = last[row] - first[row]
            if of_row[row] == wanted and (size == 18 or size == 15):
                code = _encode_resident_id(bytes_ + first[row], size, provinces, today)
                if code >= 0:
                    out[row] = code


@cython.cfunc
@cython.nogil
def _encode_masked_id(
    data: UInt8, size: int64_t, table: Int32, damaged: cython.bint, as_of: int64_t, code: int32_t
) -> int32_t:
    """Return the summary code of a masked or damaged number; ``code`` if nothing is known."""
    shown: uint32_t = 0  # bit ``place`` is set for each visible digit
    if size < 2 or (damaged and size != 18):
        return code
    for place in range(cython.cast(cython.int, min(size, 18))):
        if 48 <= data[place] <= 57:
            shown |= cython.cast(uint32_t, 1) << place
    if damaged and shown != (1 << 18) - 1:
        return code
    if shown & 3 == 3:
        code = table[_two_digits(data)]
    if size == 18 and shown & 0b1111000000 == 0b1111000000:
        year = _two_digits(data + 6) * 100 + _two_digits(data + 8)
        if damaged:
            return (
                code + _age_band(_age(data + 10, year, as_of)) if _is_day(data + 10, year) else code
            )
        return code + _sure_band(year, as_of)
    if size == 15 and shown & 0b11000000 == 0b11000000:
        return code + _sure_band(1900 + _two_digits(data + 6), as_of)
    return code


def encode_masked_ids(
    starts: arrays.Int64,
    ends: arrays.Int64,
    data: arrays.UInt8,
    kinds: arrays.AnyArray,
    kind: int,
    table: arrays.Int32,
    damaged: bool,
    as_of: int,
    codes: arrays.Int32,
) -> None:
    """Write summary codes (province, age band) of masked or damaged IDs to ``codes``.

    ``damaged`` values must be 18 digits with an existing birth date.  Of a masked value the birth
    year is known: it gets a band if every birthday of that year gives the same.
    """
    count: cython.Py_ssize_t = len(starts)
    first: Int64 = int64(starts)
    last: Int64 = int64(ends)
    bytes_: UInt8 = uint8(data)
    of_row: Int64 = int64(kinds)
    wanted: int64_t = kind
    provinces: Int32 = int32(table)
    whole: cython.bint = damaged
    today: int64_t = as_of
    out: Int32Out = int32_out(codes)
    with cython.nogil:
        for row in range(count):
            if of_row[row] == wanted:
                out[row] = _encode_masked_id(
                    bytes_ + first[row], last[row] - first[row], provinces, whole, today, out[row]
                )


def encode_mobiles(
    starts: arrays.Int64,
    ends: arrays.Int64,
    data: arrays.UInt8,
    kinds: arrays.AnyArray,
    kind: int,
    table: arrays.Int32,
    codes: arrays.Int32,
) -> None:
    """Write summary codes (carrier) of mobile numbers, plain or masked, to ``codes``.

    ``table`` (``int32[6, 100_000]``) has a row for each number of leading digits, at most five.
    """
    count: cython.Py_ssize_t = len(starts)
    first: Int64 = int64(starts)
    last: Int64 = int64(ends)
    bytes_: UInt8 = uint8(data)
    of_row: Int64 = int64(kinds)
    wanted: int64_t = kind
    carriers: Int32 = int32(table)
    out: Int32Out = int32_out(codes)
    head: int64_t
    place: int64_t
    with cython.nogil:
        for row in range(count):
            if of_row[row] != wanted:
                continue
            head = 0
            place = 0
            while place < 5 and first[row] + place < last[row]:
                if not 48 <= bytes_[first[row] + place] <= 57:
                    break
                head = head * 10 + bytes_[first[row] + place] - 48
                place += 1
            out[row] = carriers[place * 100_000 + head]


@cython.cfunc
@cython.nogil
def _is_hanzi(data: UInt8) -> cython.bint:
    """Return True if three bytes are a Hanzi from U+3400 to U+9FFF."""
    return 0xE4 <= data[0] <= 0xE9 or (data[0] == 0xE3 and data[1] >= 0x90)


@cython.cfunc
@cython.nogil
def _is_mou(data: UInt8) -> cython.bint:
    """Return True if three bytes are 某."""
    return data[0] == 0xE6 and data[1] == 0x9F and data[2] == 0x90


def mark_anonymised(offsets: arrays.Int64, data: arrays.UInt8, out: arrays.Bool) -> None:
    """Set ``out[i]`` if string ``i`` begins with one or two Hanzi and 某: 罗某, 欧阳某某."""
    count: cython.Py_ssize_t = len(out)
    places: Int64 = int64(offsets)
    bytes_: UInt8 = uint8(data)
    found: BoolOut = boolean_out(out)
    with cython.nogil:
        for row in range(count):
            at = bytes_ + places[row]
            size = places[row + 1] - places[row]
            found[row] = (
                size >= 6
                and _is_hanzi(at)
                and (_is_mou(at + 3) or (size >= 9 and _is_hanzi(at + 3) and _is_mou(at + 6)))
            )
