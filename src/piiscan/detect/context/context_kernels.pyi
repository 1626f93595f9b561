from typing import Final

from piiscan.arrays import Bool, Int64, UInt8
from piiscan.detect.context.context_words import Context
from piiscan.detect.context.list_fields import ListFields
from piiscan.detect.matching.matcher import Candidates

WINDOW: Final = 24
WINDOW_AFTER: Final = 12
MAX_GAP: Final = 6
MAX_ROLE_DISTANCE: Final = 200
NONE: Final = 0
NEAR: Final = 1
NEAREST: Final = 2
LABEL: Final = 3
FAR_LABEL: Final = 4
KEYED: Final = 5
CLEAR: Final = 0
GLUED: Final = 1
DECIMAL: Final = 2
AMOUNT_UNIT: Final = 3
AMOUNT_SIGN: Final = 4
INSIDE_TOKEN: Final = 5
NO_NAME: Final = -1
ANYWHERE: Final = 0
SET_OFF: Final = 1
MARKED: Final = 2
LEADING: Final = 3
FLAG_WORD_END: Final = 1
FLAG_GAP: Final = 2
FLAG_STOP: Final = 4
FLAG_DIGIT: Final = 8
FLAG_LETTER: Final = 16
FLAG_LINE: Final = 32
FLAG_SKIPPED: Final = 64
ROLE_WORD: Final = 1
ROLE_BLANK: Final = 2
ROLE_LINE: Final = 4
ROLE_DIGIT: Final = 8
ROLE_OPEN: Final = 16
ROLE_ROUND_OPEN: Final = 32
ROLE_ROUND_CLOSE: Final = 64
KEY_NAME_END: Final = 1
KEY_QUOTE: Final = 2
KEY_SIGN: Final = 4
KEY_HANZI: Final = 8
KEY_LATIN: Final = 16

def mark_unrefuted(
    first: Int64, fields: ListFields, candidates: Candidates, refuted: Bool, keep: Bool
) -> None: ...
def label_fields(
    fields: ListFields, candidates: Candidates, follows: Bool, first: int, out: Context
) -> None: ...
def find_fields(
    text: UInt8,
    candidates: Candidates,
    accounts: Bool,
    opens: Bool,
    kind: UInt8,
    chained: bool,
    out: ListFields,
) -> int: ...
def find_line_accounts(
    text: UInt8, word_ends: Int64, kind: UInt8, begin: Int64, end: Int64
) -> int: ...
