# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of cards, parcels, accounts, passwords and names in letters: one value each.

4111111111111112 (wrong check digit) -> REFUTED, LUHN_FAIL
"""

import cython
from cython.cimports.libc.stdint import int64_t, uint8_t, uint32_t
from cython.cimports.libc.string import memcpy
from cython.cimports.piiscan.detect.arithmetic.digit_kernels import *
from cython.cimports.piiscan.detect.checks import *
from cython.cimports.piiscan.detect.checks.check_kernels import *
from cython.cimports.piiscan.kernel_arrays import *

from piiscan.detect.arithmetic.weighted_sums import DHL, EAN_13, FEDEX, S10, UPS

#: Longest password, in characters.
_MAX_PASSWORD = cython.declare(int64_t, 64)
_S10 = cython.declare(WeightedSum, weighted_sum_of(S10))
_UPS = cython.declare(WeightedSum, weighted_sum_of(UPS))
_FEDEX = cython.declare(WeightedSum, weighted_sum_of(FEDEX))
_DHL = cython.declare(WeightedSum, weighted_sum_of(DHL))
_EAN_13 = cython.declare(WeightedSum, weighted_sum_of(EAN_13))
_BPLIST = cython.declare(uint8_t[14])
#: Longest name in letters that a check reads: nine of a surname, three syllables of six.
_MAX_NAME = cython.declare(int64_t, 27)


def _fill_tables() -> None:
    """Fill the table of characters."""
    for place in range(14):
        _BPLIST[place] = b"62706c69737430"[place]  # spells bplist0


_fill_tables()


@cython.cfunc
@cython.nogil
def _card_lengths(first_ten: int64_t, bins: cython.pointer[Bins]) -> uint32_t:
    """Return the known card lengths by the first ten digits, as bits; see piiscan.data.Bins."""
    found: uint32_t = bins.short[first_ten // 10_000]
    if not bins.has_long[first_ten // 10_000]:
        return found
    for which in range(bins.digits_count):
        key = first_ten
        for place in range(bins.long_digits[which], 10):  # noqa: B007
            key //= 10
        key = key * 16 + bins.long_digits[which]
        at = index_of(bins.long_keys, bins.long_count, key)
        if at >= 0:
            found |= bins.long_lengths[at]
    return found


@cython.cfunc
@cython.nogil
def _first_ten(value: UInt8, length: int64_t) -> int64_t:
    """Return the first ten digits of a number; 0 for another character."""
    return number_at(value, length, 0, 10) if length >= 10 and only_digits(value, 0, 10) else 0


@cython.cfunc
@cython.nogil
def _judge_card(value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]) -> Outcome:
    """Judge a bank card by Luhn, its issuer and the card lengths of the issuer.

    16 digits from 1 on are microseconds since 1970, from 2001 to 2033.
    """
    if length < MIN_CARD or length > MAX_CARD:
        return refuted(LENGTH_WRONG)
    if length == 16 and value[0] == 49 and only_digits(value, 0, 10):
        return refuted(EPOCH_TIME)
    if not passes_luhn(value, length):
        return refuted(LUHN_FAIL)
    first = _first_ten(value, length)
    bit = cython.cast(int64_t, 1) << length
    known = _card_lengths(first, cython.address(tables.bins))
    if known & bit:
        return verified()
    if known:
        return outcome_of(PLAUSIBLE, BIN_LENGTH, LOW)
    if tables.scheme_lengths[first // 1_000_000] & bit:
        return outcome_of(VERIFIED, BIN_UNKNOWN, MEDIUM)
    return outcome_of(PLAUSIBLE, BIN_UNKNOWN, LOW)


@cython.cfunc
@cython.nogil
def _judge_damaged_card(
    value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]
) -> Outcome:
    """Judge a rounded bank card: ``6.217E+18``, or a listed issuer and four last zeros, no Luhn."""
    if has_char(value, length, 46):
        return outcome_of(PLAUSIBLE, DAMAGED_SCI, 0)
    if (
        length != 19
        or number_at(value, length, 15, 4) != 0
        or passes_luhn(value, length)
        or not _card_lengths(_first_ten(value, length), cython.address(tables.bins)) >> 19 & 1
    ):
        return refuted(BIN_UNKNOWN)
    return outcome_of(PLAUSIBLE, DAMAGED_15SIG, 0)


@cython.cfunc
@cython.nogil
def _judge_waybill(value: UInt8, length: int64_t, regions: UInt8) -> Outcome:
    """Judge a waybill: digits are no time, barcode or day.

    Old forms are LOW: JT and twelve digits, YTO's letter and nine, YTO's eighteen digits; DN
    is Deppon's or Danniao's.
    Yunda's 43 and 46 with thirteen more are MEDIUM, unless they can be an identity number (the
    region) or an IMSI.
    """
    plain: cython.bint = digit_at(value, length, 0) <= 9
    old: cython.bint = (length <= 12 or length == 18) if plain else (length == 10 or length == 14)
    old |= value[0] == 68 and value[1] == 78  # DN
    if plain and (length == 13 or length == 10):
        if EPOCH_FROM <= number_at(value, length, 0, 7) < EPOCH_TO:
            return refuted(EPOCH_TIME)
    if (  # EAN-13 of China
        plain
        and length == 13
        and check_char(cython.address(_EAN_13), value) == value[12]
        and CHINA_BARCODES_FROM <= number_at(value, length, 0, 3) <= CHINA_BARCODES_TO
    ):
        return refuted(EAN_BARCODE)
    if plain and length == 8 and is_day_at(value, length, 0):
        return refuted(LOOKS_LIKE_DATE)
    if plain and length == 15 and (value[0] == 52 and (value[1] == 51 or value[1] == 54)):
        head = number_at(value, length, 0, 6)
        if regions[head] != KNOWN and not 460_000 <= head < 460_210:
            return outcome_of(PLAUSIBLE, 0, MEDIUM)
    return outcome_of(PLAUSIBLE, 0, LOW if old else 0)


@cython.cfunc
@cython.nogil
def _judge_tracking(value: UInt8, length: int64_t) -> Outcome:
    """Judge a tracking number by its check digit: UPS (1Z), FedEx (12 digits) or DHL (10)."""
    expected: uint8_t
    for place in range(length):
        if not is_digit(value[place]) and not (length == 18 and 65 <= value[place] <= 90):
            return refuted(LENGTH_WRONG)
    if length == 18:
        expected = check_char(cython.address(_UPS), value + 2)
    elif length == 12:
        expected = check_char(cython.address(_FEDEX), value)
    elif length == 10:
        expected = check_char(cython.address(_DHL), value)
    else:
        return refuted(LENGTH_WRONG)
    return verified() if value[length - 1] == expected else refuted(CHECK_FAIL)


@cython.cfunc
@cython.nogil
def _judge_s10(value: UInt8, length: int64_t, countries: UInt8) -> Outcome:
    """Judge a postal item by check digit and country; ``countries`` by two letters."""
    if length != 13 or not only_digits(value, 2, 11):
        return refuted(CHECK_FAIL)
    if value[10] != check_char(cython.address(_S10), value + 2):
        return refuted(CHECK_FAIL)
    place = (cython.cast(int64_t, value[11]) - 65) * 26 + value[12] - 65
    if not countries[min(max(place, 0), 675)]:
        return outcome_of(VERIFIED, COUNTRY_UNKNOWN, LOW)
    return verified()


@cython.cfunc
@cython.nogil
def _is_this_century(value: UInt8, length: int64_t, year: int64_t, first: int64_t) -> cython.bint:
    """Return True for a day of 2000 to 2099, with month and day from ``first`` on."""
    for place in range(first, first + 4):
        if digit_at(value, length, place) > 9:
            return False
    return 2000 <= year < 2100 and is_day(
        year, number_at(value, length, first, 2), number_at(value, length, first + 2, 2)
    )


@cython.cfunc
@cython.nogil
def _judge_trade_no(value: UInt8, length: int64_t) -> Outcome:
    """Judge a transaction number by its day: ``yymmdd-…``, ``yyyymmdd…`` or WeChat's.

    WeChat Pay: 4200, six digits of the merchant, the day, ten more digits.
    """
    short: cython.bint = char_at(value, length, 6) == 45
    if length == 28 and number_at(value, length, 0, 4) == 4200:
        real = _is_this_century(value, length, number_at(value, length, 10, 4), 14)
    elif short:
        real = _is_this_century(value, length, 2000 + number_at(value, length, 0, 2), 2)
    else:
        real = _is_this_century(value, length, number_at(value, length, 0, 4), 4)
    if not real:
        return refuted(DATE_IMPOSSIBLE)
    return outcome_of(PLAUSIBLE, 0, MEDIUM if short else 0)


@cython.cfunc
@cython.nogil
def _is_dot_atom(value: UInt8, at: int64_t, dot: int64_t, size: int64_t) -> cython.bint:
    """Return True for a dot-atom address; its domain labels have at most 63 characters (RFC 1035).

    ``at``, ``dot``: places of the first ``@`` and the last dot, -1 for none.
    """
    cut: int64_t = 0  # the last dot, or the @
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
def _judge_email(value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]) -> Outcome:
    """Judge an address by syntax, top domain and system senders."""
    at: int64_t = -1
    dot: int64_t = -1
    for place in range(length):
        if at < 0 and value[place] == 64:
            at = place
        if value[place] == 46:
            dot = place
    if not _is_dot_atom(value, at, dot, length):
        return refuted(EMAIL_SYNTAX)
    if not is_word(value, dot + 1, length, cython.address(tables.tlds)):
        return outcome_of(PLAUSIBLE, TLD_UNKNOWN, LOW)
    if is_word(value, 0, at, cython.address(tables.senders)):
        return outcome_of(VERIFIED, SYSTEM_MAILBOX, LOW)
    return verified()


@cython.cfunc
@cython.nogil
def _count_kinds(
    value: UInt8, length: int64_t, small: cython.pointer[int64_t], capitals: cython.pointer[int64_t]
) -> int64_t:
    """Return the number of digits in a value; write those of small letters and of capitals."""
    digits: int64_t = 0
    small[0] = capitals[0] = 0
    for place in range(length):
        digits += is_digit(value[place])
        small[0] += 97 <= value[place] <= 122
        capitals[0] += 65 <= value[place] <= 90
    return digits


@cython.cfunc
@cython.nogil
def _judge_alias_alike(value: UInt8, length: int64_t) -> Outcome:
    """Judge an alias after a word that only sounds like 微信.

    Names are refuted: a capital, letters, a hyphen or none, and up to four digits (``Beidou-3``).
    """
    small: int64_t
    capitals: int64_t
    digits: int64_t = _count_kinds(value, length, cython.address(small), cython.address(capitals))
    tail: int64_t = 0
    name: cython.bint
    if small == 0 or length < 6 or length > 20:
        return refuted(PLACEHOLDER)
    while is_digit(value[length - 1 - tail]):
        tail += 1
    name = 65 <= value[0] <= 90 and digits == tail and tail <= 4
    return refuted(PLACEHOLDER) if name and not has_char(value, length, 95) else plausible()


@cython.cfunc
@cython.nogil
def _judge_mixed_key(value: UInt8, length: int64_t) -> Outcome:
    """Judge a random key: digits, capitals, and small letters after the first character."""
    small: int64_t
    capitals: int64_t
    digits: int64_t = _count_kinds(value, length, cython.address(small), cython.address(capitals))
    small -= 97 <= char_at(value, length, 0) <= 122
    return plausible() if digits and small and capitals else outcome_of(PLAUSIBLE, PLAIN_WORD, LOW)


@cython.cfunc
@cython.nogil
def _is_hidden(value: UInt8, length: int64_t) -> cython.bint:
    """Return True for a path (slash or backslash) or a mask (three asterisks or more)."""
    stars: int64_t = 0
    for place in range(length):
        if value[place] == 47 or value[place] == 92:
            return True
        stars += value[place] == 42
    return stars >= 3


@cython.cfunc
@cython.nogil
def _judge_credential(
    value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]
) -> Outcome:
    """Judge a password of prose: a letter, a digit, 6 characters, no path, mask or column type."""
    small: int64_t
    capitals: int64_t
    digits: int64_t = _count_kinds(value, length, cython.address(small), cython.address(capitals))
    if (
        digits == 0
        or small + capitals == 0
        or length < 6
        or length > _MAX_PASSWORD
        or _is_hidden(value, length)
        or is_word(value, 0, length, cython.address(tables.column_types))
    ):
        return refuted(PLACEHOLDER)
    return plausible()


@cython.cfunc
@cython.nogil
def _judge_password(value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]) -> Outcome:
    """Judge a labelled password: no mask, path, word of messages, or name with a dot or ``_``."""
    small: int64_t
    capitals: int64_t
    digits: int64_t = _count_kinds(value, length, cython.address(small), cython.address(capitals))
    joined: cython.bint = has_char(value, length, 95) or has_char(value, length, 46)
    if (
        digits + small + capitals == 0
        or (joined and digits == 0)
        or length > _MAX_PASSWORD
        or _is_hidden(value, length)
        or is_word(value, 0, length, cython.address(tables.password_words))
    ):
        return refuted(PLACEHOLDER)
    return plausible()


@cython.cfunc
@cython.nogil
def _judge_login_data(value: UInt8, length: int64_t) -> Outcome:
    """Judge login data: a property list in hexadecimal, or letters and digits of 16 or 32 on."""
    small: int64_t
    capitals: int64_t
    digits: int64_t = _count_kinds(value, length, cython.address(small), cython.address(capitals))
    place: int64_t = 0
    if length >= 14:
        while place < 14 and lower(value[place]) == _BPLIST[place]:
            place += 1
    if place == 14:
        return outcome_of(VERIFIED, 0, HIGH)
    if digits and small + capitals and (length == 16 or (length >= 32 and digits >= 4)):
        return plausible()
    return refuted(PLACEHOLDER)


@cython.cfunc
@cython.nogil
def _write_social_name(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write a name without the address of the site and ``@``: ``https://t.me/demo -> demo``."""
    first: int64_t = length
    while first > 0 and value[first - 1] != 47:
        first -= 1
    if first == 0 and char_at(value, length, 0) == 64:
        first = 1
    memcpy(out, value + first, length - first)
    return length - first


