from typing import Final

from piiscan.arrays import Float32, Int8, Int32, Int64, UInt8, UInt16, UInt64
from piiscan.detect.address.lookup_tables import Tables

PROVINCE: Final = 1
CITY: Final = 2
DISTRICT: Final = 3
TOWN: Final = 4
C_DIGIT: Final = 1
C_LETTER: Final = 2
C_HAN: Final = 3
C_BLANK: Final = 4
C_MARK: Final = 5
C_DASH: Final = 6
C_OPEN: Final = 7
C_CLOSE: Final = 8
C_HASH: Final = 9
M_ROAD_AFFIX: Final = 1
M_NAME_TAIL: Final = 2
M_SIDE: Final = 4
M_STEM: Final = 8
M_LEAD: Final = 16
M_FIRM: Final = 32
W_ROAD: Final = 1
W_TOWN: Final = 2
W_VILLAGE: Final = 3
W_ZONE: Final = 4
W_ESTATE: Final = 5
W_REMARK: Final = 6
W_SKIP: Final = 7
W_JOIN: Final = 8
U_NUMBER: Final = 1
U_BUILDING: Final = 2
U_UNIT: Final = 3
U_STOREY: Final = 4
U_FLOOR: Final = 5
U_ROOM: Final = 6
U_GROUP: Final = 7
U_LANE: Final = 8
U_ROAD: Final = 9
U_PHASE: Final = 10
U_METRES: Final = 11
U_VILLAGE: Final = 12
U_COURT: Final = 13
FULL: Final = 0
SHORT: Final = 1
LETTER: Final = 2
CHARS: Final = 0x10000
NO_NUMERAL: Final = 255
PREFIX: Final = -1
MAX_CANDIDATES: Final = 16
K_CLASS: Final = 0
K_NUMERAL: Final = 1
K_MARK: Final = 2
K_LONGEST: Final = 3
CHAR_ROWS: Final = 7
P_LEVEL: Final = 0
P_CODE: Final = 1
P_PRESENT: Final = 2
P_CURRENT: Final = 3
P_NAME: Final = 4
Q_KIND: Final = 0
Q_START: Final = 1
Q_END: Final = 2
PART_ROWS: Final = 5
R_LEAF: Final = 0
R_DISTRICT: Final = 1
R_CANDIDATES: Final = 2
R_CITY: Final = 3
R_COLUMNS: Final = 4
PRIME: Final = 0x9E3779B97F4A7C15
BASES: Final[tuple[int, ...]]

def insert_words(hashes: UInt64, numbers: Int32, keys: UInt64, values: Int32) -> None: ...
def fold_texts(
    starts: Int64, ends: Int64, data: UInt8, table: UInt16, out: UInt16, offsets: Int64
) -> int: ...
def scan_parts(text: UInt16, offsets: Int64, parts: Int32, first: Int64, tables: Tables) -> int: ...
def resolve_regions(
    first: Int64, parts: Int32, resolved: Int32, found: Int32, tables: Tables
) -> None: ...
def measure(
    first: Int64,
    offsets: Int64,
    text: UInt16,
    parts: Int32,
    levels: Int8,
    scores: Float32,
    tables: Tables,
) -> None: ...
def write_canonical(
    first: Int64,
    text: UInt16,
    parts: Int32,
    region_names: Int32,
    names: UInt8,
    name_from: Int32,
    out: UInt8,
    offsets: Int64,
    tables: Tables,
) -> None: ...
