# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of identity numbers and of organisations' codes: one judgement for one value.

110105194912310021 (wrong check digit) -> REFUTED, CHECK_FAIL
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint64_t
from cython.cimports.libc.string import memcmp, memcpy
from cython.cimports.piiscan.detect.arithmetic.digit_kernels import *
from cython.cimports.piiscan.detect.checks import *
from cython.cimports.piiscan.detect.checks.check_kernels import *
from cython.cimports.piiscan.kernel_arrays import *

from piiscan.data import PROVINCES
from piiscan.detect.arithmetic.weighted_sums import (
    GB_11643,
    GB_11714,
    GB_32100,
    HK_ID,
    MRZ,
    TW_ID,
    TW_UBN_WEIGHTS,
)

#: Registering departments (first character) of GB 32100 and its amendment of 2021.
CREDIT_DEPARTMENTS = b"123456789ANY"


def _pack_weights(weights: tuple, odd: int) -> int:
    """Pack the even or odd ones of eight digit weights into a factor of ``_eight_sum``."""
    return sum(weight << 16 * at for at, weight in enumerate(weights[6 + odd :: -2]))


_ID_EVEN_1 = cython.declare(uint64_t, _pack_weights(GB_11643.weights[:8], 0))
_ID_ODD_1 = cython.declare(uint64_t, _pack_weights(GB_11643.weights[:8], 1))
_ID_EVEN_2 = cython.declare(uint64_t, _pack_weights(GB_11643.weights[8:16], 0))
_ID_ODD_2 = cython.declare(uint64_t, _pack_weights(GB_11643.weights[8:16], 1))
_ID = cython.declare(WeightedSum, weighted_sum_of(GB_11643))
_ORG = cython.declare(WeightedSum, weighted_sum_of(GB_11714))
_CREDIT = cython.declare(WeightedSum, weighted_sum_of(GB_32100))
_HK = cython.declare(WeightedSum, weighted_sum_of(HK_ID))
_MRZ = cython.declare(WeightedSum, weighted_sum_of(MRZ))
_TW = cython.declare(WeightedSum, weighted_sum_of(TW_ID))
_UBN_WEIGHTS = cython.declare(int64_t[8])
_IS_PROVINCE = cython.declare(uint8_t[100])
_IS_DEPARTMENT = cython.declare(uint8_t[256])


def _fill_tables() -> None:
    """Fill the tables of provinces, departments and weights."""
    for place in range(100):
        _IS_PROVINCE[place] = place in PROVINCES
    for byte in range(256):
        _IS_DEPARTMENT[byte] = byte in CREDIT_DEPARTMENTS
    for place in range(8):
        _UBN_WEIGHTS[place] = TW_UBN_WEIGHTS[place]


_fill_tables()


@cython.cfunc
@cython.nogil
def _is_province(number: int64_t) -> cython.bint:
    """Return True if a number is a province of GB/T 2260."""
    return number < 100 and _IS_PROVINCE[number]


@cython.cfunc
@cython.nogil
def _eight_sum(word: uint64_t, even: uint64_t, odd: uint64_t) -> uint64_t:
    """Return the weighted sum of the eight digits in ``word``; ``even``, ``odd``: packed weights.

    The upper 16 bits of each product are the sum of four terms.
    """
    low: uint64_t = 0x0F0F0F0F0F0F0F0F
    twos: uint64_t = 0x00FF00FF00FF00FF
    values: uint64_t = word & low
    return (((values & twos) * even) >> 48) + ((((values >> 8) & twos) * odd) >> 48)


@cython.cfunc
@cython.nogil
def _head_level(
    number: cython.int, head: int64_t, tables: cython.pointer[CheckTables]
) -> cython.int:
    """Return the level of the first six digits in the numbers of a check.

    HMT_PERMIT: regions 81, 82, 83. FOREIGN_PR_ID: 9, a province, a country that is not China.
    DAMAGED_ID: a known prefecture.
    """
    level: cython.int
    if number == HMT_PERMIT_CHECK:
        return KNOWN if head == 810_000 or head == 820_000 or head == 830_000 else NO_PROVINCE
    if number == FOREIGN_PR_ID_CHECK:
        if head // 100_000 != 9 or not _is_province(head // 1000 % 100) or head % 1000 == 156:
            return NO_PROVINCE
        return KNOWN if tables.country_numbers[head % 1000] else NO_PROVINCE
    level = tables.regions[head]
    return NO_PROVINCE if number == DAMAGED_ID_CHECK and level == NO_PREFECTURE else level


