"""Digit arithmetic for kernels: eight digits at once, numbers, days, Luhn and weighted sums."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from piiscan.kernel_arrays cimport UInt8


cdef inline bint are_digits(uint64_t word) noexcept nogil:
    """Return True if all eight ASCII characters packed in ``word`` are digits."""
    cdef uint64_t values = word ^ <uint64_t> 0x3030303030303030
    cdef uint64_t over = values + <uint64_t> 0x7676767676767676
    return (over | values) & <uint64_t> 0x8080808080808080 == 0


cdef inline uint64_t eight_digits(uint64_t word) noexcept nogil:
    """Return the number that the eight ASCII digits packed in ``word`` spell.

    Three multiplications (Mula, "SIMD-ized atoi") join pairs, fours and all eight digits.
    """
    cdef uint64_t pairs = ((word & <uint64_t> 0x0F0F0F0F0F0F0F0F) * ((10 << 8) + 1)) >> 8
    cdef uint64_t fours = ((pairs & <uint64_t> 0x00FF00FF00FF00FF) * ((100 << 16) + 1)) >> 16
    cdef uint64_t by_10000 = (<uint64_t> 10_000 << 32) + 1
    return <uint32_t> (((fours & <uint64_t> 0x0000FFFF0000FFFF) * by_10000) >> 32)


cdef inline bint is_digit(uint8_t byte) noexcept nogil:
    """Return True if ``byte`` is an ASCII digit."""
    return 48 <= byte <= 57


cdef inline bint only_digits(UInt8 value, int64_t first, int64_t end) noexcept nogil:
    """Return True if characters [``first``, ``end``) of a value are digits."""
    cdef int64_t place
    for place in range(first, end):
        if not is_digit(value[place]):
            return False
    return True


cdef inline int64_t digit_at(UInt8 value, int64_t length, int64_t place) noexcept nogil:
    """Return the digit at ``place`` of a value; above 9 for any other character, and beyond it."""
    return ((value[place] if place < length else 0) - 48) & 0xFF


cdef inline int64_t number_at(
    UInt8 value, int64_t length, int64_t first, int64_t count
) noexcept nogil:
    """Return the number that ``count`` digits of a value spell, from place ``first`` on."""
    cdef int64_t number = 0
    cdef int64_t place
    for place in range(first, first + count):
        number = number * 10 + digit_at(value, length, place)
    return number


cdef inline int64_t days_of_month(int64_t month) noexcept nogil:
    """Return the number of days of a month, 29 for February, 0 if there is no such month."""
    if month < 1 or month > 12:
        return 0
    return 29 if month == 2 else 30 + (month + (month >> 3) & 1)


cdef inline bint is_day(int64_t year, int64_t month, int64_t day) noexcept nogil:
    """Return True if a date exists in the Gregorian calendar: 1900, 2, 29 -> False."""
    if day < 1 or day > days_of_month(month) or year <= 0:
        return False
    return month != 2 or day != 29 or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


cdef inline bint is_day_at(UInt8 value, int64_t length, int64_t first) noexcept nogil:
    """Return True if eight digits of a value are a day of 1900 to 2099: ``20231301`` -> False."""
    cdef int64_t year = number_at(value, length, first, 4)
    cdef int64_t month = number_at(value, length, first + 4, 2) & 0xFF
    cdef int64_t day = number_at(value, length, first + 6, 2) & 0xFF
    return 1900 <= year < 2100 and is_day(year, month, day)


cdef inline bint passes_luhn(UInt8 value, int64_t count) noexcept nogil:
    """Return True if the first ``count`` digits of ``value`` pass Luhn (ISO/IEC 7812-1 Annex B)."""
    cdef int64_t first = count & 1  # the first digit to double
    cdef uint64_t total = <uint64_t> value[0] - 48 if first else 0
    cdef uint64_t digit
    cdef int64_t place
    for place in range(first, count, 2):
        digit = <uint64_t> value[place] - 48
        total += 2 * digit - (9 if digit > 4 else 0)  # the sum of the product's digits
        total += <uint64_t> value[place + 1] - 48
    return total % 10 == 0


cdef enum:
    NO_CHAR = 256  # check character of a text with a character that has no value
    NO_VALUE = 255


cdef struct WeightedSum:  # row of piiscan.detect.arithmetic.weighted_sums
    int64_t count
    int64_t modulus
    int64_t weights[40]
    uint8_t values[256]  # by character, NO_VALUE for one that has none
    uint8_t checks[32]


cdef inline WeightedSum weighted_sum_of(object row) except *:
    """Return a row of the table of weighted sums as a struct."""
    cdef WeightedSum view
    cdef int64_t place
    view.count, view.modulus = len(row.weights), len(row.checks)
    for place in range(view.count):
        view.weights[place] = row.weights[place]
    for place in range(256):
        view.values[place] = row.values.get(chr(place), NO_VALUE)
    for place in range(view.modulus):
        view.checks[place] = ord(row.checks[place])
    return view


cdef inline int64_t check_char(WeightedSum* row, UInt8 body) noexcept nogil:
    """Return the check character of the ``row.count`` characters of ``body``, or NO_CHAR."""
    cdef int64_t total = 0
    cdef int64_t place
    for place in range(row.count):
        if row.values[body[place]] == NO_VALUE:
            return NO_CHAR
        total += row.values[body[place]] * row.weights[place]
    return row.checks[total % row.modulus]
