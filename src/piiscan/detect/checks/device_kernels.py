# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of telephone numbers, devices, addresses of networks and places: one value each.

13800138000 -> PLAUSIBLE, TEST_LIKE
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint64_t
from cython.cimports.libc.string import memcpy, memset
from cython.cimports.piiscan.detect.arithmetic.digit_kernels import *
from cython.cimports.piiscan.detect.checks import *
from cython.cimports.piiscan.detect.checks.check_kernels import *
from cython.cimports.piiscan.kernel_arrays import *

from piiscan.detect.arithmetic.weighted_sums import GB_16735

#: Filler typed along the keyboard for a mobile number.
KEYBOARD_MOBILE = 12_345_678_901
#: Two-digit prefixes of bodies that allot or allotted IMEI type codes (GSMA TS.06, Annex).
IMEI_BODIES = (1, 10, 30, 33, 35, 44, 45, 49, 50, 51, 52, 53, 54, 86, 91, 98, 99)
#: Network codes after 460 that are or were in use (ITU Operational Bulletin, E.212 list).
NETWORKS = (*range(10), 11, 15, 20)
#: Region letters of makers on Chinese roads (ISO 3780): North America, Oceania, South America,
#: Japan, Korea, China and Europe.
VIN_MAKERS = b"123456789JKLSTUVWXYZ"
VIN_EUROPE = b"STUVWXYZ"

_FIRST_MOBILE = cython.declare(uint64_t, 13_000_000_000)
_LAST_MOBILE = cython.declare(uint64_t, 19_999_999_999)
_SERVICE_LINE = cython.declare(uint64_t, 13_800_138_000)
_KEYBOARD_MOBILE = cython.declare(uint64_t, KEYBOARD_MOBILE)
#: Longest canonical landline number, ``0AC-NNNNNNNN;ext=EEE``, in bytes; more digits are dropped.
_LANDLINE_WIDTH = cython.declare(int64_t, 32)
_LANDLINE_DIGITS = cython.declare(int64_t, 32 - 8)
#: Decimals of a coordinate that count.
_DECIMALS = cython.declare(int64_t, 4)
_IS_BODY = cython.declare(uint8_t[100])
_IS_NETWORK = cython.declare(uint8_t[100])
_EXTENSION = cython.declare(uint8_t[5])
_VIN = cython.declare(WeightedSum, weighted_sum_of(GB_16735))
_IS_MAKER = cython.declare(uint8_t[256])
_IS_EUROPE = cython.declare(uint8_t[256])


def _fill_tables() -> None:
    """Fill the tables of characters and prefixes."""
    for byte in range(256):
        _IS_MAKER[byte] = byte in VIN_MAKERS
        _IS_EUROPE[byte] = byte in VIN_EUROPE
    for place in range(100):
        _IS_BODY[place] = place in IMEI_BODIES
        _IS_NETWORK[place] = place in NETWORKS
    for place in range(5):
        _EXTENSION[place] = b";ext="[place]


_fill_tables()


