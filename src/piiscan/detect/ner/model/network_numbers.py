"""Numbers of the name tagger: symbols, sizes of the network, kinds and positions of spans."""

from __future__ import annotations

from typing import Final

# Numbers of symbols for runs and classes of characters.
PAD: Final = 0
OTHER: Final = 1  # a character that the network does not know
HANZI: Final = 2  # a Hanzi that the network does not know
TAKEN: Final = 3  # inside the span of a pattern
LONG: Final = 4  # seven digits or more
SPACE: Final = 5
LINE: Final = 6
WORD: Final = 7  # three Latin letters or more
NUMBERS: Final = 8  # 8 to 13: one to six digits
FIRST: Final = 16  # the first character of the vocabulary

PLANE: Final = 0x10000
LONGEST_RUN: Final = 64  # most code points in one symbol, so that long runs do not hide a text
MAX_WORD_LENGTH: Final = 6  # longest dictionary word, in characters
CLASSES: Final = 8  # classes of words
MAX_WORDS: Final = 10  # word features of one symbol
BITS: Final = 28  # of a hash
SLOTS: Final = 1 << 20  # of the hash table
STATES: Final = 17  # outside, then begin, inside, end and single of each of four kinds of spans
EMBEDDING_ZERO: Final = (
    128  # byte that stands for 0 in embedding sums, which are cut to -128 to 127
)
GATE_MARGIN: Final = 1  # symbols on each side of one that passes the gate that pass it too
MAX_LAYERS: Final = 16

# As in byte_products.h.
ROWS: Final = 6  # symbols computed at a time
COLUMNS: Final = 32  # columns of a block of weights
MAX_GROUPS: Final = 256  # groups of four inputs of one layer

# Kinds of tagged spans that are reported, and positions of a span.
PERSON: Final = 0
ADDRESS: Final = 1
ORGANIZATION: Final = 2
PART: Final = 0  # part of a field or line
WHOLE: Final = 1  # a whole text
SENTENCE: Final = 2  # in a sentence
