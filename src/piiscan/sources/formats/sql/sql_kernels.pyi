from typing import Final

from piiscan.arrays import Int32, Int64, UInt8
from piiscan.sources.formats.sql.row_buffer import Out

BROKEN: Final = -1
MORE: Final = 0
DONE: Final = 1
ROW: Final = 0
AFTER_ROW: Final = 1
CUT_OFF: Final = 0
ENDED: Final = 1
NOT_A_ROW: Final = 2

def scan_items(
    text: UInt8,
    unescaped: UInt8,
    i: int,
    named: bool,
    flags: tuple[bool, bool],
    cell: int,
    out: Out,
    names: Int32,
) -> tuple[int, int, int]: ...
def scan_rows(
    text: UInt8,
    unescaped: UInt8,
    position: tuple[int, int, int],
    flags: tuple[bool, bool],
    packed_heads: tuple[UInt8, Int64, Int32],
    counts: tuple[int, int, int],
    out: Out,
) -> tuple[int, int, int, int, int, int, int, int]: ...
def scan_copy(
    text: UInt8,
    unescaped: UInt8,
    i: int,
    final: bool,
    head: int,
    delimiter: int,
    csv: bool,
    counts: tuple[int, int, int],
    out: Out,
) -> tuple[int, int, int, int]: ...
