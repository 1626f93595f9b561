from piiscan.arrays import Bool, Int16, Int32, Int64, UInt8, UInt64

def collect_digests(
    hits: tuple[Int32, Int32, Int32, Int32, Int64, Int32],
    bits: UInt64,
    counts: Bool,
    words: UInt64,
    slots: tuple[Int64, Bool, Int16],
    excluded: tuple[int, int],
    by_role: UInt64,
    sums: UInt64,
) -> None: ...
def carry_roles(records: Int64, rows: Int64, bits: UInt64, names: Bool, role: Int32) -> None: ...
def parse_numbers(
    offsets: Int64, data: UInt8, chosen: Int64, check_digits: int, out: Int64
) -> None: ...
def read_births(offsets: Int64, data: UInt8, chosen: Int64, out: Int64) -> None: ...
def flag_lines(offsets: Int64, data: UInt8, known: UInt64, out: UInt8) -> None: ...
