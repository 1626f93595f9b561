"""Structs of the name finder."""

from piiscan.kernel_arrays cimport (
    Bool, BoolOut, Float64, Int8, Int64, Int64Out, UInt32, UInt32Out, boolean, boolean_out, float64,
    int8, int64, int64_out, uint32, uint32_out,
)


cdef struct Decoded:  # the first four columns of ModelInput
    UInt32Out codes
    Int64Out offsets
    Int64Out position
    BoolOut taken


cdef struct RuleConditions:  # piiscan.detect.ner.name_spans.RuleConditions
    UInt32 signs
    UInt32 kinds
    UInt32 lengths
    UInt32 ends
    UInt32 follows
    UInt32 free


cdef struct Names:  # piiscan.detect.ner.find_names._Names
    Py_ssize_t rows
    Int64 begin
    Int64 stop
    Int8 kind
    Float64 score
    Bool masked


cdef inline Decoded decoded_out(object arrays) except *:
    """Return the pointers of decoded texts to write."""
    cdef Decoded view
    view.codes, view.offsets = uint32_out(arrays[0]), int64_out(arrays[1])
    view.position, view.taken = int64_out(arrays[2]), boolean_out(arrays[3])
    return view


cdef inline RuleConditions conditions_of(object arrays) except *:
    """Return the pointers of the conditions of span rules."""
    cdef RuleConditions view
    view.signs, view.kinds, view.lengths = uint32(arrays[0]), uint32(arrays[1]), uint32(arrays[2])
    view.ends, view.follows, view.free = uint32(arrays[3]), uint32(arrays[4]), uint32(arrays[5])
    return view


cdef inline Names names_of(object arrays) except *:
    """Return the pointers of names in distinct texts."""
    cdef Names view
    view.rows = len(arrays[0])
    view.begin, view.stop, view.kind = int64(arrays[0]), int64(arrays[1]), int8(arrays[2])
    view.score, view.masked = float64(arrays[3]), boolean(arrays[4])
    return view
