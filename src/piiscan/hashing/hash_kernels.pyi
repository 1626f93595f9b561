from piiscan.arrays import Int16, Int32, Int64, UInt8, UInt64

def write_keyed_state(key_block: UInt8, parameters: int, state: UInt64) -> None: ...
def hash_strings(
    offsets: Int64,
    data: UInt8,
    kinds: Int16,
    prefix_starts: Int64,
    prefixes: UInt8,
    start: UInt64,
    out: UInt64,
    lanes: int = 0,
) -> None: ...
def count_half(
    words: UInt64,
    kinds: Int32,
    second: Int32,
    width: int,
    half: int,
    rows: Int64,
    counts: Int64,
    totals: Int64,
) -> None: ...
def fold_cells(
    offsets: Int64,
    data: UInt8,
    slots: Int64,
    count: int,
    folded: UInt8,
    ends: Int64,
    kept: Int64,
) -> int: ...