@cython.cfunc
@cython.nogil
def _is_given(
    name: UInt8, first: int64_t, end: int64_t, tables: cython.pointer[CheckTables]
) -> cython.bint:
    """Return True if letters [``first``, ``end``) are one to three syllables of pinyin."""
    reached: uint32_t = 1  # bit n: the syllables so far can end after n letters
    longer: uint32_t
    syllable: cython.int
    if end - first > 18:
        return False
    for syllable in range(3):  # noqa: B007
        longer = 0
        for place in range(end - first):
            if reached >> place & 1:
                for size in range(1, min(end - first - place, 6) + 1):
                    if is_word(
                        name, first + place, first + place + size, cython.address(tables.syllables)
                    ):
                        longer |= cython.cast(uint32_t, 1) << (place + size)
        reached = longer
        if reached >> (end - first) & 1:
            return True
    return False


@cython.cfunc
@cython.nogil
def _judge_pinyin(value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]) -> Outcome:
    """Judge a name in letters: a sure surname and a given name, or syllables only; no place."""
    name: uint8_t[32]
    size: int64_t = 0
    place: int64_t
    for place in range(length):
        if is_letter(value[place]):
            if size == _MAX_NAME:
                return refuted(PLACEHOLDER)
            name[size] = value[place] | 32
            size += 1
    if is_word(name, 0, size, cython.address(tables.places)):
        return refuted(PLACEHOLDER)
    for place in range(2, size):
        if is_word(name, 0, place, cython.address(tables.surnames)):
            if _is_given(name, place, size, tables):
                return outcome_of(PLAUSIBLE, 0, MEDIUM)
    return plausible() if _is_given(name, 0, size, tables) else refuted(PLACEHOLDER)


