from typing import Final

from piiscan.arrays import AnyArray, Bool, Int32, Int64, UInt8

CENTENARIANS: Final = 996
SENSITIVE_AGE: Final = 14
FULL_AGE: Final = 18
SEX: Final = 400

def encode_resident_ids(
    starts: Int64,
    ends: Int64,
    data: UInt8,
    kinds: AnyArray,
    kind: int,
    table: Int32,
    as_of: int,
    codes: Int32,
) -> None: ...
def encode_masked_ids(
    starts: Int64,
    ends: Int64,
    data: UInt8,
    kinds: AnyArray,
    kind: int,
    table: Int32,
    damaged: bool,
    as_of: int,
    codes: Int32,
) -> None: ...
def encode_mobiles(
    starts: Int64,
    ends: Int64,
    data: UInt8,
    kinds: AnyArray,
    kind: int,
    table: Int32,
    codes: Int32,
) -> None: ...
def mark_anonymised(offsets: Int64, data: UInt8, out: Bool) -> None: ...
