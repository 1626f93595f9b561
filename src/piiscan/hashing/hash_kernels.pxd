"""BLAKE2b in C, by as many lanes as the processor has."""

from libc.stdint cimport uint64_t


cdef extern from "blake2_lanes.h" nogil:
    const int BLAKE2_LANES
    const uint64_t* blake2_iv
    int blake2_width()
    void blake2_compress(uint64_t* h, const uint64_t* m, uint64_t counter, bint last)
    void blake2_last_blocks(
        int width, const uint64_t* h, const uint64_t* words, const uint64_t* counters, uint64_t* out
    )
