"""Tables and state of the scan of addresses, as structs."""

from libc.stdint cimport int64_t, uint64_t

from piiscan.detect.address.address_numbers cimport *
from piiscan.kernel_arrays cimport *


cdef struct AddressTables:  # piiscan.detect.address.lookup_tables.Tables
    UInt8 class_of  # rows K_… of ``chars``
    UInt8 numeral_of
    UInt8 marks_of
    UInt8 longest  # [lexicon * CHARS + character]
    UInt64 keys
    Int32 values
    uint64_t last_slot
    Int32 level  # rows P_… of ``place``
    Int32 code
    Int32 present
    Int32 current
    Int32 name
    Int32 group_from
    Int32 member_place
    Int32 member_form


cdef struct PartTable:  # rows Q_… of a part table
    Int32Out kind
    Int32Out start
    Int32Out end
    Int32Out group
    Int32Out place


cdef struct ScanState:  # state of the scan of one address
    PartTable parts
    int64_t count  # parts so far, of all addresses
    int64_t first  # first part of this address
    int64_t end  # end of the text
    int64_t kind  # of the last part that is no remark
    int64_t level  # of the last place
    int64_t province  # region read so far, as codes; 0 if unknown
    int64_t city
    int64_t present_city
    int64_t district  # of today
    bint is_estate  # the last name is an estate by its word
    bint after_road
    bint below_town  # after a part below the town level


ctypedef AddressTables* Tables
ctypedef PartTable* Parts
ctypedef ScanState* Scan


cdef inline AddressTables tables_of(object arrays) except *:
    """Return the pointers of the lookup tables."""
    cdef AddressTables view
    cdef Int32 place = int32(arrays[3])
    cdef Int32 member = int32(arrays[5])
    cdef Py_ssize_t places = arrays[3].shape[1]
    view.class_of = uint8(arrays[0]) + K_CLASS * CHARS
    view.numeral_of = view.class_of + K_NUMERAL * CHARS
    view.marks_of = view.class_of + K_MARK * CHARS
    view.longest = view.class_of + K_LONGEST * CHARS
    view.keys, view.values = uint64(arrays[1]), int32(arrays[2])
    view.last_slot = len(arrays[1]) - 1
    view.level, view.code = place + P_LEVEL * places, place + P_CODE * places
    view.present, view.current = place + P_PRESENT * places, place + P_CURRENT * places
    view.name = place + P_NAME * places
    view.group_from = int32(arrays[4])
    view.member_place = member + M_PLACE * <Py_ssize_t> arrays[5].shape[1]
    view.member_form = member + M_FORM * <Py_ssize_t> arrays[5].shape[1]
    return view


cdef inline PartTable parts_of(object array) except *:
    """Return the rows of a part table."""
    cdef PartTable view
    cdef Int32Out first = int32_out(array)
    cdef Py_ssize_t width = array.shape[1]
    view.kind, view.start = first + Q_KIND * width, first + Q_START * width
    view.end, view.group = first + Q_END * width, first + Q_GROUP * width
    view.place = first + Q_PLACE * width
    return view