@cython.cfunc
@cython.nogil
def _judge_mobile(value: UInt8, length: int64_t, allotted: Bool) -> Outcome:
    """Judge a mobile number; ``allotted``: bool[100_000] by prefix."""
    ones: uint64_t = 0x0101010101010101
    if length < 11:
        return refuted(LENGTH_WRONG)
    one = eight_bytes(value)
    two = eight_bytes(value + 3)
    if not (are_digits(one) and are_digits(two)):
        return refuted(LENGTH_WRONG)
    head = eight_digits(one)
    spelt = head * 1000 + eight_digits(two) % 1000
    if spelt == _KEYBOARD_MOBILE or (one == two and one == value[0] * ones):  # eleven equal digits
        return refuted(FILLER)
    if length != 11 or spelt < _FIRST_MOBILE or spelt > _LAST_MOBILE:
        return refuted(LENGTH_WRONG)
    if not allotted[head // 1000]:
        return outcome_of(PLAUSIBLE, PREFIX_UNALLOTTED, LOW)
    if spelt == _SERVICE_LINE or spelt % 100_000_000 == 0:
        return outcome_of(PLAUSIBLE, TEST_LIKE, 0)
    return plausible()


@cython.cfunc
@cython.nogil
def _judge_virtual(value: UInt8, length: int64_t, allotted: Bool) -> Outcome:
    """Judge a privacy number: eleven digits, ``;ext=``, three digits or more."""
    if length < 19:
        return refuted(LENGTH_WRONG)
    if not allotted[min(number_at(value, length, 0, 5), 99_999)]:
        return outcome_of(PLAUSIBLE, PREFIX_UNALLOTTED, LOW)
    return outcome_of(PLAUSIBLE, VIRTUAL_NUMBER, 0)


@cython.cfunc
@cython.nogil
def _write_virtual(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write a privacy number without country code or trunk 0: ``18412000001;ext=123``."""
    first: int64_t = 0
    place: int64_t
    while first < length and value[first] != 49:
        first += 1
    if first == length:
        first = 0
    for place in range(17):
        out[place if place < 11 else place + 5] = char_at(value, length, first + place)
    for place in range(5):
        out[11 + place] = _EXTENSION[place]
    return min(max(length - first, 11), 17) + 5


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


@cython.cfunc
@cython.nogil
def _write_landline(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write the canonical form of a landline: ``+86(731)80000001转801 -> 0731-80000001;ext=801``.

    A gap after 7 or 8 digits of the subscriber part ends it; else up to 8 of the remaining digits
    count.
    """
    digits: uint8_t[64]
    marks: uint8_t[64]
    count: int64_t = _read_national(value, length, digits, marks)
    area: int64_t = 3 if digits[1] == 49 or digits[1] == 50 else 4
    size: int64_t = min(count - area, 8)
    place: int64_t
    extended: cython.bint
    if marks[area + 7] == 1:
        size = 7
    elif marks[area + 8] == 1:
        size = 8
    extended = count > area + size
    memset(out, 0, _LANDLINE_WIDTH)
    for place in range(_LANDLINE_DIGITS):
        out[place + (place >= area) + 5 * (place >= area + size)] = digits[place]
    out[area] = 45
    if extended:
        for place in range(5):
            out[area + size + 1 + place] = _EXTENSION[place]
    return count + 1 + 5 * extended


@cython.cfunc
@cython.nogil
def _judge_landline(value: UInt8, length: int64_t, area_codes: UInt8) -> Outcome:
    """Judge a landline: known area code, subscriber number that is no day and no service number.

    ``area_codes``: uint8[1000], above 0 for a known area code without its 0.
    """
    short: cython.bint = digit_at(value, length, 3) > 9  # the hyphen follows three digits
    first: int64_t = 4 if short else 5
    eight: cython.bint = digit_at(value, length, first + 7) <= 9
    begins: int64_t = digit_at(value, length, first)
    wrong: cython.bint = begins < 1 or length < 12 or (short and not eight)
    area: int64_t
    known: cython.bint
    for place in range(first, first + 7):
        wrong |= digit_at(value, length, place) > 9
    if wrong:
        return refuted(LENGTH_WRONG)
    area = number_at(value, length, 1, 2 if short else 3)
    known = area_codes[min(area, 999)] > 0
    if not known or not (short or area >= 100):  # the digits 0022 are not area code 022
        return outcome_of(PLAUSIBLE, AREA_CODE_UNKNOWN, LOW)
    if eight and is_day_at(value, length, first):
        return outcome_of(PLAUSIBLE, LOOKS_LIKE_DATE, LOW)
    if begins == 1 or begins == 9:  # service numbers, not subscriber lines
        return outcome_of(PLAUSIBLE, PREFIX_UNALLOTTED, LOW)
    return plausible()


@cython.cfunc
@cython.nogil
def _write_hmt_phone(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write a number as ``+CCNNNNNNNN``; ``09…`` is a mobile number of Taiwan."""
    zero: cython.bint = char_at(value, length, 0) == 48
    national: cython.bint = zero and char_at(value, length, 1) == 57
    first: int64_t = 2 if zero and char_at(value, length, 1) == 48 else 0
    place: int64_t
    out[0] = 43
    if national:
        out[1] = out[2] = 56
        out[3] = 54
        first = 1
    else:
        for place in range(3):
            out[1 + place] = char_at(value, length, first + place)
        first += 3
        first += char_at(value, length, first) == 48
    for place in range(12):
        out[4 + place] = char_at(value, length, first + place)
    return 4 + min(max(length - first, 0), 12)


@cython.cfunc
@cython.nogil
def _judge_hmt_phone(value: UInt8, length: int64_t) -> Outcome:
    """Judge a number of Hong Kong (852), Macau (853) or Taiwan (886) by the allotted ranges."""
    code: int64_t = number_at(value, length, 1, 3)
    first: int64_t = digit_at(value, length, 4)
    second: int64_t = digit_at(value, length, 5)
    known: cython.bint = code == 886 and length == 13 and first == 9
    if length == 12:
        known |= code == 852 and 2 <= first <= 9
        known |= code == 853 and (first == 6 or first == 8 or (first == 2 and second == 8))
    return plausible() if known else refuted(PREFIX_UNALLOTTED)


@cython.cfunc
@cython.nogil
def _judge_foreign(value: UInt8, length: int64_t, labelled: cython.bint) -> Outcome:
    """Judge a number that libphonenumber has written with ``+``; others it does not know.

    ``labelled``: only a label of its region makes it a number, so it must be no day from 1950 on.
    """
    if char_at(value, length, 0) != 43:
        return refuted(PREFIX_UNALLOTTED)
    if not labelled:
        return outcome_of(PLAUSIBLE, 0, MEDIUM)
    year = number_at(value, length, 4, 4)
    if length == 12 and 1950 <= year <= 2049 and is_day_at(value, length, 4):
        return refuted(PLACEHOLDER)
    return plausible()


@cython.cfunc
@cython.nogil
def _judge_service(value: UInt8, length: int64_t, listed: Bool) -> Outcome:
    """Judge a service number; ``listed``: bool[1000], 95xxx by the last three digits."""
    if length < 10 and (length != 5 or not listed[min(number_at(value, length, 2, 3), 999)]):
        return outcome_of(PLAUSIBLE, PREFIX_UNALLOTTED, LOW)
    return outcome_of(PLAUSIBLE, ORG_ONLY, 0)


@cython.cfunc
@cython.nogil
def _judge_imei(value: UInt8, length: int64_t) -> Outcome:
    """Judge an IMEI (15 digits, Luhn), IMEISV (16) or MEID (14 from A to F or 99 on)."""
    first: int64_t = digit_at(value, length, 0)
    verdict: cython.int = PLAUSIBLE if length == 16 else VERIFIED
    same: cython.bint = True
    place: int64_t
    if length == 14 and (17 <= first <= 22 or (first == 9 and value[1] == 57)):
        return outcome_of(PLAUSIBLE, 0, LOW)
    if (length != 15 and length != 16) or not only_digits(value, 0, length):
        return refuted(LENGTH_WRONG)
    for place in range(1, 14):
        same &= value[place] == value[0]
    if same:
        return refuted(FILLER)
    if number_at(value, length, 0, 3) == 460:  # an IMSI of China, even if Luhn passes
        return refuted(PREFIX_UNALLOTTED)
    if length == 15 and not passes_luhn(value, 15):
        return refuted(LUHN_FAIL)
    head = number_at(value, length, 0, 7)
    if head == 1_234_567 or head < 100_000:  # typed along the keyboard: 1234567…, 0123456…, 00…
        return outcome_of(verdict, TEST_LIKE, LOW)
    if head == 123_456:
        return outcome_of(verdict, TEST_LIKE, LOW)
    if not _IS_BODY[head // 100_000]:
        return outcome_of(PLAUSIBLE, PREFIX_UNALLOTTED, LOW)
    return outcome_of(verdict, 0, LOW if length == 16 else 0)


@cython.cfunc
@cython.nogil
def _judge_imsi(value: UInt8, length: int64_t) -> Outcome:
    """Judge an IMSI: 15 digits, 460 and a network of China; Hong Kong, Macau, Taiwan are LOW."""
    if length != 15 or not only_digits(value, 0, 15):
        return refuted(LENGTH_WRONG)
    country = number_at(value, length, 0, 3)
    if country == 454 or country == 455 or country == 466:
        return outcome_of(PLAUSIBLE, PREFIX_UNALLOTTED, LOW)
    if country != 460 or not _IS_NETWORK[number_at(value, length, 3, 2)]:
        return refuted(PREFIX_UNALLOTTED)
    return plausible()


@cython.cfunc
@cython.nogil
def _judge_iccid(value: UInt8, length: int64_t) -> Outcome:
    """Judge an ICCID: 19 or 20 characters, at most two letters; Luhn verifies digits."""
    letters: int64_t = 0
    if length != 19 and length != 20:
        return refuted(LENGTH_WRONG)
    for place in range(length):
        letters += value[place] >= 65
    if letters > 2:
        return refuted(CHECK_FAIL)
    if letters or not passes_luhn(value, length):
        return outcome_of(PLAUSIBLE, LUHN_FAIL, 0)
    return verified()


@cython.cfunc
@cython.nogil
def _write_mac(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write twelve hexadecimal digits with a colon after each pair: ``0A:1B:2C:3D:4E:5F``."""
    place: int64_t
    for place in range(17):
        out[place] = 58
    for place in range(12):
        out[place + place // 2] = char_at(value, length, place)
    return min(length, 12) + 5


@cython.cfunc
@cython.nogil
def _judge_mac(value: UInt8, length: int64_t) -> Outcome:
    """Judge a MAC address: null, broadcast, group addresses, and pairs that are a day and time.

    Years are 10 to 39 of this century.
    """
    pairs: int64_t[6]
    pair: int64_t
    second: int64_t = digit_at(value, length, 1)
    same: cython.bint = True
    numeric: cython.bint = True
    one: int64_t
    two: int64_t
    for pair in range(6):
        one = digit_at(value, length, 3 * pair)
        two = digit_at(value, length, 3 * pair + 1)
        same &= one == digit_at(value, length, 0) and two == digit_at(value, length, 0)
        numeric &= one <= 9 and two <= 9
        pairs[pair] = 10 * one + two
    if same:
        return refuted(PLACEHOLDER)
    if ((second - 7 if second > 9 else second) & 1) == 1:  # lowest bit of the first octet
        return outcome_of(PLAUSIBLE, PREFIX_UNALLOTTED, LOW)
    if (
        numeric
        and 10 <= pairs[0] < 40
        and is_day(2000 + pairs[0], pairs[1], pairs[2])
        and pairs[3] < 24
        and pairs[4] < 60
        and pairs[5] < 60
    ):
        return outcome_of(PLAUSIBLE, LOOKS_LIKE_DATE, LOW)
    return plausible()


@cython.cfunc
@cython.nogil
def _parse_ipv4(value: UInt8, length: int64_t) -> int64_t:
    """Parse an IPv4 address to a 32-bit number, -1 if it is none."""
    address: int64_t = 0
    octet: int64_t = 0
    digits: int64_t = 0
    dots: int64_t = 0
    byte: cython.int
    for place in range(length + 1):
        byte = 46 if place == length else value[place]
        if byte == 46:
            if digits == 0 or dots == 4:
                return -1
            address = address * 256 + octet
            dots += 1
            octet = digits = 0
        elif 48 <= byte <= 57:
            if digits > 0 and octet == 0:
                return -1  # a leading zero could be octal
            octet = octet * 10 + byte - 48
            digits += 1
            if octet > 255:
                return -1
        else:
            return -1
    return address if dots == 4 else -1


@cython.cfunc
@cython.nogil
def _parse_hextet(value: UInt8, first: int64_t, end: int64_t) -> int64_t:
    """Return the number of one to four hexadecimal digits, -1 for any other text."""
    number: int64_t = 0
    byte: uint8_t
    if end <= first or end > first + 4:
        return -1
    for place in range(first, end):
        byte = value[place] | 32
        if is_digit(value[place]):
            number = number * 16 + value[place] - 48
        elif 97 <= byte <= 102:
            number = number * 16 + byte - 87
        else:
            return -1
    return number


@cython.cfunc
@cython.nogil
def _parse_ipv6(value: UInt8, length: int64_t, groups: Int64Out) -> int64_t:
    """Write the eight groups of an IPv6 address (RFC 4291); return its length before a zone.

    Return -1 if it is none. The last two groups can be dotted decimal; ``::`` stands for one group
    of zeros or more.
    """
    size: int64_t = 0
    count: int64_t = 0
    gap: int64_t = -1  # groups before ``::``
    place: int64_t = 0
    while size < length and value[size] != 37:
        size += 1
    if size < length and (size + 1 == length or has_char(value + size + 1, length - size - 1, 37)):
        return -1
    if has_char(value, length, 47):
        return -1
    if size > 1 and value[0] == 58 and value[1] != 58:
        return -1
    while place < size:
        if value[place] == 58:  # a colon before a group, or the first one of ``::``
            if place + 1 < size and value[place + 1] == 58:
                if gap >= 0 or (place + 2 < size and value[place + 2] == 58):
                    return -1
                gap = count
                place += 2
                continue
            place += 1
            if place == size:
                return -1
        end = place
        while end < size and value[end] != 58:
            end += 1
        if count == 8:
            return -1
        if end == size and has_char(value + place, end - place, 46):
            number = _parse_ipv4(value + place, end - place)
            if number < 0 or count > 6:
                return -1
            groups[count] = number >> 16
            groups[count + 1] = number & 0xFFFF
            count += 2
        else:
            groups[count] = _parse_hextet(value, place, end)
            if groups[count] < 0:
                return -1
            count += 1
        place = end
    if (gap < 0 and count != 8) or (gap >= 0 and count > 7):
        return -1
    if gap >= 0:
        for place in range(count - gap):
            groups[7 - place] = groups[count - 1 - place]
        for place in range(gap, 8 - (count - gap)):
            groups[place] = 0
    return size


@cython.cfunc
@cython.nogil
def _write_ip(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write an IPv6 address in its shortest form (RFC 5952); other values as they are.

    ``2001:0db8:0:0:0:0:0:1 -> 2001:db8::1``
    """
    groups: int64_t[8]
    size: int64_t = -1
    first: int64_t = 0  # longest run of zeros
    zeros: int64_t = 0
    run: int64_t = 0
    at: int64_t = 0
    place: int64_t
    shift: int64_t
    digit: uint8_t
    started: cython.bint
    memcpy(out, value, length)
    if has_char(value, length, 58):
        size = _parse_ipv6(value, length, groups)
    if size < 0:
        return length
    for place in range(8):
        run = run + 1 if groups[place] == 0 else 0
        if run > zeros:
            zeros = run
            first = place + 1 - run
    if zeros < 2:
        first = 8
    place = 0
    while place < 8:
        if place == first:
            out[at] = out[at + 1] = 58
            at += 2
            place += zeros
            continue
        if at and out[at - 1] != 58:
            out[at] = 58
            at += 1
        started = False
        for shift in range(12, -4, -4):
            started |= groups[place] >> shift != 0 or shift == 0
            if started:
                digit = groups[place] >> shift & 15
                out[at] = 48 + digit if digit < 10 else 87 + digit
                at += 1
        place += 1
    if not _is_mapped(groups):
        memcpy(out + at, value + size, length - size)
        at += length - size
    return at


@cython.cfunc
@cython.nogil
def _is_mapped(groups: Int64Out) -> cython.bint:
    """Return True if an IPv6 address is a mapped IPv4 address: ``::ffff:…``."""
    place: int64_t
    for place in range(5):
        if groups[place] != 0:
            return False
    return groups[5] == 0xFFFF


@cython.cfunc
@cython.nogil
def _ipv4_reason(address: int64_t) -> cython.int:
    """Return the reason code of an IPv4 address, OUT_OF_RANGE for a negative number."""
    first: int64_t = address >> 24
    if address < 0:
        return OUT_OF_RANGE
    if first == 0 or first >= 240:
        return PLACEHOLDER  # no host: this network, netmasks, broadcast
    if (
        first == 10
        or first == 127
        or address >> 20 == 0xAC1
        or address >> 16 == 0xC0A8
        or address >> 16 == 0xA9FE
        or address >> 22 == 0x64400000 >> 22  # shared by carriers (RFC 6598)
    ):
        return PRIVATE_ADDRESS
    return 0


@cython.cfunc
@cython.nogil
def _ipv6_reason(value: UInt8, length: int64_t) -> cython.int:
    """Return the reason code of an IPv6 text: 0 for none, OUT_OF_RANGE if it is no address."""
    groups: int64_t[8]
    total: int64_t = 0
    place: int64_t
    if _parse_ipv6(value, length, groups) < 0:
        return OUT_OF_RANGE
    if _is_mapped(groups):
        return _ipv4_reason(groups[6] << 16 | groups[7])
    for place in range(7):
        total += groups[place]
    if total == 0 and groups[7] == 0:
        return PLACEHOLDER
    if total == 0 and groups[7] == 1:  # loopback
        return PRIVATE_ADDRESS
    if groups[0] >> 9 == 0xFC >> 1 or groups[0] >> 6 == 0xFE80 >> 6:  # unique local, link-local
        return PRIVATE_ADDRESS
    return 0


@cython.cfunc
@cython.nogil
def _judge_ip(value: UInt8, length: int64_t) -> Outcome:
    """Judge an IP address: private ones have a reason, no hosts are refuted."""
    if has_char(value, length, 58):
        reason = _ipv6_reason(value, length)
    else:
        reason = _ipv4_reason(_parse_ipv4(value, length))
    none: cython.bint = reason == OUT_OF_RANGE or reason == PLACEHOLDER
    return outcome_of(REFUTED if none else PLAUSIBLE, reason, 0)


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
    """Write start, end and value of the first two numbers of a coordinate pair to ``found``.

    The value is in ten thousandths, -1 for a number that is absent or has fewer than four decimals.
    """
    count: cython.int = 0
    place: int64_t = 0
    start: int64_t
    number: int64_t
    decimals: int64_t
    memset(found, 0, 6 * cython.sizeof(int64_t))
    found[2] = found[5] = -1
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


@cython.cfunc
@cython.nogil
def _write_pair(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write a pair as ``longitude,latitude``: ``28.2282;112.9388 -> 112.9388,28.2282``."""
    found: int64_t[6]
    first: cython.int
    step: cython.int
    which: cython.int
    size: int64_t
    at: int64_t = 0
    _read_pair(value, length, found)
    first = 0 if found[2] >= found[5] else 1
    for step in range(2):
        which = 3 * (first ^ step)
        size = found[which + 1] - found[which]
        if at:
            out[at] = 44
            at += 1
        memcpy(out + at, value + found[which], size)
        at += size
    return at


@cython.cfunc
@cython.nogil
def _judge_pair(value: UInt8, length: int64_t) -> Outcome:
    """Judge ``longitude,latitude``: inside the box around the mainland."""
    found: int64_t[6]
    _read_pair(value, length, found)
    if 734_000 <= found[2] <= 1_351_000 and 38_000 <= found[5] <= 536_000:
        return plausible()
    return refuted(OUT_OF_RANGE)


@cython.cfunc
@cython.nogil
def _judge_vin(value: UInt8, length: int64_t) -> Outcome:
    """Judge a VIN: 17 characters without I, O and Q, check digit in ninth place.

    Europe does not require it. A usual VIN has a maker's region with cars in China, a model year
    and four last digits.
    """
    expected: int64_t = NO_CHAR
    place: int64_t
    same: cython.bint = True
    if length == 17:
        expected = check_char(cython.address(_VIN), value)
    if expected == NO_CHAR:
        return refuted(LENGTH_WRONG)
    lettered = not only_digits(value, 0, 17)
    for place in range(17):
        same &= value[place] == value[0]
    if same and value[0] == 49:  # seventeen ones are a well-known test
        return outcome_of(VERIFIED, TEST_LIKE, 0)
    if same:
        return refuted(FILLER)
    if value[8] != expected:
        if lettered and _IS_EUROPE[value[0]]:
            return outcome_of(PLAUSIBLE, CHECK_UNUSED, LOW)
        return refuted(CHECK_FAIL)
    if (
        not lettered
        or not _IS_MAKER[value[0]]
        or value[9] == 48  # 0, U and Z are no model year
        or value[9] == 85
        or value[9] == 90
        or not only_digits(value, 13, 17)
    ):
        return outcome_of(VERIFIED, SHAPE_UNUSUAL, LOW)
    return verified()


@cython.cfunc
@cython.nogil
def judge_device(
    number: cython.int,
    value: UInt8,
    length: int64_t,
    as_of: int64_t,  # noqa: ARG001
    tables: cython.pointer[CheckTables],
) -> Outcome:
    """Judge a value by a check of telephones, devices or places; UNDECIDED for any other check."""
    if number == MOBILE_CHECK:
        return _judge_mobile(value, length, tables.mobile_prefixes)
    if number == DAMAGED_MOBILE_CHECK:
        return outcome_of(PLAUSIBLE, DAMAGED_SCI, 0)
    if number == VIRTUAL_NUMBER_CHECK:
        return _judge_virtual(value, length, tables.mobile_prefixes)
    if number == LANDLINE_CHECK:
        return _judge_landline(value, length, tables.area_codes)
    if number == SERVICE_NUMBER_CHECK:
        return _judge_service(value, length, tables.service_numbers)
    if number == HMT_PHONE_CHECK:
        return _judge_hmt_phone(value, length)
    if number == FOREIGN_PHONE_CHECK or number == REGION_PHONE_CHECK:
        return _judge_foreign(value, length, number == REGION_PHONE_CHECK)
    if number == IMEI_CHECK:
        return _judge_imei(value, length)
    if number == IMSI_CHECK:
        return _judge_imsi(value, length)
    if number == ICCID_CHECK:
        return _judge_iccid(value, length)
    if number == MAC_CHECK:
        return _judge_mac(value, length)
    if number == IP_CHECK:
        return _judge_ip(value, length)
    if number == GPS_CHECK:
        return _judge_pair(value, length)
    if number == VIN_CHECK:
        return _judge_vin(value, length)
    return outcome_of(UNDECIDED, 0, 0)


@cython.cfunc
@cython.nogil
def write_device(number: cython.int, value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write the canonical form of a value to ``out`` and return its length; -1: ask the module."""
    if number == VIRTUAL_NUMBER_CHECK:
        return _write_virtual(value, length, out)
    if number == LANDLINE_CHECK:
        return _write_landline(value, length, out)
    if number == HMT_PHONE_CHECK:
        return _write_hmt_phone(value, length, out)
    if number == MAC_CHECK:
        return _write_mac(value, length, out)
    if number == IP_CHECK:
        return _write_ip(value, length, out)
    if number == GPS_CHECK:
        return _write_pair(value, length, out)
    if number == ICCID_CHECK:  # an F pads 19 digits to 20 characters
        memcpy(out, value, length)
        return 19 if length == 20 and value[19] == 70 else length
    return -1  # libphonenumber
