"""Numbers, structs and helpers of checks, shared by the kernels of all stages of detection.

A value is a pointer to ``length`` ASCII characters; nothing is read behind them.
"""

from libc.stdint cimport int64_t, uint8_t

from piiscan.kernel_arrays cimport (
    Bool, Int8, Int8Out, Int16, Int16Out, Int32, Int64, UInt8, UInt8Out, UInt32,
    boolean, int8, int8_out, int16, int16_out, int32, int64, uint8, uint32,
)


cpdef enum:  # number of each check module with a compiled judge
    PYTHON_CHECK = 0  # none: the module's own ``check`` decides
    NO_CHECK = 1  # every value is plausible
    RESIDENT_ID_CHECK = 2
    RESIDENT_ID_15_CHECK = 3
    HMT_PERMIT_CHECK = 4
    FOREIGN_PR_ID_CHECK = 5
    FOREIGN_PR_ID_15_CHECK = 6
    HK_ID_CHECK = 7
    MO_ID_CHECK = 8
    TW_ID_CHECK = 9
    PASSPORT_MRZ_CHECK = 10
    MASKED_CHECK = 11
    MASKED_ID_CHECK = 12
    DAMAGED_ID_CHECK = 13
    NOT_A_DAY_CHECK = 14
    USCC_CHECK = 15
    ORG_CODE_CHECK = 16
    BIZ_LICENCE_CHECK = 17
    TW_UBN_CHECK = 18
    MOBILE_CHECK = 19
    DAMAGED_MOBILE_CHECK = 20
    VIRTUAL_NUMBER_CHECK = 21
    LANDLINE_CHECK = 22
    SERVICE_NUMBER_CHECK = 23
    HMT_PHONE_CHECK = 24
    FOREIGN_PHONE_CHECK = 25
    REGION_PHONE_CHECK = 26
    IMEI_CHECK = 27
    IMSI_CHECK = 28
    ICCID_CHECK = 29
    MAC_CHECK = 30
    IP_CHECK = 31
    GPS_CHECK = 32
    VIN_CHECK = 33
    BANK_CARD_CHECK = 34
    LISTED_CARD_CHECK = 35
    DAMAGED_BANK_CARD_CHECK = 36
    WAYBILL_CHECK = 37
    UNKNOWN_WAYBILL_CHECK = 38
    S10_CHECK = 39
    TRADE_NO_CHECK = 40
    EMAIL_CHECK = 41
    QQ_NUMBER_CHECK = 42
    WECHAT_ALIAS_CHECK = 43
    ALIAS_ALIKE_CHECK = 44
    SOCIAL_NAME_CHECK = 45
    MIXED_KEY_CHECK = 46
    SOME_DIGITS_CHECK = 47
    CREDENTIAL_CHECK = 48
    PASSWORD_CHECK = 49
    LOGIN_DATA_CHECK = 50
    PINYIN_NAME_CHECK = 51
    PINYIN_GIVEN_FIRST_CHECK = 52

cpdef enum:  # reason codes, as piiscan.detect.checks.REASONS
    CHECK_FAIL = 1
    DATE_IMPOSSIBLE = 2
    DATE_FUTURE = 3
    DATE_BEFORE_1900 = 4
    REGION_UNKNOWN = 5
    PROVINCE_UNKNOWN = 6
    PREFIX_UNALLOTTED = 7
    AREA_CODE_UNKNOWN = 8
    LENGTH_WRONG = 9
    BIN_UNKNOWN = 10
    BIN_LENGTH = 11
    LUHN_FAIL = 12
    COUNTRY_UNKNOWN = 13
    TLD_UNKNOWN = 14
    EMAIL_SYNTAX = 15
    SYSTEM_MAILBOX = 16
    TEST_LIKE = 17
    FILLER = 18
    LOOKS_LIKE_DATE = 19
    EPOCH_TIME = 20
    EAN_BARCODE = 21
    MASKED = 22
    DAMAGED_SCI = 23
    DAMAGED_15SIG = 24
    VIRTUAL_NUMBER = 25
    ORG_ONLY = 26
    SYSTEM_ACCOUNT = 27
    GLUED = 28
    INSIDE_TOKEN = 29
    DECIMAL = 30
    AMOUNT = 31
    CONTEXT_AGAINST = 32
    NO_CONTEXT = 33
    LOST = 34
    NOT_LABELLED = 35
    BIRTH_RECENT = 36
    PLACEHOLDER = 37
    PLAIN_WORD = 38
    CHECK_UNUSED = 39
    SHAPE_UNUSUAL = 40
    PRIVATE_ADDRESS = 41
    OUT_OF_RANGE = 42
    CHANCE = 43
    MIXED_CELL = 44

