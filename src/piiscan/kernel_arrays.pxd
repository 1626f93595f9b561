"""Arrays of kernels: pointers to the elements of NumPy arrays, checked once at an entry point.

A kernel is a compiled function without Python objects. Its entry point, a ``def`` of the same
module, gets each pointer from a contiguous array of the right type, and raises TypeError or
ValueError for any other. Names are those of :mod:`piiscan.arrays`; ``...Out`` may be written.

    uint8(array) -> UInt8    uint8_out(array) -> UInt8Out
"""

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from libc.stdint cimport (
    int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t,
)
from libc.string cimport memcpy, strchr

ctypedef const uint8_t* Bool  # 0 or 1
ctypedef const int8_t* Int8
ctypedef const int16_t* Int16
ctypedef const int32_t* Int32
ctypedef const int64_t* Int64
ctypedef const uint8_t* UInt8
ctypedef const uint16_t* UInt16
ctypedef const uint32_t* UInt32
ctypedef const uint64_t* UInt64
ctypedef const float* Float32
ctypedef const double* Float64

ctypedef uint8_t* BoolOut
ctypedef int8_t* Int8Out
ctypedef int16_t* Int16Out
ctypedef int32_t* Int32Out
ctypedef int64_t* Int64Out
ctypedef uint8_t* UInt8Out
ctypedef uint16_t* UInt16Out
ctypedef uint32_t* UInt32Out
ctypedef uint64_t* UInt64Out
ctypedef float* Float32Out
ctypedef double* Float64Out

cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define piiscan_prefetch(address) __builtin_prefetch(address, 0, 3)
    #else
    #define piiscan_prefetch(address) ((void)(address))
    #endif
    """
    void prefetch "piiscan_prefetch"(const void* address) noexcept nogil

cdef inline void* _elements(object array, Py_ssize_t size, const char* codes, int access) except NULL:
    """Return the address of the elements of a contiguous array, of ``size`` bytes each.

    ``codes``: format characters of the element type. Raise TypeError for any other type,
    ValueError for an array that is not contiguous or not writable.
    """
    cdef Py_buffer view
    PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | access)
    cdef void* first = view.buf
    cdef bint fits = view.itemsize == size and strchr(codes, view.format[0]) != NULL
    PyBuffer_Release(&view)
    if not fits:
        raise TypeError("an array has elements of another type")
    return first if first != NULL else <void*> 8  # an empty array; never read

cdef inline Bool boolean(object array) except NULL:
    return <Bool> _elements(array, 1, b"?", 0)
cdef inline Int8 int8(object array) except NULL:
    return <Int8> _elements(array, 1, b"b", 0)
cdef inline Int16 int16(object array) except NULL:
    return <Int16> _elements(array, 2, b"h", 0)
cdef inline Int32 int32(object array) except NULL:
    return <Int32> _elements(array, 4, b"il", 0)
cdef inline Int64 int64(object array) except NULL:
    return <Int64> _elements(array, 8, b"lq", 0)
cdef inline UInt8 uint8(object array) except NULL:
    return <UInt8> _elements(array, 1, b"B", 0)
cdef inline UInt16 uint16(object array) except NULL:
    return <UInt16> _elements(array, 2, b"H", 0)
cdef inline UInt32 uint32(object array) except NULL:
    return <UInt32> _elements(array, 4, b"IL", 0)
cdef inline UInt64 uint64(object array) except NULL:
    return <UInt64> _elements(array, 8, b"LQ", 0)
cdef inline Float32 float32(object array) except NULL:
    return <Float32> _elements(array, 4, b"f", 0)
cdef inline Float64 float64(object array) except NULL:
    return <Float64> _elements(array, 8, b"d", 0)

cdef inline BoolOut boolean_out(object array) except NULL:
    return <BoolOut> _elements(array, 1, b"?", PyBUF_WRITABLE)
cdef inline Int8Out int8_out(object array) except NULL:
    return <Int8Out> _elements(array, 1, b"b", PyBUF_WRITABLE)
cdef inline Int16Out int16_out(object array) except NULL:
    return <Int16Out> _elements(array, 2, b"h", PyBUF_WRITABLE)
cdef inline Int32Out int32_out(object array) except NULL:
    return <Int32Out> _elements(array, 4, b"il", PyBUF_WRITABLE)
cdef inline Int64Out int64_out(object array) except NULL:
    return <Int64Out> _elements(array, 8, b"lq", PyBUF_WRITABLE)
cdef inline UInt8Out uint8_out(object array) except NULL:
    return <UInt8Out> _elements(array, 1, b"B", PyBUF_WRITABLE)
cdef inline UInt16Out uint16_out(object array) except NULL:
    return <UInt16Out> _elements(array, 2, b"H", PyBUF_WRITABLE)
cdef inline UInt32Out uint32_out(object array) except NULL:
    return <UInt32Out> _elements(array, 4, b"IL", PyBUF_WRITABLE)
cdef inline UInt64Out uint64_out(object array) except NULL:
    return <UInt64Out> _elements(array, 8, b"LQ", PyBUF_WRITABLE)
cdef inline Float32Out float32_out(object array) except NULL:
    return <Float32Out> _elements(array, 4, b"f", PyBUF_WRITABLE)
cdef inline Float64Out float64_out(object array) except NULL:
    return <Float64Out> _elements(array, 8, b"d", PyBUF_WRITABLE)

cdef inline uint32_t two_bytes(const uint8_t* data) noexcept nogil:
    """Return the two bytes from ``data`` on as one number, the first byte lowest."""
    cdef uint16_t word
    memcpy(&word, data, 2)
    return word

cdef inline uint64_t eight_bytes(const uint8_t* data) noexcept nogil:
    """Return the eight bytes from ``data`` on as one number, the first byte lowest."""
    cdef uint64_t word
    memcpy(&word, data, 8)
    return word

cdef inline void write_eight_bytes(uint8_t* data, uint64_t word) noexcept nogil:
    """Write a number as eight bytes from ``data`` on, the lowest byte first."""
    memcpy(data, &word, 8)

cdef inline int64_t first_not_below(Int64 ordered, int64_t count, int64_t wanted) noexcept nogil:
    """Return the index of the first of ``count`` ``ordered`` numbers that is ``wanted`` or more."""
    cdef int64_t low = 0
    cdef int64_t high = count
    cdef int64_t middle
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low

cdef inline int64_t index_of(Int64 ordered, int64_t count, int64_t wanted) noexcept nogil:
    """Return the index of ``wanted`` among ``count`` ``ordered`` numbers, -1 without it."""
    cdef int64_t index = first_not_below(ordered, count, wanted)
    return index if index < count and ordered[index] == wanted else -1

cdef inline int64_t floor_divide(int64_t number, int64_t divisor) noexcept nogil:
    """Return ``number // divisor`` rounded down, as Python does; C rounds towards zero."""
    cdef int64_t quotient = number / divisor
    return quotient - ((number % divisor != 0) and ((number < 0) != (divisor < 0)))
