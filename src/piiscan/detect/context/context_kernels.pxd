"""Kernel functions of context that the kernels of later stages call."""

from libc.stdint cimport int32_t, int64_t

from piiscan.detect.context.context_numbers cimport *
from piiscan.detect.context.context_words cimport *
from piiscan.detect.context.keyed_values cimport *
from piiscan.detect.context.list_fields cimport *
from piiscan.detect.context.roles cimport *
from piiscan.detect.context.surroundings cimport *
from piiscan.detect.matching.match_kernels cimport *


cdef struct RoleSpans:  # spans that roles are written to; ``part``: number of their part
    int part
    int64_t rows
    Int16 recognizer
    Int64 start
    Int64 end
    Int64 text
    Int64 byte_start
    Int64 byte_end
    UInt8 nearness
    Int64 winner
    Float64 score
    Int16Out role


cdef void context_into(
    FoldedTexts* texts, Candidates* candidates, Offsets* located, Int64 word_ends,
    int64_t end_count, Bool labelled, ContextSearch* search, ContextOut* out,
) noexcept nogil
cdef void surroundings_into(
    UInt8 folded, Int64 start, Int64 end, Py_ssize_t count, SurroundingBytes* meaning,
    UInt8Out codes,
) noexcept nogil
cdef bint roles_into(
    FoldedTexts* texts, RoleSpans* parts, Int64 word_ends, int64_t end_count, RoleSearch* search,
    Int64 isolated, int64_t isolated_count,
) noexcept nogil
cdef void labelled_into(
    UInt8 source, UInt8 lows, Candidates* spans, ContextSearch* words, WordSieve* sieve,
    BoolOut labelled,
) noexcept nogil
cdef void labels_into(
    Int32 name, Py_ssize_t rows, Bool other, int32_t first, Int16 which, Int8 verdicts,
    Bool keyed_cells, Bool numeric, ContextOut* out, Int8Out strengths,
) noexcept nogil
cdef void names_into(
    KeyedValues* keyed, Int64 starts, Int16 which, Py_ssize_t rows, Bool columns,
    int64_t recognizers, Bool others, Int32Out out,
) noexcept nogil
cdef int64_t header_lines_into(
    FoldedTexts* texts, WordTrie* trie, UInt8 kind, UInt8 flags, Int64Out out, int64_t room
) noexcept nogil
cdef int64_t keyed_into(
    FoldedTexts* texts, Int64 signs, int64_t sign_count, UInt8 flags, WordTrie* trie, Bool counts,
    KeyedValuesOut* out,
) noexcept nogil
cdef void neighbours_into(
    UInt8 folded, Candidates* spans, Int8 verdicts, Int8Out strengths, ContextOut* out,
    Int8 levels, Bool beside, int64_t recognizers, UInt8 flags, UInt8 kind, Bool series,
    Bool anchored, Bool numeric,
) noexcept nogil
cdef int64_t line_accounts_into(
    UInt8 source, Int64 ends, int64_t end_count, UInt8 kinds, Int64Out begins, Int64Out finishes
) noexcept nogil
cdef int64_t fields_into(
    UInt8 text, int64_t length, Candidates* candidates, Bool accounts, Bool opens, UInt8 kind,
    bint chained, ListFieldsOut* out,
) noexcept nogil
