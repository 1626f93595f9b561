"""Numbers of addresses: kinds of parts, classes of characters and words, rows of tables."""

from __future__ import annotations

from typing import Final

# Kinds of parts, in the order of a Chinese address: from the largest to the smallest.
PROVINCE: Final = 1
CITY: Final = 2
DISTRICT: Final = 3
TOWN: Final = 4
ZONE: Final = 5  # development zone; has no region code
VILLAGE: Final = 6
GROUP: Final = 7
ROAD: Final = 8
NUMBER: Final = 9  # 号 of a road, or of a village
ESTATE: Final = 10  # anything with a name: estates, towers, schools, firms
BUILDING: Final = 11
UNIT: Final = 12
FLOOR: Final = 13
ROOM: Final = 14
REMARK: Final = 15  # 对面, 交叉口, 向北50米
POSTCODE: Final = 16
OTHER: Final = 17

# Precision levels that are no kind of part: indices in LEVELS of ``parser``.
NO_LEVEL: Final = 0
VILLAGE_LEVEL: Final = 5
STREET_LEVEL: Final = 6
STREET_NUMBER_LEVEL: Final = 7
BUILDING_LEVEL: Final = 8
ROOM_LEVEL: Final = 9

# Classes of folded characters.
C_OTHER: Final = 0
C_DIGIT: Final = 1
C_LETTER: Final = 2
C_HAN: Final = 3
C_BLANK: Final = 4
C_MARK: Final = 5
C_DASH: Final = 6
C_OPEN: Final = 7
C_CLOSE: Final = 8
C_HASH: Final = 9

# Bits of row K_MARK: roles of a single character.
M_ROAD_AFFIX: Final = 1
M_NAME_TAIL: Final = 2
M_SIDE: Final = 4
M_STEM: Final = 8
M_LEAD: Final = 16
M_FIRM: Final = 32

# Classes of words in or after a name.
W_ROAD: Final = 1
W_TOWN: Final = 2
W_VILLAGE: Final = 3
W_ZONE: Final = 4
W_ESTATE: Final = 5
W_REMARK: Final = 6
W_SKIP: Final = 7
W_JOIN: Final = 8  # between two roads that cross

# Classes of unit words after a number.
U_NUMBER: Final = 1  # 号: of a road, of a house in an estate, of a room
U_BUILDING: Final = 2
U_UNIT: Final = 3
U_STOREY: Final = 4  # 楼: a storey, or a building where a unit follows
U_FLOOR: Final = 5
U_ROOM: Final = 6
U_GROUP: Final = 7
U_LANE: Final = 8  # 弄: written like a road number, with houses in it
U_ROAD: Final = 9
U_PHASE: Final = 10  # 期, 区: of an estate
U_METRES: Final = 11
U_VILLAGE: Final = 12
U_COURT: Final = 13  # 号院

# Forms of a place name.
FULL: Final = 0
SHORT: Final = 1
LETTER: Final = 2

# Lexicons of the word table, in the order of BASES.
L_WORDS: Final = 0
L_UNITS: Final = 1
L_HOUSES: Final = 2
L_NAMES: Final = 3

LONGEST_NAME: Final = 16  # code points of a place name that are compared, at most

CHARS: Final = 0x10000  # characters of the basic plane
NO_NUMERAL: Final = 255  # value of a character that is no numeral
PREFIX: Final = -1  # value of a text that begins a word and is no word itself
TYPED_BY_WORD: Final = -2  # Q_GROUP of a name that ends in a word such as 小区 or 公司
MAX_CANDIDATES: Final = 16  # candidate districts listed for an ambiguous address, at most

# Rows of ``chars``: class (C_…), value as a numeral, role bits (M_…), and the length of the
# longest word of each lexicon that begins with the character.
K_CLASS: Final = 0
K_NUMERAL: Final = 1
K_MARK: Final = 2
K_LONGEST: Final = 3
CHAR_ROWS: Final = 7
# Rows of ``place`` and of ``member``.
P_LEVEL: Final = 0
P_CODE: Final = 1
P_PRESENT: Final = 2
P_CURRENT: Final = 3
P_NAME: Final = 4
M_PLACE: Final = 0
M_FORM: Final = 1
# Rows of the part table: kind, start and end in the folded text, word number in the gazetteer
# and the place chosen for it (-1 for none).
Q_KIND: Final = 0
Q_START: Final = 1
Q_END: Final = 2
Q_GROUP: Final = 3
Q_PLACE: Final = 4
PART_ROWS: Final = 5
# Columns of the region of an address.
R_LEAF: Final = 0  # smallest place on which the names agree, -1 for none
R_DISTRICT: Final = 1  # code of the district of a town, -1 for none
R_CANDIDATES: Final = 2  # number of possible districts if more than one, else 0
R_CITY: Final = 3  # city as written, -1 if not written
R_COLUMNS: Final = 4