@cython.cfunc
@cython.nogil
def _judge_18(
    number: cython.int,
    value: UInt8,
    length: int64_t,
    as_of: int64_t,
    tables: cython.pointer[CheckTables],
) -> Outcome:
    """Judge a number in the form of an identity number by its first fault (GB 11643).

    MOD 11-2: ``check_char = "10X98765432"[sum(digit * weight) % 11]``.
    """
    head: int64_t
    tail: int64_t
    year: int64_t
    birth: int64_t
    if length < 17:
        return refuted(CHECK_FAIL)
    one = eight_bytes(value)
    two = eight_bytes(value + 8)
    serial = cython.cast(uint64_t, value[16]) - 48
    if not (are_digits(one) and are_digits(two) and serial <= 9):
        return refuted(CHECK_FAIL)
    if length != 18:
        return refuted(LENGTH_WRONG)
    head = eight_digits(one)
    tail = eight_digits(two)
    level = _head_level(number, head // 100, tables)
    year = head % 100 * 100 + tail // 1_000_000
    birth = year * 10_000 + tail // 100 % 10_000
    if level == NO_PROVINCE:
        return refuted(PROVINCE_UNKNOWN)
    if not is_day(year, tail // 10_000 % 100, tail // 100 % 100):
        return refuted(DATE_IMPOSSIBLE)
    total = _eight_sum(one, _ID_EVEN_1, _ID_ODD_1) + _eight_sum(two, _ID_EVEN_2, _ID_ODD_2)
    if value[17] != _ID.checks[(total + serial * _ID.weights[16]) % 11]:
        return refuted(CHECK_FAIL)
    if birth > as_of:
        return refuted(DATE_FUTURE)
    if year < 1900:
        return outcome_of(PLAUSIBLE, DATE_BEFORE_1900, LOW)
    if birth > as_of - INFANT_YEARS * 10_000:
        return outcome_of(VERIFIED, BIRTH_RECENT, LOW)
    return _lower_by_level(VERIFIED, level)


@cython.cfunc
@cython.nogil
def _lower_by_level(verdict: cython.int, level: cython.int) -> Outcome:
    """Return a verdict with the strength of a region: MEDIUM by unknown county, LOW prefecture."""
    if level == NO_COUNTY:
        return outcome_of(verdict, REGION_UNKNOWN, MEDIUM)
    if level == NO_PREFECTURE:
        return outcome_of(verdict, REGION_UNKNOWN, LOW)
    return outcome_of(verdict, 0, 0)


@cython.cfunc
@cython.nogil
def _judge_resident_id_15(
    value: UInt8, length: int64_t, as_of: int64_t, tables: cython.pointer[CheckTables]
) -> Outcome:
    """Judge an identity number of 15 digits by region and birth date."""
    level: cython.int
    if length != 15 or not only_digits(value, 0, 15):
        return refuted(LENGTH_WRONG)
    level = tables.regions[number_at(value, length, 0, 6)]
    year = 1900 + number_at(value, length, 6, 2)
    month = number_at(value, length, 8, 2)
    day = number_at(value, length, 10, 2)
    if level == NO_PROVINCE:
        return refuted(PROVINCE_UNKNOWN)
    if not is_day(year, month, day):
        return refuted(DATE_IMPOSSIBLE)
    if year * 10_000 + month * 100 + day > as_of:
        return refuted(DATE_FUTURE)
    return _lower_by_level(PLAUSIBLE, level)


@cython.cfunc
@cython.nogil
def _judge_foreign_pr_id(
    value: UInt8, length: int64_t, as_of: int64_t, tables: cython.pointer[CheckTables]
) -> Outcome:
    """Judge a foreigner's card of 2023; an unknown country has a reason of its own."""
    outcome: Outcome = _judge_18(FOREIGN_PR_ID_CHECK, value, length, as_of, tables)
    if (
        outcome.reason == PROVINCE_UNKNOWN
        and value[0] == 57
        and _is_province(number_at(value, length, 1, 2))
    ):
        outcome.reason = COUNTRY_UNKNOWN
    return outcome


@cython.cfunc
@cython.nogil
def _judge_foreign_pr_id_15(
    value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]
) -> Outcome:
    """Judge a foreigner's card of 2004: three letters, province at 3, YYMMDD at 7."""
    country: int64_t = 0
    place: cython.int
    wrong: cython.bint = length != 15 or not only_digits(value, 3, 15)
    for place in range(3):
        if not wrong:
            wrong = not 65 <= value[place] <= 90
            country = country * 26 + value[place] - 65
    if wrong:
        return refuted(LENGTH_WRONG)
    if not _is_province(number_at(value, length, 3, 2)):
        return refuted(PROVINCE_UNKNOWN)
    if not is_day(
        2000 + number_at(value, length, 7, 2),  # the number has no century
        number_at(value, length, 9, 2),
        number_at(value, length, 11, 2),
    ):
        return refuted(DATE_IMPOSSIBLE)
    if not tables.country_codes[country]:
        return outcome_of(PLAUSIBLE, COUNTRY_UNKNOWN, LOW)
    return plausible()


@cython.cfunc
@cython.nogil
def _judge_hk_id(value: UInt8, length: int64_t) -> Outcome:
    """Judge a Hong Kong card by its check character: one or two letters, six digits, ``(3)``."""
    body: uint8_t[8]
    letters: int64_t = length - 9
    place: int64_t
    right: cython.bint
    if length != 10 and length != 11:
        return refuted(CHECK_FAIL)
    body[0] = 0xB7  # the middle dot of a missing letter
    memcpy(body + 2 - letters, value, letters + 6)
    right = value[length - 3] == 40 and value[length - 1] == 41
    for place in range(letters):
        right &= 65 <= value[place] <= 90
    right &= only_digits(value, letters, letters + 6)
    if not right or check_char(cython.address(_HK), body) != value[length - 2]:
        return refuted(CHECK_FAIL)
    if length == 10 and memcmp(value, cython.cast(cython.p_const_char, b"A123456(3)"), 10) == 0:
        return outcome_of(VERIFIED, TEST_LIKE, LOW)  # the specimen on forms and in manuals
    return verified()


@cython.cfunc
@cython.nogil
def _bracket(value: UInt8, head: int64_t, check: uint8_t, out: UInt8Out) -> int64_t:
    """Write ``head`` characters and the check character in brackets; return the length."""
    memcpy(out, value, head)
    out[head] = 40
    out[head + 1] = check
    out[head + 2] = 41
    return head + 3


@cython.cfunc
@cython.nogil
def _write_hk_id(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Bracket the check character of a Hong Kong card: ``AB1234569 -> AB123456(9)``."""
    if length > 2 and value[length - 1] == 41:
        return _bracket(value, length - 3, value[length - 2], out)
    if length > 0:
        return _bracket(value, length - 1, value[length - 1], out)
    return 0


@cython.cfunc
@cython.nogil
def _judge_tw_id(value: UInt8, length: int64_t) -> Outcome:
    """Judge a Taiwan identity number: a letter, 1, 2, 8 or 9, seven digits, check digit."""
    if length != 10 or not only_digits(value, 1, 10) or not 65 <= value[0] <= 90:
        return refuted(CHECK_FAIL)
    if value[1] != 49 and value[1] != 50 and value[1] != 56 and value[1] != 57:  # 1, 2, 8, 9
        return refuted(CHECK_FAIL)
    if check_char(cython.address(_TW), value) != value[9]:
        return refuted(CHECK_FAIL)
    if is_day_at(value, length, 1):
        return outcome_of(VERIFIED, LOOKS_LIKE_DATE, LOW)
    return verified()


@cython.cfunc
@cython.nogil
def _mrz_value(byte: uint8_t) -> int64_t:
    """Return the value of a character of an MRZ, 0 for one that has none."""
    return 0 if _MRZ.values[byte] == NO_VALUE else _MRZ.values[byte]


@cython.cfunc
@cython.nogil
def _mrz_sum(line: UInt8, first: int64_t, end: int64_t, seen: int64_t) -> int64_t:
    """Return the weighted sum of characters [``first``, ``end``) after ``seen`` others."""
    total: int64_t = 0
    for place in range(first, end):
        total += _mrz_value(line[place]) * _MRZ.weights[place - first + seen]
    return total


@cython.cfunc
@cython.nogil
def _is_mrz(line: UInt8) -> cython.bint:
    """Return True if all five check digits of an MRZ line of 44 characters are right."""
    total: int64_t = _mrz_sum(line, 0, 10, 0) + _mrz_sum(line, 13, 20, 10)
    total += _mrz_sum(line, 21, 43, 17)
    return (
        total % 10 == _mrz_value(line[43])
        and _mrz_sum(line, 0, 9, 0) % 10 == _mrz_value(line[9])
        and _mrz_sum(line, 13, 19, 0) % 10 == _mrz_value(line[19])
        and _mrz_sum(line, 21, 27, 0) % 10 == _mrz_value(line[27])
        and _mrz_sum(line, 28, 42, 0) % 10 == _mrz_value(line[42])
    )


@cython.cfunc
@cython.nogil
def _write_passport(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write the passport number of an MRZ line; the line itself if a check digit is wrong."""
    size: int64_t = length
    if length == 44 and _is_mrz(value):
        size = 8 if value[8] == 60 else 9
    memcpy(out, value, size)
    return size


@cython.cfunc
@cython.nogil
def _write_masked(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write a masked number: ``*`` for each mask character, no blanks, hyphens and points.

    A last X after a digit stays. ``199-xxxx-0008 -> 199****0008``
    """
    size: int64_t = 0
    hidden: cython.bint = True  # the character before is no digit
    checked: cython.bint = False
    for place in range(length):
        byte = value[place]
        if byte != 32 and byte != 45 and byte != 46:
            checked = not hidden and (byte == 88 or byte == 120)
            hidden = not is_digit(byte)
            out[size] = 42 if hidden else byte
            size += 1
    if checked:
        out[size - 1] = 88
    return size


@cython.cfunc
@cython.nogil
def _may_begin_id(
    value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]
) -> cython.bint:
    """Return True if the visible ones of four digits can begin an identity number."""
    if digit_at(value, length, 0) > 9:
        return False
    if digit_at(value, length, 1) > 9:
        return True
    if not _is_province(number_at(value, length, 0, 2)):
        return False
    if digit_at(value, length, 2) > 9 or digit_at(value, length, 3) > 9:
        return True
    return tables.prefectures[number_at(value, length, 0, 4)] > NO_PREFECTURE


@cython.cfunc
@cython.nogil
def _judge_damaged_id(
    value: UInt8, length: int64_t, as_of: int64_t, tables: cython.pointer[CheckTables]
) -> Outcome:
    """Judge a rounded identity number: ``4.30104E+17``, or three last zeros.

    Rounding does not change region and date, so only the check character may be wrong.
    """
    head: uint8_t[4]
    count: int64_t = 0
    place: int64_t
    if has_char(value, length, 46):
        for place in range(length):
            if count == 4 or value[place] | 32 == 101:
                break
            if is_digit(value[place]):
                head[count] = value[place]
                count += 1
        if not _may_begin_id(head, count, tables):
            return refuted(REGION_UNKNOWN)
        return outcome_of(PLAUSIBLE, DAMAGED_SCI, 0)
    if length != 18 or value[15] != 48 or value[16] != 48 or value[17] != 48:
        return refuted(CHECK_FAIL)
    if _judge_18(DAMAGED_ID_CHECK, value, length, as_of, tables).reason != CHECK_FAIL:
        return refuted(CHECK_FAIL)
    return outcome_of(PLAUSIBLE, DAMAGED_15SIG, 0)


@cython.cfunc
@cython.nogil
def _is_org_code(value: UInt8) -> cython.bint:
    """Return True if the first nine characters of ``value`` satisfy GB 11714-1997."""
    return check_char(cython.address(_ORG), value) == value[8]


@cython.cfunc
@cython.nogil
def _judge_credit_code(
    value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]
) -> Outcome:
    """Judge a credit code by its check character MOD 31-3, its department and its region.

    The organisation code inside comes first because ten in eleven chance values fail it.
    """
    region: int64_t = 0
    level: cython.int = NO_PROVINCE
    if length != 18 or not _is_org_code(value + 8):
        return refuted(CHECK_FAIL)
    if check_char(cython.address(_CREDIT), value) != value[17]:
        return refuted(CHECK_FAIL)
    if only_digits(value, 2, 8):
        region = number_at(value, length, 2, 6)
        level = tables.regions[region]
    if not _IS_DEPARTMENT[value[0]]:
        return outcome_of(VERIFIED, PREFIX_UNALLOTTED, LOW)
    if level == KNOWN or region == STATE_REGION:
        return verified()
    if level == NO_PROVINCE:
        return outcome_of(VERIFIED, PROVINCE_UNKNOWN, LOW)
    return outcome_of(VERIFIED, REGION_UNKNOWN, MEDIUM)


@cython.cfunc
@cython.nogil
def _judge_licence(value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]) -> Outcome:
    """Judge a business licence: ISO 7064 MOD 11,10 over 15 digits, registrar's region."""
    rest: int64_t = 10
    place: cython.int
    level: cython.int
    if length != 15 or not only_digits(value, 0, 15):
        return refuted(LENGTH_WRONG)
    for place in range(14):
        rest = (rest + value[place] - 48) % 10
        rest = 2 * (10 if rest == 0 else rest) % 11
    if (rest + value[14] - 48) % 10 != 1:
        return refuted(CHECK_FAIL)
    region = number_at(value, length, 0, 6)
    level = tables.regions[region]
    if level == KNOWN or region == STATE_REGION:
        return verified()
    if level == NO_PROVINCE:
        return refuted(PROVINCE_UNKNOWN)
    return outcome_of(VERIFIED, REGION_UNKNOWN, 0)


@cython.cfunc
@cython.nogil
def _judge_tw_ubn(value: UInt8, length: int64_t) -> Outcome:
    """Judge a business number of Taiwan: digits of the products with weights, modulo 5.

    The seventh digit 7 gives 28, whose digits 2 and 8 may count as 1 or as 0.
    """
    total: int64_t = 0
    place: cython.int
    if length != 8 or not only_digits(value, 0, 8):
        return refuted(CHECK_FAIL)
    for place in range(8):
        product = (value[place] - 48) * _UBN_WEIGHTS[place]
        total += product // 10 + product % 10
    if total % 5 != 0 and not (value[6] == 55 and total % 5 == 4):
        return refuted(CHECK_FAIL)
    if is_day_at(value, length, 0):
        return outcome_of(VERIFIED, LOOKS_LIKE_DATE, LOW)
    return verified()


@cython.cfunc
@cython.nogil
def judge_identity(
    number: cython.int,
    value: UInt8,
    length: int64_t,
    as_of: int64_t,
    tables: cython.pointer[CheckTables],
) -> Outcome:
    """Judge a value by an identity check; UNDECIDED for any other check."""
    if number == RESIDENT_ID_CHECK or number == HMT_PERMIT_CHECK:
        return _judge_18(number, value, length, as_of, tables)
    if number == FOREIGN_PR_ID_CHECK:
        return _judge_foreign_pr_id(value, length, as_of, tables)
    if number == RESIDENT_ID_15_CHECK:
        return _judge_resident_id_15(value, length, as_of, tables)
    if number == FOREIGN_PR_ID_15_CHECK:
        return _judge_foreign_pr_id_15(value, length, tables)
    if number == HK_ID_CHECK:
        return _judge_hk_id(value, length)
    if number == MO_ID_CHECK:
        return plausible()
    if number == TW_ID_CHECK:
        return _judge_tw_id(value, length)
    if number == PASSPORT_MRZ_CHECK:  # a line with a wrong check digit stays whole
        return refuted(CHECK_FAIL) if length > 9 else verified()
    if number == MASKED_CHECK:
        return outcome_of(PLAUSIBLE, MASKED, 0)
    if number == MASKED_ID_CHECK:
        if not _may_begin_id(value, length, tables):
            return refuted(REGION_UNKNOWN)
        return outcome_of(PLAUSIBLE, MASKED, 0)
    if number == DAMAGED_ID_CHECK:
        return _judge_damaged_id(value, length, as_of, tables)
    if number == NOT_A_DAY_CHECK:
        return refuted(PLACEHOLDER) if length == 8 and is_day_at(value, length, 0) else plausible()
    if number == USCC_CHECK:
        return _judge_credit_code(value, length, tables)
    if number == ORG_CODE_CHECK:
        return verified() if length == 9 and _is_org_code(value) else refuted(CHECK_FAIL)
    if number == BIZ_LICENCE_CHECK:
        return _judge_licence(value, length, tables)
    if number == TW_UBN_CHECK:
        return _judge_tw_ubn(value, length)
    return outcome_of(UNDECIDED, 0, 0)


@cython.cfunc
@cython.nogil
def write_identity(number: cython.int, value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write the canonical form of a value to ``out`` and return its length."""
    if number == HK_ID_CHECK:
        return _write_hk_id(value, length, out)
    if number == MO_ID_CHECK:
        if length < 8:
            memcpy(out, value, length)
            return length
        return _bracket(value, 7, value[7], out)
    if number == PASSPORT_MRZ_CHECK:
        return _write_passport(value, length, out)
    return _write_masked(value, length, out)