@cython.cfunc
@cython.nogil
def _small_end(value: UInt8, first: int64_t, length: int64_t) -> int64_t:
    """Return the end of the small letters from ``first`` on."""
    while first < length and 97 <= value[first] <= 122:
        first += 1
    return first


@cython.cfunc
@cython.nogil
def _surname_start(value: UInt8, length: int64_t) -> int64_t:
    """Return the start of a surname at the end: a capital and small letters, or capitals; or -1."""
    first: int64_t = length
    while first > 0 and 97 <= value[first - 1] <= 122:
        first -= 1
    if first < length:
        return first - 1 if first > 0 and 65 <= value[first - 1] <= 90 else -1
    while first > 0 and 65 <= value[first - 1] <= 90:
        first -= 1
    return first if first + 2 <= length else -1


@cython.cfunc
@cython.nogil
def _judge_pinyin_given_first(
    value: UInt8, length: int64_t, tables: cython.pointer[CheckTables]
) -> Outcome:
    """Judge a name with the surname last: ``XiaomingWang``, ``Xiao-MingWANG``.

    given := capital small+ [[hyphen] [capital] small+]
    surname := capital small+ | capital capital+
    """
    name: uint8_t[64]
    size: int64_t = 0
    given: int64_t
    place: int64_t
    cut: int64_t = _surname_start(value, length)
    known: cython.bint
    if cut < 2:
        return refuted(PLACEHOLDER)
    place = _small_end(value, 1, cut)
    if not 65 <= value[0] <= 90 or place == 1:
        return refuted(PLACEHOLDER)
    if place < cut:
        place += value[place] == 45
        place += place < cut and 65 <= value[place] <= 90
        if place == cut or _small_end(value, place, cut) != cut:
            return refuted(PLACEHOLDER)
    if cut > 19:  # more than three syllables and a hyphen
        return refuted(PLACEHOLDER)
    for place in range(min(length, 64)):
        if value[place] != 45:
            name[size] = value[place] | 32
            size += 1
    given = cut - has_char(value, cut, 45)
    if not _is_given(name, 0, given, tables) or is_word(
        name, 0, size, cython.address(tables.places)
    ):
        return refuted(PLACEHOLDER)
    known = is_word(name, given, size, cython.address(tables.surnames))
    if known and not is_word(name, 0, given, cython.address(tables.given_words)):
        return outcome_of(PLAUSIBLE, 0, MEDIUM)
    return plausible()


