"""Numbers and structs of addresses: kinds of parts, classes of characters and words, tables.

They are names of :mod:`piiscan.detect.address.address_kernels`, which needs no import for them.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint64_t
from libc.string cimport memcmp, memcpy

from piiscan.kernel_arrays cimport (
    Float32Out, Int32, Int32Out, Int64, Int64Out, Int8Out, UInt8, UInt8Out, UInt16, UInt16Out,
    UInt64, UInt64Out, float32_out, int32, int32_out, int64, int64_out, int8_out, uint8, uint8_out,
    uint16, uint16_out, uint64, uint64_out,
)


cpdef enum:  # kinds of parts, in the order of a Chinese address: from the largest to the smallest
    PROVINCE = 1
    CITY = 2
    DISTRICT = 3
    TOWN = 4
    ZONE = 5  # development zone; has no region code
    VILLAGE = 6
    GROUP = 7
    ROAD = 8
    NUMBER = 9  # 号 of a road, or of a village
    ESTATE = 10  # anything with a name: estates, towers, schools, firms
    BUILDING = 11
    UNIT = 12
    FLOOR = 13
    ROOM = 14
    REMARK = 15  # 对面, 交叉口, 向北50米
    POSTCODE = 16
    OTHER = 17

cdef enum:  # precision levels that are no kind of part: indices in LEVELS of ``parser``
    NO_LEVEL = 0
    VILLAGE_LEVEL = 5
    STREET_LEVEL = 6
    STREET_NUMBER_LEVEL = 7
    BUILDING_LEVEL = 8
    ROOM_LEVEL = 9

cpdef enum:  # classes of folded characters
    C_OTHER = 0
    C_DIGIT = 1
    C_LETTER = 2
    C_HAN = 3
    C_BLANK = 4
    C_MARK = 5
    C_DASH = 6
    C_OPEN = 7
    C_CLOSE = 8
    C_HASH = 9

cpdef enum:  # bits of row K_MARK: roles of a single character
    M_ROAD_AFFIX = 1
    M_NAME_TAIL = 2
    M_SIDE = 4
    M_STEM = 8
    M_LEAD = 16
    M_FIRM = 32

cpdef enum:  # classes of words in or after a name
    W_ROAD = 1
    W_TOWN = 2
    W_VILLAGE = 3
    W_ZONE = 4
    W_ESTATE = 5
    W_REMARK = 6
    W_SKIP = 7
    W_JOIN = 8  # between two roads that cross

cpdef enum:  # classes of unit words after a number
    U_NUMBER = 1  # 号: of a road, of a house in an estate, of a room
    U_BUILDING = 2
    U_UNIT = 3
    U_STOREY = 4  # 楼: a storey, or a building where a unit follows
    U_FLOOR = 5
    U_ROOM = 6
    U_GROUP = 7
    U_LANE = 8  # 弄: written like a road number, with houses in it
    U_ROAD = 9
    U_PHASE = 10  # 期, 区: of an estate
    U_METRES = 11
    U_VILLAGE = 12
    U_COURT = 13  # 号院

cpdef enum:  # forms of a place name
    FULL = 0
    SHORT = 1
    LETTER = 2

cdef enum:  # lexicons of the word table, in the order of BASES
    L_WORDS = 0
    L_UNITS = 1
    L_HOUSES = 2
    L_NAMES = 3

cdef enum:
    LONGEST_NAME = 16  # code points of a place name that are compared, at most

cpdef enum:
    CHARS = 0x10000  # characters of the basic plane
    NO_NUMERAL = 255  # value of a character that is no numeral
    PREFIX = -1  # value of a text that begins a word and is no word itself
    TYPED_BY_WORD = -2  # Q_GROUP of a name that ends in a word such as 小区 or 公司
    MAX_CANDIDATES = 16  # candidate districts listed for an ambiguous address, at most

cpdef enum:
    # Rows of ``chars``: class (C_…), value as a numeral, role bits (M_…), and the length of the
    # longest word of each lexicon that begins with the character.
    K_CLASS = 0
    K_NUMERAL = 1
    K_MARK = 2
    K_LONGEST = 3
    CHAR_ROWS = 7
    # Rows of ``place`` and of ``member``.
    P_LEVEL = 0
    P_CODE = 1
    P_PRESENT = 2
    P_CURRENT = 3
    P_NAME = 4
    M_PLACE = 0
    M_FORM = 1
    # Rows of the part table: kind, start and end in the folded text, word number in the gazetteer
    # and the place chosen for it (-1 for none).
    Q_KIND = 0
    Q_START = 1
    Q_END = 2
    Q_GROUP = 3
    Q_PLACE = 4
    PART_ROWS = 5
    # Columns of the region of an address.
    R_LEAF = 0  # smallest place on which the names agree, -1 for none
    R_DISTRICT = 1  # code of the district of a town, -1 for none
    R_CANDIDATES = 2  # number of possible districts if more than one, else 0
    R_CITY = 3  # city as written, -1 if not written
    R_COLUMNS = 4


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
