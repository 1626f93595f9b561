from typing import Final

from piiscan.arrays import Bool, Float64, Int32, Int64, UInt8, UInt16, UInt32, UInt64
from piiscan.words.word_tree import WordTree

HAN_START: Final = 0x4E00
HAN_END: Final = 0x9FD6
FIRST_HAN: Final = 128
LETTERS: Final = FIRST_HAN + HAN_END - HAN_START
NODE_BITS: Final = 24
LAST: Final = 1 << 23
PREFIX: Final[float]
ABSENT: Final[float]
STATES: Final = "BEMS"
BEFORE: Final = ("ES", "BM", "BM", "ES")
FIRST_ROW: Final = 3

def read_letters(codes: UInt32, letters: UInt16) -> None: ...
def insert_words(
    letters: UInt16,
    ends: Int64,
    scores: Float64,
    slots: UInt64,
    node_scores: Float64,
    forced: UInt8,
) -> int: ...
def mark_last(slots: UInt64, parents: Bool) -> None: ...
def cut_words(
    codes: UInt32,
    tree: WordTree,
    model: Float64,
    letters: UInt16,
    route: Float64,
    word_end: Int32,
    ends: Int32,
) -> int: ...
def cut_tokens(
    codes: UInt32,
    tree: WordTree,
    model: Float64,
    letters: UInt16,
    route: Float64,
    word_end: Int32,
    ends: Int32,
    tokens: Int32,
) -> int: ...
