from typing import Final

import numpy as np

from piiscan.arrays import Bool, Float32, Int8, Int32, Int64, UInt8, UInt16, UInt32
from piiscan.detect.ner.model.network import Block, Scratch
from piiscan.detect.ner.model.symbols import Symbols
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.model.weights import Network

PAD: Final = 0
OTHER: Final = 1
HANZI: Final = 2
TAKEN: Final = 3
LONG: Final = 4
SPACE: Final = 5
LINE: Final = 6
WORD: Final = 7
NUMBERS: Final = 8
FIRST: Final = 16
PLANE: Final = 0x10000
LONGEST_RUN: Final = 64
MAX_WORD_LENGTH: Final = 6
CLASSES: Final = 8
MAX_WORDS: Final = 10
BITS: Final = 28
SLOTS: Final = 1 << 20
STATES: Final = 17
EMBEDDING_ZERO: Final = 128
GATE_MARGIN: Final = 1
MAX_LAYERS: Final = 16
ROWS: Final = 6
COLUMNS: Final = 32
MAX_GROUPS: Final = 256
PERSON: Final = 0
ADDRESS: Final = 1
ORGANIZATION: Final = 2
PART: Final = 0
WHOLE: Final = 1
SENTENCE: Final = 2
CLOSED: Final[np.float32]

def product_levels() -> tuple[str, ...]: ...
def use_level(level: str) -> None: ...
def multiply(inputs: UInt8, packed: Int8, start: Int32, sums: Int32) -> None: ...
def fill_hash_table(numbers: Int64, kinds: UInt8, table: UInt32) -> None: ...
def find_words(code: UInt16, text: Int64, table: UInt32, features: UInt8, count: UInt8) -> None: ...
def write_symbols(
    codes: UInt32,
    offsets: Int64,
    taken: Bool,
    folded: UInt16,
    numbered: UInt16,
    number: UInt16,
    code: UInt16,
    start: Int64,
    end: Int64,
    text: Int64,
) -> int: ...
def write_distances(text: Int64, left: UInt8, right: UInt8) -> None: ...
def score_symbols(
    block: Block, network: Network, scratch: Scratch, halo: int, size: int, scores: Float32
) -> None: ...
def best_path(scores: Float32, number: UInt16, text: Int64, path: UInt8) -> None: ...
def read_spans(
    path: UInt8, scores: Float32, begin: Int64, stop: Int64, kind: Int8, confidence: Float32
) -> int: ...
def finish_spans(
    symbols: Symbols, spans: Spans, count: int, title_pairs: UInt32, calibration: Float32
) -> int: ...

class ShortTexts:
    def __init__(
        self,
        tables: tuple[UInt16, UInt16, UInt32, UInt32, Float32],
        network: Network,
        symbols: Symbols,
        block: Block,
        scratch: Scratch,
        decoded: tuple[Float32, UInt8, UInt8],
        spans: Spans,
    ) -> None: ...
    def tag(self, codes: UInt32, offsets: Int64, taken: Bool) -> int: ...
