"""Structs of matching, shared by the kernels of all stages of detection."""

from libc.stdint cimport int64_t, uint8_t

from piiscan.kernel_arrays cimport (
    Bool, Int16, Int16Out, Int32, Int32Out, Int64, Int64Out, UInt8, UInt8Out, UInt16, UInt64Out,
    boolean, int16, int16_out, int32, int32_out, int64, int64_out, uint8, uint8_out, uint16,
)


cpdef enum:  # folded bytes with a meaning of their own; see alphabet.py
    BREAK = 0
    SKIP = 1
    CIRCLED_DIGIT = 0x0E  # ten bytes: digits in a circle, raised, lowered
    HAN_DIGIT = 0x80  # ten bytes: Chinese digits for 0 to 9
    PLANES = 0x20000  # code points with a byte of their own choice: BMP and plane of the emoji

cpdef enum:  # marks of a pair of folded bytes; see marks.py
    MATCH_START = 1  # a match may begin with the pair
    WORD_END = 2  # a word may end between the two
    START_ALLOWED = 4  # a match may begin between the two
    LAST_PAIR = 8  # a word may end with the pair

cpdef enum:  # kind of a folded byte, for rules about neighbours
    KIND_OTHER = 0
    KIND_DIGIT = 1
    KIND_LETTER = 2
    KIND_HAN_DIGIT = 3
    KIND_HAN = 4
    KIND_BREAK = 5


cdef struct Candidates:  # piiscan.detect.matching.matcher.Candidates
    Py_ssize_t rows
    Int16 recognizer
    Int64 start
    Int64 end
    UInt8 leading_digits


cdef struct CandidatesOut:
    Py_ssize_t rows
    Int16Out recognizer
    Int64Out start
    Int64Out end
    UInt8Out leading_digits


cdef struct Automaton:  # piiscan.detect.matching.automaton.Automaton
    UInt16 table
    UInt16 after_two_digits
    UInt16 after_digits
    Bool start_pairs
    Bool accepting
    Int32 accept_from
    Int16 accepts
    Bool number_may_match


cdef struct FoldedTexts:  # piiscan.detect.matching.offsets.FoldedTexts
    Py_ssize_t texts
    Py_ssize_t length  # of ``folded``
    UInt8 data
    Int64 offsets
    UInt8 folded
    Int64 starts
    Int32 ascii_tail


cdef struct Offsets:  # piiscan.detect.matching.offsets.Offsets
    Int64 text
    Int64 text_byte
    Int32 start
    Int32 end
    Int64 byte_start
    Int64 byte_end


cdef struct OffsetsOut:
    Int64Out text
    Int64Out text_byte
    Int32Out start
    Int32Out end
    Int64Out byte_start
    Int64Out byte_end


cdef inline Candidates candidates_of(object arrays) except *:
    """Return the pointers of a bundle of candidates."""
    cdef Candidates view
    view.rows = len(arrays[1])
    view.recognizer = int16(arrays[0])
    view.start, view.end = int64(arrays[1]), int64(arrays[2])
    view.leading_digits = uint8(arrays[3])
    return view


cdef inline CandidatesOut candidates_out(object arrays) except *:
    """Return the pointers of a bundle of candidates to write."""
    cdef CandidatesOut view
    view.rows = len(arrays[1])
    view.recognizer = int16_out(arrays[0])
    view.start, view.end = int64_out(arrays[1]), int64_out(arrays[2])
    view.leading_digits = uint8_out(arrays[3])
    return view


cdef inline Automaton automaton_of(object arrays) except *:
    """Return the pointers of an automaton."""
    cdef Automaton view
    view.table, view.after_two_digits = uint16(arrays[0]), uint16(arrays[1])
    view.after_digits, view.start_pairs = uint16(arrays[2]), boolean(arrays[3])
    view.accepting, view.accept_from = boolean(arrays[4]), int32(arrays[5])
    view.accepts, view.number_may_match = int16(arrays[6]), boolean(arrays[7])
    return view


cdef inline FoldedTexts folded_texts_of(object arrays) except *:
    """Return the pointers of folded texts."""
    cdef FoldedTexts view
    view.texts, view.length = len(arrays[3]) - 1, len(arrays[2])
    view.data, view.offsets, view.folded = uint8(arrays[0]), int64(arrays[1]), uint8(arrays[2])
    view.starts, view.ascii_tail = int64(arrays[3]), int32(arrays[4])
    return view


cdef inline Offsets offsets_of(object arrays) except *:
    """Return the pointers of the offsets of candidates."""
    cdef Offsets view
    view.text, view.text_byte = int64(arrays[0]), int64(arrays[1])
    view.start, view.end = int32(arrays[2]), int32(arrays[3])
    view.byte_start, view.byte_end = int64(arrays[4]), int64(arrays[5])
    return view


cdef inline OffsetsOut offsets_out(object arrays) except *:
    """Return the pointers of the offsets of candidates to write."""
    cdef OffsetsOut view
    view.text, view.text_byte = int64_out(arrays[0]), int64_out(arrays[1])
    view.start, view.end = int32_out(arrays[2]), int32_out(arrays[3])
    view.byte_start, view.byte_end = int64_out(arrays[4]), int64_out(arrays[5])
    return view


cdef inline int64_t trie_step(Int32 steps, int64_t node, int byte) noexcept nogil:
    """Return the child of a node of a trie, 0 if there is none; see ``spellings.trie_steps``."""
    cdef Int32 step = steps + 2 * (node + byte)
    return step[1] if step[0] == node else 0


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
    UInt8 data, Int64 offsets, Py_ssize_t texts, UInt8 table, UInt8Out folded, Int64Out starts,
    Int32Out ascii_tail, bint* has_zero_width,
) noexcept nogil
cdef (int64_t, int64_t) starts_and_ends_into(
    UInt8 folded, int64_t length, UInt8 marks, Int32 steps, Bool complete, Int64Out out_starts,
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
