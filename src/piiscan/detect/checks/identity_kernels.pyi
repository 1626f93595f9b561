from typing import Final

ID_WEIGHTS: Final[tuple[int, ...]]
ID_CHECK_CHARS: Final[bytes]
CREDIT_ALPHABET: Final[bytes]
CREDIT_WEIGHTS: Final[tuple[int, ...]]
CREDIT_DEPARTMENTS: Final[bytes]
ORG_WEIGHTS: Final[tuple[int, ...]]
TW_LETTERS: Final[bytes]
TW_WEIGHTS: Final[tuple[int, ...]]

def tw_addend(letter: int) -> int: ...