cpdef enum:  # piiscan.detect.checks.Verdict
    UNDECIDED = -1  # the whole check must decide
    REFUTED = 0
    PLAUSIBLE = 1
    VERIFIED = 2

cpdef enum:  # piiscan.detect.checks.Strength; 0 leaves the level to the recognizer
    LOW = 1
    MEDIUM = 2
    HIGH = 3

cpdef enum:  # levels of region codes, as piiscan.data.regions
    NO_PROVINCE = 0
    NO_PREFECTURE = 1
    NO_COUNTY = 2
    KNOWN = 3

cpdef enum:
    WORD_WIDTH = 24  # bytes of a row of ``Words``; piiscan.data.TLD_WIDTH
    CANONICAL_ROOM = 32  # bytes that a canonical value can have more than the value before
    STATE_REGION = 100_000  # region code of a firm registered with the central government
    INFANT_YEARS = 5  # births within so many years of ``as_of`` need a label or context word
    EPOCH_FROM = 1_300_000  # first seven digits of times since 1970, from 2011-03 on:
    EPOCH_TO = 2_100_000  # postal items begin with 10 to 12
    CHINA_BARCODES_FROM = 690  # GS1 prefixes of China
    CHINA_BARCODES_TO = 699


cdef struct Values:  # rows of a matrix of canonical values, uint8[k, w], and their lengths
    Py_ssize_t rows
    int64_t width
    UInt8 chars
    Int32 length


cdef struct Judgement:  # piiscan.detect.checks.Judgement
    Py_ssize_t rows
    Int8 verdict
    Int16 reason
    Int8 strength


cdef struct JudgementOut:
    Py_ssize_t rows
    Int8Out verdict
    Int16Out reason
    Int8Out strength


cdef struct Outcome:  # judgement of one value
    int verdict
    int reason
    int strength


cdef struct SingleChecks:  # piiscan.detect.validation.validation_tables.SingleChecks
    UInt8 check_number
    Int64 max_length
    Bool keeps_byte
    Bool is_text


cdef struct Words:  # sorted small words, rows of WORD_WIDTH bytes padded with 0
    int64_t count
    UInt8 names


cdef struct Bins:  # piiscan.data.Bins
    UInt32 short
    Bool has_long
    Int64 long_keys
    UInt32 long_lengths
    int64_t long_count
    Int64 long_digits
    int64_t digits_count


cdef struct CheckTables:  # piiscan.detect.checks.check_tables.CheckTables
    UInt8 regions  # level by six digits
    UInt8 prefectures  # best level by four digits
    Bool mobile_prefixes  # by five digits
    UInt8 area_codes  # by three digits
    Bool service_numbers  # by the last three digits of 95xxx
    Bool country_numbers  # ISO 3166-1 by number
    Bool country_letters  # by two letters
    Bool country_codes  # by three letters
    Int32 scheme_lengths  # bits of card lengths by four digits
    Bins bins
    Words tlds
    Words senders
    Words column_types
    Words prose_words
    Words password_words
    Words pages
    Words syllables
    Words surnames
    Words places
    Words given_words


cdef inline Values values_of(object chars, object length) except *:
    """Return the pointers of a matrix of values and of their lengths."""
    cdef Values view
    view.rows, view.width = chars.shape
    view.chars, view.length = uint8(chars), int32(length)
    return view


cdef inline Judgement judgement_of(object arrays) except *:
    """Return the pointers of a bundle of judgements."""
    cdef Judgement view
    view.rows = len(arrays[0])
    view.verdict, view.reason, view.strength = int8(arrays[0]), int16(arrays[1]), int8(arrays[2])
    return view


cdef inline JudgementOut judgement_out(object arrays) except *:
    """Return the pointers of a bundle of judgements to write."""
    cdef JudgementOut view
    view.rows = len(arrays[0])
    view.verdict, view.reason = int8_out(arrays[0]), int16_out(arrays[1])
    view.strength = int8_out(arrays[2])
    return view


cdef inline SingleChecks single_checks_of(object arrays) except *:
    """Return the pointers of the tables of checks in place."""
    cdef SingleChecks view
    view.check_number, view.max_length = uint8(arrays[0]), int64(arrays[1])
    view.keeps_byte, view.is_text = boolean(arrays[2]), boolean(arrays[3])
    return view


cdef inline Words words_of(object names) except *:
    """Return the pointers of sorted words, ``S24[n]`` seen as bytes."""
    cdef Words view
    view.count, view.names = len(names), uint8(names)
    return view


