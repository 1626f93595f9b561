"""Structs of scoring, and the score of one candidate, shared with the kernels of results."""

from libc.stdint cimport int64_t

from piiscan.detect.checks.check_kernels cimport Judgement
from piiscan.detect.context.context_kernels cimport Context
from piiscan.detect.matching.match_kernels cimport Candidates
from piiscan.kernel_arrays cimport (
    Bool, BoolOut, Float64Out, Int8, Int16Out, Int64, Int64Out, UInt8,
    boolean, boolean_out, float64_out, int8, int16_out, int64, int64_out, uint8,
)


cpdef enum:  # levels of a candidate: the recognizer's ``bare``, or the level that its check sets
    LOW_LEVEL = 1
    MEDIUM_LEVEL = 2
    HIGH_LEVEL = 3

cpdef enum:
    REFUSED = -1  # winner of a refused candidate


cdef struct ScoringTables:  # piiscan.detect.scoring.candidate_score.ScoringTables
    Int8 base_level
    UInt8 anchored
    Int64 outranks
    Bool outside


cdef struct ColumnTraits:  # piiscan.detect.catalog.column.ColumnTraits
    Bool labelled
    Bool by_chance
    Bool other_label
    Int64 rank_shift


cdef struct CandidateScoresOut:  # piiscan.detect.scoring.candidate_score.CandidateScores
    Float64Out score
    Int16Out reason
    BoolOut refused
    Int64Out priority


cdef struct Score:  # of one candidate
    double score
    int reason
    bint refused


cdef inline ScoringTables scoring_tables_of(object arrays) except *:
    """Return the pointers of the scoring rules."""
    cdef ScoringTables view
    view.base_level, view.anchored = int8(arrays[0]), uint8(arrays[1])
    view.outranks, view.outside = int64(arrays[2]), boolean(arrays[3])
    return view


cdef inline ColumnTraits column_traits_of(object arrays) except *:
    """Return the pointers of the traits of a column."""
    cdef ColumnTraits view
    view.labelled, view.by_chance = boolean(arrays[0]), boolean(arrays[1])
    view.other_label, view.rank_shift = boolean(arrays[2]), int64(arrays[3])
    return view


cdef inline CandidateScoresOut candidate_scores_out(object arrays) except *:
    """Return the pointers of the scores of candidates to write."""
    cdef CandidateScoresOut view
    view.score, view.reason = float64_out(arrays[0]), int16_out(arrays[1])
    view.refused, view.priority = boolean_out(arrays[2]), int64_out(arrays[3])
    return view


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
    Bool neutral_after, Int64Out isolated, Int64Out rest,
) noexcept nogil
cdef bint winners_into(
    Int64 start, Int64 end, Int64 priority, Bool refused, int64_t count, Int64Out winner
) noexcept nogil
