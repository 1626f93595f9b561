from typing import Final

from piiscan.arrays import Bool, Float64, Int8, Int16, Int64, UInt8, UInt32
from piiscan.detect.checks import Judgement
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import FoldedTexts
from piiscan.detect.scoring.candidate_score import CandidateScores

Conditions = tuple[UInt32, UInt32, UInt32, UInt32, UInt32, UInt32]
Names = tuple[Int64, Int64, Int8, Float64, Bool]

LONG_SPAN: Final = 300
MIN_REPEATED: Final = 3

def find_readable_texts(
    folded: UInt8, starts: Int64, claimed: Bool, kind: UInt8, found: Int64
) -> tuple[int, int]: ...
def decode_texts(
    source: FoldedTexts, claimed: Bool, texts: Int64, out: tuple[UInt32, Int64, Int64, Bool]
) -> int: ...
def trim_ends(codes: UInt32, begin: Int64, stop: Int64, strict: Bool) -> None: ...
def has_char(codes: UInt32, table: Bool) -> bool: ...
def mark_chars(codes: UInt32, table: Bool, marks: Bool) -> None: ...
def rules_with_signs(codes: UInt32, conditions: Conditions) -> int: ...
def rules_with_spans(
    codes: UInt32, begin: Int64, stop: Int64, kind: Int8, conditions: Conditions
) -> int: ...
def write_limits(offsets: Int64, begin: Int64, stop: Int64, limits: Int64) -> None: ...
def find_candidate_cells(codes: UInt32, offsets: Int64, signs: Bool, texts: Int64) -> int: ...
def find_repeatable_names(
    offsets: Int64, begin: Int64, stop: Int64, kind: Int8, score: Float64, rows: Int64
) -> int: ...
def find_mentions(
    codes: UInt32,
    offsets: Int64,
    begin: Int64,
    stop: Int64,
    rows: Int64,
    starts: Int64,
    names: Int64,
) -> int: ...
def count_names(
    names: Names,
    offsets: Int64,
    distinct: Int64,
    tagged: Int16,
    first: Int64,
) -> int: ...
def repeat_names(
    names: Names,
    first: Int64,
    texts: tuple[Int64, Int64, Int64, Int64],
    tagged: Int16,
    out: tuple[Candidates, Float64, Bool],
) -> None: ...
def score_names(
    recognizer: Int16,
    judgement: Judgement,
    context: Context,
    confidence: Float64,
    labelled: Bool,
    out: CandidateScores,
    winner: Int64,
) -> None: ...
