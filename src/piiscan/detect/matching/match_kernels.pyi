from typing import Final

from piiscan.arrays import Bool, Int32, Int64, UInt8, UInt64
from piiscan.detect.matching.automaton import Automaton
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import FoldedTexts, Offsets
from piiscan.detect.matching.word_sieve import WordSieve

BREAK: Final = 0
SKIP: Final = 1
CIRCLED_DIGIT: Final = 0x0E
HAN_DIGIT: Final = 0x80
PLANES: Final = 0x20000
MATCH_START: Final = 1
WORD_END: Final = 2
START_ALLOWED: Final = 4
LAST_PAIR: Final = 8
KIND_OTHER: Final = 0
KIND_DIGIT: Final = 1
KIND_LETTER: Final = 2
KIND_HAN_DIGIT: Final = 3
KIND_HAN: Final = 4
KIND_BREAK: Final = 5
MAX_MATCH: Final = 512
MAX_CELL_LENGTH: Final = 1 << 16
MAX_LABEL_GAP: Final = 8
MAX_RUN: Final = 23

def fold(
    data: UInt8, offsets: Int64, table: UInt8, folded: UInt8, starts: Int64, ascii_tail: Int32
) -> tuple[int, bool]: ...
def find_starts_and_word_ends(
    folded: UInt8, marks: UInt8, sieve: WordSieve, out_starts: Int64, out_ends: Int64
) -> tuple[int, int]: ...
def fit_boundaries(
    folded: UInt8, start: Int64, end: Int64, rules: UInt8, kind: UInt8, fits: Bool
) -> None: ...
def match(
    folded: UInt8,
    positions: Int64,
    automaton: Automaton,
    kind: UInt8,
    boundary: UInt8,
    scratch: tuple[Int64, UInt64],
    out: Candidates,
) -> tuple[int, int]: ...
def merge(one: Candidates, two: Candidates, out: Candidates) -> None: ...
def locate_spans(texts: FoldedTexts, span_start: Int64, span_end: Int64, out: Offsets) -> None: ...
def find_folded_positions(texts: FoldedTexts, text: Int64, byte: Int64, folded: Int64) -> None: ...
def find_plain(data: UInt8, start: Int64, end: Int64, ascii_too: Bool, plain: Bool) -> None: ...