cdef inline CheckTables check_tables_of(object arrays) except *:
    """Return the pointers of the tables of checks."""
    cdef CheckTables view
    view.regions, view.prefectures = uint8(arrays.regions), uint8(arrays.prefectures)
    view.mobile_prefixes = boolean(arrays.mobile_prefixes)
    view.area_codes = uint8(arrays.area_codes)
    view.service_numbers = boolean(arrays.service_numbers)
    view.country_numbers = boolean(arrays.country_numbers)
    view.country_letters = boolean(arrays.country_letters)
    view.country_codes = boolean(arrays.country_codes)
    view.scheme_lengths = int32(arrays.scheme_lengths)
    view.bins.short, view.bins.has_long = uint32(arrays.bins_short), boolean(arrays.bins_has_long)
    view.bins.long_keys = int64(arrays.bins_long_keys)
    view.bins.long_lengths = uint32(arrays.bins_long_lengths)
    view.bins.long_digits = int64(arrays.bins_long_digits)
    view.bins.long_count = len(arrays.bins_long_keys)
    view.bins.digits_count = len(arrays.bins_long_digits)
    view.tlds, view.senders = words_of(arrays.tlds), words_of(arrays.senders)
    view.column_types = words_of(arrays.column_types)
    view.prose_words = words_of(arrays.prose_words)
    view.password_words = words_of(arrays.password_words)
    view.pages, view.syllables = words_of(arrays.pages), words_of(arrays.syllables)
    view.surnames, view.places = words_of(arrays.surnames), words_of(arrays.places)
    view.given_words = words_of(arrays.given_words)
    return view


cdef inline Outcome outcome_of(int verdict, int reason, int strength) noexcept nogil:
    """Return the outcome of the check of one value."""
    cdef Outcome outcome
    outcome.verdict, outcome.reason, outcome.strength = verdict, reason, strength
    return outcome


cdef inline void put_outcome(Outcome outcome, JudgementOut* out, Py_ssize_t row) noexcept nogil:
    """Write the outcome of the check of one value to ``row`` of ``out``."""
    out.verdict[row], out.reason[row] = outcome.verdict, outcome.reason
    out.strength[row] = outcome.strength


cdef inline Outcome refuted(int reason) noexcept nogil:
    """Return the outcome REFUTED with a reason code."""
    return outcome_of(REFUTED, reason, 0)


cdef inline Outcome plausible() noexcept nogil:
    """Return the outcome PLAUSIBLE without a reason."""
    return outcome_of(PLAUSIBLE, 0, 0)


cdef inline Outcome verified() noexcept nogil:
    """Return the outcome VERIFIED without a reason."""
    return outcome_of(VERIFIED, 0, 0)


cdef inline uint8_t char_at(UInt8 value, int64_t length, int64_t place) noexcept nogil:
    """Return the character at ``place`` of a value, 0 behind it."""
    return value[place] if place < length else 0


cdef inline uint8_t lower(uint8_t byte) noexcept nogil:
    """Return an ASCII letter as a small letter, other characters as they are."""
    return byte + 32 if 65 <= byte <= 90 else byte


cdef inline bint is_letter(uint8_t byte) noexcept nogil:
    """Return True if ``byte`` is an ASCII letter."""
    return 97 <= (byte | 32) <= 122


cdef inline bint has_char(UInt8 value, int64_t length, uint8_t byte) noexcept nogil:
    """Return True if the character ``byte`` is in a value."""
    cdef int64_t place
    for place in range(length):
        if value[place] == byte:
            return True
    return False


cdef inline bint is_word(
    UInt8 value, int64_t first, int64_t last, Words* words
) noexcept nogil:
    """Return True if characters [``first``, ``last``) are one of ``words``, by bisection.

    Capitals count as small letters.
    """
    cdef int64_t low = 0
    cdef int64_t high = words.count
    cdef int64_t middle, place
    cdef UInt8 listed
    cdef int order
    if last - first > WORD_WIDTH:
        return False
    while low < high:
        middle = (low + high) // 2
        listed = words.names + middle * WORD_WIDTH
        order = 0
        place = 0
        while place < WORD_WIDTH and order == 0:
            order = (lower(value[first + place]) if first + place < last else 0) - listed[place]
            place += 1
        if order == 0:
            return True
        if order < 0:
            high = middle
        else:
            low = middle + 1
    return False


cdef CheckTables* check_tables() except *  # loaded at first use, never freed; with the GIL
cdef Outcome judge(
    int number, UInt8 value, int64_t length, int64_t as_of, CheckTables* tables
) noexcept nogil  # UNDECIDED: ask the check function of the module
cdef bint makes_canonical(int number) noexcept nogil  # True if the check has a canonical form
cdef int64_t write_canonical(
    int number, UInt8 value, int64_t length, UInt8Out out
) noexcept nogil  # ``out``: room for length + CANONICAL_ROOM bytes; -1: ask the module
