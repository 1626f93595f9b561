"""Structs of checks, shared by the kernels of all stages of detection: values and judgements."""

from libc.stdint cimport int64_t

from piiscan.kernel_arrays cimport (
    Bool, Int8, Int8Out, Int16, Int16Out, Int32, Int64, UInt8,
    boolean, int8, int8_out, int16, int16_out, int32, int64, uint8,
)


cpdef enum:  # numbers of the checks that can judge a value in place; 0 means none
    RESIDENT_ID = 1
    MOBILE = 2
    CREDIT_CODE = 3
    BANK_CARD = 4
    IMEI = 5

cdef enum:
    UNDECIDED = -1  # verdict of a quick test of one value: the whole check must decide

cpdef enum:
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
    UInt8 region_levels
    Bool mobile_prefixes


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
    view.region_levels, view.mobile_prefixes = uint8(arrays[4]), boolean(arrays[5])
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


cdef Outcome judge_single(
    int number, UInt8 value, int64_t length, SingleChecks* checks, int64_t as_of
) noexcept nogil