@cython.cfunc
@cython.nogil
def judge_account(
    number: cython.int,
    value: UInt8,
    length: int64_t,
    as_of: int64_t,  # noqa: ARG001
    tables: cython.pointer[CheckTables],
) -> Outcome:
    """Judge a value by a check of cards, parcels or accounts; UNDECIDED for any other check."""
    digits: int64_t = 0
    if number == BANK_CARD_CHECK:
        return _judge_card(value, length, tables)
    if number == LISTED_CARD_CHECK:  # of two lines: LOW if the issuer is unlisted
        outcome = _judge_card(value, length, tables)
        outcome.strength = LOW if outcome.strength else 0
        return outcome
    if number == DAMAGED_BANK_CARD_CHECK:
        return _judge_damaged_card(value, length, tables)
    if number == WAYBILL_CHECK:
        return _judge_waybill(value, length, tables.regions)
    if number == TRACKING_CHECK:
        return _judge_tracking(value, length)
    if number == UNKNOWN_WAYBILL_CHECK:
        return outcome_of(PLAUSIBLE, SHAPE_UNUSUAL if length else 0, 0)
    if number == S10_CHECK:
        return _judge_s10(value, length, tables.country_letters)
    if number == TRADE_NO_CHECK:
        return _judge_trade_no(value, length)
    if number == EMAIL_CHECK or number == EMAIL_SPELT_CHECK:
        return _judge_email(value, length, tables)
    if number == QQ_NUMBER_CHECK:
        spelt = number_at(value, length, 0, 5)
        if length == 5 and (spelt == 10000 or spelt == 10001):
            return outcome_of(PLAUSIBLE, SYSTEM_ACCOUNT, LOW)
        return plausible()
    if number == WECHAT_ALIAS_CHECK:
        if is_word(value, 0, length, cython.address(tables.prose_words)):
            return refuted(PLACEHOLDER)
        return plausible()
    if number == ALIAS_ALIKE_CHECK:
        return _judge_alias_alike(value, length)
    if number == SOCIAL_NAME_CHECK:
        if length < 4 or is_word(value, 0, length, cython.address(tables.pages)):
            return refuted(PLACEHOLDER)
        return plausible()
    if number == MIXED_KEY_CHECK:
        return _judge_mixed_key(value, length)
    if number == SOME_DIGITS_CHECK:
        for place in range(length):
            digits += is_digit(value[place])
        return plausible() if digits >= 2 else refuted(PLACEHOLDER)
    if number == CREDENTIAL_CHECK:
        return _judge_credential(value, length, tables)
    if number == PASSWORD_CHECK:
        return _judge_password(value, length, tables)
    if number == LOGIN_DATA_CHECK:
        return _judge_login_data(value, length)
    if number == PINYIN_NAME_CHECK:
        return _judge_pinyin(value, length, tables)
    if number == PINYIN_GIVEN_FIRST_CHECK:
        return _judge_pinyin_given_first(value, length, tables)
    return outcome_of(UNDECIDED, 0, 0)


@cython.cfunc
@cython.nogil
def _write_email(value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write an address with its signs: (at), [at], #, 艾特 (``??``) are ``@``, 点 (``?``) a dot."""
    place: int64_t = 0
    size: int64_t = 0
    while place < length:
        if value[place] == 40 or value[place] == 91:  # ( [
            end = place + 1
            while end < length and value[end] != 41 and value[end] != 93:
                end += 1
            out[size] = 46 if end - place == 4 else 64
            place = end
        elif value[place] == 63:
            out[size] = 46
            if place + 1 < length and value[place + 1] == 63:
                out[size] = 64
                place += 1
        else:
            out[size] = 64 if value[place] == 35 else value[place]
            if 65 <= out[size] <= 90:
                out[size] += 32
        size += 1
        place += 1
    return size


@cython.cfunc
@cython.nogil
def write_account(number: cython.int, value: UInt8, length: int64_t, out: UInt8Out) -> int64_t:
    """Write the canonical form of a value to ``out`` and return its length."""
    if number == SOCIAL_NAME_CHECK:
        return _write_social_name(value, length, out)
    if number == EMAIL_SPELT_CHECK:
        return _write_email(value, length, out)
    memcpy(out, value, length)
    return length
