"""Kernel functions of scoring that the kernels of results call."""

from libc.stdint cimport int64_t

from piiscan.detect.catalog.column cimport *
from piiscan.detect.checks cimport Judgement, JudgementOut, judgement_of, judgement_out
from piiscan.detect.context.context_kernels cimport *
from piiscan.detect.scoring.candidate_score cimport *
from piiscan.detect.scoring.overlap_resolution cimport *


cdef struct Score:  # of one candidate
    double score
    int reason
    bint refused


cdef Score score_candidate(
    int verdict, int check_reason, int level, int64_t which, ColumnTraits* column,
    int surroundings, int nearness, bint against,
) noexcept nogil
cdef Score score_isolated(
    Judgement* judgement, int64_t row, int64_t which, ScoringTables* tables, ColumnTraits* column
) noexcept nogil
cdef void scores_into(
    UInt8 folded, Candidates* spans, Judgement* judgement, Context* context, UInt8 surroundings,
    ScoringTables* tables, ColumnTraits* column, CandidateScoresOut* out,
) noexcept nogil
cdef (int64_t, int64_t, int64_t) isolated_into(
    UInt8 folded, Candidates* spans, Int8 verdict, Bool unchanged, Bool labelled,
    Int64 word_ends, Py_ssize_t end_count, Bool eligible, Bool neutral_before,
    Bool neutral_after, Bool supported, Int64Out isolated, Int64Out rest,
) noexcept nogil
cdef bint winners_into(
    Int64 start, Int64 end, Int64 priority, Bool refused, int64_t count, Int64Out winner
) noexcept nogil
