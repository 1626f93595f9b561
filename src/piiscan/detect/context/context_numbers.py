"""Numbers of context: reach of the searches, codes of context and surroundings, flags of bytes."""

from __future__ import annotations

from typing import Final

# Reach of the searches around a candidate, in code points.
WINDOW: Final = 24  # before it, where a word can end
WINDOW_AFTER: Final = 12  # after it, where a word can contradict it, or support it in brackets
MAX_GAP: Final = 6  # longest gap between a label and its value
MAX_ROLE_DISTANCE: Final = 200  # from a role word to the start of a finding
NEIGHBOUR_GAP: Final = 3  # between a value and the neighbour that supports it

# Nearness of the word that supports a candidate.
NONE: Final = 0
NEAR: Final = 1  # somewhere in the window
NEAREST: Final = 2  # no other known word and no number between
LABEL: Final = 3  # directly before it, only punctuation or 是/为/号码 between
FAR_LABEL: Final = 4  # a label, with another label between (「微信手机号：」 for 微信)
KEYED: Final = 5  # the name of a column of its recognizer, with a sign between: ``name=张三``

# Surroundings of a candidate.
CLEAR: Final = 0
GLUED: Final = 1  # letters on both sides: low
DECIMAL: Final = 2  # part of a decimal number: low
AMOUNT_UNIT: Final = 3  # 元 after it: low
AMOUNT_SIGN: Final = 4  # ¥ before it: refused
INSIDE_TOKEN: Final = 5  # inside a hash, UUID or base64 run: refused

MAX_HEADER: Final = 160  # most code points of a line of column names in running text
NO_NAME: Final = -1  # no name of a column before a value

# Required position of a role word.
ANYWHERE: Final = 0
SET_OFF: Final = 1  # no Hanzi, letter or digit on either side
MARKED: Final = 2  # the same, and at the start of a line or before punctuation
LEADING: Final = 3  # none directly before it: 快递员王五, but not 他是一名快递员
DIRECT_ONLY: Final = 4  # nowhere, unless it is glued

# Role words that count directly before a name or a value, wherever they are.
NEVER_DIRECT: Final = 0
DIRECT: Final = 1
DIRECT_STEP: Final = 2  # nothing else between, and no Hanzi, letter or digit before: 收张三
DIRECT_NAMED: Final = 4  # before names only: 门诊日志 张三, 联系张三
DIRECT_KEY: Final = 3  # no Hanzi, letter or digit before it: driver=张三, 母李四

MAX_ROLE_GAP: Final = 40  # code points between two spans that may be one person's

# Flags of a folded byte between a role word and a span.
GAP_HAN: Final = 1
GAP_LETTER: Final = 2
GAP_DIGIT: Final = 4
GAP_COMMA: Final = 8
GAP_STOP: Final = 16
GAP_LINE: Final = 32
GAP_KEY: Final = 64  # a sign, quote, bracket or blank between a key and its value
GAP_JOIN: Final = 128  # it may be directly before a span with a role word before it

# Flags of a folded byte for the search for context words.
FLAG_WORD_END: Final = 1
FLAG_GAP: Final = 2
FLAG_STOP: Final = 4
FLAG_DIGIT: Final = 8
FLAG_LETTER: Final = 16
FLAG_LINE: Final = 32
FLAG_SKIPPED: Final = 64

# Flags of a folded byte for the search for role words.
ROLE_WORD: Final = 1
ROLE_BLANK: Final = 2
ROLE_LINE: Final = 4
ROLE_DIGIT: Final = 8
ROLE_OPEN: Final = 16
ROLE_ROUND_OPEN: Final = 32
ROLE_ROUND_CLOSE: Final = 64
ROLE_CLOSE: Final = 128

# Flags of a folded byte for the search for keyed values.
KEY_NAME_END: Final = 1
KEY_QUOTE: Final = 2
KEY_SIGN: Final = 4
KEY_HANZI: Final = 8
KEY_LATIN: Final = 16
