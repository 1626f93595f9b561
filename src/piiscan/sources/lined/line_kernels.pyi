from typing import Final

from piiscan.arrays import Int64, UInt8, UInt64

PLAIN: Final = 0
BLANK: Final = 1
SEPARATOR: Final = 2
LABEL: Final = 3
HEAD: Final = 4
CARD_BEGIN: Final = 5
CARD_END: Final = 6
PARTY: Final = 128
MORE_IN_LINE: Final = 64
KIND_MASK: Final = 63

def fill_label_table(
    offsets: Int64, data: UInt8, party: UInt8, table: UInt64, parties: UInt8
) -> None: ...
def classify_lines(
    offsets: Int64, data: UInt8, table: UInt64, parties: UInt8, kinds: UInt8, labels: UInt64
) -> None: ...
def group_records(
    lines: tuple[UInt8, UInt64, Int64, UInt8],
    record_starts: Int64,
    message_starts: Int64,
    chat: bool,
    final: bool,
) -> tuple[int, bool]: ...
