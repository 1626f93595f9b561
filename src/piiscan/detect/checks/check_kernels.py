"""Kernels of checks: one judgement for each canonical value of a matrix, or for one value.

A value is a row of ``chars``, uint8[k, w], padded with 0; ``length`` is its length in bytes.

110105194912310021 (wrong check digit) -> REFUTED, CHECK_FAIL
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint64_t
from cython.cimports.libc.string import memset
from cython.cimports.piiscan.detect.arithmetic.digit_kernels import (
    are_digits,
    digit_at,
    eight_digits,
    is_day,
    is_day_at,
    is_digit,
    number_at,
    passes_luhn,
)
from cython.cimports.piiscan.detect.checks.check_kernels import (
    BANK_CARD,
    CHINA_BARCODES_FROM,
    CHINA_BARCODES_TO,
    CREDIT_CODE,
    EPOCH_FROM,
    EPOCH_TO,
    IMEI,
    INFANT_YEARS,
    MOBILE,
    RESIDENT_ID,
    STATE_REGION,
    UNDECIDED,
    Judgement,
    JudgementOut,
    Outcome,
    SingleChecks,
    Values,
    judgement_of,
    judgement_out,
    outcome_of,
    put_outcome,
    values_of,
)
from cython.cimports.piiscan.kernel_arrays import (
    Bool,
    BoolOut,
    Int32Out,
    Int64,
    Int64Out,
    UInt8,
    UInt8Out,
    boolean,
    boolean_out,
    eight_bytes,
    int32_out,
    int64,
    int64_out,
    uint8,
    uint8_out,
)

from piiscan.data import KNOWN, NO_COUNTY, NO_PREFECTURE, NO_PROVINCE, TLD_WIDTH
from piiscan.detect.checks import REASON, Strength, Verdict

#: Weights of resident identity numbers (GB 11643), and the check character by the sum modulo 11.
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK_CHARS = b"10X98765432"
#: Characters of credit codes (GB 32100), their value is the place; weights of the first 17.
CREDIT_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
#: Registering departments (first character) of GB 32100 and its amendment of 2021.
CREDIT_DEPARTMENTS = b"123456789ANY"
#: Weights of organisation codes (GB 11714).
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
#: Filler typed along the keyboard for a mobile number.
KEYBOARD_MOBILE = 12_345_678_901
#: Longest bank card number and longest IMEI (IMEISV), in digits.
MAX_CARD = 19
MAX_IMEI = 16
#: Longest canonical landline number, ``0AC-NNNNNNNN;ext=EEE``, in bytes; more digits are dropped.
LANDLINE_WIDTH = 32


def _pack_weights(weights: tuple, odd: int) -> int:
    """Pack the even or odd ones of eight digit weights into a factor of ``_eight_sum``."""
    return sum(weight << 16 * at for at, weight in enumerate(weights[6 + odd :: -2]))


_ID_EVEN_1 = cython.declare(uint64_t, _pack_weights(ID_WEIGHTS[:8], 0))
_ID_ODD_1 = cython.declare(uint64_t, _pack_weights(ID_WEIGHTS[:8], 1))
_ID_EVEN_2 = cython.declare(uint64_t, _pack_weights(ID_WEIGHTS[8:16], 0))
_ID_ODD_2 = cython.declare(uint64_t, _pack_weights(ID_WEIGHTS[8:16], 1))
_ID_WEIGHT_17 = cython.declare(uint64_t, ID_WEIGHTS[16])
_MAX_CARD = cython.declare(int64_t, MAX_CARD)
_MAX_IMEI = cython.declare(int64_t, MAX_IMEI)
_FIRST_MOBILE = cython.declare(uint64_t, 13_000_000_000)
_LAST_MOBILE = cython.declare(uint64_t, 19_999_999_999)
_SERVICE_LINE = cython.declare(uint64_t, 13_800_138_000)
_KEYBOARD_MOBILE = cython.declare(uint64_t, KEYBOARD_MOBILE)
_LANDLINE_DIGITS = cython.declare(int64_t, LANDLINE_WIDTH - 8)
_LANDLINE_WIDTH = cython.declare(int64_t, LANDLINE_WIDTH)
_TLD_WIDTH = cython.declare(int64_t, TLD_WIDTH)
#: Decimals of a coordinate that count.
_DECIMALS = cython.declare(int64_t, 4)

_NO_PROVINCE = cython.declare(cython.int, NO_PROVINCE)
_NO_PREFECTURE = cython.declare(cython.int, NO_PREFECTURE)
_NO_COUNTY = cython.declare(cython.int, NO_COUNTY)
_KNOWN = cython.declare(cython.int, KNOWN)

_REFUTED = cython.declare(cython.int, Verdict.REFUTED)
_PLAUSIBLE = cython.declare(cython.int, Verdict.PLAUSIBLE)
_VERIFIED = cython.declare(cython.int, Verdict.VERIFIED)
_LOW = cython.declare(cython.int, Strength.LOW)
_MEDIUM = cython.declare(cython.int, Strength.MEDIUM)
_AREA_CODE_UNKNOWN = cython.declare(cython.int, REASON["AREA_CODE_UNKNOWN"])
_BIRTH_RECENT = cython.declare(cython.int, REASON["BIRTH_RECENT"])
_CHECK_FAIL = cython.declare(cython.int, REASON["CHECK_FAIL"])
_DATE_BEFORE_1900 = cython.declare(cython.int, REASON["DATE_BEFORE_1900"])
_DATE_FUTURE = cython.declare(cython.int, REASON["DATE_FUTURE"])
_DATE_IMPOSSIBLE = cython.declare(cython.int, REASON["DATE_IMPOSSIBLE"])
_EAN_BARCODE = cython.declare(cython.int, REASON["EAN_BARCODE"])
_EMAIL_SYNTAX = cython.declare(cython.int, REASON["EMAIL_SYNTAX"])
_EPOCH_TIME = cython.declare(cython.int, REASON["EPOCH_TIME"])
_FILLER = cython.declare(cython.int, REASON["FILLER"])
_LENGTH_WRONG = cython.declare(cython.int, REASON["LENGTH_WRONG"])
_LOOKS_LIKE_DATE = cython.declare(cython.int, REASON["LOOKS_LIKE_DATE"])
_LUHN_FAIL = cython.declare(cython.int, REASON["LUHN_FAIL"])
_OUT_OF_RANGE = cython.declare(cython.int, REASON["OUT_OF_RANGE"])
_PLACEHOLDER = cython.declare(cython.int, REASON["PLACEHOLDER"])
_PREFIX_UNALLOTTED = cython.declare(cython.int, REASON["PREFIX_UNALLOTTED"])
_PRIVATE_ADDRESS = cython.declare(cython.int, REASON["PRIVATE_ADDRESS"])
_PROVINCE_UNKNOWN = cython.declare(cython.int, REASON["PROVINCE_UNKNOWN"])
_REGION_UNKNOWN = cython.declare(cython.int, REASON["REGION_UNKNOWN"])
_SYSTEM_ACCOUNT = cython.declare(cython.int, REASON["SYSTEM_ACCOUNT"])
_SYSTEM_MAILBOX = cython.declare(cython.int, REASON["SYSTEM_MAILBOX"])
_TEST_LIKE = cython.declare(cython.int, REASON["TEST_LIKE"])
_TLD_UNKNOWN = cython.declare(cython.int, REASON["TLD_UNKNOWN"])

_ID_CHECK_CHARS = cython.declare(uint8_t[11])
#: Value of each character of a credit code by its ASCII code, 31 outside the alphabet.
_CREDIT_VALUES = cython.declare(uint8_t[256])
_CREDIT_WEIGHTS = cython.declare(int64_t[17])
_IS_DEPARTMENT = cython.declare(uint8_t[256])
_ORG_WEIGHTS = cython.declare(uint64_t[8])
_EXTENSION = cython.declare(uint8_t[5])


def _fill_tables() -> None:
    """Fill the tables of characters and weights."""
    for byte in range(256):
        _CREDIT_VALUES[byte] = CREDIT_ALPHABET.index(byte) if byte in CREDIT_ALPHABET else 31
        _IS_DEPARTMENT[byte] = byte in CREDIT_DEPARTMENTS
    for place in range(11):
        _ID_CHECK_CHARS[place] = ID_CHECK_CHARS[place]
    for place in range(17):
        _CREDIT_WEIGHTS[place] = CREDIT_WEIGHTS[place]
    for place in range(8):
        _ORG_WEIGHTS[place] = ORG_WEIGHTS[place]
    for place in range(5):
        _EXTENSION[place] = b";ext="[place]


_fill_tables()


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


def put_judgements(rows: object, some: object, out: object) -> None:
    """Copy the judgements ``some`` to ``rows`` of ``out``."""
    count: cython.Py_ssize_t = len(rows)
    at: cython.Py_ssize_t
    row: int64_t
    places: Int64 = int64(rows)
    source: Judgement = judgement_of(some)
    judged: JudgementOut = judgement_out(out)
    with cython.nogil:
        for at in range(count):
            row = places[at]
            judged.verdict[row] = source.verdict[at]
            judged.reason[row] = source.reason[at]
            judged.strength[row] = source.strength[at]


@cython.cfunc
@cython.nogil
def _judge_resident_id(value: UInt8, length: int64_t, levels: UInt8, as_of: int64_t) -> Outcome:
    """Judge one identity number by its first fault; 18 bytes of ``value`` may be read.

    ``levels``: level of each six-digit head.
    """
    one: uint64_t = eight_bytes(value)
    two: uint64_t = eight_bytes(value + 8)
    serial: uint64_t = cython.cast(uint64_t, value[16]) - 48
    if not (are_digits(one) and are_digits(two) and serial <= 9):
        return outcome_of(_REFUTED, _CHECK_FAIL, 0)
    if length != 18:
        return outcome_of(_REFUTED, _LENGTH_WRONG, 0)
    head: int64_t = eight_digits(one)
    tail: int64_t = eight_digits(two)
    level: cython.int = levels[head // 100]
    year: int64_t = head % 100 * 100 + tail // 1_000_000
    month: int64_t = tail // 10_000 % 100
    day: int64_t = tail // 100 % 100
    birth: int64_t = year * 10_000 + tail // 100 % 10_000
    total: uint64_t
    if level == _NO_PROVINCE:
        return outcome_of(_REFUTED, _PROVINCE_UNKNOWN, 0)
    if not is_day(year, month, day):
        return outcome_of(_REFUTED, _DATE_IMPOSSIBLE, 0)
    total = _eight_sum(one, _ID_EVEN_1, _ID_ODD_1) + _eight_sum(two, _ID_EVEN_2, _ID_ODD_2)
    if value[17] != _ID_CHECK_CHARS[(total + serial * _ID_WEIGHT_17) % 11]:
        return outcome_of(_REFUTED, _CHECK_FAIL, 0)
    if birth > as_of:
        return outcome_of(_REFUTED, _DATE_FUTURE, 0)
    if year < 1900:
        return outcome_of(_PLAUSIBLE, _DATE_BEFORE_1900, _LOW)
    if birth > as_of - INFANT_YEARS * 10_000:
        return outcome_of(_VERIFIED, _BIRTH_RECENT, _LOW)
    if level == _NO_COUNTY:
        return outcome_of(_VERIFIED, _REGION_UNKNOWN, _MEDIUM)
    if level == _NO_PREFECTURE:
        return outcome_of(_VERIFIED, _REGION_UNKNOWN, _LOW)
    return outcome_of(_VERIFIED, 0, 0)


def judge_resident_ids(
    chars: object, length: object, levels: object, as_of: int64_t, judged: object
) -> None:
    """Write the judgement of each identity number (rows of 18 bytes or more) to ``judged``.

    ``levels``, uint8[1_000_000]: level of each six-digit head. ``as_of``: yyyymmdd.
    """
    values: Values = values_of(chars, length)
    heads: UInt8 = uint8(levels)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    with cython.nogil:
        for row in range(values.rows):
            put_outcome(
                _judge_resident_id(
                    values.chars + row * values.width, values.length[row], heads, as_of
                ),
                cython.address(out),
                row,
            )


@cython.cfunc
@cython.nogil
def _judge_mobile(value: UInt8, length: int64_t, allotted: Bool) -> Outcome:
    """Judge one mobile number; eleven bytes of ``value`` may be read.

    ``allotted``: bool[100_000] by prefix.
    """
    one: uint64_t = eight_bytes(value)
    two: uint64_t = eight_bytes(value + 3)
    ones: uint64_t = 0x0101010101010101
    if not (are_digits(one) and are_digits(two)):
        return outcome_of(_REFUTED, _LENGTH_WRONG, 0)
    head: uint64_t = eight_digits(one)
    spelt: uint64_t = head * 1000 + eight_digits(two) % 1000
    if spelt == _KEYBOARD_MOBILE or (one == two and one == value[0] * ones):  # eleven equal digits
        return outcome_of(_REFUTED, _FILLER, 0)
    if length != 11 or spelt < _FIRST_MOBILE or spelt > _LAST_MOBILE:
        return outcome_of(_REFUTED, _LENGTH_WRONG, 0)
    if not allotted[head // 1000]:
        return outcome_of(_PLAUSIBLE, _PREFIX_UNALLOTTED, _LOW)
    if spelt == _SERVICE_LINE or spelt % 100_000_000 == 0:
        return outcome_of(_PLAUSIBLE, _TEST_LIKE, 0)
    return outcome_of(_PLAUSIBLE, 0, 0)


def judge_mobiles(chars: object, length: object, allotted: object, judged: object) -> None:
    """Write the judgement of each mobile number (rows of 11 bytes or more) to ``judged``.

    ``allotted``: bool[100_000] by five-digit prefix.
    """
    values: Values = values_of(chars, length)
    prefixes: Bool = boolean(allotted)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    with cython.nogil:
        for row in range(values.rows):
            put_outcome(
                _judge_mobile(values.chars + row * values.width, values.length[row], prefixes),
                cython.address(out),
                row,
            )


@cython.cfunc
@cython.nogil
def _is_org_code(value: UInt8) -> cython.bint:
    """Return True if the first nine characters of ``value`` satisfy GB 11714-1997."""
    total: uint64_t = 0
    rest: uint64_t
    char: uint64_t
    place: cython.int
    for place in range(8):
        char = value[place]
        total += (char - 48 if char < 58 else char - 55) * _ORG_WEIGHTS[place]
    rest = (11 - total % 11) % 11
    return value[8] == (88 if rest == 10 else 48 + rest)


def find_org_codes(chars: object, width: int64_t, first: int64_t, right: object) -> None:
    """Write to ``right`` if the nine characters of a row from ``first`` on satisfy GB 11714."""
    rows: cython.Py_ssize_t = len(right)
    row: cython.Py_ssize_t
    values: UInt8 = uint8(chars)
    out: BoolOut = boolean_out(right)
    with cython.nogil:
        for row in range(rows):
            out[row] = _is_org_code(values + row * width + first)


@cython.cfunc
@cython.nogil
def _may_be_credit_code(value: UInt8, length: int64_t) -> cython.bint:
    """Return True if a credit code has 18 characters, with an organisation code inside.

    This test comes first because ten in eleven chance values fail it.
    """
    return length == 18 and _is_org_code(value + 8)


@cython.cfunc
@cython.nogil
def _judge_credit_code(value: UInt8, length: int64_t, levels: UInt8, heads: int64_t) -> Outcome:
    """Judge one credit code by its check character MOD 31-3, its department and its region.

    ``levels``: level of each of ``heads`` region codes.
    """
    total: int64_t = 0
    region: int64_t = 0
    place: cython.int
    level: cython.int
    strange: cython.bint = False
    if not _may_be_credit_code(value, length):
        return outcome_of(_REFUTED, _CHECK_FAIL, 0)
    for place in range(17):
        strange |= _CREDIT_VALUES[value[place]] == 31
        total += _CREDIT_VALUES[value[place]] * _CREDIT_WEIGHTS[place]
    if strange or _CREDIT_VALUES[value[17]] != (31 - total % 31) % 31:
        return outcome_of(_REFUTED, _CHECK_FAIL, 0)
    for place in range(2, 8):
        region = region * 10 + value[place] - 48
    level = levels[region] if 0 <= region < heads else _NO_PROVINCE
    if not _IS_DEPARTMENT[value[0]]:
        return outcome_of(_VERIFIED, _PREFIX_UNALLOTTED, _LOW)
    if level == _KNOWN or region == STATE_REGION:
        return outcome_of(_VERIFIED, 0, 0)
    if level == _NO_PROVINCE:
        return outcome_of(_VERIFIED, _PROVINCE_UNKNOWN, _LOW)
    return outcome_of(_VERIFIED, _REGION_UNKNOWN, _MEDIUM)


def judge_credit_codes(chars: object, length: object, levels: object, judged: object) -> None:
    """Write the judgement of each credit code (rows of 18 bytes or more) to ``judged``.

    ``levels``, uint8[1_000_000]: level of each region code.
    """
    values: Values = values_of(chars, length)
    regions: UInt8 = uint8(levels)
    heads: int64_t = len(levels)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    with cython.nogil:
        for row in range(values.rows):
            put_outcome(
                _judge_credit_code(
                    values.chars + row * values.width, values.length[row], regions, heads
                ),
                cython.address(out),
                row,
            )


@cython.cfunc
@cython.nogil
def judge_single(
    number: cython.int,
    value: UInt8,
    length: int64_t,
    checks: cython.pointer[SingleChecks],
    as_of: int64_t,
) -> Outcome:
    """Run check ``number`` on one value in the text; UNDECIDED if the check module must decide.

    Nine in ten chance numbers of cards are refuted here.
    """
    if number == RESIDENT_ID and length == 18:
        return _judge_resident_id(value, length, checks.region_levels, as_of)
    if number == MOBILE and length == 11:
        return _judge_mobile(value, length, checks.mobile_prefixes)
    if number == CREDIT_CODE and not _may_be_credit_code(value, length):
        return outcome_of(_REFUTED, _CHECK_FAIL, 0)
    if number == BANK_CARD and length <= _MAX_CARD:
        if not (length == 16 and value[0] == 49) and not passes_luhn(value, length):  # no time
            return outcome_of(_REFUTED, _LUHN_FAIL, 0)
    if number == IMEI and length > _MAX_IMEI:
        return outcome_of(_REFUTED, _LENGTH_WRONG, 0)
    return outcome_of(UNDECIDED, 0, 0)


@cython.cfunc
@cython.nogil
def _is_barcode(value: UInt8, width: int64_t) -> cython.bint:
    """Return True for an EAN-13 barcode of China: prefix 690 to 699, right check digit."""
    total: int64_t = 0
    place: int64_t
    for place in range(12):
        total += digit_at(value, width, place) * (1 + place % 2 * 2)
    if (10 - total % 10) % 10 != digit_at(value, width, 12):
        return False
    return CHINA_BARCODES_FROM <= number_at(value, width, 0, 3) <= CHINA_BARCODES_TO


def judge_waybills(chars: object, length: object, judged: object) -> None:
    """Write the judgement of each waybill to ``judged``, whose rows are plausible before.

    Old forms are LOW: JT and twelve digits, YTO's letter and nine, YTO's eighteen digits.
    """
    values: Values = values_of(chars, length)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    value: UInt8
    width: int64_t = values.width
    size: int64_t
    reason: cython.int
    plain: cython.bint
    old: cython.bint
    with cython.nogil:
        for row in range(values.rows):
            value = values.chars + row * width
            size = values.length[row]
            plain = digit_at(value, width, 0) <= 9
            reason = 0
            if plain and (size == 13 or size == 10):
                if EPOCH_FROM <= number_at(value, width, 0, 7) < EPOCH_TO:
                    reason = _EPOCH_TIME
            if reason == 0 and plain and size == 13 and _is_barcode(value, width):
                reason = _EAN_BARCODE
            if reason == 0 and plain and size == 8 and is_day_at(value, width, 0):
                reason = _LOOKS_LIKE_DATE
            old = (size <= 12 or size == 18) if plain else (size == 10 or size == 14)
            if reason != 0:
                out.reason[row] = reason
                out.verdict[row] = _REFUTED
            elif old:
                out.strength[row] = _LOW


def refute_days(chars: object, length: object, judged: object) -> None:
    """Refute the values of eight digits that are a day: 20230712."""
    values: Values = values_of(chars, length)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    with cython.nogil:
        for row in range(values.rows):
            if values.length[row] == 8 and is_day_at(
                values.chars + row * values.width, values.width, 0
            ):
                out.verdict[row] = _REFUTED
                out.reason[row] = _PLACEHOLDER


def mark_system_accounts(chars: object, length: object, judged: object) -> None:
    """Mark the QQ numbers of the operator, 10000 and 10001: LOW, SYSTEM_ACCOUNT."""
    values: Values = values_of(chars, length)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    number: int64_t
    with cython.nogil:
        for row in range(values.rows):
            number = number_at(values.chars + row * values.width, values.width, 0, 5)
            if values.length[row] == 5 and (number == 10000 or number == 10001):
                out.reason[row] = _SYSTEM_ACCOUNT
                out.strength[row] = _LOW


def refute_words(chars: object, judged: object) -> None:
    """Refute the values (rows of ``chars``) with fewer than two digits."""
    rows: cython.Py_ssize_t
    row: cython.Py_ssize_t
    width: int64_t
    rows, width = chars.shape
    place: int64_t
    digits: cython.int
    values: UInt8 = uint8(chars)
    out: JudgementOut = judgement_out(judged)
    with cython.nogil:
        for row in range(rows):
            digits = 0
            for place in range(row * width, (row + 1) * width):
                digits += is_digit(values[place])
            if digits < 2:
                out.verdict[row] = _REFUTED
                out.reason[row] = _PLACEHOLDER


@cython.cfunc
@cython.nogil
def _is_dot_atom(value: UInt8, at: int64_t, dot: int64_t, size: int64_t) -> cython.bint:
    """Return True for a dot-atom address; its domain labels have at most 63 characters (RFC 1035).

    ``at``, ``dot``: places of the first ``@`` and the last dot, -1 for none.
    """
    cut: int64_t = 0  # the last dot, or the @
    place: int64_t
    if at <= 0 or at > 64 or dot <= at + 1 or size > 254:
        return False
    if value[0] == 46 or value[at - 1] == 46:
        return False
    for place in range(1, size):
        if value[place] == 46 and value[place - 1] == 46:
            return False
        if place == at or value[place] == 46:
            cut = place
        if place > at and place - cut > 63:
            return False
    return True


@cython.cfunc
@cython.nogil
def _is_listed(
    value: UInt8, first: int64_t, last: int64_t, listed: UInt8, names: int64_t
) -> cython.bint:
    """Return True if characters [``first``, ``last``) are one of ``listed``, by bisection."""
    low: int64_t = 0
    high: int64_t = names - 1
    middle: int64_t
    place: int64_t
    order: cython.int
    one: uint8_t
    other: uint8_t
    if last - first > _TLD_WIDTH:
        return False
    while low <= high:
        middle = (low + high) // 2
        order = 0
        for place in range(_TLD_WIDTH):
            one = value[first + place] if first + place < last else 0
            other = listed[middle * _TLD_WIDTH + place]
            if one != other:
                order = -1 if one < other else 1
                break
        if order == 0:
            return True
        if order < 0:
            high = middle - 1
        else:
            low = middle + 1
    return False


def judge_emails(
    chars: object, length: object, known: object, system: object, judged: object
) -> None:
    """Write the judgement of each address to ``judged``, whose rows are verified before.

    ``known``, ``system``: top domains and system senders, in order, rows of ``TLD_WIDTH`` bytes.
    """
    values: Values = values_of(chars, length)
    domains: UInt8 = uint8(known)
    domain_count: int64_t = len(known)
    senders: UInt8 = uint8(system)
    sender_count: int64_t = len(system)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    value: UInt8
    size: int64_t
    place: int64_t
    at: int64_t
    dot: int64_t
    with cython.nogil:
        for row in range(values.rows):
            value = values.chars + row * values.width
            size = values.length[row]
            at = dot = -1
            for place in range(size):
                if at < 0 and value[place] == 64:
                    at = place
                if value[place] == 46:
                    dot = place
            if not _is_dot_atom(value, at, dot, size):
                out.verdict[row] = _REFUTED
                out.reason[row] = _EMAIL_SYNTAX
            elif not _is_listed(value, dot + 1, size, domains, domain_count):
                out.verdict[row] = _PLAUSIBLE
                out.reason[row] = _TLD_UNKNOWN
                out.strength[row] = _LOW
            elif _is_listed(value, 0, at, senders, sender_count):
                out.reason[row] = _SYSTEM_MAILBOX
                out.strength[row] = _LOW


@cython.cfunc
@cython.nogil
def _read_national(value: UInt8, length: int64_t, digits: UInt8Out, marks: UInt8Out) -> int64_t:
    """Write digits and gap marks of a landline; 86 or 0086 becomes trunk 0. Return their number."""
    count: int64_t = 0
    place: int64_t
    first: int64_t
    moved: int64_t
    inside: cython.bint
    trunk: cython.bint
    memset(digits, 0, _LANDLINE_DIGITS)
    memset(marks, 0, _LANDLINE_DIGITS)
    for place in range(length):
        if is_digit(value[place]) and count < _LANDLINE_DIGITS:
            digits[count] = value[place]
            marks[count] = place > 0 and not is_digit(value[place - 1])
            count += 1
    first = 2 if digits[0] == 48 and digits[1] == 48 else 0
    if digits[first] != 56 or digits[first + 1] != 54:
        return count
    trunk = digits[first + 2] != 48
    moved = first + (1 if trunk else 2)
    for place in range(_LANDLINE_DIGITS):
        inside = place + moved < _LANDLINE_DIGITS
        digits[place] = digits[place + moved] if inside else 0
        marks[place] = marks[place + moved] if inside else 0
    if trunk:
        digits[0] = 48
    return count - moved


def format_landlines(chars: object, length: object, canonical: object, sizes: object) -> None:
    """Write the canonical form of each landline to ``canonical``, its length to ``sizes``.

    A gap after 7 or 8 digits of the subscriber part ends it; else up to 8 of the remaining digits
    count. Rows of ``canonical`` are 0 before. ``+86(731)80000001转801 -> 0731-80000001;ext=801``
    """
    values: Values = values_of(chars, length)
    formatted: UInt8Out = uint8_out(canonical)
    lengths: Int32Out = int32_out(sizes)
    row: cython.Py_ssize_t
    digits: uint8_t[64]
    marks: uint8_t[64]
    out: UInt8Out
    place: int64_t
    count: int64_t
    area: int64_t
    size: int64_t
    extended: cython.bint
    with cython.nogil:
        for row in range(values.rows):
            count = _read_national(
                values.chars + row * values.width, values.length[row], digits, marks
            )
            area = 3 if digits[1] == 49 or digits[1] == 50 else 4
            size = min(count - area, 8)
            if marks[area + 7] == 1:
                size = 7
            elif marks[area + 8] == 1:
                size = 8
            extended = count > area + size
            out = formatted + row * _LANDLINE_WIDTH
            for place in range(_LANDLINE_DIGITS):
                out[place + (place >= area) + 5 * (place >= area + size)] = digits[place]
            out[area] = 45
            if extended:
                for place in range(5):
                    out[area + size + 1 + place] = _EXTENSION[place]
            lengths[row] = cython.cast(cython.int, count + 1 + 5 * extended)


def judge_landlines(chars: object, length: object, area_codes: object, judged: object) -> None:
    """Write the judgement of each landline to ``judged``, whose rows are plausible before.

    ``area_codes``: uint8[1000], above 0 for a known area code without its 0.
    """
    values: Values = values_of(chars, length)
    codes: UInt8 = uint8(area_codes)
    code_count: int64_t = len(area_codes)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    width: int64_t = values.width
    value: UInt8
    first: int64_t
    place: int64_t
    area: int64_t
    begins: int64_t
    short: cython.bint
    eight: cython.bint
    wrong: cython.bint
    known: cython.bint
    with cython.nogil:
        for row in range(values.rows):
            value = values.chars + row * width
            short = digit_at(value, width, 3) > 9  # the hyphen follows three digits
            first = 4 if short else 5
            eight = digit_at(value, width, first + 7) <= 9
            begins = digit_at(value, width, first)
            wrong = begins < 1 or values.length[row] < 12 or (short and not eight)
            for place in range(first, first + 7):
                wrong |= digit_at(value, width, place) > 9
            if wrong:
                out.verdict[row] = _REFUTED
                out.reason[row] = _LENGTH_WRONG
                continue
            area = number_at(value, width, 1, 2 if short else 3)
            known = codes[min(area, code_count - 1)] > 0
            if not known or not (short or area >= 100):  # the digits 0022 are not area code 022
                out.reason[row] = _AREA_CODE_UNKNOWN
            elif eight and is_day_at(value, width, first):
                out.reason[row] = _LOOKS_LIKE_DATE
            elif begins == 1 or begins == 9:  # service numbers, not subscriber lines
                out.reason[row] = _PREFIX_UNALLOTTED
            else:
                continue
            out.strength[row] = _LOW


def mask_numbers(chars: object, length: object, canonical: object, sizes: object) -> None:
    """Write the canonical form of each masked number to ``canonical``, its length to ``sizes``.

    Blanks, hyphens and points are dropped, and other characters become ``*``; a last X after a
    digit stays. ``199-xxxx-0008 -> 199****0008``
    """
    values: Values = values_of(chars, length)
    masked: UInt8Out = uint8_out(canonical)
    lengths: Int32Out = int32_out(sizes)
    row: cython.Py_ssize_t
    value: UInt8
    out: UInt8Out
    place: int64_t
    size: int64_t
    byte: uint8_t
    hidden: cython.bint  # the character before is no digit
    checked: cython.bint
    with cython.nogil:
        for row in range(values.rows):
            value = values.chars + row * values.width
            out = masked + row * values.width
            size = 0
            hidden = True
            checked = False
            for place in range(values.length[row]):
                byte = value[place]
                if byte != 32 and byte != 45 and byte != 46:
                    checked = not hidden and (byte == 88 or byte == 120)
                    hidden = not is_digit(byte)
                    out[size] = 42 if hidden else byte
                    size += 1
            if checked:
                out[size - 1] = 88
            lengths[row] = cython.cast(cython.int, size)


@cython.cfunc
@cython.nogil
def _begins_second(
    value: UInt8, start: int64_t, place: int64_t, decimals: int64_t, length: int64_t
) -> cython.bint:
    """Return True if a coordinate pair without separator has its second number at ``place``.

    The value has lost its blank.  After a longitude (73 or more) come two digits and a point, after
    a latitude three digits, or two.
    """
    three: cython.bint
    two: cython.bint
    latitude_first: cython.bint
    if decimals < _DECIMALS:
        return False
    three = place + 3 < length and value[place + 3] == 46
    two = place + 2 < length and value[place + 2] == 46
    latitude_first = value[start + 2] == 46 and value[start] < 55
    if latitude_first and three:
        return value[place] == 49
    return two and not (latitude_first and value[place] < 55)


@cython.cfunc
@cython.nogil
def _read_pair(value: UInt8, length: int64_t, found: Int64Out) -> cython.void:
    """Write start, end and value of the first two numbers of a coordinate pair to ``found``."""
    count: cython.int = 0
    place: int64_t = 0
    start: int64_t
    number: int64_t
    decimals: int64_t
    while place < length and count < 2:
        if not is_digit(value[place]):
            place += 1
            continue
        start = place
        number = 0
        decimals = -1
        while place < length and (is_digit(value[place]) or (value[place] == 46 and decimals < 0)):
            if value[place] == 46:
                decimals = 0
            elif _begins_second(value, start, place, decimals, length):
                break
            elif decimals < _DECIMALS and number < 1_000_000_000:
                number = number * 10 + value[place] - 48
                decimals += decimals >= 0
            place += 1
        found[0] = start
        found[1] = place
        found[2] = number if decimals == _DECIMALS else -1
        found += 3
        count += 1


def read_coordinates(chars: object, length: object, found: object) -> None:
    """Write start, end and value of both numbers of each coordinate pair to int64[k, 2, 3].

    The value is in ten thousandths, -1 if there are fewer than four decimals. Absent numbers are
    left as they are.
    """
    values: Values = values_of(chars, length)
    numbers: Int64Out = int64_out(found)
    row: cython.Py_ssize_t
    with cython.nogil:
        for row in range(values.rows):
            _read_pair(values.chars + row * values.width, values.length[row], numbers + 6 * row)


def write_coordinates(chars: object, found: object, made: object, size: object) -> None:
    """Write each pair as ``longitude,latitude`` to ``made`` and its length to ``size``.

    ``found``: numbers of each pair, int64[k, 2, 3]. ``28.2282;112.9388 -> 112.9388,28.2282``
    """
    rows: cython.Py_ssize_t
    row: cython.Py_ssize_t
    width: int64_t
    rows, width = chars.shape
    room: int64_t = made.shape[1]
    values: UInt8 = uint8(chars)
    numbers: Int64 = int64(found)
    pairs: UInt8Out = uint8_out(made)
    lengths: Int32Out = int32_out(size)
    number: Int64
    first: cython.int
    step: cython.int
    place: int64_t
    at: int64_t
    with cython.nogil:
        for row in range(rows):
            at = 0
            first = 0 if numbers[6 * row + 2] >= numbers[6 * row + 5] else 1
            for step in range(2):
                number = numbers + 6 * row + 3 * (first ^ step)
                if at:
                    pairs[row * room + at] = 44
                    at += 1
                for place in range(number[0], number[1]):
                    pairs[row * room + at] = values[row * width + place]
                    at += 1
            lengths[row] = cython.cast(cython.int, at)


@cython.cfunc
@cython.nogil
def _parse_ipv4(value: UInt8, length: int64_t) -> int64_t:
    """Parse an IPv4 address to a 32-bit number, -1 if it is none."""
    address: int64_t = 0
    octet: int64_t = 0
    digits: int64_t = 0
    dots: int64_t = 0
    place: int64_t
    byte: cython.int
    for place in range(length + 1):
        byte = 46 if place == length else value[place]
        if byte == 46:
            if digits == 0 or octet > 255:
                return -1
            address = address * 256 + octet
            dots += 1
            octet = digits = 0
        elif 48 <= byte <= 57:
            if digits > 0 and octet == 0:
                return -1  # a leading zero could be octal
            octet = octet * 10 + byte - 48
            digits += 1
        else:
            return -1
    return address if dots == 4 else -1


@cython.cfunc
@cython.nogil
def _ipv4_reason(address: int64_t) -> cython.int:
    """Return the reason code of an IPv4 address; see :func:`ipv4_reason`."""
    first: int64_t = address >> 24
    if first == 0 or first >= 240:
        return _PLACEHOLDER  # no host: this network, netmasks, broadcast
    if (
        first == 10
        or first == 127
        or address >> 20 == 0xAC1
        or address >> 16 == 0xC0A8
        or address >> 16 == 0xA9FE
        or address >> 22 == 0x64400000 >> 22  # shared by carriers (RFC 6598)
    ):
        return _PRIVATE_ADDRESS
    return 0


def ipv4_reason(address: int64_t) -> int:
    """Return the reason code of an IPv4 address: 0, PRIVATE_ADDRESS, or PLACEHOLDER for no host."""
    return _ipv4_reason(address)


def judge_ipv4(chars: object, length: object, judged: object) -> None:
    """Write reason code (0 for none) and verdict of each IPv4 address to ``judged``."""
    values: Values = values_of(chars, length)
    out: JudgementOut = judgement_out(judged)
    row: cython.Py_ssize_t
    address: int64_t
    reason: cython.int
    with cython.nogil:
        for row in range(values.rows):
            address = _parse_ipv4(values.chars + row * values.width, values.length[row])
            reason = _OUT_OF_RANGE if address < 0 else _ipv4_reason(address)
            out.reason[row] = reason
            if reason == _OUT_OF_RANGE or reason == _PLACEHOLDER:
                out.verdict[row] = _REFUTED
