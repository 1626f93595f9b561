from typing import Final

from piiscan.arrays import Int64, UInt8

NONE: Final[int]
NOT_PLAIN: Final[int]
EXCEL_DAYS: Final[tuple[int, int]]
CHINA_OFFSET: Final[int]

def to_seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int: ...
def parse_cells(offsets: Int64, data: UInt8, out: Int64) -> int: ...
