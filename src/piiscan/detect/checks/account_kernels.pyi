from typing import Final

MAX_CARD: Final = 19
S10_WEIGHTS: Final[tuple[int, ...]]
