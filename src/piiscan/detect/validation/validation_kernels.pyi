from typing import Final

from piiscan.arrays import Bool, Int32, Int64, UInt8
from piiscan.detect.checks import Judgement
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.validation.validation_tables import SingleChecks

MAX_RUN: Final = 63

def judge_in_place(
    folded: UInt8,
    candidates: Candidates,
    single_checks: SingleChecks,
    as_of: int,
    judged: Judgement,
    is_text: Bool,
    unchanged: Bool,
    other_rows: Int64,
) -> int: ...
def keep_slice(chars: UInt8, length: Int32, first_kept: Int32, max_length: int) -> None: ...
def lay_out(
    rows: Int64,
    candidates: Candidates,
    slots: tuple[Int64, Int64, Int64],
    first: Int64,
    end: Int64,
) -> int: ...
def gather(
    folded: UInt8,
    rows: Int64,
    candidates: Candidates,
    value_chars: UInt8,
    slots: tuple[Int64, Int64, Int64],
    gathered: tuple[Int64, Int32, UInt8],
    unchanged: Bool,
) -> None: ...
def locate_values(
    rows: Int64,
    length: Int32,
    ends: Int64,
    first: Int64,
    width: Int64,
    start: Int64,
    end: Int64,
) -> None: ...
def checksum(data: UInt8, start: int, end: int) -> int: ...
