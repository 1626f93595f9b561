"""Kernel functions of matching that the kernels of all stages of detection call."""

from libc.stdint cimport int64_t, uint8_t

from piiscan.detect.matching.alphabet cimport *
from piiscan.detect.matching.automaton cimport *
from piiscan.detect.matching.marks cimport *
from piiscan.detect.matching.matcher cimport *
from piiscan.detect.matching.offsets cimport *
from piiscan.detect.matching.word_sieve cimport *


cdef inline int64_t trie_step(Int32 steps, int64_t node, int byte) noexcept nogil:
    """Return the child of a node of a trie, 0 if there is none; see ``spellings.trie_steps``."""
    cdef Int32 step = steps + 2 * (node + byte)
    return step[1] if step[0] == node else 0


cdef inline bint is_han(int kind) noexcept nogil:
    """Return True if a byte of this ``kind`` is a Hanzi."""
    return kind == KIND_HAN or kind == KIND_HAN_DIGIT


cdef inline int64_t skip_code_points(
    UInt8 data, int64_t at, int64_t limit, int64_t count
) noexcept nogil:
    """Return the byte offset ``count`` code points after ``at``, at most ``limit``.

    Malformed UTF-8 counts as it does when texts are folded.
    """
    cdef uint8_t byte
    while count > 0 and at < limit:
        byte = data[at]
        if byte < 0x80:
            at += 1
        elif 0xE0 <= byte < 0xF0 and at + 2 < limit:
            at += 3
        elif 0xC0 <= byte < 0xE0 and at + 1 < limit:
            at += 2
        elif byte >= 0xF0 and at + 3 < limit:
            at += 4
        else:
            at += 1
        count -= 1
    return at


cdef void write_offsets(
    FoldedTexts* texts, Int64 span_start, Int64 span_end, Py_ssize_t count, OffsetsOut* out
) noexcept nogil
cdef bint fits_boundary(
    UInt8 folded, int64_t length, int64_t start, int64_t end, int rule, UInt8 kind
) noexcept nogil
cdef int64_t text_at(Int64 starts, int64_t texts, int64_t text, int64_t position) noexcept nogil
cdef int64_t byte_at(
    FoldedTexts* texts, int64_t text, int64_t target, int64_t known_position, int64_t known_byte
) noexcept nogil
cdef int64_t fold_into(
    UInt8 data, Int64 offsets, Py_ssize_t texts, UInt8 table, UInt8Out folded, UInt8Out lows,
    Int64Out starts, Int32Out ascii_tail, bint* has_zero_width,
) noexcept nogil
cdef bint may_end_word(
    UInt8 folded, UInt8 lows, int64_t position, WordSieve* sieve, int64_t recognizer
) noexcept nogil
cdef (int64_t, int64_t) starts_and_ends_into(
    UInt8 folded, UInt8 lows, int64_t length, UInt8 marks, WordSieve* sieve, Int64Out out_starts,
    Int64Out out_ends, (int64_t, int64_t) capacity,
) noexcept nogil
cdef int64_t starts_into(
    UInt8 folded, int64_t length, Bool start_pairs, UInt8 marks, Int64Out out, int64_t capacity
) noexcept nogil
cdef int64_t starts_after_words_into(
    UInt8 folded, int64_t length, Int64 word_ends, Py_ssize_t words, Bool start_pairs, UInt8 marks,
    Bool gap, Int64Out out,
) noexcept nogil
cdef (int64_t, int64_t) match_into(
    UInt8 folded, int64_t length, Int64 positions, int64_t position_count, Automaton* automaton,
    UInt8 kind, UInt8 boundary, Py_ssize_t recognizers, Int64Out best,
    UInt64Out matched_recognizers, CandidatesOut* out,
) noexcept nogil
cdef void merge_into(Candidates* one, Candidates* two, CandidatesOut* out) noexcept nogil
cdef int64_t cells_into(
    UInt8 folded, Int64 begin, Int64 end, Py_ssize_t cells, Automaton* automaton, Bool enabled,
    CandidatesOut* out,
) noexcept nogil
