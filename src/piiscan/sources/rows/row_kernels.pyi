from typing import Final

from piiscan.arrays import Bool, Int8, Int32, Int64, UInt8

BARE: Final = 0
QUOTED: Final = 1
DOUBLED: Final = 2
REWRITTEN: Final = 3
QUOTE_BYTES: Final = 1 << 20
QUOTE_LINES: Final = 1000

_Cells = tuple[Int32, Int32, UInt8, Int32]  # starts, ends, styles, firsts
_Words = tuple[UInt8, Int32]  # UTF-8 of all words, and the offset of each

def scan_records(
    text: UInt8,
    delimiter: UInt8,
    options: tuple[bool, bool, bool, bool],
    max_cells: int,
    one_line: int,
    out: tuple[Int32, Int32, UInt8, Int32, Int32, Int32],
) -> tuple[int, int, int, int, int, int]: ...
def split_runs(firsts: Int32, narrow: int, max_cells: int, ends: Int64) -> int: ...
def measure_column(
    text: UInt8,
    cells: _Cells,
    column: int,
    begin: int,
    offsets: Int32,
    starts: Int64,
    is_present: Bool,
) -> int: ...
def copy_column(
    text: UInt8, cells: _Cells, column: int, begin: int, data: UInt8, offsets: Int32
) -> None: ...
def map_starts(byte_offsets: Int64, offsets: Int32, data: UInt8, starts: Int64) -> None: ...
def write_row_kinds(
    text: UInt8, cells: _Cells, words: _Words, header: _Words, kinds: Int8
) -> None: ...
