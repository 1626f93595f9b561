"""Structs and codes of the cut of words."""

from libc.stdint cimport uint64_t

from piiscan.kernel_arrays cimport Float64, UInt8, UInt64, float64, uint8, uint64


cpdef enum:
    HAN_START = 0x4E00  # Hanzi that jieba reads: the first, and one after the last
    HAN_END = 0x9FD6
    # letters are 1 to 127 for ASCII and FIRST_HAN onwards for Hanzi; 0: a character of no word
    FIRST_HAN = 128
    LETTERS = FIRST_HAN + HAN_END - HAN_START
    LAST = 1 << 23  # marks a node with none below it

cpdef enum:
    NODE_BITS = 24  # of a node in a slot


cdef struct Tree:  # piiscan.words.word_tree.WordTree
    UInt64 slots
    uint64_t mask  # number of slots, less 1
    Float64 scores
    bint has_forced
    UInt8 forced


cdef inline Tree tree_of(object arrays) except *:
    """Return the pointers of a prefix tree."""
    cdef Tree view
    view.slots, view.mask = uint64(arrays[0]), len(arrays[0]) - 1
    view.scores = float64(arrays[1])
    view.has_forced, view.forced = len(arrays[2]) > 0, uint8(arrays[2])
    return view
